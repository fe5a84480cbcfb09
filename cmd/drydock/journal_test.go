package main

import (
	"slices"
	"strings"
	"testing"
)

func TestTheJournalShowsNoExtraVariables(t *testing.T) {
	for given, want := range map[string]string{
		"run p.yml -i hosts -e pass=hunter22":        "run p.yml -i hosts -e pass=********",
		"run -epass=hunter22 -e @vars.yml p.yml":     "run -epass=******** -e @vars.yml p.yml",
		"run --extra-vars=pass=hunter22 p.yml":       "run --extra-vars=pass=******** p.yml",
		"run --extra pass=hunter22 p.yml":            "run --extra pass=******** p.yml",
		`run -be {"pass":"hunter22"} -vv p.yml`:      "run -be ******** -vv p.yml",
		"run --tags a --limit e -l e --become p.yml": "run --tags a --limit e -l e --become p.yml",
	} {
		if got := discreet(strings.Fields(given)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s became %q", given, got)
		}
	}
}
