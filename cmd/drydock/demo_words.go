package main

// What a demonstration says before and after its run.

import (
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/twin"
	"github.com/drydock-dev/drydock/engine/value"
)

// heading begins a part.
func (d *demonstration) heading(text string) {
	fmt.Fprintf(d.out, "\n%s\n\n", paint(d.color(nil), bold, text))
}

// introduce says what cluster there is, and how to look at it from elsewhere.
func (d *demonstration) introduce(hosts, kubeconfig string) {
	fmt.Fprintf(d.out, "%s\nEvery machine and the Kubernetes API are in this process; %s talks to them by SSH and HTTPS, as it would to yours.\nTheir clock runs %.0f times as fast as real.\n\n",
		paint(d.color(nil), bold, "A K3s cluster with Longhorn, simulated"), "drydock", d.quick)
	for _, n := range d.site.Spec().Nodes {
		updates := 0
		for _, p := range n.Packages {
			if p.Version != "" && p.Available != "" {
				updates++
			}
		}
		fmt.Fprintf(d.out, "  %-10s %-8s %-8s kernel %-30s %d updates\n", n.Name, n.Role, n.Family, d.site.Hosts[n.Name].Kernel(), updates)
	}
	fmt.Fprintf(d.out, "\n  %d pods, %d volumes\n", len(d.site.API.List("pods")), len(d.site.API.List("volumes.longhorn.io")))
	for _, f := range d.spec.Faults {
		fmt.Fprintf(d.out, "  %s %s\n", paint(d.color(nil), yellow, "fault "+f.String()+":"), docOf(f))
	}
	if d.cli.Bool("keep") || d.cli.Bool("hold") {
		m := d.site.Machines[d.site.Spec().Nodes[0].Name]
		fmt.Fprintf(d.out, "\nFrom another terminal, as long as this runs:\n  kubectl --kubeconfig %s get nodes\n  ssh -i %s/id_ed25519 -o UserKnownHostsFile=%s/known_hosts -p %d ops@%s uname -r\n  drydock plan -i %s maintenance.yml\n",
			kubeconfig, d.dir, d.dir, m.Port(), m.Host(), hosts)
	}
}

func docOf(f twin.Fault) string {
	for _, d := range twin.Faults() {
		if d.Name == f.Name {
			return d.Doc
		}
	}
	return ""
}

// judge checks the invariants and says how it went; true: all of them hold.
func (d *demonstration) judge(code int) bool {
	d.heading("Summary")
	trace, acts := d.site.Trace(), twin.Acts(d.seen.events)
	patched, booted := figures(trace)
	fmt.Fprintf(d.out, "  %d of %d nodes patched, %d rebooted; exit code %d\n", patched, len(d.site.Spec().Nodes), booted, code)
	if why := first(d.why, lastFailure(d.seen.events)); why != "" && code != 0 {
		head := "stopped: "
		for _, part := range wrapped(why, d.page()-len(head)-3) {
			fmt.Fprintf(d.out, "  %s%s\n", paint(d.color(nil), yellow, head), part)
			head = strings.Repeat(" ", len(head))
		}
	}
	for _, v := range twin.Restored(trace) {
		fmt.Fprintf(d.out, "  %s\n", v.What)
	}
	fmt.Fprintln(d.out)
	rules := twin.Invariants()
	rules = append(rules, twin.Invariant{Name: "journaled", Doc: "every change was announced before it was made", Check: func(t twin.Trace) []twin.Violation {
		return twin.Journaled(t, acts, verdictPause)
	}})
	sound := true
	for _, r := range rules {
		bad := r.Check(trace)
		word := paint(d.color(nil), green, "holds ")
		if len(bad) > 0 {
			word, sound = paint(d.color(nil), red, "BROKEN"), false
		}
		fmt.Fprintf(d.out, "  %s  %-15s %s\n", word, r.Name, r.Doc)
		for _, v := range bad {
			fmt.Fprintf(d.out, "          %s\n", v.What)
		}
	}
	of, in := d.site.Clock.Elapsed()
	fmt.Fprintf(d.out, "\n  %s of cluster time in %s: %.0f times as fast as real\n", brief(of), brief(in), float64(of)/float64(in))
	if d.cli.Bool("keep") {
		fmt.Fprintf(d.out, "  inventory, key and kubeconfig are in %s\n", d.dir)
	}
	return sound
}

// figures counts the nodes whose packages were changed, and those that have booted.
func figures(t twin.Trace) (patched, booted int) {
	p, b := map[string]bool{}, map[string]bool{}
	for _, e := range t.Since() {
		switch e.Kind {
		case twin.PackageChanged:
			p[e.Host] = true
		case twin.Up:
			b[e.Host] = true
		}
	}
	return len(p), len(b)
}

// lastFailure is what ended a run, in words.
func lastFailure(events []event.Event) string {
	for i := len(events) - 1; i >= 0; i-- {
		r, ok := events[i].(event.HostResult)
		if !ok || r.Status != event.Failed && r.Status != event.Unreachable {
			continue
		}
		msg, _ := r.Result.Get("msg")
		return fmt.Sprintf("%s: %s: %s", r.Host, r.Task.Name, oneLine(value.Str(msg)))
	}
	return ""
}

// oneLine is a text without line ends, and not for ever.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 400 {
		return s[:400] + " ..."
	}
	return s
}

// brief is a time as people say it.
func brief(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

// The colours of what drydock itself says.
const (
	bold   = "1"
	green  = "32"
	yellow = "33"
	red    = "31"
	dim    = "2"
)

func paint(on bool, color, text string) string {
	if !on {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
