package helm

import (
	"context"
	"errors"

	"github.com/drydock-dev/drydock/engine/module"
)

// Pull downloads charts.
var Pull = module.Define(module.Spec{
	Name: "kubernetes.core.helm_pull",
	Doc:  "Download a chart to a folder of the host.",
}, planPull)

type pullArgs struct {
	binary
	ChartRef        string `arg:"chart_ref,required" doc:"The chart: REPOSITORY/NAME or a URL."`
	Version         string `arg:"chart_version" doc:"Version of the chart; the latest if not given."`
	Verify          bool   `arg:"verify_chart,default=no" doc:"Check the signature of the package."`
	Keyring         string `arg:"verify_chart_keyring,type=path" doc:"File with the keys that may have signed."`
	Provenance      bool   `arg:"provenance,default=no" doc:"Fetch the signature, and do not check it."`
	URL             string `arg:"repo_url,alias=url|chart_repo_url" doc:"URL of the repository of the chart."`
	Username        string `arg:"repo_username,alias=username|chart_repo_username" doc:"User of a repository that asks for one."`
	Password        string `arg:"repo_password,secret,alias=password|chart_repo_password" doc:"Password of that user."`
	PassCredentials bool   `arg:"pass_credentials,default=no" doc:"Send user and password to other hosts too."`
	SkipTLS         bool   `arg:"skip_tls_certs_check,default=no,alias=insecure_skip_tls_verify" doc:"Do not check the certificate of the repository."`
	Devel           *bool  `arg:"chart_devel" doc:"Take versions in development too."`
	Untar           bool   `arg:"untar_chart,default=no" doc:"Unpack the chart."`
	Destination     string `arg:"destination,required,type=path" doc:"Folder to put the chart in."`
	CACert          string `arg:"chart_ca_cert,type=path" doc:"File with the certificate authority of the repository."`
	CertFile        string `arg:"chart_ssl_cert_file,type=path" doc:"File with the client's certificate."`
	KeyFile         string `arg:"chart_ssl_key_file,type=path" doc:"File with the client's key."`
	PlainHTTP       bool   `arg:"plain_http,default=no" doc:"Speak HTTP to a registry."`
}

func planPull(_ context.Context, _ module.View, a pullArgs) (module.Plan, error) {
	if err := a.check(); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	d := module.Diff{After: "chart " + a.ChartRef + " in " + a.Destination + "\n"}
	return module.Change(d, func(ctx context.Context, h module.Host) (module.Result, error) {
		return answered(a.pull(ctx, h))
	}).Predicting(a.foretold(a.command())), nil
}

func (a pullArgs) check() error {
	switch {
	case a.Version != "" && a.Devel != nil:
		return errors.New("parameters are mutually exclusive: chart_version|chart_devel")
	case a.Username != "" && a.Password == "":
		return errors.New("missing parameter(s) required by 'repo_username': repo_password")
	case a.Password != "" && a.Username == "":
		return errors.New("missing parameter(s) required by 'repo_password': repo_username")
	}
	return nil
}

func (a pullArgs) needs() []need {
	return []need{
		{true, "This module", "3.0.0"},
		{a.CACert != "", "Parameter chart_ca_cert", "3.1.0"}, {a.CertFile != "", "Parameter chart_ssl_cert_file", "3.1.0"},
		{a.KeyFile != "", "Parameter chart_ssl_key_file", "3.1.0"}, {a.SkipTLS, "Parameter skip_tls_certs_check", "3.3.0"},
		{a.PlainHTTP, "Parameter plain_http", "3.13.0"},
	}
}

func (a pullArgs) pull(ctx context.Context, h module.Host) (module.Result, error) {
	s := session{access: access{binary: a.binary}, what: "pull a chart"}
	got, err := s.run(ctx, h, h.Query, versionStep)
	if err != nil {
		return module.Result{}, err
	}
	if err := unmet(versionOf(got.steps[0].Stdout), a.needs()); err != nil {
		return module.Result{}, err
	}
	s.secret = a.Password
	command := a.command()
	if got, err = s.run(ctx, h, h.Exec, step{line: command, mayFail: true}); err != nil {
		return module.Result{}, err
	}
	out := got.steps[0]
	r := module.Result{Changed: true}
	if out.Rc != 0 {
		r = module.Fail("Failure when executing Helm command.")
	}
	return r.With("command", got.command(command)).With("stdout", out.Stdout).With("stderr", out.Stderr).With("rc", out.Rc), nil
}

func (a pullArgs) command() string {
	password := ""
	if a.Password != "" {
		password = secretMark
	}
	var l line
	l.WriteString(helmMark + " pull " + a.ChartRef)
	for _, o := range []struct{ name, val string }{
		{"version", a.Version}, {"keyring", onHost(a.Keyring)}, {"repo", a.URL}, {"username", a.Username}, {"password", password},
		{"destination", onHost(a.Destination)}, {"ca-file", onHost(a.CACert)}, {"cert-file", onHost(a.CertFile)}, {"key-file", onHost(a.KeyFile)},
	} {
		l.opt("--"+o.name+" ", o.val)
	}
	for _, o := range []struct {
		name string
		on   bool
	}{
		{"verify", a.Verify}, {"prov", a.Provenance}, {"pass-credentials", a.PassCredentials}, {"insecure-skip-tls-verify", a.SkipTLS},
		{"devel", yes(a.Devel)}, {"untar", a.Untar}, {"plain-http", a.PlainHTTP},
	} {
		l.add(o.on, "--"+o.name)
	}
	return l.String()
}
