package run

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/value"
)

// gathers tells whether the play begins with gathering facts: as it says, else as configured.
func (p *playRun) gathers() bool {
	if p.Setup == nil {
		return false
	}
	if p.GatherFacts != nil {
		return p.isTrue(p.GatherFacts)
	}
	switch p.r.Gathering {
	case "explicit":
		return false
	case "smart": // only while there is a host that nobody has gathered facts of in this run
		return slices.ContainsFunc(p.batch, func(h string) bool { return p.r.Vars.Facts(h).Len() == 0 })
	}
	return true
}

// gatheringSelected tells whether tags leave the implicit fact gathering in: it is tagged always, or as its play is.
func (p *playRun) gatheringSelected() bool {
	tags := p.tags(p.Keywords.Tags)
	if len(tags) == 0 {
		tags = []string{"always"}
	}
	return program.Selected(tags, p.r.Tags, p.r.Skip)
}

// readFiles reads the vars_files of a host as far as their names are known.
func (p *playRun) readFiles(host string) error {
	if len(p.VarsFiles) == 0 {
		return nil
	}
	env := p.env(host, nil, nil)
	all := &value.Map{}
	for _, entry := range p.VarsFiles {
		m, err := p.readFirst(entry, env)
		if err != nil {
			return err
		}
		all.Merge(m)
	}
	p.files[host] = all
	return nil
}

// readFirst reads the first of some files that exists; a name with a variable that is not known yet counts as nothing.
func (p *playRun) readFirst(entry any, env jinja.Env) (*value.Map, error) {
	names, ok := entry.([]any)
	if !ok {
		names = []any{entry}
	}
	var missing []string
	for _, raw := range names {
		v, err := jinja.Resolve(raw, env)
		if err != nil {
			continue
		}
		for _, at := range p.varsPlaces(value.Str(v)) {
			if _, err := p.r.Content.Stat(at); err != nil {
				continue
			}
			return p.varsFile(at)
		}
		missing = append(missing, value.Str(v))
	}
	if len(missing) > 0 && !p.missed[missing[0]] {
		p.missed[missing[0]] = true // Ansible goes on without a word; here it is one
		return nil, p.r.bus.emit(event.Message{Level: "warning", Text: fmt.Sprintf(
			"vars_files of the play at %s: %s is not there, neither beside the playbook nor in its vars folder", p.Pos, strings.Join(missing, ", "))})
	}
	return nil, nil
}

func (p *playRun) varsPlaces(name string) []string {
	if path.IsAbs(name) {
		return []string{name}
	}
	dir := path.Dir(p.r.Content.Abs(p.File))
	return []string{path.Join(dir, "vars", name), path.Join(dir, name)}
}

// varsFile reads a file of variables, once for the play.
func (p *playRun) varsFile(name string) (*value.Map, error) {
	if m := p.read[name]; m != nil {
		return m, nil
	}
	s, err := p.r.Services(module.YAMLKey{})
	if err != nil {
		return nil, err
	}
	m, err := s.(module.YAML).Vars(name)
	var d diag.Diagnostic
	if errors.As(err, &d) && d.Span.File != "" {
		d.Notes = append(d.Notes, fmt.Sprintf("vars_files of the play at %s", p.Pos))
		return nil, &contentError{list: diag.List{d}}
	}
	if err != nil {
		return nil, p.mistake(p.Pos, "vars_files: %v", err)
	}
	if p.read == nil {
		p.read = map[string]*value.Map{}
	}
	p.read[name] = m
	return m, nil
}
