package moduletest

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing/fstest"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Controller is the controller side of a test: everything it answers was put in; anything else it refuses.
type Controller struct {
	// Content holds the content's files by slash-separated path; Find looks for KIND/NAME, then NAME.
	Content fstest.MapFS
	// Evals and Tests answer Eval and Test by the text of the expression; a value that is an error is returned as one.
	Evals map[string]any
	Tests map[string]any
	// Renderer answers Render; nil replaces each {{ NAME }} whose NAME is in Evals.
	Renderer func(module.TemplateText) (string, error)
	// Services answers Service by key.
	Services map[any]any
	// Clock, Screen and Disk are registered as services.
	Clock  *Clock
	Screen *Terminal
	Disk   Disk
}

// NewController makes a controller without content, with a Clock, a Terminal at which nobody sits, and YAML that reads its JSON subset.
func NewController() *Controller {
	c := &Controller{
		Content: fstest.MapFS{}, Evals: map[string]any{}, Tests: map[string]any{},
		Clock: &Clock{At: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)}, Screen: &Terminal{}, Disk: Disk{},
	}
	c.Services = map[any]any{
		module.ClockKey{}: c.Clock, module.TerminalKey{}: c.Screen, module.YAMLKey{}: jsonAsYAML{c}, module.DiskKey{}: c.Disk,
	}
	return c
}

// Add puts a file into the content.
func (c *Controller) Add(name, text string) {
	c.Content[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
}

// Find looks for KIND/NAME and NAME in Content.
func (c *Controller) Find(kind, name string) (string, error) {
	name = strings.TrimSuffix(name, "/")
	for _, p := range []string{path.Join(kind, name), strings.TrimPrefix(path.Clean(name), "/")} {
		if _, err := fs.Stat(c.Content, p); err == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("Could not find or access '%s' among the %s", name, kind) //nolint:staticcheck // as the engine says it
}

// FS returns Content.
func (c *Controller) FS() fs.ReadDirFS { return c.Content }

// Render renders by Renderer.
func (c *Controller) Render(t module.TemplateText) (string, error) {
	if c.Renderer != nil {
		return c.Renderer(t)
	}
	text := t.Text
	for name, v := range c.Evals {
		text = strings.ReplaceAll(text, "{{ "+name+" }}", value.Str(v))
	}
	return text, nil
}

// Eval answers from Evals. "NAME | default(0)" is 0 where NAME is not in it; anything else that is not in it is undefined.
func (c *Controller) Eval(expr string) (any, error) {
	v, ok := c.Evals[expr]
	if name, has := strings.CutSuffix(expr, " | default(0)"); has && !ok {
		if v, ok = c.Evals[name]; !ok {
			return 0, nil
		}
	}
	if !ok {
		return nil, undefined(expr)
	}
	if err, bad := v.(error); bad {
		return nil, err
	}
	return v, nil
}

// undefined is the error of an expression that is in no Evals.
type undefined string

func (u undefined) Error() string { return fmt.Sprintf("'%s' is undefined", string(u)) }
func (u undefined) Unwrap() error { return module.ErrUndefined }

// Test answers from Tests.
func (c *Controller) Test(cond string) (bool, error) {
	switch v := c.Tests[cond].(type) {
	case bool:
		return v, nil
	case error:
		return false, v
	}
	return false, fmt.Errorf("this test knows no conditional %q", cond)
}

// Service answers from Services.
func (c *Controller) Service(key any) (any, error) {
	if s, ok := c.Services[key]; ok {
		return s, nil
	}
	return nil, fmt.Errorf("this test has no service %T", key)
}

// Clock is a module.Clock in which only Sleep makes time pass.
type Clock struct {
	At    time.Time
	Slept time.Duration
}

// Now returns At.
func (c *Clock) Now() time.Time { return c.At }

// Sleep moves At and returns at once.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.At, c.Slept = c.At.Add(d), c.Slept+d
	return ctx.Err()
}

// Terminal is a module.Terminal that types Answers, one a question. Without answers nobody is there.
type Terminal struct {
	Answers []string
	Asked   []string // the prompts shown
	Paused  []time.Duration
	Err     error // what Pause returns
}

// Ask types the next answer.
func (t *Terminal) Ask(_ context.Context, prompt string, _ bool) (string, error) {
	t.Asked = append(t.Asked, prompt)
	if len(t.Answers) == 0 {
		return "", module.ErrNoTerminal
	}
	a := t.Answers[0]
	t.Answers = t.Answers[1:]
	return a, nil
}

// Pause notes the duration and returns at once.
func (t *Terminal) Pause(_ context.Context, prompt string, d time.Duration) error {
	t.Asked, t.Paused = append(t.Asked, prompt), append(t.Paused, d)
	return t.Err
}

// Disk is a module.Disk in memory: texts by path.
type Disk map[string]string

// Read returns a text that was put in or written.
func (d Disk) Read(p string) ([]byte, error) {
	text, ok := d[p]
	if !ok {
		return nil, fmt.Errorf("%s: %w", p, fs.ErrNotExist)
	}
	return []byte(text), nil
}

// Write keeps a text.
func (d Disk) Write(p string, data []byte) error {
	d[p] = string(data)
	return nil
}

// jsonAsYAML is a module.YAML that takes only the JSON part of the language, so that no parser of YAML is needed here.
type jsonAsYAML struct{ c *Controller }

func (y jsonAsYAML) Docs(text string) ([]any, error) {
	var out []any
	for _, part := range strings.Split(text, "\n---\n") {
		v, err := value.ParseJSON([]byte(strings.TrimPrefix(part, "---\n")))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (y jsonAsYAML) Vars(p string) (*value.Map, error) {
	data, err := fs.ReadFile(y.c.Content, p)
	if err != nil {
		return nil, err
	}
	v, err := value.ParseJSON(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	m, ok := v.(*value.Map)
	if !ok {
		return nil, fmt.Errorf("%s must be stored as a dictionary/hash", p)
	}
	return m, nil
}
