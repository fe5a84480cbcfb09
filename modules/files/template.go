package files

import (
	"context"
	"io/fs"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Template renders a template file of the content and brings the text to the host.
var Template = module.Define(module.Spec{
	Name:  "ansible.builtin.template",
	Doc:   "Render a template file and bring the text to the host.",
	Needs: "src and dest are required",
}, marking(planTemplate))

type templateArgs struct {
	attributes
	marks
	Src            string `arg:"src,required,type=path" doc:"The template, in the content's templates directories."`
	Dest           string `arg:"dest,required,type=path" doc:"Where to put the text on the host; in a directory it keeps the template's name."`
	Backup         bool   `arg:"backup" doc:"Keep a copy of a file that is replaced."`
	Force          bool   `arg:"force,default=true" doc:"Replace a file that differs; if false, only a missing file is written."`
	Follow         bool   `arg:"follow" doc:"Write through a symbolic link at dest instead of replacing it."`
	Validate       string `arg:"validate" doc:"A command that must succeed before the file comes into place; %s stands for the file."`
	BlockStart     string `arg:"block_start_string,default={%" doc:"What begins a statement."`
	BlockEnd       string `arg:"block_end_string,default=%}" doc:"What ends a statement."`
	VariableStart  string `arg:"variable_start_string,default={{" doc:"What begins an expression."`
	VariableEnd    string `arg:"variable_end_string,default=}}" doc:"What ends an expression."`
	CommentStart   string `arg:"comment_start_string" doc:"What begins a comment; {# if not given."`
	CommentEnd     string `arg:"comment_end_string" doc:"What ends a comment; #} if not given."`
	TrimBlocks     bool   `arg:"trim_blocks,default=true" doc:"Drop the line end after a statement."`
	LstripBlocks   bool   `arg:"lstrip_blocks" doc:"Drop the white space before a statement that begins a line."`
	Newline        string `arg:"newline_sequence,default=\\n,choices=\\n|\\r|\\r\\n|\n|\r|\r\n" doc:"What ends a line in the result."`
	OutputEncoding string `arg:"output_encoding,default=utf-8" doc:"The encoding of the result: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, latin-1, windows-1252, ascii."`
}

func planTemplate(ctx context.Context, v module.View, a templateArgs) (module.Plan, error) {
	found, err := v.Controller().Find("templates", a.Src)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	tree := v.Controller().FS()
	text, err := fs.ReadFile(tree, found)
	if err != nil {
		return module.Done(module.Fail("could not read %s: %v", found, err)), nil
	}
	rendered, err := v.Controller().Render(a.source(found, string(text)))
	if err != nil {
		return module.Done(module.Fail("Task failed: %v", err)), nil
	}
	if rendered, err = encode(rendered, a.OutputEncoding); err != nil {
		return module.Done(module.Fail("Task failed: %v", err)), nil
	}
	d := delivery{attributes: a.attributes, dest: a.Dest, name: path.Base(a.Src), shown: found, follow: a.Follow, force: a.Force,
		backup: a.Backup, validate: a.Validate}.withText(rendered)
	info, err := fs.Stat(tree, found)
	if err != nil {
		return module.Done(module.Fail("could not read %s: %v", found, err)), nil
	}
	d.preserve(info.Mode())
	return d.plan(ctx, v)
}

func (a templateArgs) source(name, text string) module.TemplateText {
	return module.TemplateText{Name: name, Text: text, BlockStart: a.BlockStart, BlockEnd: a.BlockEnd, VarStart: a.VariableStart,
		VarEnd: a.VariableEnd, CommentStart: a.CommentStart, CommentEnd: a.CommentEnd, TrimBlocks: a.TrimBlocks,
		LstripBlocks: a.LstripBlocks, Newline: strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(a.Newline)}
}
