package engine

import (
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/value"
)

// extraVars reads what -e gives: @FILE, YAML or JSON in braces, or k=v words, whose values are always text. Later ones win.
func (j *Job) extraVars() (*value.Map, diag.List) {
	out := &value.Map{}
	var ds diag.List
	for _, text := range j.ExtraVars {
		m, more := j.extra(strings.TrimSpace(text))
		for _, d := range more {
			if d.Span.File == "" {
				d.Summary = "-e: " + d.Summary
			}
			ds.Add(d)
		}
		out.Merge(m)
	}
	return out, ds
}

func (j *Job) extra(text string) (*value.Map, diag.List) {
	var v any
	var ds diag.List
	switch {
	case strings.HasPrefix(text, "@"):
		v, ds = j.readYAML(text[1:])
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		v, ds = j.parseYAML("", []byte(text))
	default:
		return j.pairs(text)
	}
	if ds.HasErrors() {
		return nil, ds
	}
	m, ok := v.(*value.Map)
	if !ok && v != nil {
		ds.Add(diag.Diagnostic{Summary: fmt.Sprintf("%s is %s, not a mapping of variables", text, value.TypeName(v)), Option: true})
	}
	return m, ds
}

// pairs reads k=v words; values with template marks become templates.
func (j *Job) pairs(text string) (*value.Map, diag.List) {
	args, rest, ds := playbook.SplitArgs(playbook.Text{Text: text, At: func(int) diag.Pos { return diag.Pos{} }}, false)
	if left := strings.TrimSpace(rest.Text); left != "" && !j.Late { // Ansible takes such words without a word
		ds.Addf(diag.Span{}, "%q is not k=v", left)
	}
	m := &value.Map{}
	for _, a := range args {
		v, more := j.lang.Template(a.Value.Text, nil)
		ds.Add(more...)
		m.Set(a.Name, v)
	}
	return m, ds
}
