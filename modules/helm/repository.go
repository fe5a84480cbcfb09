package helm

import (
	"context"
	"errors"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Repository adds and removes repositories of charts.
var Repository = module.Define(module.Spec{
	Name:    "kubernetes.core.helm_repository",
	Aliases: []string{"community.kubernetes.helm_repository", "community.general.helm_repository"},
	Doc:     "Add or remove a repository of charts of the helm of the host.",
}, planRepository)

type repositoryArgs struct {
	access
	Name            string `arg:"repo_name,required,alias=name" doc:"Name of the repository."`
	URL             string `arg:"repo_url,alias=url" doc:"URL of the repository; needed with state present."`
	Username        string `arg:"repo_username,alias=username" doc:"User of a repository that asks for one."`
	Password        string `arg:"repo_password,secret,alias=password" doc:"Password of that user."`
	State           string `arg:"repo_state,default=present,choices=present|absent,alias=state" doc:"Whether the repository is to be there."`
	PassCredentials bool   `arg:"pass_credentials,default=no" doc:"Send user and password to other hosts too."`
	ForceUpdate     bool   `arg:"force_update,default=no,alias=force" doc:"Add it again, over one of the same name."`
	SkipTLS         bool   `arg:"insecure_skip_tls_verify,default=no,alias=skip_tls_certs_check" doc:"Do not check the certificate of the repository."`
}

func (a repositoryArgs) check() error {
	switch {
	case (a.Username == "") != (a.Password == ""):
		return errors.New("parameters are required together: repo_username, repo_password")
	case a.State == "present" && a.URL == "":
		return errors.New("repo_state is present but all of the following are missing: repo_url")
	}
	return a.exclusive(true)
}

func planRepository(ctx context.Context, v module.View, a repositoryArgs) (module.Plan, error) {
	if err := a.check(); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	s := session{access: a.access, what: "look at the repositories"}
	got, err := s.run(ctx, v, v.Query, step{line: helmMark + " repo list --output=yaml", mayFail: true})
	if err != nil {
		return ended(err)
	}
	list := got.steps[0]
	if list.Rc != 0 && !(list.Rc == 1 && strings.Contains(list.Stderr, "no repositories to show")) {
		return module.Done(got.refused(helmMark+" repo list --output=yaml", list)), nil
	}
	there, err := inList(v, list.Stdout, a.Name)
	if err != nil {
		return ended(err)
	}
	before, after := shown(a.Name, there), ""
	switch {
	case a.State == "absent" && there == nil:
		return module.Done(a.same()), nil
	case a.State == "absent":
		return a.change(module.Text(before, after), "repo rm "+a.Name), nil
	case there == nil || a.ForceUpdate:
		return a.change(module.Text(before, shown(a.Name, value.NewMap("url", a.URL))), a.adding()), nil
	case there.Value("url") != a.URL:
		return module.Done(module.Fail("Repository already have a repository named %s", a.Name)), nil
	}
	return module.Done(a.same()), nil
}

func (a repositoryArgs) same() module.Result {
	r := module.Result{}.With("repo_name", a.Name)
	if a.URL == "" {
		return r.With("repo_url", nil)
	}
	return r.With("repo_url", a.URL)
}

func shown(name string, m *value.Map) string {
	if m == nil {
		return ""
	}
	return name + " " + value.Str(m.Value("url")) + "\n"
}

// adding is the command that adds the repository.
func (a repositoryArgs) adding() string {
	var l line
	l.WriteString("repo add " + a.Name + " " + a.URL)
	if a.Username != "" {
		l.add(true, "--username="+a.Username)
		l.add(true, "--password="+secretMark)
	}
	l.add(a.PassCredentials, "--pass-credentials")
	l.add(a.ForceUpdate, "--force-update")
	l.add(a.SkipTLS, "--insecure-skip-tls-verify")
	return l.String()
}

func (a repositoryArgs) change(d module.Diff, command string) module.Plan {
	return module.Change(d, func(ctx context.Context, h module.Host) (module.Result, error) {
		s := session{access: a.access, what: "change the repositories", secret: a.Password}
		got, err := s.run(ctx, h, h.Exec, step{line: helmMark + " " + command})
		if err != nil {
			return answered(module.Result{}, err)
		}
		out := got.steps[0]
		shown := strings.Replace(got.command(helmMark+" "+command), "=********", "=******", 1) // six stars, as Ansible's module shows
		return module.Result{Changed: true}.With("stdout", out.Stdout).With("stderr", out.Stderr).With("command", shown), nil
	})
}
