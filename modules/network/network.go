// Package network holds the modules about a machine's firewalls: ufw, firewalld, iptables.
//
// What a firewall would answer is asked in one probe, by its own looking commands and dry runs; what changes it are the commands that a plan
// hands back.
package network

import (
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// refused is the failure of a tool, with what it has printed.
func refused(out module.Output) module.Result {
	msg := strings.TrimRight(out.Stderr, "\n")
	if msg == "" {
		msg = strings.TrimRight(out.Stdout, "\n")
	}
	return module.Fail("%s", msg).With("rc", out.Rc).With("stdout", out.Stdout).With("stderr", out.Stderr)
}

// atoi reads a number that a tool tells, such as an exit status; what is none is 1.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 1
	}
	return n
}

func orNil[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
