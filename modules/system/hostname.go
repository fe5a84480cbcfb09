package system

import (
	"context"
	_ "embed"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Hostname sets the name of a machine.
var Hostname = module.Define(module.Spec{
	Name: "ansible.builtin.hostname",
	Doc:  "Set the machine's host name, now and for the next boot.",
}, planHostname)

type hostnameArgs struct {
	Name string `arg:"name,required" doc:"The name the machine is to have."`
	Use  string `arg:"use,choices=alpine|debian|generic|openrc|redhat|sles|systemd" doc:"How the name is kept; found out when not given."`
}

//go:embed hostname.sh
var hostnameProbe string

// hostnameSet sets the name: $1 how, $2 the name.
const hostnameSet = `# set hostname
case $1 in
systemd) hostnamectl set-hostname "$2" ;;
openrc) printf 'hostname="%s"\n' "$2" >/etc/conf.d/hostname && hostname "$2" ;;
sles) printf '%s\n' "$2" >/etc/HOSTNAME && hostname "$2" ;;
*) printf '%s\n' "$2" >/etc/hostname && hostname "$2" ;;
esac`

var validName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

func planHostname(ctx context.Context, v module.View, a hostnameArgs) (module.Plan, error) {
	if len(a.Name) > 64 {
		return module.Done(module.Fail("name cannot be longer than 64 characters on systemd servers, try a shorter name")), nil
	}
	if !validName.MatchString(a.Name) {
		return module.Done(module.Fail("%q is no host name", a.Name)), nil
	}
	out, err := v.Query(ctx, module.Cmd{Script: hostnameProbe, Args: []string{a.Use}})
	if err != nil {
		return module.Plan{}, err
	}
	s := module.Sections(out.Stdout)
	now, kept := strings.TrimSpace(s["now"]), strings.TrimSpace(s["kept"])
	result := module.Result{Facts: nameFacts(a.Name, strings.TrimSpace(s["fqdn"]), now)}.With("name", a.Name)
	if now == a.Name && kept == a.Name {
		return module.Done(result), nil
	}
	before := "hostname = " + kept + "\n"
	if kept == a.Name {
		before = "hostname = " + now + "\n"
	}
	how := strings.TrimSpace(s["how"])
	return module.Change(module.Text(before, "hostname = "+a.Name+"\n"), func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, module.Cmd{Script: hostnameSet, Args: []string{how, a.Name}})
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("could not set the host name: %s", said(out)).With("rc", out.Rc), nil
		}
		result.Changed = true
		return result, nil
	}).Predicting(result), nil
}
