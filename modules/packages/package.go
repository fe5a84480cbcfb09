package packages

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Package manages packages by whatever package manager the host has. All arguments but use are that manager's.
var Package module.Module = generic{byName: map[string]module.Module{
	"apt": Apt, "pacman": Pacman, "community.general.pacman": Pacman, "dnf": Dnf, "dnf4": Dnf, "dnf5": Dnf, "yum": Dnf, "yum4": Dnf,
	"ansible.builtin.apt": Apt, "ansible.builtin.dnf": Dnf, "ansible.builtin.yum": Dnf, "ansible.builtin.dnf5": Dnf,
}}

// generic is the module that hands its task to another one. It is no use of Define: its arguments are not its own.
type generic struct{ byName map[string]module.Module }

func (generic) Spec() module.Spec {
	return module.Spec{
		Name: "ansible.builtin.package", AnyArgs: true, Disrupts: module.PackageArgs,
		Doc: "Install, upgrade and remove packages by the host's own package manager: apt, dnf or pacman.",
	}
}

func (generic) Params() []module.Param {
	return []module.Param{
		{Name: "name", Type: "raw", Required: true, Doc: "Packages."},
		{Name: "state", Type: "raw", Required: true, Doc: "What the packages are to be: present, absent, latest."},
		{Name: "use", Type: "str", Default: "auto", Doc: "The module to use; auto takes the one that fits the host."},
	}
}

// detect prints the first package manager that the host has. An RPM system may have apt-get installed besides, and a Debian one dnf; the
// database in use decides.
const detect = `# package manager
if [ -e /run/ostree-booted ]; then echo atomic; exit; fi
if command -v apt-get >/dev/null 2>&1 && [ -s /var/lib/dpkg/status ]; then echo apt; exit; fi
for m in dnf apt-get yum zypper apk pacman microdnf emerge xbps-install opkg; do
	if command -v $m >/dev/null 2>&1; then echo ${m%-get}; exit; fi
done`

func (g generic) Plan(ctx context.Context, v module.View, args *value.Map) (module.Plan, error) {
	use := strings.TrimSpace(value.Str(args.Value("use")))
	rest := args.Clone()
	rest.Delete("use")
	if args.Value("use") == nil || use == "auto" {
		out, err := v.Query(ctx, module.Cmd{Script: detect})
		if err != nil {
			return module.Plan{}, err
		}
		use = out.Line()
	}
	m, ok := g.byName[use]
	switch {
	case use == "":
		return module.Done(module.Fail("could not find a package manager on this host")), nil
	case !ok:
		return module.Done(module.Fail("the package manager %s is not supported; apt, dnf and pacman are", use)), nil
	}
	if !args.Has("name") {
		return module.Done(module.Fail("missing required arguments: name")), nil
	}
	return m.Plan(ctx, v, rest)
}
