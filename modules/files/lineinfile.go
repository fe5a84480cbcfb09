package files

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// LineInFile makes sure that a line is in a file, or is not.
var LineInFile = module.Define(module.Spec{
	Name:  "ansible.builtin.lineinfile",
	Doc:   "Make sure that a line is in a text file, or is not, or replace a line found by a regular expression.",
	Lacks: lacks(),
}, planLine)

type lineArgs struct {
	attributes
	Path         string  `arg:"path,required,type=path,alias=dest|destfile|name" doc:"The file."`
	Line         *string `arg:"line,alias=value" doc:"The line; with backrefs it may hold groups of regexp."`
	Regexp       *string `arg:"regexp,alias=regex" doc:"Finds the line to replace, the last that matches, or the lines to remove."`
	Search       *string `arg:"search_string" doc:"Like regexp, but a text that the line contains."`
	State        string  `arg:"state,default=present,choices=absent|present" doc:"Whether the line is to be there."`
	InsertAfter  string  `arg:"insertafter" doc:"Put a new line after the last line that matches this, or EOF: at the end."`
	InsertBefore string  `arg:"insertbefore" doc:"Put a new line before the last line that matches this, or BOF: at the beginning."`
	FirstMatch   bool    `arg:"firstmatch" doc:"Take the first line that matches instead of the last."`
	Backrefs     bool    `arg:"backrefs" doc:"Fill in groups of regexp in line; without a match nothing is done."`
	Create       bool    `arg:"create" doc:"Make the file, and directories above it, if it is missing."`
	Backup       bool    `arg:"backup" doc:"Keep a copy of the file as it was."`
	Validate     string  `arg:"validate" doc:"A command that must succeed before the file comes into place; %s stands for the file."`
}

func planLine(ctx context.Context, v module.View, a lineArgs) (module.Plan, error) {
	if err := a.check(); err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	e := editing{attributes: a.attributes, path: a.Path, create: a.Create && a.State == "present", backup: a.Backup, validate: a.Validate, suffix: " (content)",
		missing: func(path string) module.Result {
			if a.State == "absent" {
				return module.Result{Msg: "file not present"}
			}
			return module.Fail("Destination %s does not exist !", path).With("rc", 257)
		},
		keys: func(backup string, r module.Result) module.Result { return r.With("backup", backup) }}
	return e.plan(ctx, v, func(text string, _ bool) (edited, error) {
		if a.State == "absent" {
			return a.remove(text)
		}
		return a.place(text)
	})
}

func (a lineArgs) check() error {
	switch {
	case a.Regexp != nil && a.Search != nil:
		return errors.New("parameters are mutually exclusive: regexp|search_string")
	case a.InsertBefore != "" && a.InsertAfter != "":
		return errors.New("parameters are mutually exclusive: insertbefore|insertafter")
	case a.State == "present" && a.Backrefs && a.Regexp == nil:
		return errors.New("regexp is required with backrefs=true")
	case a.State == "present" && a.Line == nil:
		return errors.New("line is required with state=present")
	case a.State == "absent" && a.Line == nil && a.Search == nil && a.Regexp == nil:
		return errors.New("one of line, search_string, or regexp is required with state=absent")
	}
	return nil
}

// remove drops the lines that match.
func (a lineArgs) remove(text string) (edited, error) {
	matches, err := a.matcher()
	if err != nil {
		return edited{}, err
	}
	all := lines(text)
	kept := make([]string, 0, len(all))
	for _, l := range all {
		m, err := matches(l)
		if err != nil {
			return edited{}, err
		}
		if m == nil {
			kept = append(kept, l)
		}
	}
	e := edited{text: strings.Join(kept, ""), data: value.NewMap("found", len(all)-len(kept))}
	if n := len(all) - len(kept); n > 0 {
		e.msg = fmt.Sprintf("%d line(s) removed", n)
	}
	return e, nil
}

// found is a line that matches; match is nil where no regular expression was asked.
type found struct{ match *regexp2.Match }

// matcher tells the lines that regexp, search_string, or else the line itself names.
func (a lineArgs) matcher() (func(line string) (*found, error), error) {
	switch {
	case a.Regexp != nil:
		p, err := compile(*a.Regexp, 0)
		return func(line string) (*found, error) {
			m, err := p.search(line)
			if m == nil || err != nil {
				return nil, err
			}
			return &found{m}, nil
		}, err
	case a.Search != nil:
		return func(line string) (*found, error) { return when(strings.Contains(line, *a.Search)), nil }, nil
	}
	return func(line string) (*found, error) { return when(bare(line) == *a.Line), nil }, nil
}

func when(is bool) *found {
	if is {
		return &found{}
	}
	return nil
}

// place replaces the line that matches, or adds the line where it belongs.
func (a lineArgs) place(text string) (edited, error) {
	all := lines(text)
	at, hit, err := a.find(all)
	if err != nil {
		return edited{}, err
	}
	line := *a.Line
	switch {
	case at >= 0:
		if a.Backrefs && hit != nil {
			if line, err = filled(*a.Regexp, line, hit.match); err != nil {
				return edited{}, err
			}
		}
		if !strings.HasSuffix(line, "\n") {
			line += "\n"
		}
		if all[at] == line {
			return edited{text: text}, nil
		}
		all[at] = line
		return edited{text: strings.Join(all, ""), msg: "line replaced"}, nil
	case a.Backrefs:
		return edited{text: text}, nil
	}
	return a.insert(text, all, line)
}

// filled is a line with the groups of a match.
func filled(expr, line string, m *regexp2.Match) (string, error) {
	p, err := compile(expr, 0)
	if err != nil {
		return "", err
	}
	pieces, err := p.replacement(line)
	return expand(pieces, m), err
}

// find looks for the line to replace: the one that regexp or search_string names, else the line itself.
func (a lineArgs) find(all []string) (at int, hit *found, err error) {
	at = -1
	if a.Regexp != nil || a.Search != nil {
		matches, err := a.matcher()
		if err != nil {
			return -1, nil, err
		}
		for i, l := range all {
			m, err := matches(l)
			if err != nil {
				return -1, nil, err
			}
			if m == nil {
				continue
			}
			at, hit = i, m
			if a.FirstMatch {
				break
			}
		}
	}
	if hit != nil {
		return at, hit, nil
	}
	for i, l := range all {
		if bare(l) == *a.Line {
			at = i
		}
	}
	return at, nil, nil
}

// insert adds the line at the beginning, at the end, or beside the line that insertafter or insertbefore names.
func (a lineArgs) insert(text string, all []string, line string) (edited, error) {
	if a.InsertBefore == "BOF" || a.InsertAfter == "BOF" {
		return edited{text: line + "\n" + text, msg: "line added"}, nil
	}
	at, err := beside(a.InsertAfter, a.InsertBefore, a.FirstMatch, all)
	if err != nil {
		return edited{}, err
	}
	if at < 0 {
		at = len(all)
	} else if a.InsertAfter != "" && bare(all[min(at, len(all)-1)]) == line {
		return edited{text: text}, nil
	}
	if at > 0 && at == len(all) && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r") {
		all[at-1] += "\n"
	}
	return edited{text: strings.Join(slices.Insert(all, at, line+"\n"), ""), msg: "line added"}, nil
}

// beside is where to insert by a regular expression for the line before or after, -1 if none matches or none is given.
func beside(after, before string, first bool, all []string) (int, error) {
	expr, step := after, 1
	if after == "" {
		expr, step = before, 0
	}
	if expr == "" || expr == "EOF" || expr == "BOF" {
		return -1, nil
	}
	p, err := compile(expr, 0)
	if err != nil {
		return -1, err
	}
	at := -1
	for i, l := range all {
		m, err := p.search(l)
		if err != nil {
			return -1, err
		}
		if m == nil {
			continue
		}
		if at = i + step; first {
			break
		}
	}
	return at, nil
}
