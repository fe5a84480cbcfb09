package linux

// What the interpreter is told instead of a command that it does not do as /bin/sh does.

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

// call replaces the arguments of a simple command before it is run.
func (s *shell) call(ctx context.Context, args []string) ([]string, error) {
	name := args[0]
	if s.funcs[name] || len(name) > 8 && !strings.HasPrefix(name, "builtin:") {
		return args, nil
	}
	hc := interp.HandlerCtx(ctx)
	switch name {
	case "echo", "printf", "test", "[", "pwd", "kill", "type", "times", "ulimit", "hash":
		return renamed(args), nil
	case "umask":
		return umask(args, hc), nil
	case "set":
		if !s.runsBash() && len(args) > 2 && args[1] == "-o" && args[2] == "pipefail" { // as of dash 0.5.12, which leaves the shell then
			return []string{"eval", "builtin:fail 2 'set: Illegal option -o pipefail'; exit 2"}, nil
		}
		return set(args), nil
	case "trap":
		return trap(args), nil
	case "command":
		return s.command(args), nil
	case ".":
		return s.dot(args, hc), nil
	case "cd":
		return s.cd(args, hc), nil
	case "wait":
		return waited(args, hc), nil
	case "builtin:newjob":
		return s.newJob(hc), nil
	case "builtin:job":
		return []string{"eval", varJobs + "=0 " + varThisJob + "=$" + varLastJob}, nil
	case "builtin:subshell":
		return []string{"eval", varJobs + "=0"}, nil
	}
	return args, nil
}

func renamed(args []string) []string {
	return append([]string{"builtin:" + args[0]}, args[1:]...)
}

func umask(args []string, hc interp.HandlerContext) []string {
	old, _ := strconv.ParseUint(hc.Env.Get(varUmask).String(), 8, 32)
	if len(args) == 1 {
		return []string{"builtin:printf", fmt.Sprintf("%04o\\n", old)}
	}
	n, err := parseMode(args[1], ^uint32(old)&0o777, true)
	switch {
	case args[1] == "-S":
		return []string{"builtin:printf", "%s\n", symbolic(^uint32(old) & 0o777)}
	case err != nil:
		return []string{"builtin:fail", "2", "umask: Illegal mode: " + args[1]}
	case args[1][0] < '0' || args[1][0] > '9': // letters say what is allowed
		n = ^n & 0o777
	}
	return []string{"eval", fmt.Sprintf("%s=%o", varUmask, n)}
}

func symbolic(perm uint32) string {
	word := func(n uint32) string {
		out := ""
		for i, letter := range "rwx" {
			if n&(4>>i) != 0 {
				out += string(letter)
			}
		}
		return out
	}
	return "u=" + word(perm>>6) + ",g=" + word(perm>>3) + ",o=" + word(perm)
}

// set takes -C apart, which the interpreter does not have.
func set(args []string) []string {
	var rest []string
	change := ""
	for i := 1; i < len(args); i++ {
		a := args[i]
		if a == "--" || a == "-" || len(a) < 2 || a[0] != '-' && a[0] != '+' {
			rest = append(rest, args[i:]...)
			break
		}
		on := map[byte]string{'-': "1", '+': ""}[a[0]]
		if a[1:] == "o" && i+1 < len(args) {
			if args[i+1] == "noclobber" {
				change = varNoClobber + "=" + on
			} else {
				rest = append(rest, a, args[i+1])
			}
			i++
			continue
		}
		if strings.Contains(a, "C") {
			change = varNoClobber + "=" + on
			if a = strings.ReplaceAll(a, "C", ""); len(a) == 1 {
				continue
			}
		}
		rest = append(rest, a)
	}
	if change == "" {
		return args
	}
	if len(rest) > 0 {
		change += "; set"
		for _, word := range rest {
			change += " " + quote(word)
		}
	}
	return []string{"eval", change}
}

func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// trap keeps what is to be done at the end of the shell. Nothing here sends signals that a shell could catch: processes end with their machine.
func trap(args []string) []string {
	if len(args) < 3 {
		if len(args) == 2 && (args[1] == "0" || args[1] == "EXIT") {
			return []string{"trap", "-", "EXIT"}
		}
		return args
	}
	if args[1] == "--" {
		args = slices.Delete(slices.Clone(args), 1, 2)
	}
	if slices.Contains(args[2:], "0") || slices.Contains(args[2:], "EXIT") {
		return []string{"trap", args[1], "EXIT"}
	}
	return []string{"true"}
}

// command looks for programs on the disk of the host.
func (s *shell) command(args []string) []string {
	rest := args[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		switch rest[0] {
		case "-v", "-V":
			if len(rest) == 2 && s.funcs[rest[1]] {
				return []string{"builtin:printf", "%s\\n", rest[1]}
			}
			return append([]string{"builtin:command", rest[0]}, rest[1:]...)
		case "--", "-p":
			rest = rest[1:]
			continue
		}
		break
	}
	if len(rest) == 0 {
		return []string{"true"}
	}
	switch rest[0] {
	case "echo", "printf", "test", "[", "pwd", "kill", "type":
		return renamed(rest)
	}
	return append([]string{"command"}, rest...)
}

// dot finds the script of . on the disk of the host.
func (s *shell) dot(args []string, hc interp.HandlerContext) []string {
	if len(args) < 2 {
		return args
	}
	v, _ := s.state(hc)
	name := args[1]
	if !strings.Contains(name, "/") {
		for _, dir := range strings.Split(hc.Env.Get("PATH").String(), ":") {
			if v.Access(dir+"/"+name, disk.Read) == nil {
				name = dir + "/" + name
				break
			}
		}
	}
	if v.Access(name, disk.Read) != nil {
		return []string{"builtin:fail", "2", ".: " + args[1] + ": not found"}
	}
	return append([]string{".", v.Abs(name)}, args[2:]...)
}

// cd says what dash says where it does not work.
func (s *shell) cd(args []string, hc interp.HandlerContext) []string {
	rest := args[1:]
	for len(rest) > 0 && (rest[0] == "--" || rest[0] == "-P" || rest[0] == "-L") {
		rest = rest[1:]
	}
	if len(rest) == 0 || rest[0] == "-" {
		return append([]string{"cd"}, rest...)
	}
	v, _ := s.state(hc)
	if i, err := v.Stat(rest[0]); rest[0] != "" && (err != nil || !i.IsDir() || v.Access(rest[0], disk.Execute) != nil) {
		return []string{"builtin:fail", "2", "cd: can't cd to " + rest[0]}
	}
	return []string{"cd", rest[0]}
}
