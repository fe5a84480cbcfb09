package packages

import (
	"context"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Debconf answers questions of Debian's packages before they are asked.
var Debconf = module.Define(module.Spec{
	Name: "ansible.builtin.debconf",
	Doc:  "Answer a question of a Debian package before it is asked, or read the answers.",
}, planDebconf)

type debconfArgs struct {
	Name     string  `arg:"name,required,alias=pkg" doc:"The package."`
	Question *string `arg:"question,alias=selection|setting" doc:"The question; with vtype and value."`
	VType    *string `arg:"vtype,choices=boolean|error|multiselect|note|password|seen|select|string|text|title" doc:"The type of its answer."`
	Value    any     `arg:"value,alias=answer" doc:"The answer; for multiselect maybe a list."`
	Unseen   bool    `arg:"unseen,default=no" doc:"Ask the question all the same."`
}

// debconfProbe answers what debconf knows of the package $1, with its errors and status, and if $2 is y whether there is the tool that tells
// passwords, with all answers, and its errors and status.
const debconfProbe = `
say "$(command -v debconf-show)"
tell() {
	errors=
	out=$("$@" 2>/dev/null)
	rc=$?
	[ $rc = 0 ] || errors=$("$@" 2>&1 >/dev/null)
	say "$out"; say "$errors"; say $rc
}
tell debconf-show "$1"
[ "$2" = y ] || exit 0
say "$(command -v debconf-get-selections)"
tell debconf-get-selections
`

func planDebconf(ctx context.Context, v module.View, a debconfArgs) (module.Plan, error) {
	if given := []bool{a.Question != nil, a.VType != nil, a.Value != nil}; slices.Contains(given, true) && slices.Contains(given, false) {
		return module.Done(module.Fail("parameters are required together: question, vtype, value")), nil
	}
	secret := a.VType != nil && *a.VType == "password"
	wants := "n"
	if secret {
		wants = "y"
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at debconf", debconfProbe, nil, a.Name, wants))
	if err != nil {
		return module.Plan{}, err
	}
	if f.Next() == "" {
		return onhost.Missing("debconf-show"), nil
	}
	known, errors, rc := parseSelections(f.Next()), f.Next(), f.Next()
	if rc != "0" {
		return module.Done(module.Fail("%s\n", errors)), f.Err()
	}
	if a.Question == nil {
		return module.Done(module.Result{}.With("msg", "").With("current", known)), f.Err()
	}
	now, has := known.Get(*a.Question)
	want, same := a.compare(value.Str(now))
	if secret && has {
		tool, answers, errors, rc := f.Next(), f.Next(), f.Next(), f.Next()
		switch {
		case f.Err() != nil:
			return module.Plan{}, f.Err()
		case tool == "":
			return onhost.Missing("debconf-get-selections"), nil
		case rc != "0":
			return module.Done(module.Fail("Failed to get the value '%s' from '%s': %s", *a.Question, a.Name, errors)), nil
		}
		same = want == passwordIn(answers, a.Name, *a.Question)
	}
	if has && same {
		return module.Done(module.Result{}.With("msg", "").With("current", known)), f.Err()
	}
	previous := known // of a question that is new, all the others are told, too
	if has {
		previous = value.NewMap(*a.Question, now)
	} else {
		previous.Set(*a.Question, "")
	}
	r := module.Result{}.With("msg", "").With("current", value.NewMap(*a.Question, want)).With("previous", previous)
	return a.set(want, secret, r, value.Str(now)), f.Err()
}

// set hands the answer over as input, where nobody sees it.
func (a debconfArgs) set(want string, secret bool, r module.Result, now string) module.Plan {
	argv := []string{"debconf-set-selections"}
	if a.Unseen {
		argv = append(argv, "-u")
	}
	step := onhost.Step{Argv: argv, Stdin: strings.Join([]string{a.Name, *a.Question, *a.VType, want}, " "),
		Refused: func(out module.Output) module.Result { return module.Fail("%s", out.Stderr) }}
	diff := module.Text(*a.Question+": "+now+"\n", *a.Question+": "+want+"\n")
	if secret {
		diff = module.Text(*a.Question+"\n", *a.Question+" (another password)\n")
	}
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		_, failed, err := onhost.Carry(ctx, h, []onhost.Step{step})
		if failed != nil {
			return *failed, nil
		}
		r.Changed = true
		return r, err
	}).Predicting(r)
}

// compare is the answer as debconf takes it, and whether it is the one that is there.
func (a debconfArgs) compare(now string) (want string, same bool) {
	list, isList := a.Value.([]any)
	switch {
	case *a.VType == "boolean":
		want = strings.ToLower(value.Str(a.Value))
		return want, want == strings.ToLower(now)
	case *a.VType == "multiselect" && isList:
		var have, ask []string
		for part := range strings.SplitSeq(now, ",") {
			have = append(have, strings.TrimSpace(part))
		}
		for _, x := range list {
			ask = append(ask, value.Str(x))
		}
		slices.Sort(have)
		slices.Sort(ask)
		return strings.Join(ask, ", "), slices.Equal(have, ask)
	}
	want = value.Str(a.Value)
	return want, want == now
}

// parseSelections reads what debconf-show prints: "* question: answer".
func parseSelections(text string) *value.Map {
	m := &value.Map{}
	for _, line := range module.Lines(text) {
		if name, answer, ok := strings.Cut(line, ":"); ok {
			m.Set(strings.TrimSpace(strings.Trim(name, "*")), strings.TrimSpace(answer))
		}
	}
	return m
}

// passwordIn finds a password among all answers.
func passwordIn(text, pkg, question string) string {
	for _, line := range module.Lines(text) {
		if f := strings.Split(line, "\t"); strings.HasPrefix(line, pkg) && len(f) > 3 && f[1] == question && f[2] == "password" {
			return f[3]
		}
	}
	return ""
}
