package module_test

import (
	"context"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
)

func named(name string, aliases ...string) module.Module {
	type args struct {
		A string `arg:"a,required,alias=aa" doc:"A."`
	}
	return module.Define(module.Spec{Name: name, Aliases: aliases}, func(context.Context, module.View, args) (module.Plan, error) {
		return module.Done(module.Result{}), nil
	})
}

func TestLookupKnowsShortNames(t *testing.T) {
	reg := module.NewRegistry(named("ansible.builtin.copy"), named("ansible.builtin.systemd", "ansible.builtin.systemd_service"),
		named("kubernetes.core.k8s"), named("drydock.core.longhorn_wait"), named("acme.tools.fix"))
	for name, want := range map[string]string{
		"ansible.builtin.copy": "ansible.builtin.copy", "copy": "ansible.builtin.copy", "ansible.legacy.copy": "ansible.builtin.copy",
		"systemd_service": "ansible.builtin.systemd", "k8s": "kubernetes.core.k8s", "longhorn_wait": "drydock.core.longhorn_wait",
		"fix": "", "acme.tools.fix": "acme.tools.fix", "other.core.k8s": "", "kopy": "",
	} {
		got := ""
		if m, ok := reg.Lookup(name); ok {
			got = m.Spec().Name
		}
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if names := strings.Join(reg.Names(), " "); !strings.Contains(names, "acme.tools.fix") || !strings.Contains(names, " copy ") {
		t.Errorf("names are %s", names)
	}
	if all := reg.All(); len(all) != 5 || all[0].Spec().Name != "acme.tools.fix" {
		t.Errorf("%d modules, first %s", len(all), all[0].Spec().Name)
	}
}

func TestTwoModulesOfOneNamePanic(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), "registered twice") {
			t.Errorf("recovered %v", r)
		}
	}()
	module.NewRegistry(named("ansible.builtin.copy"), named("drydock.core.copy"))
}

func TestCheckRequiredTakesAliases(t *testing.T) {
	m := named("a.b.c")
	if err := module.CheckRequired(m, map[string]bool{"aa": true}); err != nil {
		t.Error(err)
	}
	if err := module.CheckRequired(m, map[string]bool{"b": true}); err == nil || err.Error() != "missing required arguments: a" {
		t.Error(err)
	}
}
