package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// This file holds encrypt_string, which writes values for YAML files.

// namedText is a text to encrypt.
type namedText struct{ name, text, from string }

func (v *vaultCall) encryptString() error {
	texts, err := v.texts()
	if err != nil {
		return err
	}
	var out strings.Builder
	for i, t := range texts {
		sealed, err := v.seal([]byte(t.text), v.secret, v.secret.ID)
		if err != nil {
			return err
		}
		if len(texts) > 1 {
			v.announce(i+1, t)
		}
		out.WriteString(yamlValue(t.name, string(sealed)))
	}
	return v.done("Encryption successful", v.write(first(v.c.String("output"), "-"), []byte(out.String())))
}

// announce tells several results apart, on the error stream.
func (v *vaultCall) announce(n int, t namedText) {
	what := fmt.Sprintf("string #%d", n)
	if t.name != "" {
		what = fmt.Sprintf("variable (%q, the string #%d", t.name, n)
		fmt.Fprintf(v.err, "# The encrypted version of %s from %s).\n", what, t.from)
		return
	}
	fmt.Fprintf(v.err, "# The encrypted version of the %s from %s.)\n", what, t.from)
}

// yamlValue writes a value, with its key if it has a name.
func yamlValue(name, sealed string) string {
	var b strings.Builder
	if name != "" {
		b.WriteString(name + ": ")
	}
	b.WriteString("!vault |\n")
	for line := range strings.Lines(sealed) {
		b.WriteString("          " + line)
	}
	return b.String()
}

// texts collects what is to be encrypted: what is typed, the input, the arguments.
func (v *vaultCall) texts() ([]namedText, error) {
	args := v.c.Args().Slice()
	stdin := v.c.String("stdin-name") != "" || slices.Contains(args, "-") || len(args) == 0 && !v.c.Bool("prompt")
	args = slices.DeleteFunc(args, func(s string) bool { return s == "-" })
	var out []namedText
	if v.c.Bool("prompt") {
		t, err := v.typed()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	if stdin {
		data, err := io.ReadAll(v.t.lines)
		if err != nil {
			return nil, err
		}
		out = append(out, namedText{v.c.String("stdin-name"), string(data), "stdin"})
	}
	names := v.c.StringSlice("name")
	if len(names) > 0 && len(args) > len(names) {
		fmt.Fprintf(v.err, "There are more texts than names; the last name is %q.\n", names[len(names)-1])
	}
	for i, text := range args {
		name := ""
		if i < len(names) {
			name = names[i]
		}
		out = append(out, namedText{name, text, "the command line args"})
	}
	for _, t := range out {
		if t.text == "" {
			return nil, &exit{exitOptions, fmt.Errorf("the text from %s is empty, it is not encrypted", t.from)}
		}
	}
	return out, nil
}

// typed asks for a name and a text.
func (v *vaultCall) typed() (namedText, error) {
	ctx := context.Background()
	if !v.t.present() {
		return namedText{}, errors.New("--prompt needs a terminal; give the text as an argument or, with -, on the input")
	}
	name, err := v.t.Ask(ctx, "Variable name (enter for no name): ", true)
	if err != nil {
		return namedText{}, err
	}
	show := v.c.Bool("show-input")
	prompt := "String to encrypt (hidden): "
	if show {
		prompt = "String to encrypt: "
	}
	text, err := v.t.Ask(ctx, prompt, show)
	return namedText{name, text, "the interactive prompt"}, err
}
