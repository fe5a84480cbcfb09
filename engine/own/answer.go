package own

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what becomes of what a module prints.

// answer makes a result of the output of a module.
func (c *call) answer(out module.Output, at place) module.Result {
	found, junk, err := findJSON(out.Stdout)
	var m *value.Map
	if err == nil {
		m, err = object(found)
	}
	if err != nil {
		return c.noAnswer(out, at, err)
	}
	r := c.result(m)
	if junk != "" {
		r.Warnings = append([]string{"Module invocation had junk after the JSON data: " + junk}, r.Warnings...)
	}
	if c.discovered != "" && !r.Failed && c.tellsPython() {
		facts := (&value.Map{}).Merge(r.Facts)
		facts.Set("discovered_interpreter_python", c.discovered)
		r.Facts = facts
		shown, _ := r.Data.Value("ansible_facts").(*value.Map)
		r.Data.Set("ansible_facts", (&value.Map{}).Merge(shown).Merge(value.NewMap("discovered_interpreter_python", c.discovered)))
	}
	return r
}

// tellsPython says once for each host that its Python was found.
func (c *call) tellsPython() bool {
	l := c.task.Lodging
	l.Lock()
	defer l.Unlock()
	if l.Notes["told"] != "" {
		return false
	}
	l.Notes["told"] = "yes"
	return true
}

func object(text string) (*value.Map, error) {
	v, err := value.ParseJSON([]byte(text))
	if err != nil {
		return nil, err
	}
	m, ok := v.(*value.Map)
	if !ok {
		return nil, fmt.Errorf("the result is %s, not an object", value.TypeName(v))
	}
	return m, nil
}

// findJSON finds the object among other lines: from the first line that begins one to the last that ends one. Junk is what follows it.
func findJSON(stdout string) (found, junk string, err error) {
	lines := strings.Split(strings.TrimSuffix(strings.ReplaceAll(stdout, "\r\n", "\n"), "\n"), "\n")
	for len(lines) > 0 && !strings.HasPrefix(strings.TrimSpace(lines[0]), "{") {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return "", "", errors.New("No start of json char found") //nolint:staticcheck // Ansible's words, which people search for
	}
	end := len(lines)
	for end > 0 && !strings.HasSuffix(strings.TrimSpace(lines[end-1]), "}") {
		end--
	}
	if end == 0 {
		return "", "", errors.New("No end of json char found") //nolint:staticcheck // likewise
	}
	return strings.Join(lines[:end], "\n"), strings.TrimSpace(strings.Join(lines[end:], "\n")), nil
}

// noAnswer is the failure of a module that printed no result.
func (c *call) noAnswer(out module.Output, at place, why error) module.Result {
	msg := fmt.Sprintf("Module result deserialization failed: %v", why)
	if name := at.interpreter; name != "" {
		absent := regexp.MustCompile(regexp.QuoteMeta(name) + `: (?:No such file or directory|not found|command not found|inaccessible or not found)`)
		if absent.MatchString(out.Stderr) || absent.MatchString(out.Stdout) {
			msg = fmt.Sprintf("The module interpreter '%s' was not found.", name)
		}
	}
	return module.Fail("%s", msg).With("module_stdout", out.Stdout).With("module_stderr", out.Stderr).With("rc", out.Rc)
}

// result sorts the keys of an answer into those that the engine knows and the rest.
func (c *call) result(m *value.Map) module.Result {
	r := module.Result{Data: &value.Map{}}
	internal := unexpected(m)
	m, _ = withoutInternal(m).(*value.Map)
	for k, v := range m.All() {
		switch name := value.Str(k); name {
		case "changed":
			r.Changed = truth(v)
		case "failed":
			r.Failed = truth(v)
		case "skipped":
			r.Skipped = truth(v)
		case "warnings":
			r.Warnings = append(r.Warnings, texts(v)...)
		case "ansible_facts":
			r.Data.Set(name, v)
			cleanFacts(&r, v)
		case "invocation", "exception":
			if c.task.Verbosity >= 3 {
				r.Data.Set(name, v)
			}
		case "results":
			c.ownResults(&r, v)
		default:
			r.Data.Set(name, v)
		}
	}
	r.Warnings = append(r.Warnings, internal...)
	c.failing(&r, m)
	if r.Changed {
		r.Diff = difference(m.Value("diff"))
	}
	return r
}

// expected are keys of the protocol that a module may answer.
var expected = []string{"_ansible_parsed", "_ansible_no_log", "_ansible_suppress_tmpdir_delete", "_ansible_verbose_always", "_ansible_verbose_override"}

// unexpected are warnings of keys that only the protocol's own side may use.
func unexpected(m *value.Map) (warnings []string) {
	for k, v := range m.All() {
		if name := value.Str(k); strings.HasPrefix(name, "_ansible_") && v != nil && !slices.Contains(expected, name) {
			warnings = append(warnings, fmt.Sprintf("Removed unexpected internal key in module return: %s = %s", name, value.Str(v)))
		}
	}
	return warnings
}

// ownResults keeps a list; what is none would be taken for the results of a loop.
func (c *call) ownResults(r *module.Result, v any) {
	switch v.(type) {
	case []any, *value.Map:
		r.Data.Set("results", v)
	default:
		r.Data.Set("ansible_module_results", v)
		r.Warnings = append(r.Warnings, "Found internal 'results' key in module return, renamed to 'ansible_module_results'.")
	}
}

// failing tells a failure by rc where the module does not say, and gives one without a message Ansible's.
func (c *call) failing(r *module.Result, m *value.Map) {
	if rc, ok := m.Get("rc"); ok && !m.Has("failed") && value.Str(rc) != "0" {
		r.Failed = true
	}
	if r.Failed && !m.Has("msg") {
		r.Msg = "Task failed: Module failed: Unknown error."
		if !m.Has("failed") {
			r.Msg = "Task failed: Action failed: Unknown error."
		}
	}
	if trace, ok := m.Value("exception").(string); ok && r.Failed && strings.Contains(trace, "Traceback") && !m.Has("msg") {
		lines := strings.Split(strings.TrimSpace(trace), "\n")
		r.Msg = "Task failed: Module failed: " + lines[len(lines)-1]
	}
}

// withoutInternal drops the keys that are the protocol's own, at every depth.
func withoutInternal(v any) any {
	switch x := v.(type) {
	case *value.Map:
		out := &value.Map{}
		for k, item := range x.All() {
			if !strings.HasPrefix(value.Str(k), "_ansible_") {
				out.Set(k, withoutInternal(item))
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = withoutInternal(item)
		}
		return out
	}
	return v
}

var waysIn = regexp.MustCompile(`^ansible_(become.*|ssh_.*|connection|host|user|password|port|shell_.*|.*_interpreter)$`)

// cleanFacts are facts without those that would change how the host is reached: a host may not say that of itself.
func cleanFacts(r *module.Result, v any) {
	m, ok := v.(*value.Map)
	if !ok {
		return
	}
	r.Facts = &value.Map{}
	for k, item := range m.All() {
		name := value.Str(k)
		if waysIn.MatchString(name) && !strings.HasPrefix(name, "ansible_ssh_host_key_") {
			r.Warnings = append(r.Warnings, "Removed restricted key from module data: "+name)
			continue
		}
		r.Facts.Set(k, item)
	}
}

func truth(v any) bool {
	b, err := module.ToBool(v)
	if err != nil {
		return value.Truth(v)
	}
	return b == true
}

func texts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil
		}
		list = []any{v}
	}
	var out []string
	for _, item := range list {
		out = append(out, value.Str(item))
	}
	return out
}

// difference reads what a module says differs: one mapping, or a list of which the texts stand one below the other.
func difference(v any) *module.Diff {
	switch x := v.(type) {
	case *value.Map:
		return &module.Diff{Before: sideOf(x.Value("before")), After: sideOf(x.Value("after")), BeforeHeader: headerOf(x, "before_header"),
			AfterHeader: headerOf(x, "after_header"), Prepared: headerOf(x, "prepared")}
	case []any:
		var all module.Diff
		for i, item := range x {
			d := difference(item)
			if d == nil {
				continue
			}
			if i == 0 {
				all.BeforeHeader, all.AfterHeader = d.BeforeHeader, d.AfterHeader
			}
			all.Before, all.After, all.Prepared = all.Before+d.Before, all.After+d.After, all.Prepared+d.Prepared
		}
		return &all
	}
	return nil
}

// sideOf is one side of a difference: a text, or a value to be shown as JSON.
func sideOf(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	}
	return toJSON(v) + "\n"
}

func headerOf(m *value.Map, key string) string {
	if v := m.Value(key); v != nil {
		return value.Str(v)
	}
	return ""
}
