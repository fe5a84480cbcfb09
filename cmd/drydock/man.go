package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

func (a *app) manVerb() verb {
	return verb{name: "man", usage: "print the manual page: drydock man | man -l -", run: a.man}
}

// man writes the manual page in roff, made of the table of verbs.
func (a *app) man(_ context.Context, c *cli.Context) error {
	if c.NArg() > 0 {
		return &exit{exitUsage, fmt.Errorf("drydock man takes no arguments")}
	}
	p := &page{}
	p.line(`.TH DRYDOCK 1 "" "drydock %s" "User Commands"`, roff(version))
	p.line(".SH NAME\ndrydock \\- carry out Ansible playbooks over SSH with built\\-in modules")
	p.line(".SH SYNOPSIS")
	for i, v := range a.verbs {
		if i > 0 {
			p.line(".br")
		}
		p.line(`.B drydock %s`+"\n%s", roff(v.name), roff("[options] "+v.args))
	}
	p.line(".SH DESCRIPTION")
	p.line("%s", roff("Drydock reads Ansible playbooks, roles and inventories and carries them out over SSH. Its modules are built in; nothing is installed on the hosts. "+
		"It is made to patch and reboot the nodes of K3s clusters with zero downtime."))
	p.line(".PP\n%s", roff("Called as ansible-playbook, ansible, ansible-inventory, ansible-doc, ansible-vault or ansible-config, it is that command."))
	p.line(".SH COMMANDS")
	for i := range a.verbs {
		p.verb(&a.verbs[i])
	}
	p.line(".SH EXIT STATUS")
	for _, e := range [][2]string{
		{"0", "all went well"}, {"1", "an error, such as a file that is not there"}, {"2", "a host failed, a plan is blocked, a rehearsal has done harm, or an option is wrong"},
		{"4", "a host is unreachable, or content cannot be read"}, {"5", "options contradict each other"}, {"99", "interrupted"}, {"250", "a fault of drydock"},
	} {
		p.line(".TP\n.B %s\n%s", e[0], roff(e[1]))
	}
	p.line(".SH FILES\n.TP\n.I ansible.cfg\n%s", roff("The configuration, looked for as Ansible does: ANSIBLE_CONFIG, the working directory, ~/.ansible.cfg, /etc/ansible/ansible.cfg."))
	fmt.Fprint(a.out, p.b.String())
	return nil
}

// page is a manual page in the making.
type page struct{ b strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

func (p *page) verb(v *verb) {
	p.line(".SS %s", roff(strings.TrimSpace(v.name+" "+v.args)))
	p.line("%s.", roff(v.usage))
	for _, f := range v.flags {
		left, usage := flagWords(f)
		p.line(".TP\n.B %s\n%s", roff(left), roff(usage))
	}
	for i := range v.actions {
		p.verb(&v.actions[i])
	}
}

// roff escapes what has a meaning in roff.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
