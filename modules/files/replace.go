package files

import (
	"context"
	"fmt"
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/drydock-dev/drydock/engine/module"
)

// Replace replaces whatever matches a regular expression in a file.
var Replace = module.Define(module.Spec{
	Name: "ansible.builtin.replace",
	Doc:  "Replace all that matches a regular expression in a text file.",
}, markingAt(planReplace))

type replaceArgs struct {
	attributes
	marks
	Path     string `arg:"path,required,type=path,alias=dest|destfile|name" doc:"The file."`
	Regexp   string `arg:"regexp,required" doc:"What to look for; ^ and $ match at each line."`
	Replace  string `arg:"replace" doc:"What to put in its place; it may hold groups of regexp."`
	After    string `arg:"after" doc:"Replace only behind the first match of this expression."`
	Before   string `arg:"before" doc:"Replace only up to a match of this expression."`
	Backup   bool   `arg:"backup" doc:"Keep a copy of the file as it was."`
	Validate string `arg:"validate" doc:"A command that must succeed before the file comes into place; %s stands for the file."`
	Encoding string `arg:"encoding,default=utf-8,choices=utf-8|utf8|UTF-8" doc:"The file's encoding; bytes that are not UTF-8 stay as they are."`
}

func (a replaceArgs) markedPath() string { return a.Path }

func planReplace(ctx context.Context, v module.View, a replaceArgs) (module.Plan, error) {
	e := editing{attributes: a.attributes, path: a.Path, backup: a.Backup, validate: a.Validate,
		missing: func(path string) module.Result {
			return module.Fail("Path %s does not exist !", path).With("rc", 257)
		},
		keys: func(backup string, r module.Result) module.Result { return backupFile(backup, r.With("rc", 0)) }}
	return e.plan(ctx, v, func(text string, _ bool) (edited, error) { return a.edit(text) })
}

func (a replaceArgs) edit(text string) (edited, error) {
	head, section, tail, note, err := a.section(text)
	if note != "" || err != nil {
		return edited{text: text, note: note}, err
	}
	p, err := compile(a.Regexp, regexp2.Multiline)
	if err != nil {
		return edited{}, err
	}
	out, n, err := p.replaceAll(section, a.Replace)
	if err != nil {
		return edited{}, fmt.Errorf("Unable to process replace due to error: %w", err) //nolint:staticcheck // Ansible's words
	}
	if out == section {
		return edited{text: text}, nil
	}
	return edited{text: head + out + tail, msg: fmt.Sprintf("%d replacements made", n)}, nil
}

// section is the part of the text between after and before, and what stands around it.
func (a replaceArgs) section(text string) (head, section, tail, note string, err error) {
	expr := ""
	switch {
	case a.After != "" && a.Before != "":
		expr = a.After + "(?P<subsection>.*?)" + a.Before
	case a.After != "":
		expr = a.After + "(?P<subsection>.*)"
	case a.Before != "":
		expr = "(?P<subsection>.*)" + a.Before
	default:
		return "", text, "", "", nil
	}
	p, err := compile(expr, regexp2.Singleline)
	if err != nil {
		return "", "", "", "", err
	}
	m, err := p.search(text)
	if err != nil {
		return "", "", "", "", err
	}
	if m == nil {
		return "", "", "", "Pattern for before/after params did not match the given file: " + expr, nil
	}
	g := m.GroupByNumber(p.names["subsection"])
	runes := runesOf(text)
	from, to := g.Index, g.Index+g.Length
	return textFrom(runes[:from]), textFrom(runes[from:to]), textFrom(runes[to:]), "", nil
}

// replaceAll replaces every match and counts them.
func (p *pattern) replaceAll(text, replacement string) (string, int, error) {
	pieces, err := p.replacement(replacement)
	if err != nil {
		return "", 0, err
	}
	runes := runesOf(text)
	var b strings.Builder
	count, at := 0, 0
	m, err := p.re.FindRunesMatch(runes)
	for ; m != nil && err == nil; m, err = p.re.FindNextMatch(m) {
		b.WriteString(textFrom(runes[at:m.Index]) + expand(pieces, m))
		at, count = m.Index+m.Length, count+1
	}
	return b.String() + textFrom(runes[at:]), count, err
}
