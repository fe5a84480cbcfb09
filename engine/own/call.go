package own

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/words"
)

// call is one call of a module on a host.
type call struct {
	*program
	host       module.Host
	task       *module.Task
	check      bool
	discovered string // the Python that was found on the host for this call, for the result's facts
}

// goneRc is what callScript ends with when the module is not where it was brought.
const goneRc = 97

// callScript writes its input into a folder of this call and runs a line: $1 the lodging, $2 the call's folder below it, $3 the size of the
// input, $4 the name of its file, $5 the file that must be there, $6 keep what is left if it is not empty, $7 the line.
const callScript = `# call a module of the content's own
c=$1/$2
[ -e "$5" ] || exit 97
[ -n "$6" ] || trap 'rm -rf "$c"' EXIT
trap 'exit 1' HUP INT TERM
(umask 077 && mkdir "$c" && cat >"$c/$4" && chmod 700 "$c/$4") || exit 1
[ "$(wc -c <"$c/$4")" -eq "$3" ] || { echo "only a part of the arguments arrived" >&2; exit 1; }
/bin/sh -c "$7" </dev/null
`

// run brings the module to the host where it is not there yet and calls it. What was brought may be lost on the way (a reboot that empties
// /tmp): then it is brought once more.
func (c *call) run(ctx context.Context, args *value.Map) (module.Result, error) {
	if c.style == powershell {
		return module.Fail("module %s is written in PowerShell, for Windows, which Drydock does not reach", c.name), nil
	}
	for again := false; ; again = true {
		at, err := c.bring(ctx)
		if err != nil {
			return c.refused(err)
		}
		out, err := c.exec(ctx, at, args)
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != goneRc || again || out.Stdout != "" {
			return c.answer(out, at), nil
		}
		c.forget()
	}
}

// exec calls the module with its arguments in a file, or within the module's text.
func (c *call) exec(ctx context.Context, at place, args *value.Map) (module.Output, error) {
	id := "call-" + strings.ToLower(rand.Text()[:12])
	dir := path.Join(at.dir, id)
	input, file := c.input(c.arguments(args, dir))
	line := at.interpreter
	switch c.style {
	case newPython:
		line += " " + words.Quote(at.library, at.module, c.utils.fullName(), path.Join(dir, file))
	case jsonReplaced:
		line += " " + words.Quote(path.Join(dir, file))
	default:
		line += " " + words.Quote(at.module, path.Join(dir, file))
	}
	keep := ""
	if c.task.KeepFiles {
		keep = "yes"
	}
	cmd := module.Cmd{Script: callScript, Stdin: bytes.NewReader(input),
		Args: []string{at.dir, id, strconv.Itoa(len(input)), file, at.module, keep, strings.TrimSpace(line)}}
	return c.host.Exec(ctx, cmd)
}

// input is what the host is sent with a call, and the name of the file that it becomes.
func (c *call) input(args *value.Map) (data []byte, file string) {
	switch c.style {
	case oldStyle:
		return []byte(pairs(args)), "args"
	case jsonReplaced:
		json := toJSON(args)
		body := bytes.ReplaceAll(c.body, []byte(`"<<ANSIBLE_VERSION>>"`), []byte("'"+version+"'"))
		return bytes.ReplaceAll(body, []byte(jsonMark), []byte(json)), path.Base(c.path)
	}
	return []byte(toJSON(args)), "args"
}

// place is where a module lies on a host and how it is started.
type place struct {
	dir         string
	module      string
	library     string // the archive of what Python modules import
	interpreter string // with its arguments, as words for the shell; empty: the module starts itself
}

// missingLine says that a script does not say what runs it.
type missingLine struct{ name string }

func (e *missingLine) Error() string {
	return fmt.Sprintf("module (%s) is missing interpreter line", e.name)
}

// start works out what runs the module: its first line, unless variables of the host say otherwise. found is the Python of the host.
func (c *call) start(found string) (interpreterLine string, err error) {
	prog, args := interpreter(c.body)
	switch {
	case c.style == binary:
		return "", nil
	case prog == "" && c.style == newPython:
		prog = "/usr/bin/python"
	case prog == "":
		return "", &missingLine{c.name}
	}
	if base := path.Base(prog); base == "python" {
		prog = c.python(found)
	} else if v, ok := c.task.Var("ansible_" + base + "_interpreter"); ok && v != nil && value.Str(v) != "" {
		prog = strings.TrimSpace(value.Str(v))
	}
	return strings.Join(append([]string{prog}, args...), " "), nil
}

// python is the interpreter that the host's variables or ansible.cfg name, else the one found on the host.
func (c *call) python(found string) string {
	name := c.utils.library.Python
	if v, ok := c.task.Var("ansible_python_interpreter"); ok && v != nil {
		name = strings.TrimSpace(value.Str(v))
	}
	switch name {
	case "", "auto", "auto_legacy", "auto_silent", "auto_legacy_silent":
	default:
		return name
	}
	if found == "" {
		return "/usr/bin/python3"
	}
	c.discovered = found
	return found
}
