package linux

import (
	"fmt"
	"strconv"
	"strings"
)

// printfProgram is printf: the format is used again until no argument is left.
func printfProgram(p *process) int {
	args := p.operands()
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return p.complain("usage: printf format [arg ...]") + 1
	}
	f := &formatter{p: p, args: args[1:]}
	for {
		before := len(f.args)
		if f.once(args[0]); f.stop || len(f.args) == 0 || len(f.args) == before {
			return f.code
		}
	}
}

// formatter is one call of printf.
type formatter struct {
	p    *process
	args []string
	stop bool
	code int
}

func (f *formatter) next() string {
	if len(f.args) == 0 {
		return ""
	}
	a := f.args[0]
	f.args = f.args[1:]
	return a
}

func (f *formatter) once(format string) {
	for i := 0; i < len(format) && !f.stop; i++ {
		at := strings.IndexAny(format[i:], `%\`)
		if at < 0 {
			f.p.print(format[i:])
			return
		}
		f.p.print(format[i : i+at])
		i += at
		if format[i] == '\\' {
			i += f.escape(format[i:])
			continue
		}
		i += f.directive(format[i:])
	}
}

// escape prints the escape at the beginning of s and tells how many bytes follow its first.
func (f *formatter) escape(s string) int {
	end := 2
	if len(s) > 1 && s[1] >= '0' && s[1] <= '7' {
		for end < len(s) && end < 4 && s[end] >= '0' && s[end] <= '7' {
			end++
		}
		n, _ := strconv.ParseUint(s[1:end], 8, 16)
		f.p.print(string([]byte{byte(n)}))
		return end - 1
	}
	end = min(end, len(s))
	if s[:end] == `\"` || s[:end] == `\'` {
		f.p.print(s[1:end])
		return end - 1
	}
	text, stop := unescape(s[:end], false)
	f.p.print(text)
	f.stop = stop
	return end - 1
}

// directive prints what the directive at the beginning of s makes of the next argument.
func (f *formatter) directive(s string) int {
	end := 1
	spec := "%"
	for end < len(s) && strings.IndexByte("-+ #0123456789.*", s[end]) >= 0 {
		if s[end] == '*' {
			spec += f.next()
		} else {
			spec += s[end : end+1]
		}
		end++
	}
	if end == len(s) {
		f.p.print(s)
		return end - 1
	}
	switch c := s[end]; c {
	case '%':
		f.p.print("%")
	case 's':
		f.p.printf(spec+"s", f.next())
	case 'b':
		text, stop := unescape(f.next(), false)
		f.p.printf(spec+"s", text)
		f.stop = stop
	case 'c':
		a := f.next()
		f.p.printf(spec+"s", a[:min(1, len(a))])
	case 'd', 'i':
		f.p.printf(spec+"d", f.number(f.next()))
	case 'u':
		f.p.printf(spec+"d", uint64(f.number(f.next())))
	case 'o', 'x', 'X':
		f.p.printf(spec+string(c), uint64(f.number(f.next())))
	case 'e', 'E', 'f', 'F', 'g', 'G':
		n, _ := strconv.ParseFloat(f.next(), 64)
		f.p.printf(spec+string(c), n)
	case 'q':
		f.p.print(quote(f.next()))
	default:
		f.code = f.p.complain("%%%c: invalid directive", c)
		f.stop = true
	}
	return end
}

// number reads an argument as C does: 0x1f, 017, 'a.
func (f *formatter) number(text string) int64 {
	text = strings.TrimLeft(text, " \t")
	if text == "" {
		return 0
	}
	if text[0] == '\'' || text[0] == '"' {
		r := []rune(text[1:] + "\x00")
		return int64(r[0])
	}
	n, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		if u, err := strconv.ParseUint(text, 0, 64); err == nil {
			return int64(u)
		}
		f.code = 1
		_ = f.p.out.Flush()
		fmt.Fprintf(f.p.stderr, "printf: %s: expected numeric value\n", text)
		fmt.Sscanf(text, "%d", &n)
	}
	return n
}
