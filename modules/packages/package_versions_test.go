package packages_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/packages"
)

// debianVersions are an apt and a dpkg that know demo-tool, and of a foreign architecture libc6.
func debianVersions(h *moduletest.Host) {
	h.Command(must{}, "uname", "echo 6.1.0-28-amd64")
	h.Command(must{}, "dpkg", `[ "$1" = --print-architecture ] && echo amd64 || echo i386`)
	h.Command(must{}, "apt-get", "exit 99")
	h.Command(must{}, "dpkg-query", `printf 'ii |demo-tool|1.1|all\niF |half|2.0|amd64\nrc |old|0.9|all\n'`)
	h.Command(must{}, "apt-cache", `[ "$*" = "madison -- demo-tool demo-tool:i386" ] || exit 1
printf ' demo-tool | 1.1 | http://a.example stable/main amd64 Packages\n demo-tool |        1.0 | http://a.example stable/main amd64 Packages\n'
printf 'libc6:i386 | 2.36-9 | http://a.example stable/main i386 Packages\n demo-tool | 1.1 | http://a.example stable/main Sources\n'`)
}

// rhelVersions are a dnf and an rpm; the repositories can be broken.
func rhelVersions(broken string) func(h *moduletest.Host) {
	return func(h *moduletest.Host) {
		h.Shell = []string{"/usr/bin/env", "PATH=" + h.Dir + "/.bin:" + h.Dir + "/tools", "/bin/sh"}
		for _, tool := range []string{"sed", "grep", "sort", "head"} { // and no apt-get
			moduletest.Put(must{}, h.Dir, map[string]string{"tools/": ""})
			h.Command(must{}, tool, "exec /usr/bin/"+tool+` "$@"`)
		}
		h.Command(must{}, "uname", `[ "$1" = -m ] && echo x86_64 || echo 5.14.0-503.el9.x86_64`)
		h.Command(must{}, "rpm", `printf 'demo-tool|1.1-1.rig|noarch\npackage nosuch is not installed\nkernel|5.14.0-503.el9|x86_64\n'`)
		h.Command(must{}, "dnf", broken+`printf 'demo-tool|0:1.0-1.rig|noarch\ndemo-tool|0:1.1-1.rig|noarch\nlib|2:1-1|x86_64\n'`)
	}
}

func TestPackageVersions(t *testing.T) {
	row := func(name, version, arch string) any {
		return value.NewMap("name", name, "version", version, "arch", arch)
	}
	moduletest.Run(t, packages.PackageVersions, []moduletest.Case{
		{Name: "apt", Args: []any{"name", "demo-tool"}, Set: debianVersions, Want: map[string]any{
			"manager": "apt", "kernel": "6.1.0-28-amd64", "architecture": "amd64", "installed": []any{row("demo-tool", "1.1", "all"), row("half", "2.0", "amd64")},
			"available": []any{row("demo-tool", "1.0", ""), row("demo-tool", "1.1", ""), row("libc6", "2.36-9", "i386")}}},
		{Name: "dnf", Args: []any{"name", []any{"demo-tool", "nosuch", "kernel", "lib"}}, Set: rhelVersions(""), Want: map[string]any{
			"manager": "dnf", "kernel": "5.14.0-503.el9.x86_64", "architecture": "x86_64",
			"installed": []any{row("demo-tool", "1.1-1.rig", "noarch"), row("kernel", "5.14.0-503.el9", "x86_64")},
			"available": []any{row("demo-tool", "1.0-1.rig", "noarch"), row("demo-tool", "1.1-1.rig", "noarch"), row("lib", "2:1-1", "x86_64")}}},
		{Name: "repositories that do not answer", Args: []any{"name", "demo-tool"}, Set: rhelVersions("echo 'Error: Failed to download metadata' >&2; exit 1; "),
			Fails: "the repositories cannot be asked: Error: Failed to download metadata"},
		{Name: "a glob", Args: []any{"name", "demo-*"}, Fails: `invalid package name: "demo-*"`},
		{Name: "no manager", Args: []any{"name", "x"}, Fails: "this host has neither apt-get nor dnf", Set: func(h *moduletest.Host) {
			h.Shell = []string{"/usr/bin/env", "PATH=/nonexistent", "/bin/sh"}
		}},
	})
}
