package helm

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// RegistryAuth logs helm in to a registry, and out.
var RegistryAuth = module.Define(module.Spec{
	Name: "kubernetes.core.helm_registry_auth",
	Doc:  "Log the helm of the host in to a registry of charts, or out.",
}, planRegistryAuth)

type registryArgs struct {
	binary
	Host     string `arg:"host,required,alias=registry_url" doc:"The registry."`
	State    string `arg:"state,default=present,choices=present|absent" doc:"Whether to be logged in."`
	Insecure bool   `arg:"insecure,default=no" doc:"Do not check the certificate of the registry."`
	Username string `arg:"username,alias=repo_username" doc:"The user."`
	Password string `arg:"password,secret,alias=repo_password" doc:"The user's password; helm reads it from its input."`
	KeyFile  string `arg:"key_file,type=path" doc:"File with the client's key."`
	CertFile string `arg:"cert_file,type=path" doc:"File with the client's certificate."`
	CAFile   string `arg:"ca_file,type=path" doc:"File with the certificate authority of the registry."`
}

// planRegistryAuth always foretells a change: helm does not say who is logged in.
func planRegistryAuth(_ context.Context, _ module.View, a registryArgs) (module.Plan, error) {
	if (a.Username == "") != (a.Password == "") {
		return module.Done(module.Fail("parameters are required together: username, password")), nil
	}
	d := module.Text("", "logged in to "+a.Host+"\n")
	if a.State == "absent" {
		d = module.Text("logged in to "+a.Host+"\n", "")
	}
	return module.Change(d, func(ctx context.Context, h module.Host) (module.Result, error) {
		return answered(a.act(ctx, h))
	}).Predicting(module.Result{}.With("command", a.foretold(a.command()).Data.Value("command"))), nil
}

func (a registryArgs) command() string {
	if a.State == "absent" {
		return helmMark + " registry logout " + a.Host
	}
	var l line
	l.WriteString(helmMark + " registry login " + a.Host)
	if a.Username != "" {
		l.add(true, "--username="+a.Username)
		l.add(true, "--password-stdin")
	}
	l.add(a.Insecure, "--insecure")
	l.opt("--key-file=", onHost(a.KeyFile))
	l.opt("--cert-file=", onHost(a.CertFile))
	l.opt("--ca-file=", onHost(a.CAFile))
	return l.String()
}

func (a registryArgs) act(ctx context.Context, h module.Host) (module.Result, error) {
	s := session{access: access{binary: a.binary}, what: "log in to a registry", secret: a.Password}
	got, err := s.run(ctx, h, h.Exec, step{line: a.command(), mayFail: true, fed: a.Password != ""}, step{line: versionStep.line, mayFail: true})
	if err != nil {
		return module.Result{}, err
	}
	out := got.steps[0]
	r := module.Result{Changed: true}
	switch {
	case out.Rc != 0 && a.State == "absent" && strings.Contains(out.Stderr, "Error: not logged in"):
		r.Changed = false
	case out.Rc != 0:
		return got.refused(a.command(), out), nil
	}
	if a.State == "absent" && !older(versionOf(got.steps[1].Stdout), "3.18.0") {
		r.Warnings = append(r.Warnings, "The helm_registry_auth is not idempotent with helm >= 3.18.0, always report a change.")
	}
	return r.With("stdout", out.Stdout).With("stderr", out.Stderr).With("command", got.command(a.command())), nil
}
