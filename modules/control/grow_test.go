package control

import (
	"context"
	"testing"

	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

func TestAddHost(t *testing.T) {
	moduletest.Run(t, AddHost, []moduletest.Case{
		{Name: "with a port", Args: []any{"name", "new:2222", "groups", "a, b", "answer", 42},
			Want: map[string]any{"add_host.host_name": "new", "add_host.groups": []any{"a", "b"}, "add_host.host_vars": value.NewMap("answer", 42, "ansible_ssh_port", 2222)}},
		{Name: "group is a variable, too", Args: []any{"hostname", "new", "group", []any{"a"}},
			Want: map[string]any{"add_host.groups": []any{"a"}, "add_host.host_vars": value.NewMap("group", []any{"a"})}},
		{Name: "an address", Args: []any{"host", "fe80::1"}, Want: map[string]any{"add_host.host_name": "fe80::1", "add_host.groups": []any{}}},
		{Name: "an address with a port", Args: []any{"name", "[fe80::1]:22"}, Want: map[string]any{"add_host.host_name": "fe80::1"}},
		{Name: "no name", Args: []any{"foo", 1}, Fails: "name, host or hostname needs to be provided"},
		{Name: "groups of a strange kind", Args: []any{"name", "x", "groups", value.NewMap("a", 1)}, Fails: "Groups must be specified as a list."},
	})
}

func TestGroupBy(t *testing.T) {
	moduletest.Run(t, GroupBy, []moduletest.Case{
		{Name: "by default below all", Args: []any{"key", "os Debian 12"}, Want: map[string]any{"add_group": "os-Debian-12", "parent_groups": []any{"all"}}},
		{Name: "below others", Args: []any{"key", "x", "parents", []any{"a b", "c"}}, Want: map[string]any{"parent_groups": []any{"a-b", "c"}}},
		{Name: "below one", Args: []any{"key", "x", "parents", "a"}, Want: map[string]any{"parent_groups": []any{"a"}}},
		{Name: "no key", Fails: "the 'key' param is required when using group_by"},
	})
}

func TestSetStats(t *testing.T) {
	moduletest.Run(t, SetStats, []moduletest.Case{
		{Name: "figures", Args: []any{"data", value.NewMap("n", 1), "per_host", "yes"},
			Want: map[string]any{"ansible_stats": value.NewMap("data", value.NewMap("n", 1), "per_host", true, "aggregate", true)}},
		{Name: "nothing", Want: map[string]any{"ansible_stats.data": &value.Map{}}},
		{Name: "no mapping", Args: []any{"data", 12}, Fails: "The 'data' option needs to be a dictionary/hash"},
		{Name: "no name", Args: []any{"data", value.NewMap("a-b", 1)}, Fails: "Invalid variable name 'a-b'."},
	})
	p, err := SetStats.Plan(context.Background(), moduletest.NewHost(t).View(), value.NewMap("data", value.NewMap("n", 1), "aggregate", false))
	if s := p.Result().Stats; err != nil || s == nil || s.PerHost || s.Aggregate || (*s).Data.Value("n") != 1 {
		t.Errorf("stats are %+v, %v", s, err)
	}
}
