package linux

// test and [, by POSIX's rules for the number of arguments, and with -a, -o and parentheses.

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

func bracket(p *process) int {
	n := len(p.args)
	if p.args[n-1] != "]" || n == 1 {
		return p.complain("missing ]") + 1
	}
	return p.judge(p.args[1 : n-1])
}

func test(p *process) int { return p.judge(p.operands()) }

// judge is 0 where the expression holds, 1 where not, 2 where it is none.
func (p *process) judge(args []string) int {
	t := &tester{p: p, v: p.view(), args: args}
	yes, err := t.whole()
	switch {
	case err != nil:
		p.noteUnknown(p.name() + " " + strings.Join(args, " "))
		fmt.Fprintf(p.stderr, "sh: %d: %s: %v\n", max(p.line, 1), p.name(), err)
		return 2
	case yes:
		return 0
	}
	return 1
}

// tester reads an expression.
type tester struct {
	p    *process
	v    disk.View
	args []string
}

var errExpression = errors.New("unexpected operator")

func (t *tester) whole() (bool, error) {
	a := t.args
	switch {
	case len(a) == 0:
		return false, nil
	case len(a) == 1:
		return a[0] != "", nil
	case len(a) == 2 && a[0] == "!":
		return a[1] == "", nil
	case len(a) == 3 && isBinary(a[1]):
		return t.binary(a[0], a[1], a[2])
	case len(a) == 4 && a[0] == "!":
		t.args = a[1:]
		yes, err := t.whole()
		return !yes, err
	}
	yes, err := t.either()
	if err == nil && len(t.args) > 0 {
		err = errExpression
	}
	return yes, err
}

func (t *tester) either() (bool, error) {
	yes, err := t.both()
	for err == nil && len(t.args) > 0 && t.args[0] == "-o" {
		t.args = t.args[1:]
		var more bool
		more, err = t.both()
		yes = yes || more
	}
	return yes, err
}

func (t *tester) both() (bool, error) {
	yes, err := t.one()
	for err == nil && len(t.args) > 0 && t.args[0] == "-a" {
		t.args = t.args[1:]
		var more bool
		more, err = t.one()
		yes = yes && more
	}
	return yes, err
}

func (t *tester) one() (bool, error) {
	a := t.args
	switch {
	case len(a) == 0:
		return false, errors.New("argument expected")
	case len(a) >= 3 && isBinary(a[1]):
		t.args = a[3:]
		return t.binary(a[0], a[1], a[2])
	case a[0] == "!":
		t.args = a[1:]
		yes, err := t.one()
		return !yes, err
	case a[0] == "(":
		t.args = a[1:]
		yes, err := t.either()
		if err != nil || len(t.args) == 0 || t.args[0] != ")" {
			return false, errors.Join(err, errors.New("closing paren expected"))
		}
		t.args = t.args[1:]
		return yes, nil
	case len(a) >= 2 && len(a[0]) == 2 && a[0][0] == '-':
		t.args = a[2:]
		return t.unary(a[0][1], a[1])
	}
	t.args = a[1:]
	return a[0] != "", nil
}

func isBinary(op string) bool {
	return strings.Contains(" = == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef ", " "+op+" ") && op != ""
}

func (t *tester) binary(x, op, y string) (bool, error) {
	switch op {
	case "=", "==":
		return x == y, nil
	case "!=":
		return x != y, nil
	case "<":
		return x < y, nil
	case ">":
		return x > y, nil
	case "-nt", "-ot", "-ef":
		a, errA := t.v.Stat(x)
		b, errB := t.v.Stat(y)
		switch {
		case op == "-ef":
			return errA == nil && errB == nil && a.Ino == b.Ino, nil
		case op == "-nt":
			return errA == nil && (errB != nil && t.p.bash() || errB == nil && a.Mtime.After(b.Mtime)), nil
		}
		return errB == nil && (errA != nil && t.p.bash() || errA == nil && b.Mtime.After(a.Mtime)), nil
	}
	m, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64)
	if err != nil {
		return false, fmt.Errorf("Illegal number: %s", x) //nolint:staticcheck // dash's words
	}
	n, err := strconv.ParseInt(strings.TrimSpace(y), 10, 64)
	if err != nil {
		return false, fmt.Errorf("Illegal number: %s", y) //nolint:staticcheck // dash's words
	}
	return map[string]bool{"-eq": m == n, "-ne": m != n, "-lt": m < n, "-le": m <= n, "-gt": m > n, "-ge": m >= n}[op], nil
}

func (t *tester) unary(op byte, x string) (bool, error) {
	switch op {
	case 'n':
		return x != "", nil
	case 'z':
		return x == "", nil
	case 'r':
		return t.v.Access(x, disk.Read) == nil, nil
	case 'w':
		return t.v.Access(x, disk.Write) == nil, nil
	case 'x':
		return t.v.Access(x, disk.Execute) == nil, nil
	case 'h', 'L':
		i, err := t.v.Lstat(x)
		return err == nil && i.Kind() == disk.Symlink, nil
	case 't':
		return false, nil
	}
	i, err := t.v.Stat(x)
	if kind, ok := map[byte]uint32{'d': disk.Directory, 'f': disk.Regular, 'p': disk.Pipe, 'S': disk.Socket, 'b': disk.Block, 'c': disk.Character}[op]; ok {
		return err == nil && i.Kind() == kind, nil
	}
	if bit, ok := map[byte]uint32{'u': 0o4000, 'g': 0o2000, 'k': 0o1000}[op]; ok {
		return err == nil && i.Mask&bit != 0, nil
	}
	switch op {
	case 'e', 'a':
		return err == nil, nil
	case 's':
		return err == nil && i.Length > 0, nil
	case 'O':
		return err == nil && i.UID == t.p.who.uid, nil
	case 'G':
		return err == nil && i.GID == t.p.who.gid, nil
	}
	return false, fmt.Errorf("-%c: %w", op, errExpression)
}
