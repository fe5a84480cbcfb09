package system

import (
	"slices"
	"testing"
)

// A part that is asked for by name stays although min is excluded, with what it is calculated from (asked of ansible-core 2.19).
func TestSubsetsKeepNamedParts(t *testing.T) {
	for _, c := range []struct{ asked, want []string }{
		{[]string{"!all", "!min"}, nil},
		{[]string{"!all", "!min", "pkg_mgr"}, []string{groupPlatform, groupDistribution, groupMin}},
		{[]string{"!all", "!min", "devices"}, []string{groupPlatform, groupHardware}},
		{[]string{"!all"}, []string{groupPlatform, groupDistribution, groupMin}},
	} {
		got, err := subsets(c.asked)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("subsets(%q) = %q, %v; want %q", c.asked, got, err, c.want)
		}
	}
}
