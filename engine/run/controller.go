package run

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// controller is what the machine that Drydock runs on offers a module: the content, templates, services.
type controller struct{ m *machine }

var _ module.Controller = (*controller)(nil)

// Find resolves a file by Ansible's search path: the role's and its parents' folders, the file's, the playbook's; in each first the subfolder
// of the kind.
func (c *controller) Find(kind, name string) (string, error) {
	content := c.m.w.r.Content
	if strings.HasPrefix(name, "/") {
		if _, err := content.Stat(name); err != nil {
			return "", missingFile(name, nil)
		}
		return path.Clean(name), nil
	}
	var tried []string
	for _, dir := range c.m.w.searchPath(c.m.w.task) {
		for _, p := range []string{path.Join(dir, kind, name), path.Join(dir, name)} {
			if _, err := content.Stat(p); err == nil {
				return p, nil
			}
			tried = append(tried, p)
		}
	}
	return "", missingFile(name, tried)
}

// missingFile says in Ansible's words, which playbooks search for, that the machine Drydock runs on does not have a file.
func missingFile(name string, tried []string) error {
	searched := ""
	if len(tried) > 0 {
		searched = "\nSearched in:\n\t" + strings.Join(tried, "\n\t")
	}
	return fmt.Errorf("Could not find or access '%s'%s on the Ansible Controller.\n"+ //nolint:staticcheck // see above
		"If you are using a module and expect the file to exist on the remote, see the remote_src option", name, searched)
}

// FS opens what Find found.
func (c *controller) FS() fs.ReadDirFS { return c.m.w.r.Content }

// Render renders the text of a template file in the context of the task.
func (c *controller) Render(t module.TemplateText) (string, error) {
	src := jinja.Source{Text: t.Text, At: source.Places(t.Name, t.Text)}
	tpl, mistakes := c.m.w.r.Lang.ParseFile(src, jinja.FileOptions{
		BlockStart: t.BlockStart, BlockEnd: t.BlockEnd, VariableStart: t.VarStart, VariableEnd: t.VarEnd,
		CommentStart: t.CommentStart, CommentEnd: t.CommentEnd,
		TrimBlocks: t.TrimBlocks, LstripBlocks: t.LstripBlocks, Newline: t.Newline,
	})
	if err := mistakes.Err(); err != nil {
		return "", err
	}
	local := value.NewMap("ansible_managed", c.m.w.r.Managed, "template_path", t.Name, "template_fullpath", t.Name)
	env := &overlay{under: c.m.env, local: local.Merge(t.Vars)}
	v, err := tpl.Eval(env)
	if err != nil {
		return "", err
	}
	return value.Str(v), nil
}

// Eval evaluates a bare expression in the context of the task.
func (c *controller) Eval(expr string) (any, error) {
	tpl, mistakes := c.m.w.r.Lang.ParseExpr(jinja.Source{Text: expr})
	if err := mistakes.Err(); err != nil {
		return nil, err
	}
	v, err := tpl.Eval(c.m.env)
	var undefined *jinja.UndefinedError
	if errors.As(err, &undefined) {
		err = &undefinedError{err}
	}
	return v, err
}

// undefinedError puts the sentinel that modules know on an error of a template, and keeps its words.
type undefinedError struct{ error }

// Unwrap gives the template's error and the module's sentinel.
func (e *undefinedError) Unwrap() []error { return []error{e.error, module.ErrUndefined} }

// Test evaluates a conditional as `when` does.
func (c *controller) Test(cond string) (bool, error) {
	parse := c.m.w.r.Lang.ParseExpr
	if jinja.HasTemplate(cond) {
		parse = c.m.w.r.Lang.Parse
	}
	tpl, mistakes := parse(jinja.Source{Text: cond})
	if err := mistakes.Err(); err != nil {
		return false, err
	}
	ok, err := tpl.Test(c.m.env)
	if err != nil {
		return false, conditionError(err)
	}
	return ok, nil
}

// Service returns something the engine offers by private key.
func (c *controller) Service(key any) (any, error) {
	switch key.(type) {
	case module.ClockKey:
		return c.m.w.r.Clock, nil
	case module.JobsKey:
		return hostJobs{c.m.w.r.jobs, c.m.w.r.asyncDir(c.m.env)}, nil
	case module.BegunKey:
		if c.m.w.note != nil {
			return c.m.w.note, nil
		}
	case module.TaskKey:
		return c.taskFacts(), nil
	case module.WayKey:
		return c.m.way()
	}
	if c.m.w.r.Services == nil {
		return nil, fmt.Errorf("no service %T", key)
	}
	return c.m.w.r.Services(key)
}
