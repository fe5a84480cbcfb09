package linux

// awk, run by goawk. What it would do outside of its input and output is refused.

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/benhoyt/goawk/interp"
	"github.com/benhoyt/goawk/parser"
)

func awk(p *process) int {
	o, ok := p.options("+F:v:f:", "field-separator=F", "assign=v", "file=f")
	if !ok {
		return 2
	}
	text, names := "", o.rest
	for _, file := range o.all('f') {
		data, err := p.view().ReadFile(file)
		if err != nil {
			return p.complain("cannot open %s (%s)", file, said(err)) + 1
		}
		text += string(data) + "\n"
	}
	if !o.has('f') {
		if len(names) == 0 {
			return p.complain("usage: awk 'program' [file ...]") + 1
		}
		text, names = names[0], names[1:]
	}
	prog, err := parser.ParseProgram([]byte(text), nil)
	if err != nil {
		return p.complain("%v", err) + 1
	}
	vars := []string(nil)
	if o.has('F') {
		vars = append(vars, "FS", awkEscapes(o.value('F', "")))
	}
	for _, v := range o.all('v') {
		name, value, _ := strings.Cut(v, "=")
		vars = append(vars, name, awkEscapes(value))
	}
	in, vars, code := p.awkInput(text, names, vars)
	if code != 0 {
		return code
	}
	status, err := interp.ExecProgram(prog, &interp.Config{Stdin: in, Output: p.out, Error: p.stderr, Argv0: "awk", Vars: vars,
		NoExec: true, NoFileWrites: true, NoFileReads: true, Environ: p.awkEnviron()})
	if err != nil {
		if strings.Contains(err.Error(), "NoExec") || strings.Contains(err.Error(), "NoFile") {
			return p.refuse("that runs commands or opens files by itself")
		}
		return p.complain("%v", err) + 1
	}
	return status
}

func awkEscapes(s string) string {
	text, _ := unescape(s, false)
	return text
}

func (p *process) awkEnviron() []string {
	list := []string{}
	for _, kv := range p.environ() {
		name, value, _ := strings.Cut(kv, "=")
		list = append(list, name, value)
	}
	return list
}

// awkInput makes one input of the files. A program that tells them apart is refused where there are several.
func (p *process) awkInput(text string, names, vars []string) (io.Reader, []string, int) {
	var files []string
	for _, name := range names {
		if key, value, ok := strings.Cut(name, "="); ok && !strings.Contains(key, "/") && key != "" {
			vars = append(vars, key, awkEscapes(value))
			continue
		}
		files = append(files, name)
	}
	if len(files) == 0 {
		if p.stdin == nil {
			return bytes.NewReader(nil), vars, 0
		}
		return p.stdin, vars, 0
	}
	if len(files) > 1 && (strings.Contains(text, "FNR") || strings.Contains(text, "FILENAME")) {
		return nil, nil, p.refuse("with several files and FNR or FILENAME")
	}
	var all []byte
	for _, name := range files {
		if name == "-" {
			all = append(all, p.input()...)
			continue
		}
		data, err := p.view().ReadFile(name)
		if err != nil {
			fmt.Fprintf(p.stderr, "awk: cannot open \"%s\" (%s)\n", name, said(err))
			return nil, nil, 2
		}
		if i, err := p.view().Stat(name); err == nil && i.IsDir() {
			return nil, nil, p.complain("%v", errors.New("cannot read a directory")) + 1
		}
		all = append(all, data...)
	}
	return bytes.NewReader(all), append(vars, "FILENAME", files[0]), 0
}
