package ansible_test

import (
	"context"
	"testing"

	"github.com/drydock-dev/drydock/parity"
)

func readTable(t testing.TB, file string) parity.Table {
	t.Helper()
	table, err := parity.ReadTable(file)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func runTable(t *testing.T, table parity.Table) {
	for _, q := range table.Cases {
		t.Run(q.ID, func(t *testing.T) {
			if d := table.Ask(context.Background(), q); d != nil {
				t.Errorf("%s\n got %s\nwant %s", d.Where, d.Got, d.Want)
			}
		})
	}
}

// TestParity asks what testdata/parity/jinja.json asks.
func TestParity(t *testing.T) { runTable(t, readTable(t, "../../../testdata/parity/jinja.json")) }

// TestExtra runs our own questions to the real thing, over the variables of the parity table: those that we thought of, and generated ones.
func TestExtra(t *testing.T) {
	vars := readTable(t, "../../../testdata/parity/jinja.json").Varsets
	for _, name := range []string{"extra", "more"} {
		table := readTable(t, "../../../testdata/jinja/"+name+".json")
		table.Varsets = vars
		runTable(t, table)
	}
}
