package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLook compares the screen with ansible-core's own, line by line, where the run itself agrees: headlines, results, items,
// retries, includes, the recap. What stands behind => of a failure, and Ansible's explanations of errors, are not compared.
func TestLook(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join("..", "..", "testdata", "parity", "cases", "*", "cmd"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	differs := tolerated(t)
	for _, c := range cases {
		dir, err := filepath.Abs(filepath.Dir(c))
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range parityRuns(t, dir) {
			name := filepath.Base(dir) + "/" + run.name
			if differs[name] != "" || differs["look "+name] != "" || run.listing() {
				continue
			}
			want, err := os.ReadFile(filepath.Join(dir, "expected", run.name+".stdout"))
			if err != nil {
				t.Fatal(err)
			}
			run.emptyScratch(t)
			var out, errs bytes.Buffer
			run.call(t, &out, &errs, "--forks=1")
			got := look(strings.ReplaceAll(out.String(), dir, "<CASE>"))
			if w := look(string(want)); got != w {
				t.Errorf("%s: %s", name, firstLine(w, got))
			}
		}
	}
}

var (
	retries = regexp.MustCompile(`\(\d+ retries left\)`) // 2.21 counts one less than 2.19
	jobs    = regexp.MustCompile(`jid=\S+`)
	waited  = regexp.MustCompile(`(?m)^FAILED - RETRYING: .*\n`) // how often a job is asked for says how fast a machine is
	payload = regexp.MustCompile(`(?m)^((?:fatal|failed): \[[^\]]*\][^=]*)=> (?s:\{\n.*?\n\}|[^\n]*)$`)
	origin  = regexp.MustCompile(`(?ms)^\[(?:ERROR|WARNING|DEPRECATION WARNING)\]:.*?\n\n(?:(?:Task failed|<<<|Finalization|Error|Origin|\d+ |Module|Action).*?\n\n)*`)
)

// look leaves of a screen what is compared.
func look(s string) string {
	s = origin.ReplaceAllString(s, "")
	s = retries.ReplaceAllString(s, "(N retries left)")
	if strings.Contains(s, "ASYNC ") {
		s = waited.ReplaceAllString(s, "")
	}
	s = jobs.ReplaceAllString(s, "jid=J")
	s = payload.ReplaceAllString(s, "$1=> ...")
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if strings.TrimSpace(l) != "" {
			out = append(out, strings.TrimRight(l, " "))
		}
	}
	return strings.Join(out, "\n")
}

func firstLine(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "(end)", "(end)"
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return "line " + strings.TrimSpace(strings.Join([]string{"\n\tgot  " + b, "\n\twant " + a}, ""))
		}
	}
	return "the same"
}
