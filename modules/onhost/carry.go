// Carrying out: steps that write files and run tools, in order.

package onhost

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Step is one thing to do: a text to write, with Before what the file held, or a tool to run.
type Step struct {
	Write  *Write
	Before string
	Argv   []string
	Stdin  string
	Env    []string // NAME=value, added to what the tool finds
	// Bad tells whether a tool has failed; nil: by another status than 0.
	Bad func(out module.Output) bool
	// Refused makes the result of a tool that has failed; nil: its output is the message.
	Refused func(out module.Output) module.Result
}

// Text makes the step that writes a text.
func Text(w Write, before string) Step { return Step{Write: &w, Before: before} }

// Do makes the step that runs a tool.
func Do(argv ...string) Step { return Step{Argv: argv} }

// Plan is the Change that carries out steps, with the result r, which becomes changed. Without steps it is Done.
func Plan(r module.Result, steps []Step) module.Plan {
	if len(steps) == 0 {
		return module.Done(r)
	}
	return module.Change(Foretell(steps), func(ctx context.Context, h module.Host) (module.Result, error) {
		_, failed, err := Carry(ctx, h, steps)
		if failed != nil || err != nil {
			return orZero(failed), err
		}
		r := r
		r.Data = r.Data.Clone()
		r.Changed = true
		return r, nil
	}).Predicting(r)
}

func orZero(r *module.Result) module.Result {
	if r == nil {
		return module.Result{}
	}
	return *r
}

// Carry does steps until one is refused, and returns what each has left: the output of a tool, or of a write the name of the copy as its
// Stdout.
func Carry(ctx context.Context, h module.Host, steps []Step) (outs []module.Output, failed *module.Result, err error) {
	for _, s := range steps {
		out, failed, err := s.carry(ctx, h)
		if failed != nil || err != nil {
			return outs, failed, err
		}
		outs = append(outs, out)
	}
	return outs, nil, nil
}

func (s Step) carry(ctx context.Context, h module.Host) (module.Output, *module.Result, error) {
	if s.Write != nil {
		backup, err := s.Write.Do(ctx, h)
		r, err := Settle(module.Result{}, err)
		if r.Failed {
			return module.Output{}, &r, nil
		}
		return module.Output{Stdout: backup}, nil, err
	}
	cmd := Tool(s.Argv...)
	cmd.Env = s.Env
	if s.Stdin != "" {
		cmd.Stdin = strings.NewReader(s.Stdin)
	}
	out, err := h.Exec(ctx, cmd)
	bad := out.Rc != 0
	if s.Bad != nil {
		bad = s.Bad(out)
	}
	if err != nil || !bad {
		return out, nil, err
	}
	r := module.Fail("%s", Said(out)).With("rc", out.Rc)
	if s.Refused != nil {
		r = s.Refused(out)
	}
	return out, &r, nil
}

// Foretell is the difference that steps will make: of the files, and the commands where no file tells of it.
func Foretell(steps []Step) module.Diff {
	var texts []Step
	var commands strings.Builder
	for _, s := range steps {
		if s.Write != nil {
			texts = append(texts, s)
			continue
		}
		commands.WriteString(strings.Join(s.Argv, " ") + "\n")
	}
	switch len(texts) {
	case 0:
		return module.Diff{After: commands.String()}
	case 1:
		return Diff(texts[0].Write.Path, texts[0].Before, texts[0].Write.Text)
	}
	d := module.Diff{}
	for _, s := range texts {
		d.Before += s.Write.Path + ":\n" + s.Before
		d.After += s.Write.Path + ":\n" + s.Write.Text
	}
	return d
}
