package modules

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

var write = flag.Bool("write", false, "write the pages instead of comparing them")

// pages is where the modules' documentation lies.
const pages = "../docs/modules"

// TestDocs compares the pages of the modules with what their declarations say. `make docs` writes them.
func TestDocs(t *testing.T) {
	want := map[string]string{"README.md": index(Builtin().All())}
	for _, m := range Builtin().All() {
		want[m.Spec().Name+".md"] = page(m)
	}
	if *write {
		if err := os.MkdirAll(pages, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range want {
		file := filepath.Join(pages, name)
		if *write {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := os.ReadFile(file); err != nil || string(have) != text {
			t.Errorf("docs/modules/%s is not what the module declares: run `make docs`", name)
		}
	}
	files, err := filepath.Glob(pages + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := want[filepath.Base(f)]; !ok {
			t.Errorf("docs/modules/%s is of no module: delete it", filepath.Base(f))
		}
	}
}

func index(all []module.Module) string {
	var b strings.Builder
	b.WriteString("# Modules\n\nWritten by `make docs` from the modules' declarations.\n\n")
	for _, m := range all {
		fmt.Fprintf(&b, "- [%s](%s.md): %s\n", m.Spec().Name, m.Spec().Name, m.Spec().Doc)
	}
	return b.String()
}

func page(m module.Module) string {
	var b strings.Builder
	s := m.Spec()
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", s.Name, s.Doc)
	if len(s.Aliases) > 0 {
		fmt.Fprintf(&b, "Also called `%s`.\n\n", strings.Join(s.Aliases, "`, `"))
	}
	if s.FreeForm != "" {
		fmt.Fprintf(&b, "Free-form text of a task is its `%s`.\n\n", s.FreeForm)
	}
	if len(m.Params()) > 0 {
		b.WriteString("| argument | type | default | |\n| --- | --- | --- | --- |\n")
	}
	for _, p := range m.Params() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", argument(p), p.Type, preset(p), meaning(p))
	}
	if len(s.Lacks) > 0 {
		fmt.Fprintf(&b, "\nAnsible has these and Drydock refuses them: `%s`.\n", strings.Join(s.Lacks, "`, `"))
	}
	return b.String()
}

func argument(p module.Param) string {
	names := append([]string{p.Name}, p.Aliases...)
	return "`" + strings.Join(names, "`, `") + "`"
}

func preset(p module.Param) string {
	switch {
	case p.Required:
		return "required"
	case p.Default == "":
		return ""
	}
	return "`" + fmt.Sprint(p.Default) + "`"
}

func meaning(p module.Param) string {
	text := strings.ReplaceAll(p.Doc, "|", "\\|")
	if len(p.Choices) > 0 {
		text += " One of `" + strings.Join(p.Choices, "`, `") + "`."
	}
	return text
}
