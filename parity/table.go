package parity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/jinja/ansible"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file reads a table of templates and asks Drydock's language what ansible-core's was asked.

// Table is a table of expressions and templates with ansible-core's answers.
type Table struct {
	Varsets map[string]*value.Map
	Cases   []Question
}

// Question is one row: a text, the variables it is evaluated with, and ansible-core's answer.
type Question struct {
	ID, Cls, Kind, Vars string
	Src                 any
	Files               map[string]string // templates that the text includes or imports, and files that lookups read
	Unordered           bool              // the answer is a set

	Repr     string // the answer as Python prints it
	Err, Msg string // the kind of error that it is, with Ansible's message for reference
}

// ReadTable reads a file in the form of testdata/parity/jinja.json.
func ReadTable(file string) (Table, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Table{}, err
	}
	v, err := value.ParseJSON(data)
	if err != nil {
		return Table{}, fmt.Errorf("%s: %w", file, err)
	}
	doc, _ := v.(*value.Map)
	table := Table{Varsets: map[string]*value.Map{}}
	if sets, ok := doc.Value("varsets").(*value.Map); ok {
		for k, vars := range sets.All() {
			table.Varsets[value.Str(k)], _ = vars.(*value.Map)
		}
	}
	rows, _ := doc.Value("cases").([]any)
	for _, row := range rows {
		q := Question{}
		text, err := json.Marshal(row)
		if err == nil {
			err = json.Unmarshal(text, &q)
		}
		if err != nil {
			return Table{}, fmt.Errorf("%s: %w", file, err)
		}
		q.Src = row.(*value.Map).Value("src") // json would lose the order of keys
		table.Cases = append(table.Cases, q)
	}
	if len(table.Cases) == 0 {
		return Table{}, fmt.Errorf("%s: no cases", file)
	}
	return table, nil
}

// Ask evaluates a question of the table and says how the answer differs; nil: not at all.
func (t Table) Ask(ctx context.Context, q Question) *Difference {
	return q.judge(t.answer(ctx, q))
}

// answer is what Drydock says to a question, in a folder that holds the question's files.
func (t Table) answer(ctx context.Context, q Question) (repr string, err error) {
	dir := ""
	if len(q.Files) > 0 {
		if dir, err = os.MkdirTemp("", "question"); err != nil {
			return "", err
		}
		defer os.RemoveAll(dir)
	}
	for name, text := range q.Files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	l := jinja.New()
	ansible.Extend(l, tableIO(ctx, dir))
	vars := t.Varsets[q.Vars]
	if vars == nil {
		vars = &value.Map{}
	}
	return q.answer(l, vars)
}

// mapEnv is an Env over a mapping.
type mapEnv struct{ vars *value.Map }

// Lookup finds a variable.
func (e mapEnv) Lookup(name string) (any, bool, error) {
	v, ok := e.vars.Get(name)
	return v, ok, nil
}

// Names lists the variables.
func (e mapEnv) Names() []string {
	var out []string
	for k := range e.vars.All() {
		out = append(out, value.Str(k))
	}
	return out
}

// templates makes templates of all texts with marks inside a value, as a loader of YAML does.
func templates(l *jinja.Language, v any) any {
	switch x := v.(type) {
	case string:
		t, mistakes := l.Template(x, nil)
		if mistakes.HasErrors() {
			return x
		}
		return t
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = templates(l, item)
		}
		return out
	case *value.Map:
		m := &value.Map{}
		for k, item := range x.All() {
			m.Set(k, templates(l, item))
		}
		return m
	}
	return v
}

// answer is what Drydock says: the printed value, or an error.
func (q Question) answer(l *jinja.Language, vars *value.Map) (repr string, err error) {
	env := mapEnv{templates(l, vars).(*value.Map)}
	text, _ := q.Src.(string)
	switch q.Kind {
	case "expr":
		return evaluated(env)(l.Parse(jinja.Source{Text: "{{ " + text + " }}"}))
	case "when":
		t, mistakes := l.ParseExpr(jinja.Source{Text: text})
		if mistakes.HasErrors() {
			return "", syntaxError(mistakes)
		}
		b, err := t.Test(env)
		return value.Repr(b), err
	case "value":
		if _, mistakes := l.Template(text, nil); mistakes.HasErrors() {
			return "", syntaxError(mistakes)
		}
		return final(jinja.Resolve(templates(l, q.Src), env))
	case "template":
		o := jinja.FileDefaults()
		o.Load = q.load
		return evaluated(env)(l.ParseFile(jinja.Source{Text: text}, o))
	}
	return "", fmt.Errorf("unknown kind %q", q.Kind)
}

func (q Question) load(_ jinja.Env, name string) (jinja.Source, error) {
	text, ok := q.Files[name]
	if !ok {
		return jinja.Source{}, fs.ErrNotExist
	}
	return jinja.Source{Text: text}, nil
}

func evaluated(env jinja.Env) func(*jinja.Template, diag.List) (string, error) {
	return func(t *jinja.Template, mistakes diag.List) (string, error) {
		if mistakes.HasErrors() {
			return "", syntaxError(mistakes)
		}
		return final(t.Eval(env))
	}
}

// final prints a result. That a whole value is omitted is an error for whoever has no default for it.
func final(v any, err error) (string, error) {
	if _, ok := v.(value.Omit); ok {
		err = value.Errorf("omitted", "the value is omitted")
	}
	return value.Repr(v), err
}

func syntaxError(l diag.List) error { return value.Errorf(value.Syntax, "%s", l[0].Summary) }

// anyError is the kind of errors whose kind is Python's own business.
const anyError = "any"

// judge compares an answer with ansible-core's: values as Python prints them, errors by their kind.
func (q Question) judge(got string, err error) *Difference {
	d := &Difference{Where: fmt.Sprintf("%s %v", q.Cls, q.Src), Want: q.Repr, Got: got}
	if err != nil {
		d.Got = fmt.Sprintf("error %s: %v", jinja.KindOf(err), err)
	}
	if q.Err != "" {
		d.Want = fmt.Sprintf("error %s: %s", q.Err, q.Msg)
		if err != nil && (q.Err == anyError || string(jinja.KindOf(err)) == q.Err) {
			return nil
		}
		return d
	}
	if err == nil && (got == q.Repr || q.Unordered && sorted(got) == sorted(q.Repr)) {
		return nil
	}
	return d
}

// sorted puts the items of a printed list in order.
func sorted(s string) string {
	parts := strings.Split(strings.Trim(s, "[]"), ", ")
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// tableIO is the machine that the questions see: the files of this one, from a folder on, and an environment of one variable.
func tableIO(ctx context.Context, dir string) ansible.IO {
	return ansible.IO{
		Getwd: func() (string, error) {
			if dir == "" {
				return os.Getwd()
			}
			return dir, nil
		},
		WriteFile: func(path string, data []byte, mode fs.FileMode) error {
			if !filepath.IsAbs(path) || dir == "" {
				return fs.ErrPermission
			}
			return os.WriteFile(path, data, mode)
		},
		ReadFile: os.ReadFile, Stat: os.Stat, Lstat: os.Lstat, ReadDir: os.ReadDir, Glob: filepath.Glob,
		Getenv: func(name string) (string, bool) { return "env-value", name == "ORACLE_ENV" },
		Pipe: func(command string) (string, int, error) {
			cmd := exec.CommandContext(ctx, "sh", "-c", command)
			cmd.Dir = dir
			out, err := cmd.Output()
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				return string(out), exit.ExitCode(), nil
			}
			return string(out), 0, err
		},
		Home: func(string) (string, error) { return "/home/me", nil },
	}
}
