// Package system holds the modules about a machine as a whole: its facts, services, name, reboot, and waiting for it.
//
// A plan looks by one probe script in POSIX sh; what the script prints is read by pure functions. Waiting is left to the Apply and asks the
// engine for the time, so that tests need not wait.
package system

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// dict is short for a mapping of a result.
func dict(pairs ...any) *value.Map { return value.NewMap(pairs...) }

// orNil is the value of an argument in a result: null when it was not given.
func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// said is what a command has printed, for an error message: its standard error, or its output when that is empty.
func said(out module.Output) string {
	if s := strings.TrimSpace(out.Stderr); s != "" {
		return s
	}
	return strings.TrimSpace(out.Stdout)
}

// nameFacts are the facts about a host's name: itself, its first part, and the domain, which is that of the full name when the name has
// none. now is the name the full one belongs to.
func nameFacts(name, fqdn, now string) *value.Map {
	if fqdn == "" || now != name {
		fqdn = name
	}
	short, _, _ := strings.Cut(name, ".")
	_, domain, _ := strings.Cut(fqdn, ".")
	return dict("ansible_hostname", short, "ansible_nodename", name, "ansible_fqdn", fqdn, "ansible_domain", domain)
}
