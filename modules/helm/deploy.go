package helm

import (
	"strconv"

	"github.com/drydock-dev/drydock/engine/value"
)

// deploy is the command that installs the release, or upgrades one that is there. dependencies: it is to fetch what the chart depends on.
func (a releaseArgs) deploy(there, dependencies bool) string {
	l := a.front()
	if a.Replace {
		l.add(true, "install")
		l.add(dependencies, "--dependency-update")
	} else {
		l.add(true, "upgrade -i")
		l.add(a.ResetValues, "--reset-values")
		l.add(a.TakeOwnership && there, "--take-ownership")
	}
	if a.ReuseValues != nil {
		l.add(true, "--reuse-values="+value.Str(*a.ReuseValues))
	}
	l.add(a.ResetThenReuse, "--reset-then-reuse-values")
	l.add(a.Wait, "--wait")
	if a.Wait {
		l.opt("--timeout ", a.WaitTimeout)
	}
	l.add(a.Atomic, "--atomic")
	l.opt("--timeout ", a.Timeout)
	l.add(a.Force && there, "--force")
	l.add(a.Replace, "--replace")
	l.add(a.DisableHook, "--no-hooks")
	l.add(a.CreateNamespace, "--create-namespace")
	l.add(a.SkipTLS, "--insecure-skip-tls-verify")
	l.add(a.PlainHTTP, "--plain-http")
	a.given(l)
	l.opt("--post-renderer=", a.PostRenderer)
	l.add(a.SkipCRDs, "--skip-crds")
	if a.HistoryMax != nil {
		l.add(true, "--history-max="+strconv.Itoa(*a.HistoryMax))
	}
	set, _ := a.set() // checked before
	l.WriteString(set)
	l.add(true, a.Name+" '"+onHost(a.ChartRef)+"'")
	return l.String()
}
