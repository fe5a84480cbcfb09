package ansible

import (
	"errors"
	"io/fs"
	"path"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The lookup template, and where templates find others that they include.

// overlay is an Env with some variables before another's.
type overlay struct {
	vars *value.Map
	base jinja.Env
}

// Lookup finds a variable here, then below.
func (o *overlay) Lookup(name string) (any, bool, error) {
	if v, ok := o.vars.Get(name); ok {
		return v, true, nil
	}
	return o.base.Lookup(name)
}

func (a *extension) templateLookup(c *jinja.Call, in any) (any, error) {
	o := options{c: c}
	files := jinja.FileDefaults()
	files.Native = true
	files.TrimBlocks = o.on("trim_blocks", true)
	files.VariableStart, files.VariableEnd = o.text("variable_start_string", ""), o.text("variable_end_string", "")
	files.CommentStart, files.CommentEnd = o.text("comment_start_string", ""), o.text("comment_end_string", "")
	out := []any{}
	for _, t := range in.([]any) {
		if name, ok := t.(string); ok {
			if _, found := a.find(c, "templates", name); !found {
				return nil, value.Errorf(value.NotFound, "the template file %s could not be found for the lookup", name)
			}
		}
		text, err := a.read(c, "templates", t)
		if err != nil {
			return nil, err
		}
		full, _ := a.find(c, "templates", value.Str(t))
		files.Load = a.loadBeside(path.Dir(full))
		tmpl, errs := c.Lang.ParseFile(jinja.Source{Text: text}, files)
		if err := errs.Err(); err != nil {
			return nil, value.Errorf(value.Syntax, "%s: %s", value.Str(t), err)
		}
		vars := value.NewMap("template_path", full, "template_fullpath", full, "ansible_managed", "Ansible managed")
		if more, ok := jinja.AsMap(c.Kwargs.Value("template_vars")); ok {
			vars.Merge(more)
		}
		v, err := c.Evaluate(tmpl, &overlay{vars, c.Env})
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// load finds a template that another includes.
func (a *extension) load(e jinja.Env, name string) (jinja.Source, error) {
	c := a.lang.NewCall(e, "include", nil, nil)
	p, ok := a.find(c, "templates", name)
	if !ok {
		return jinja.Source{}, fs.ErrNotExist
	}
	data, err := a.ReadFile(p)
	return jinja.Source{Text: string(data)}, err
}

// loadBeside loads the templates that another in dir includes.
func (a *extension) loadBeside(dir string) func(e jinja.Env, name string) (jinja.Source, error) {
	return func(e jinja.Env, name string) (jinja.Source, error) {
		if a.ReadFile == nil {
			return jinja.Source{}, fs.ErrNotExist
		}
		data, err := a.ReadFile(path.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return a.load(e, name)
		}
		return jinja.Source{Text: string(data)}, err
	}
}
