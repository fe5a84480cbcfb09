package run

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// overlay puts a few variables over an environment: a loop's item, a result that is not registered yet.
type overlay struct {
	under jinja.Env
	local *value.Map
}

// Lookup answers from the few, then from below.
func (o *overlay) Lookup(name string) (any, bool, error) {
	if v, ok := o.local.Get(name); ok {
		return v, true, nil
	}
	return o.under.Lookup(name)
}

// all evaluates conditions in order up to the first that does not hold, which it returns as written.
func (p *playRun) all(conds []any, env jinja.Env) (ok bool, failing any, err error) {
	for _, c := range conds {
		switch x := c.(type) {
		case bool:
			ok = x
			failing = x
		case *jinja.Template:
			if ok, err = x.Test(env); err != nil {
				return false, nil, conditionError(err)
			}
			failing = x.Text()
		default:
			return false, nil, fmt.Errorf("Error while evaluating conditional: %s is %s, not a boolean", value.Repr(c), value.TypeName(c))
		}
		if !ok {
			return false, failing, nil
		}
	}
	return true, nil, nil
}

// conditionError puts in front of an error what was being evaluated, where Ansible does: not if a plugin, or the error itself, says so.
func conditionError(err error) error {
	var plugin *jinja.PluginError
	var e *value.Error
	if errors.As(err, &plugin) || errors.As(err, &e) && e.Kind == value.NotBoolean {
		return err
	}
	if said := jinja.Rendering("expression", err); said != err { //nolint:errorlint // the same error, or one around it
		return said
	}
	return fmt.Errorf("Error while evaluating conditional: %w", err)
}

// textIn evaluates a keyword to text; nothing and omit are "".
func (p *playRun) textIn(v any, env jinja.Env) (string, error) {
	if v == nil {
		return "", nil
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	r, err := jinja.Resolve(v, env)
	if err != nil {
		return "", err
	}
	switch r.(type) {
	case nil, value.Omit:
		return "", nil
	}
	return value.Str(r), nil
}

// text is textIn with the error as a mistake of the play.
func (p *playRun) text(v any, env jinja.Env) (string, error) {
	s, err := p.textIn(v, env)
	if err != nil {
		return "", p.mistake(p.Pos, "%v", err)
	}
	return s, nil
}

// truth evaluates a keyword to a boolean, as Ansible converts one; what cannot be is false.
func (p *playRun) truth(v any, env jinja.Env) bool {
	switch x := v.(type) {
	case nil:
		return false
	case bool:
		return x
	}
	r, err := jinja.Resolve(v, env)
	if err != nil {
		return false
	}
	b, err := module.ToBool(r)
	return err == nil && b == true
}

// isTrue is truth for keywords of the play.
func (p *playRun) isTrue(v any) bool { return p.truth(v, p.playEnv()) }

// float evaluates a keyword to a number; 0 for what is none.
func (p *playRun) float(v any, env jinja.Env) float64 {
	if v == nil {
		return 0
	}
	r, err := jinja.Resolve(v, env)
	if err != nil {
		return 0
	}
	switch x := r.(type) {
	case int:
		return float64(x)
	case float64:
		return x
	case string:
		f, _ := strconv.ParseFloat(strings.TrimSpace(x), 64)
		return f
	}
	return 0
}

// number is float for whole numbers.
func (p *playRun) number(v any, env jinja.Env) int { return int(p.float(v, env)) }

func toInt(v any) (int, bool) {
	switch x := v.(type) {
	case int:
		return x, true
	case float64:
		return int(x), true
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(x))
		return n, err == nil
	}
	return 0, false
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
