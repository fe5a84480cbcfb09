package linux

// The commands that /bin/sh has built in and that the interpreter does otherwise. Most are programs as well.

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// builtins are called by names with builtin: before them.
var builtins = map[string]program{
	"echo": echo, "printf": printfProgram, "test": test, "[": bracket, "pwd": pwd, "kill": kill, "command": commandV, "type": commandType,
	"times": times, "ulimit": ulimit, "hash": succeed, "fail": fail, "jobend": jobEnd,
}

func succeed(*process) int { return 0 }

func falseProgram(*process) int { return 1 }

// fail prints a message as the shell's and ends with a status.
func fail(p *process) int {
	fmt.Fprintf(p.stderr, "sh: %d: %s\n", max(p.line, 1), p.args[2])
	code := 0
	fmt.Sscan(p.args[1], &code)
	return code
}

func times(p *process) int {
	p.print("0m0.000000s 0m0.000000s\n0m0.000000s 0m0.000000s\n")
	return 0
}

func ulimit(p *process) int {
	if n := len(p.args); n < 2 || strings.HasPrefix(p.args[n-1], "-") {
		p.print("unlimited\n")
	}
	return 0
}

func pwd(p *process) int {
	dir := p.dir
	if len(p.args) > 1 && p.args[1] == "-P" || p.args[0] != "builtin:pwd" {
		dir, _ = p.view().Real(".") // it stands there
	}
	p.print(dir + "\n")
	return 0
}

// echo is dash's on Debian, where escapes always count, and bash's elsewhere.
func echo(p *process) int {
	args := p.operands()
	newline, escapes := true, p.args[0] == "builtin:echo" && !p.bash()
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		if escapes && args[0] != "-n" {
			break
		}
		for _, c := range args[0][1:] {
			switch c {
			case 'n':
				newline = false
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if escapes {
		var stop bool
		if text, stop = unescape(text, true); stop {
			newline = false
		}
	}
	p.print(text)
	if newline {
		p.print("\n")
	}
	return 0
}

// bash tells whether the shell that calls is bash.
func (p *process) bash() bool { return p.env.Get("BASH_VERSION").IsSet() }

// unescape fills in the escapes of echo (where octal numbers begin with 0) or of printf %b. stop says that \c has ended the output.
func unescape(s string, echo bool) (text string, stop bool) {
	if !strings.Contains(s, `\`) {
		return s, false
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'c':
			return b.String(), true
		case '0', '1', '2', '3', '4', '5', '6', '7':
			if echo && c != '0' {
				b.WriteString(s[i-1 : i+1])
				continue
			}
			n, digits := 0, 3
			if c == '0' {
				digits = 4
			}
			k := i
			for ; k < len(s) && k < i+digits && s[k] >= '0' && s[k] <= '7'; k++ {
				n = n*8 + int(s[k]-'0')
			}
			b.WriteByte(byte(n))
			i = k - 1
		default:
			if at := strings.IndexByte(`abfnrtve\`, c); at >= 0 {
				b.WriteByte("\a\b\f\n\r\t\v\x1b\\"[at])
			} else {
				b.WriteString(s[i-1 : i+1])
			}
		}
	}
	return b.String(), false
}

// commandV says what a name stands for.
func commandV(p *process) int {
	code := 0
	for _, name := range p.args[2:] {
		found := name
		switch {
		case syntax.IsKeyword(name), interp.IsBuiltin(name) && !bashOnly[name]:
		default:
			file, err := p.which(name)
			if err != nil {
				code = 127
				if p.args[1] == "-V" {
					p.print(name + ": not found\n")
				}
				continue
			}
			found = file
		}
		if p.args[1] == "-V" {
			found = name + " is " + found
		}
		p.print(found + "\n")
	}
	return code
}

// bashOnly are the names that the interpreter takes for builtins and /bin/sh does not.
var bashOnly = map[string]bool{"help": true, "source": true, "bind": true, "builtin": true, "caller": true, "compgen": true, "complete": true,
	"compopt": true, "declare": true, "typeset": true, "dirs": true, "disown": true, "enable": true, "history": true, "let": true, "logout": true,
	"mapfile": true, "readarray": true, "popd": true, "pushd": true, "shopt": true, "suspend": true, "newgrp": true}

func commandType(p *process) int {
	code := 0
	for _, name := range p.operands() {
		switch file, err := p.which(name); {
		case syntax.IsKeyword(name):
			p.print(name + " is a shell keyword\n")
		case interp.IsBuiltin(name) && !bashOnly[name]:
			p.print(name + " is a shell builtin\n")
		case err == nil:
			p.print(name + " is " + file + "\n")
		default:
			p.print(name + ": not found\n")
			code = 127
		}
	}
	return code
}
