package files

import (
	"context"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// BlockInFile keeps a block of lines between two marks in a file.
var BlockInFile = module.Define(module.Spec{
	Name: "ansible.builtin.blockinfile",
	Doc:  "Keep a block of lines, between two lines that mark it, in a text file.",
}, markingAt(planBlock))

type blockArgs struct {
	attributes
	marks
	Path         string `arg:"path,required,type=path,alias=dest|destfile|name" doc:"The file."`
	Block        string `arg:"block,alias=content" doc:"The lines; an empty block is removed."`
	State        string `arg:"state,default=present,choices=absent|present" doc:"Whether the block is to be there."`
	Marker       string `arg:"marker,default=# {mark} ANSIBLE MANAGED BLOCK" doc:"The lines around the block; {mark} stands for marker_begin and marker_end."`
	MarkerBegin  string `arg:"marker_begin,default=BEGIN" doc:"The mark of the line above."`
	MarkerEnd    string `arg:"marker_end,default=END" doc:"The mark of the line below."`
	InsertAfter  string `arg:"insertafter" doc:"Put a new block after the last line that matches this, or EOF: at the end."`
	InsertBefore string `arg:"insertbefore" doc:"Put a new block before the last line that matches this, or BOF: at the beginning."`
	Append       bool   `arg:"append_newline" doc:"Keep an empty line below the block."`
	Prepend      bool   `arg:"prepend_newline" doc:"Keep an empty line above the block."`
	Create       bool   `arg:"create" doc:"Make the file, and directories above it, if it is missing."`
	Backup       bool   `arg:"backup" doc:"Keep a copy of the file as it was."`
	Validate     string `arg:"validate" doc:"A command that must succeed before the file comes into place; %s stands for the file."`
}

func (a blockArgs) markedPath() string { return a.Path }

func planBlock(ctx context.Context, v module.View, a blockArgs) (module.Plan, error) {
	if a.InsertBefore != "" && a.InsertAfter != "" {
		return module.Done(module.Fail("parameters are mutually exclusive: insertbefore|insertafter")), nil
	}
	e := editing{attributes: a.attributes, path: a.Path, create: a.Create && a.State == "present", backup: a.Backup, validate: a.Validate, suffix: " (content)",
		missing: func(path string) module.Result {
			if a.Create {
				return module.Result{Msg: "File " + path + " not present"}
			}
			return module.Fail("Path %s does not exist !", path).With("rc", 257)
		},
		keys: backupFile}
	return e.plan(ctx, v, a.edit)
}

// backupFile names the copy in a result when there is one.
func backupFile(backup string, r module.Result) module.Result {
	if backup == "" {
		return r
	}
	return r.With("backup_file", backup)
}

func (a blockArgs) edit(text string, exists bool) (edited, error) {
	begin := strings.ReplaceAll(a.Marker, "{mark}", a.MarkerBegin) + "\n"
	end := strings.ReplaceAll(a.Marker, "{mark}", a.MarkerEnd) + "\n"
	var block []string
	if a.State == "present" && a.Block != "" {
		body := a.Block
		if !strings.HasSuffix(body, "\n") {
			body += "\n"
		}
		block = []string{begin, body, end}
	}
	at, all, err := a.cut(text, begin, end)
	if err != nil {
		return edited{}, err
	}
	out := join(all, at, block, a.Prepend && a.State == "present", a.Append && a.State == "present")
	e := edited{text: out}
	switch {
	case exists && out == text:
	case !exists:
		e.msg = "File created"
	case block == nil:
		e.msg = "Block removed"
	default:
		e.msg = "Block inserted"
	}
	return e, nil
}

// cut takes an old block out and says where the new one belongs. The last line that is a mark counts.
func (a blockArgs) cut(text, begin, end string) (int, []string, error) {
	all := anyLines(text)
	first, last := -1, -1
	for i, l := range all {
		if !strings.HasSuffix(l, "\n") {
			l += "\n"
		}
		if l == begin {
			first = i
		}
		if l == end {
			last = i
		}
	}
	switch {
	case first >= 0 && last >= 0:
		from, to := min(first, last), max(first, last)
		return from, slices.Delete(all, from, to+1), nil
	case a.InsertBefore == "BOF":
		return 0, all, nil
	}
	at, err := a.between(text, all)
	if at < 0 {
		at = len(all)
	}
	return at, all, err
}

// between is where insertafter or insertbefore wants the block, -1 if nothing matches. An expression with (?m) is matched with the whole
// text, any other with each line, and the last one counts.
func (a blockArgs) between(text string, all []string) (int, error) {
	expr, step := a.InsertAfter, 1
	if expr == "" {
		expr, step = a.InsertBefore, 0
	}
	if expr == "" || a.InsertAfter == "EOF" {
		return -1, nil
	}
	p, err := compile(expr, 0)
	if err != nil {
		return -1, err
	}
	if p.multiline {
		m, err := p.search(text)
		if m == nil || err != nil {
			return -1, err
		}
		// A match that takes its last line end with it counts the next line, too, as in ansible-core; there may be none.
		return min(strings.Count(textFrom(runesOf(text)[:m.Index+step*m.Length]), "\n")+step, len(all)), nil
	}
	at := -1
	for i, l := range all {
		m, err := p.search(l)
		if err != nil {
			return -1, err
		}
		if m != nil {
			at = i + step
		}
	}
	return at, nil
}

// anyLines splits after each line end of any kind: \n, \r\n or \r.
func anyLines(text string) []string {
	var out []string
	for _, l := range lines(text) {
		body := strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r")
		parts := strings.SplitAfter(body, "\r")
		parts[len(parts)-1] += l[len(body):]
		if parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
		out = append(out, parts...)
	}
	return out
}

// join puts a block between lines, with empty lines around it where they are wanted and not there.
func join(all []string, at int, block []string, prepend, following bool) string {
	if at > 0 && !strings.HasSuffix(all[at-1], "\n") {
		all[at-1] += "\n"
	}
	if prepend && at > 0 && all[at-1] != "\n" {
		all = slices.Insert(all, at, "\n")
		at++
	}
	all = slices.Insert(all, at, block...)
	if below := at + len(block); following && below < len(all) && all[below] != "\n" {
		all = slices.Insert(all, below, "\n")
	}
	return strings.Join(all, "")
}
