package ansible_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/value"
)

// parityTable is a table of templates with the answers of real ansible-core; testdata/parity/README.md tells its form.
type parityTable struct {
	varsets map[string]*value.Map
	cases   []parityCase
}

type parityCase struct {
	ID, Cls, Kind, Vars, Repr, Err, Msg string
	Src                                 any
	Files                               map[string]string
	Unordered                           bool
}

func readTable(t *testing.T, file string) parityTable {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.ParseJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	doc := v.(*value.Map)
	table := parityTable{varsets: map[string]*value.Map{}}
	if sets, ok := doc.Value("varsets").(*value.Map); ok {
		for k, vars := range sets.All() {
			table.varsets[k.(string)] = vars.(*value.Map)
		}
	}
	for _, c := range doc.Value("cases").([]any) {
		m := c.(*value.Map)
		var p parityCase
		text, err := json.Marshal(m)
		if err == nil {
			err = json.Unmarshal(text, &p)
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Src = m.Value("src")
		table.cases = append(table.cases, p)
	}
	return table
}

// mapEnv is an Env over a mapping.
type mapEnv struct{ vars *value.Map }

func (e mapEnv) Lookup(name string) (any, bool, error) {
	v, ok := e.vars.Get(name)
	return v, ok, nil
}

func (e mapEnv) Names() []string {
	var out []string
	for k := range e.vars.All() {
		out = append(out, k.(string))
	}
	return out
}

// templates makes templates of all texts with marks inside a value, as a loader of YAML does.
func templates(l *jinja.Language, v any) any {
	switch x := v.(type) {
	case string:
		t, errs := l.Template(x, nil)
		if errs.HasErrors() {
			return x
		}
		return t
	case []any:
		out := make([]any, len(x))
		for i, it := range x {
			out[i] = templates(l, it)
		}
		return out
	case *value.Map:
		m := &value.Map{}
		for k, it := range x.All() {
			m.Set(k, templates(l, it))
		}
		return m
	}
	return v
}

func testIO() ansible.IO {
	return ansible.IO{
		ReadFile: os.ReadFile,
		Stat:     os.Stat,
		Lstat:    os.Lstat,
		ReadDir:  os.ReadDir,
		Glob:     filepath.Glob,
		Getenv: func(name string) (string, bool) {
			if name == "ORACLE_ENV" {
				return "env-value", true
			}
			return "", false
		},
		Pipe: func(command string) (string, int, error) {
			out, err := exec.Command("sh", "-c", command).Output()
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				return string(out), exit.ExitCode(), nil
			}
			return string(out), 0, err
		},
		Home: func(string) (string, error) { return "/home/me", nil },
	}
}

// answer is what we say: the printed value, or the kind of an error.
func (c parityCase) answer(l *jinja.Language, vars *value.Map) (repr string, err error) {
	env := mapEnv{templates(l, vars).(*value.Map)}
	text, _ := c.Src.(string)
	var t *jinja.Template
	var errs diag.List
	switch c.Kind {
	case "expr":
		t, errs = l.Parse(jinja.Source{Text: "{{ " + text + " }}"})
	case "when":
		if t, errs = l.ParseExpr(jinja.Source{Text: text}); errs.HasErrors() {
			return "", syntaxError(errs)
		}
		b, err := t.Test(env)
		return value.Repr(b), err
	case "value":
		if text, ok := c.Src.(string); ok {
			if _, errs := l.Template(text, nil); errs.HasErrors() {
				return "", syntaxError(errs)
			}
		}
		v, err := jinja.Resolve(templates(l, c.Src), env)
		return final(v, err)
	case "template":
		o := jinja.FileDefaults()
		o.Load = func(_ jinja.Env, name string) (jinja.Source, error) {
			text, ok := c.Files[name]
			if !ok {
				return jinja.Source{}, fs.ErrNotExist
			}
			return jinja.Source{Text: text}, nil
		}
		t, errs = l.ParseFile(jinja.Source{Text: text}, o)
	default:
		return "", fmt.Errorf("unknown kind %q", c.Kind)
	}
	if errs.HasErrors() {
		return "", syntaxError(errs)
	}
	return final(t.Eval(env))
}

// final prints a result. That a whole value is omitted is an error for whoever has no default for it.
func final(v any, err error) (string, error) {
	if _, ok := v.(value.Omit); ok {
		err = value.Errorf("omitted", "the value is omitted")
	}
	return value.Repr(v), err
}

func syntaxError(l diag.List) error { return value.Errorf(value.Syntax, "%s", l[0].Summary) }

func runTable(t *testing.T, table parityTable) {
	for _, c := range table.cases {
		t.Run(c.ID, func(t *testing.T) {
			l := jinja.New()
			ansible.Extend(l, testIO())
			got, err := c.answer(l, table.varsets[c.Vars])
			c.judge(t, got, err)
		})
	}
}

// anyError is the kind of errors whose kind is Python's own business.
const anyError = "any"

func (c parityCase) judge(t *testing.T, got string, err error) {
	t.Helper()
	switch {
	case c.Err != "" && err == nil:
		t.Errorf("%s %v\n got %s\nwant error %s: %s", c.Cls, c.Src, got, c.Err, c.Msg)
	case c.Err == anyError:
	case c.Err != "" && string(jinja.KindOf(err)) != c.Err:
		t.Errorf("%s %v\n got error %s: %v\nwant error %s: %s", c.Cls, c.Src, jinja.KindOf(err), err, c.Err, c.Msg)
	case c.Err == "" && err != nil:
		t.Errorf("%s %v\n got error %s: %v\nwant %s", c.Cls, c.Src, jinja.KindOf(err), err, c.Repr)
	case c.Err == "" && c.Unordered && sorted(got) != sorted(c.Repr):
		t.Errorf("%s %v\n got %s\nwant in any order %s", c.Cls, c.Src, got, c.Repr)
	case c.Err == "" && !c.Unordered && got != c.Repr:
		t.Errorf("%s %v\n got %s\nwant %s", c.Cls, c.Src, got, c.Repr)
	}
}

// sorted orders the characters of a printed list, so that the order of its items does not matter.
func sorted(s string) string {
	parts := strings.Split(strings.Trim(s, "[]"), ", ")
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

func TestParity(t *testing.T) { runTable(t, readTable(t, "../../../testdata/parity/jinja.json")) }

// TestExtra runs our own questions to the real thing, over the variables of the parity table.
func TestExtra(t *testing.T) {
	table := readTable(t, "../../../testdata/jinja/extra.json")
	table.varsets = readTable(t, "../../../testdata/parity/jinja.json").varsets
	runTable(t, table)
}
