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
	Name: "ansible.builtin.lineinfile",
	Doc:  "Make sure that a line is in a text file, or is not, or replace a line found by a regular expression.",
}, markingAt(planLine))

type lineArgs struct {
	attributes
	marks
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

func (a lineArgs) markedPath() string { return a.Path }

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
	if a.Regexp != nil && *a.Regexp == "" {
		e.warnings = []string{"the regular expression is empty and matches every line of the file; write ^ if that is meant"}
	}
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
	case a.Backrefs && a.Search != nil:
		return errors.New("parameters are mutually exclusive: backrefs|search_string")
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
	beside := -1
	if hit == nil {
		if at, beside, err = a.neighbour(all); err != nil {
			return edited{}, err
		}
	}
	switch {
	case at >= 0:
		return a.overwrite(text, all, at, hit)
	case a.Backrefs:
		return edited{text: text}, nil
	}
	return a.insert(text, all, beside), nil
}

// find looks for the line that regexp or search_string names.
func (a lineArgs) find(all []string) (at int, hit *found, err error) {
	if a.Regexp == nil && a.Search == nil {
		return -1, nil, nil
	}
	matches, err := a.matcher()
	if err != nil {
		return -1, nil, err
	}
	at = -1
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
	return at, hit, nil
}

// neighbour looks for the line itself and for the place that insertafter or insertbefore names; with firstmatch the search ends at that.
func (a lineArgs) neighbour(all []string) (at, beside int, err error) {
	expr, step := a.InsertAfter, 1
	if expr == "" {
		expr, step = a.InsertBefore, 0
	}
	matches := func(string) (bool, error) { return false, nil }
	if expr != "" && expr != "EOF" && expr != "BOF" {
		if matches, err = lineMatcher(expr); err != nil {
			return -1, -1, err
		}
	}
	at, beside = -1, -1
	for i, l := range all {
		if bare(l) == *a.Line {
			at = i
			continue
		}
		is, err := matches(l)
		if err != nil {
			return -1, -1, err
		}
		if !is {
			continue
		}
		if beside = i + step; a.FirstMatch {
			break
		}
	}
	return at, beside, nil
}

// lineMatcher tells the lines in which an expression matches.
func lineMatcher(expr string) (func(line string) (bool, error), error) {
	p, err := compile(expr, 0)
	if err != nil {
		return nil, err
	}
	return func(line string) (bool, error) {
		m, err := p.search(line)
		return m != nil, err
	}, nil
}

// overwrite puts the line in the place of another, with backrefs filled in from the match.
func (a lineArgs) overwrite(text string, all []string, at int, hit *found) (edited, error) {
	line := *a.Line
	if a.Backrefs && hit != nil {
		p, err := compile(*a.Regexp, 0)
		if err != nil {
			return edited{}, err
		}
		pieces, err := p.replacement(line)
		if err != nil {
			return edited{}, err
		}
		line = expand(pieces, hit.match)
	}
	if !strings.HasSuffix(line, "\n") {
		line += "\n"
	}
	if all[at] == line {
		return edited{text: text}, nil
	}
	all[at] = line
	return edited{text: strings.Join(all, ""), msg: "line replaced"}, nil
}

// insert adds the line at the beginning, beside another line, or at the end.
func (a lineArgs) insert(text string, all []string, at int) edited {
	if a.InsertBefore == "BOF" || a.InsertAfter == "BOF" {
		at = 0
	} else if at < 0 {
		at = len(all)
	}
	if a.InsertAfter != "" && at > 0 && at < len(all) && bare(all[at]) == *a.Line {
		return edited{text: text}
	}
	if at > 0 && at == len(all) && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r") {
		all[at-1] += "\n"
	}
	return edited{text: strings.Join(slices.Insert(all, at, *a.Line+"\n"), ""), msg: "line added"}
}
