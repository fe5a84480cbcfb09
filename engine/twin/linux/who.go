package linux

// Programs about users and what they may become: id, whoami, groups, getent, sudo, su.

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
)

func whoami(p *process) int {
	p.print(or(p.userName(p.who.uid), strconv.Itoa(p.who.uid)) + "\n")
	return 0
}

func id(p *process) int {
	o, ok := p.options("ugGnrz", "user=u", "group=g", "groups=G", "name=n", "real=r")
	if !ok {
		return 1
	}
	who := p.who
	if len(o.rest) > 0 {
		if who, ok = p.userNamed(o.rest[0]); !ok {
			return p.complain("‘%s’: no such user", o.rest[0])
		}
	}
	name := func(n int, of func(int) string) string {
		if o.has('n') {
			return or(of(n), strconv.Itoa(n))
		}
		return strconv.Itoa(n)
	}
	all := append([]int{who.gid}, who.groups...)
	switch {
	case o.has('u'):
		p.print(name(who.uid, p.userName) + "\n")
	case o.has('g'):
		p.print(name(who.gid, p.groupName) + "\n")
	case o.has('G'):
		var words []string
		for _, g := range all {
			words = append(words, name(g, p.groupName))
		}
		p.print(strings.Join(words, " ") + "\n")
	default:
		var words []string
		for _, g := range all {
			words = append(words, fmt.Sprintf("%d(%s)", g, p.groupName(g)))
		}
		p.printf("uid=%d(%s) gid=%d(%s) groups=%s\n", who.uid, p.userName(who.uid), who.gid, p.groupName(who.gid), strings.Join(words, ","))
	}
	return 0
}

func groups(p *process) int {
	var words []string
	for _, g := range append([]int{p.who.gid}, p.who.groups...) {
		words = append(words, p.groupName(g))
	}
	p.print(strings.Join(words, " ") + "\n")
	return 0
}

// getent looks into the files: passwd, group, hosts, services.
func getent(p *process) int {
	o, ok := p.options("+s:i")
	if !ok || len(o.rest) == 0 {
		return 1
	}
	file := map[string]string{"passwd": "/etc/passwd", "group": "/etc/group", "hosts": "/etc/hosts", "ahosts": "/etc/hosts", "ahostsv4": "/etc/hosts",
		"services": "/etc/services", "shadow": "/etc/shadow"}[o.rest[0]]
	if file == "" {
		return p.complain("Unknown database: %s", o.rest[0])
	}
	data, _ := p.view().ReadFile(file) // a file that is missing has no entries
	keys, code := o.rest[1:], 0
	if len(keys) == 0 {
		p.print(string(data))
		return 0
	}
	for _, key := range keys {
		hit := false
		for _, line := range linesOf(data) {
			if strings.HasSuffix(file, "hosts") {
				f := strings.Fields(line)
				for _, name := range f[min(1, len(f)):] {
					if name == key && !hit {
						hit = true
						p.printf("%-15s %s\n", f[0], strings.Join(f[1:], " "))
					}
				}
				continue
			}
			if f := strings.Split(line, ":"); f[0] == key || len(f) > 2 && f[2] == key {
				hit = true
				p.print(line + "\n")
			}
		}
		if !hit {
			code = 2
		}
	}
	return code
}

// readLine reads a line byte by byte, so that what follows it is left for others.
func (p *process) readLine() (string, bool) {
	if p.stdin == nil {
		return "", false
	}
	var line []byte
	var b [1]byte
	for {
		n, err := p.stdin.Read(b[:])
		if n == 1 && b[0] == '\n' {
			return string(line), true
		}
		line = append(line, b[:n]...)
		if err != nil {
			return string(line), len(line) > 0
		}
	}
}

// become runs a command as another user, with an environment of their own.
func (p *process) become(u user, argv []string, env []string) int {
	return p.run(argv, func(child *process) {
		child.who, child.env = u, expand.ListEnviron(env...)
		child.line = 0
	})
}

const securePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func sudo(p *process) int {
	o, ok := p.options("+nSHEkiu:g:p:sA", "non-interactive=n", "stdin=S", "set-home=H", "preserve-env=E", "user=u", "prompt=p", "login=i")
	if !ok {
		return 1
	}
	u, ok := p.userNamed(strings.TrimPrefix(o.value('u', "root"), "#"))
	if !ok {
		return p.complain("unknown user %s", o.value('u', "root"))
	}
	argv, env := o.rest, []string{}
	if p.who.uid != 0 {
		if !p.sudoer() {
			fmt.Fprintf(p.stderr, "%s is not in the sudoers file.\n", p.who.name)
			return 1
		}
		if !p.sudoPassword(o) {
			return 1
		}
	}
	for len(argv) > 0 && strings.Contains(argv[0], "=") && !strings.HasPrefix(argv[0], "=") {
		env, argv = append(env, argv[0]), argv[1:]
	}
	if o.has('E') {
		env = append(p.environ(), env...)
	}
	home := u.home
	env = append(env, "HOME="+home, "USER="+u.name, "LOGNAME="+u.name, "PATH="+securePath, "SHELL="+u.shell, "SUDO_USER="+p.who.name,
		"SUDO_UID="+strconv.Itoa(p.who.uid), "SUDO_COMMAND="+strings.Join(argv, " "))
	for _, keep := range []string{"LANG", "LC_ALL", "TERM"} {
		if v := p.getenv(keep); v != "" {
			env = append(env, keep+"="+v)
		}
	}
	switch {
	case len(argv) == 0 && (o.has('i') || o.has('s')):
		argv = []string{u.shell}
	case len(argv) == 0:
		return p.complain("usage: sudo [-nSHE] [-u user] command")
	}
	if _, err := p.which(argv[0]); err != nil {
		p.noteUnknown(argv[0])
		return p.complain("%s: command not found", argv[0])
	}
	return p.become(u, argv, env)
}

// sudoer tells whether the user is of the group that may.
func (p *process) sudoer() bool {
	for _, g := range p.who.groups {
		if p.groupName(g) == "sudo" || p.groupName(g) == "wheel" {
			return true
		}
	}
	return false
}

// sudoPassword asks for the password as sudo does, three times at most.
func (p *process) sudoPassword(o *options) bool {
	want := p.config.SudoPassword
	switch {
	case want == "":
		return true
	case o.has('n'):
		p.complain("a password is required")
		return false
	case !o.has('S'):
		p.complain("a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper")
		p.complain("a password is required")
		return false
	}
	for try := 1; ; try++ {
		_, _ = io.WriteString(p.stderr, o.value('p', "[sudo] password for "+p.who.name+": "))
		got, ok := p.readLine()
		switch {
		case !ok && try == 1:
			p.complain("no password was provided")
			return false
		case got == want:
			return true
		case !ok || try == 3:
			p.complain("%d incorrect password attempts", try)
			return false
		}
		_, _ = io.WriteString(p.stderr, "Sorry, try again.\n")
	}
}

func su(p *process) int {
	o, ok := p.options("lmps:c:", "login=l", "command=c", "shell=s", "preserve-environment=m")
	if !ok {
		return 1
	}
	names := o.rest
	if len(names) > 0 && names[0] == "-" {
		names = names[1:]
	}
	name := "root"
	if len(names) > 0 {
		name = names[0]
	}
	u, ok := p.userNamed(name)
	if !ok {
		return p.complain("user %s does not exist or the user entry does not contain all the required fields", name)
	}
	if p.who.uid != 0 {
		_, _ = io.WriteString(p.stderr, "Password: ")
		got, _ := p.readLine()
		_, _ = io.WriteString(p.stderr, "\n")
		if p.config.RootPassword == "" || got != p.config.RootPassword {
			return p.complain("Authentication failure")
		}
	}
	env := append(p.environ(), "HOME="+u.home, "USER="+u.name, "LOGNAME="+u.name, "SHELL="+u.shell)
	argv := []string{o.value('s', u.shell)}
	if o.has('c') {
		argv = append(argv, "-c", o.value('c', ""))
	}
	return p.become(u, argv, env)
}
