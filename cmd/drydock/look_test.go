package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/parity"
)

// TestLook compares the screen with ansible-core's own, line by line, where the run itself agrees: headlines, results, items,
// retries, includes, the recap. What stands behind => of a failure, and Ansible's explanations of errors, are not compared.
func TestLook(t *testing.T) {
	runs, err := parity.Runs(parityCases, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	differs := looksDifferent(t)
	for _, r := range runs {
		want, ok := r.Expected("stdout")
		if _, told := r.Expected("jsonl"); !ok || !told || r.Tolerated != "" || differs[r.Title()] {
			continue
		}
		out, err := r.Screen(context.Background(), within)
		if err != nil {
			t.Fatal(err)
		}
		if w, got := look(want), look(out); got != w {
			t.Errorf("%s: %s", r.Title(), firstLine(w, got))
		}
	}
}

// looksDifferent are the runs whose screen differs although their events agree; testdata/look-differs.txt has the reasons.
func looksDifferent(t *testing.T) map[string]bool {
	data, err := os.ReadFile(filepath.Join("testdata", "look-differs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for l := range strings.Lines(string(data)) {
		if name, _, ok := strings.Cut(l, ": "); ok && !strings.HasPrefix(l, "#") {
			out[name] = true
		}
	}
	return out
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
