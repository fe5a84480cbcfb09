package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hostileFile makes the text of a file that nobody writes in good faith.
type hostileFile func() string

func repeated(head, part string, n int, tail string) hostileFile {
	return func() string { return head + strings.Repeat(part, n) + tail }
}

func literally(text string) hostileFile { return func() string { return text } }

// laughs is an alias bomb: ten lists, each ten times the one before it.
func laughs() string {
	var b strings.Builder
	b.WriteString("a: &a [x,x,x,x,x,x,x,x,x,x]\n")
	for c := 'b'; c <= 'j'; c++ {
		fmt.Fprintf(&b, "%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 10), ","))
	}
	return b.String()
}

// steps is a mapping nested by indentation.
func steps() string {
	var b strings.Builder
	for i := range 2000 {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String() + strings.Repeat(" ", 2000) + "a: 1\n"
}

// TestHostileInput gives every reader of files what would keep a careless one busy or break it. Each ends in an error that says why; what
// is merely big or odd, and Ansible takes, is taken.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	const (
		deep  = "the nesting is deeper than 1000 levels"
		shape = "{{ f }}" // stands for the hostile file in the arguments
	)
	vars := []string{"-i", "inv", "vars.yml", "-e", "f=" + shape}
	extra := []string{"-i", "inv", "play.yml", "-e", "@" + shape}
	inventory := []string{"-i", shape, "play.yml"}
	playbook := []string{"-i", "inv", shape}
	for name, c := range map[string]struct {
		file hostileFile
		ways [][]string
		want string
		code int // 0: whatever is not 0; -1: it is taken
	}{
		"alias bomb":            {laughs, [][]string{vars, extra, inventory, playbook}, "unfold to more than", 0},
		"deep lists":            {repeated("a: ", "[", 10_000, strings.Repeat("]", 10_000)), [][]string{vars, extra, inventory, playbook}, deep, 0},
		"deep mappings":         {repeated("a: ", "{a: ", 10_000, "1"+strings.Repeat("}", 10_000)), [][]string{vars, extra, inventory, playbook}, deep, 0},
		"deep dashes":           {repeated("", "- ", 10_000, "a\n"), [][]string{vars, extra, inventory, playbook}, deep, 0},
		"deep steps":            {steps, [][]string{vars, extra, inventory, playbook}, deep, 0},
		"deep JSON":             {repeated("", `{"a":`, 10_000, "1"+strings.Repeat("}", 10_000)), [][]string{vars, extra, inventory}, deep, 0},
		"deep blocks":           {repeated("- hosts: all\n  tasks: ", "[{block: ", 5_000, "[]"+strings.Repeat("}]", 5_000)), [][]string{playbook}, "", 4},
		"10 MB of text":         {repeated(`a: "`, "x", 10_000_000, "\"\n"), [][]string{vars, extra}, "", -1},
		"10 MB never closed":    {repeated(`a: "`, "x", 10_000_000, "\n"), [][]string{vars, inventory, playbook}, "the quote that is opened here is never closed", 0},
		"more than 32 MiB":      {repeated("a: |\n", "  x\n", 9_000_000, ""), [][]string{vars, extra, inventory}, "larger than 32 MiB", 0},
		"one key 200,000 times": {repeated("", "a: 1\n", 200_000, ""), [][]string{extra}, "199899 more keys are written twice", -1},
		"anchor twice":          {literally("a: &x 1\nb: &x 2\nc: *x\n"), [][]string{vars, extra}, "", -1},
		"list in itself":        {literally("a: &a [*a]\n"), [][]string{vars, extra, inventory, playbook}, "contains itself", 0},
		"mapping in itself":     {literally("a: &a {b: *a}\n"), [][]string{vars, extra, inventory}, "contains itself", 0},
		"merged with itself":    {literally("a: &a {<<: *a}\n"), [][]string{vars, extra, inventory}, "contains itself", 0},
		"NUL":                   {literally("a: x\x00y\n"), [][]string{vars, extra, inventory, playbook}, "control characters", 0},
		"no UTF-8":              {literally("a: \xff\xfe\n"), [][]string{vars, extra, inventory, playbook}, "not valid UTF-8", 0},
		"UTF-16":                {literally("\xff\xfea\x00:\x00 \x001\x00"), [][]string{vars, extra, playbook}, "not valid UTF-8", 0},
		"byte order mark":       {literally("\xef\xbb\xbfa: 1\n"), [][]string{vars, extra}, "", -1},
		"range in YAML":         {literally("all: {hosts: {'h[1:999999999]': }}\n"), [][]string{inventory}, "stands for more than 100000 hosts", 0},
		"imports itself":        {literally("- import_playbook: hostile.yml\n"), [][]string{playbook}, "imports itself", 0},
		"includes itself":       {literally("- hosts: all\n  gather_facts: false\n  tasks: [{include_tasks: again.yml}]\n"), [][]string{playbook}, "more than 1000 includes", 0},
		"imports its tasks":     {literally("- hosts: all\n  gather_facts: false\n  tasks: [{import_tasks: more.yml}]\n"), [][]string{playbook}, "imports itself", 0},
		"roles in a ring":       {literally("- hosts: all\n  gather_facts: false\n  roles: [a]\n"), [][]string{playbook}, "depends on itself", 0},
		"variables in a ring":   {literally(using("{{ a }}", "a: '{{ b }}', b: '{{ a }}'")), [][]string{playbook}, "recursive loop", 2},
		"a list that has itself": {literally(using("{{ a | to_json }} {{ a }}", "a: ['{{ a }}', '{{ a }}']")), [][]string{playbook},
			"nested too deeply", 2},
		"a variable that has itself": {literally(using("{{ a }}", "a: ['{{ a }}', '{{ a }}']")), [][]string{playbook}, "are inside each other", 2},
		"lookups in a ring":          {literally(using("{{ a }}", `a: "x{{ lookup('vars', 'a') }}"`)), [][]string{playbook}, "recursive loop", 2},
		"text that doubles":          {literally(using("{{ j }}", doubling())), [][]string{playbook}, "the text is longer than", 2},
		"parts that are shared": {literally(using("{% set a = range(1000) | list %}{% set b = [a] * 1000 %}{{ [b] * 1000 }}", "x: 1")),
			[][]string{playbook}, "the value is too big", 2},
		"a list that grows": {literally(using("{% set l = [] %}{% for i in range(99999) %}{% for j in range(99999) %}{% set _ = l.append({'i': [j]}) %}{% endfor %}{% endfor %}", "x: 1")),
			[][]string{playbook}, "the template does more than", 2},
		"filters on a million": {literally(using("{{ range(1000000) | map('string') | map('length') | map('pow', 3) | sum }}", "x: 1")),
			[][]string{playbook}, "the template does more than", 2},
		"pattern that tries for ever": {literally("- hosts: '~(a+)+$'\n  tasks: []\n"), [][]string{{"-i", strings.Repeat("a", 40) + "b,", shape}},
			"takes too long to compare", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := hostileFolder(t)
			put(t, dir, "hostile.yml", c.file())
			for _, way := range c.ways {
				args := strings.Split(strings.ReplaceAll(strings.Join(way, "\x00"), shape, "hostile.yml"), "\x00")
				code, said := hostileRun(t, dir, args)
				if (c.code == -1) != (code == 0) || c.code > 0 && code != c.code || !strings.Contains(said, c.want) {
					t.Errorf("%v ends with %d and says\n%.600s", args, code, said)
				}
			}
		})
	}
}

// TestHostileSources names things that are no files, and inventories in INI and from scripts.
func TestHostileSources(t *testing.T) {
	t.Parallel()
	dir := hostileFolder(t)
	put(t, dir, "range", "h[1:999999999]\n")
	put(t, dir, "ranges", "h[1:9999][1:9999]\n")
	put(t, dir, "letters", "h[a:zzzz]\n")
	put(t, dir, "bytes", "h\xff x=1\n")
	put(t, dir, "long", "h1 ansible_connection=local "+strings.Repeat("v=x ", 200_000)+"\n")
	put(t, dir, "endless.sh", "#!/bin/sh\nexec yes '{'\n")
	put(t, dir, "deep.sh", "#!/bin/sh\nprintf '%s' '"+strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)+"'\n")
	for _, name := range []string{"endless.sh", "deep.sh"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"self", "ring/ring"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(map[string]string{"self": "self", "ring/ring": "."}[link], filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]string{
		"-i range play.yml":                               "stands for more than 100000 hosts",
		"-i ranges play.yml":                              "stands for more than 100000 hosts",
		"-i letters play.yml":                             "the ends of a range",
		"-i bytes play.yml":                               "not UTF-8",
		"-i endless.sh play.yml":                          "it prints more than 32 MiB",
		"-i deep.sh play.yml":                             "the nesting is deeper than 1000 levels",
		"-i pipe play.yml":                                "nobody writes to it",
		"-i self play.yml":                                "unable to parse self",
		"-i ring play.yml":                                "unable to parse ring",
		"-i /dev/zero play.yml":                           "gives more than 16 MiB",
		"-i inv vars.yml -e f=/dev/zero":                  "gives more than 16 MiB",
		"-i inv vars.yml -e f=pipe":                       "nobody writes to it",
		"-i inv play.yml -e @/dev/zero":                   "gives more than 16 MiB",
		"-i inv /dev/zero":                                "gives more than 16 MiB",
		"-i inv play.yml --limit @/dev/zero":              "gives more than 16 MiB",
		"-i inv play.yml --vault-password-file /dev/zero": "gives more than 16 MiB",
		"-i aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab, play.yml --limit ~(a+)+$": "takes too long",
		"-i long play.yml": "ok=1",
	} {
		if _, said := hostileRun(t, dir, strings.Fields(line)); !strings.Contains(said, want) {
			t.Errorf("%s says\n%.600s", line, said)
		}
	}
}

// using is a playbook that prints a text, with variables.
func using(text, vars string) string {
	return fmt.Sprintf("- hosts: all\n  gather_facts: false\n  vars: {%s}\n  tasks: [{debug: {msg: \"%s\"}}]\n", vars, text)
}

// doubling are variables each of which is ten times the one before it.
func doubling() string {
	vars := []string{"a: xxxxxxxxxx"}
	for c := 'b'; c <= 'j'; c++ {
		vars = append(vars, fmt.Sprintf("%c: '%s'", c, strings.Repeat(fmt.Sprintf("{{ %c }}", c-1), 10)))
	}
	return strings.Join(vars, ", ")
}

// hostileFolder is a folder with what hostile files are used by.
func hostileFolder(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"inv": "h1 ansible_connection=local\n", "play.yml": "- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: hi}}]\n",
		"vars.yml":  "- hosts: all\n  gather_facts: false\n  vars_files: ['{{ f }}']\n  tasks: [{debug: {msg: hi}}]\n",
		"again.yml": "- include_tasks: again.yml\n", "more.yml": "- import_tasks: more.yml\n",
		"roles/a/meta/main.yml": "dependencies: [b]\n", "roles/b/meta/main.yml": "dependencies: [a]\n",
	} {
		put(t, dir, name, text)
	}
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// hostileRun runs the command in a folder and returns its code and all that it said.
func hostileRun(t *testing.T, dir string, args []string) (code int, said string) {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	var out bytes.Buffer
	s := &streams{
		in: null, out: &out, err: &out, cwd: dir, home: dir,
		getenv: func(name string) (string, bool) { // what is said is about the content
			return map[string]string{"DRYDOCK_NO_JOURNAL": "1"}[name], name == "DRYDOCK_NO_JOURNAL"
		},
		stop: func() (soft, hard <-chan struct{}, done func()) { return nil, nil, func() {} },
	}
	code = newApp(s).run(append([]string{"drydock"}, args...))
	return code, out.String()
}
