package packages

import (
	"context"
	_ "embed"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// PackageVersions reads which versions of packages there are.
var PackageVersions = module.Define(module.Spec{
	Name: "drydock.core.package_versions",
	Doc:  "Read which versions of packages are installed, and which the repositories have (apt, dnf).",
}, planPackageVersions)

type packageVersionsArgs struct {
	Name []string `arg:"name,required" doc:"The packages; of apt's foreign architectures, too."`
}

//go:embed package_versions.sh
var packageVersionsProbe string

func planPackageVersions(ctx context.Context, v module.View, a packageVersionsArgs) (module.Plan, error) {
	for _, n := range a.Name {
		if n == "" || strings.HasPrefix(n, "-") || strings.ContainsAny(n, " \t\n*?[") {
			return module.Done(module.Fail("invalid package name: %q", n)), nil
		}
	}
	out, err := v.Query(ctx, module.Cmd{Script: packageVersionsProbe, Args: a.Name})
	if err != nil {
		return module.Plan{}, err
	}
	s := module.Sections(out.Stdout)
	manager := strings.TrimSpace(s["manager"])
	if manager == "" {
		return module.Done(module.Fail("this host has neither apt-get nor dnf")), nil
	}
	if fault := strings.TrimSpace(s["fault"]); fault != "" {
		return module.Done(module.Fail("the repositories cannot be asked: %s", fault)), nil
	}
	r := module.Result{}.With("manager", manager).With("kernel", strings.TrimSpace(s["kernel"])).With("architecture", strings.TrimSpace(s["architecture"]))
	return module.Done(r.With("installed", versionRows(s["installed"])).With("available", versionRows(s["available"]))), nil
}

// versionRows reads lines of name|version|architecture; an epoch of 0 is none.
func versionRows(text string) []any {
	out := []any{}
	for _, line := range module.Lines(text) {
		if f := strings.Split(line, "|"); len(f) == 3 {
			out = append(out, value.NewMap("name", f[0], "version", strings.TrimPrefix(f[1], "0:"), "arch", f[2]))
		}
	}
	return out
}
