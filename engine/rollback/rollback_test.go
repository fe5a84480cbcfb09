package rollback

import (
	"fmt"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/value"
)

// story writes events in few words, one a line:
//
//	apply HOST TASK NAME:ARCH:FROM:TO...    an act is announced (on=HOST: on another one)
//	done HOST TASK NAME:ARCH:FROM:TO...     what it has changed
//	end HOST TASK STATUS                    (by=HOST: delegated)
//	node HOST NODE                          the guard has been asked
//	resumed - -                             the run goes on
func story(t *testing.T, text string) []event.Event {
	t.Helper()
	var out []event.Event
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		ref := event.TaskRef{ID: f[2]}
		switch f[0] {
		case "apply":
			note := &value.Map{}
			var list []any
			for _, w := range f[3:] {
				if on, ok := strings.CutPrefix(w, "on="); ok {
					note.Set("on", on)
					continue
				}
				p := pkg(w)
				list = append(list, value.NewMap("name", p.Name, "arch", p.Arch, "from", p.From, "to", p.To))
			}
			out = append(out, event.ApplyStarted{Host: f[1], Task: ref, Note: note.Set("packages", list)})
		case "done":
			e := event.PackagesChanged{Host: f[1], Task: ref}
			for _, w := range f[3:] {
				e.Packages = append(e.Packages, pkg(w))
			}
			out = append(out, e)
		case "end":
			e := event.HostResult{Host: f[1], Task: ref, Status: event.Status(f[3])}
			if len(f) > 4 {
				e.DelegatedTo = strings.TrimPrefix(f[4], "by=")
			}
			out = append(out, e)
		case "node":
			out = append(out, event.Gate{Host: f[1], Node: f[2]})
		case "resumed":
			out = append(out, event.RunResumed{})
		default:
			t.Fatalf("what is %q?", line)
		}
	}
	return out
}

func pkg(w string) event.Package {
	f := strings.Split(w, ",")
	return event.Package{Name: f[0], Arch: f[1], From: f[2], To: f[3]}
}

func shown(list []event.Package) string {
	var out []string
	for _, p := range list {
		out = append(out, fmt.Sprintf("%s,%s,%s,%s", p.Name, p.Arch, p.From, p.To))
	}
	return strings.Join(out, " ")
}

func TestChanges(t *testing.T) {
	for _, c := range []struct{ name, story, want string }{
		{"what was done counts, not what was announced", "apply a 1 x,all,1,2\ndone a 1 x,all,1,2 y,all,,5\nend a 1 changed", "x,all,1,2 y,all,,5"},
		{"nothing was done after all", "apply a 1 x,all,1,2\nend a 1 ok", ""},
		{"the run died in the act", "apply a 1 x,all,1,2", "x,all,1,2"},
		{"the host was lost in the act", "apply a 1 x,all,1,2\nend a 1 unreachable", "x,all,1,2"},
		{"it failed half way, and said what it had done", "apply a 1 x,all,1,2 y,all,1,2\ndone a 1 x,all,1,2\nend a 1 failed", "x,all,1,2"},
		{"it failed without a word", "apply a 1 x,all,1,2\nend a 1 failed\napply a 2 x,all,2,3\ndone a 2 x,all,2,3", "x,all,1,3"},
		{"twice: the first version is the way back", "done a 1 x,all,1,2\ndone a 2 x,all,2,3", "x,all,1,3"},
		{"somebody else between", "done a 1 x,all,1,2\ndone a 2 x,all,2.5,3", "x,all,1,3"},
		{"there and back", "done a 1 x,all,1,2\ndone a 2 x,all,2,1", ""},
		{"came and went", "done a 1 x,all,,2\ndone a 2 x,all,2,", ""},
		{"went, and another came", "done a 1 x,all,1,\ndone a 2 x,all,,3", "x,all,1,3"},
		{"two architectures", "done a 1 x,amd64,1,2 x,i386,1,2", "x,amd64,1,2 x,i386,1,2"},
		{"an architecture that was not told", "done a 1 x,amd64,1,2\ndone a 2 x,,2,", "x,amd64,1,"},
		{"kernels beside each other", "done a 1 kernel,x,,5 kernel,x,,6 kernel,x,4,", "kernel,x,,5 kernel,x,,6 kernel,x,4,"},
		{"it died after the act, and was resumed", "apply a 1 x,all,1,2 y,all,,1\nresumed - -\nend a 1 ok", "x,all,1,2 y,all,,1"},
		{"it died in the act, and the rest was done later", "apply a 1 x,all,1,2 y,all,,1\nresumed - -\napply a 1 y,all,,1\ndone a 1 y,all,,1\nend a 1 changed", "x,all,1,2 y,all,,1"},
		{"another host", "done b 1 x,all,1,2\napply b 2 on=c z,all,1,2\nend b 2 failed by=c", ""},
		{"delegated here", "apply b 2 on=a z,all,1,2\nend b 2 unreachable by=a", "z,all,1,2"},
	} {
		if got := shown(Changes(story(t, c.story), "a")); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestHosts(t *testing.T) {
	events := story(t, "node b node-b\ndone b 1 x,all,1,2\napply a 2 on=c z,all,1,2\ndone d 3 y,all,1,2\ndone d 4 y,all,2,1\napply e 5 q,all,1,2\nend e 5 ok")
	if got := fmt.Sprint(Hosts(events)); got != "[b c]" {
		t.Errorf("the hosts are %s", got)
	}
	if got := HostOf(events, "node-b") + "/" + HostOf(events, "b"); got != "b/" {
		t.Errorf("node-b is the host %s", got)
	}
}

func TestTheWayBack(t *testing.T) {
	versions := func(text string) (out []Version) {
		for _, w := range strings.Fields(text) {
			f := strings.Split(w, ",")
			out = append(out, Version{f[0], f[1], f[2]})
		}
		return out
	}
	for _, c := range []struct {
		name, manager, changes, installed, available string
		removeNew                                    bool
		want                                         string // steps: action name spec blocked?
	}{
		{"an upgrade", "apt", "x,amd64,1,2", "x,2,amd64", "x,1, x,2,", false, "install x=1"},
		{"somebody went on from there", "apt", "x,amd64,1,2", "x,3,amd64", "x,1, x,3,", false, "install x=1"},
		{"back already", "apt", "x,amd64,1,2", "x,1,amd64", "", false, "restored x=1"},
		{"gone from the repositories", "apt", "x,amd64,1,2", "x,2,amd64", "x,2, y,1,", false, "install x=1 !no repository has this version any more"},
		{"for all architectures, then for one", "apt", "x,amd64,1,2", "x,2,amd64", "x,1,", false, "install x=1"},
		{"a foreign architecture", "apt", "x,i386,1,2", "x,2,amd64 x,2,i386", "x,1,i386 x,2,", false, "install x:i386=1"},
		{"a foreign one that is gone", "apt", "x,i386,1,2", "x,2,amd64 x,2,i386", "x,1,", false, "install x:i386=1 !no repository has this version any more"},
		{"removed", "apt", "x,all,1,", "", "x,1,", false, "install x=1"},
		{"new, and stays", "apt", "x,all,,2", "x,2,all", "", false, "stay"},
		{"new, and goes", "apt", "x,all,,2", "x,2,all", "", true, "remove x"},
		{"new, and gone", "apt", "x,all,,2", "", "", true, "restored x"},
		{"the kernel that runs", "apt", "linux-image-6.1.0-28-amd64,amd64,,6.1.119", "linux-image-6.1.0-28-amd64,6.1.119,amd64", "", true,
			"remove linux-image-6.1.0-28-amd64 !it is the kernel that runs: boot another one first"},
		{"dnf", "dnf", "x,noarch,1-1,2:2-1", "x,2:2-1,noarch", "x,1-1,noarch", false, "install x=1-1.noarch"},
		{"dnf, another architecture only", "dnf", "x,x86_64,1-1,2-1", "x,2-1,x86_64", "x,1-1,i686", false,
			"install x=1-1.x86_64 !no repository has this version any more"},
		{"one of several kernels of dnf", "dnf", "kernel-core,x86_64,,5.14-9", "kernel-core,5.14-8,x86_64 kernel-core,5.14-9,x86_64", "", true, "remove kernel-core-5.14-9.x86_64"},
		{"the running one", "dnf", "kernel-core,x86_64,,6.1.0-28", "kernel-core,6.1.0-28,x86_64", "", true,
			"remove kernel-core-6.1.0-28.x86_64 !it is the kernel that runs: boot another one first"},
	} {
		now := State{Manager: c.manager, Arch: "amd64", Kernel: "6.1.0-28-amd64", Installed: versions(c.installed), Available: versions(c.available)}
		if c.manager == "dnf" {
			now.Arch, now.Kernel = "x86_64", "6.1.0-28.x86_64"
		}
		way := Decide([]event.Package{pkg(c.changes)}, now, c.removeNew)
		got := strings.TrimSpace(string(way[0].Action) + " " + way[0].Spec)
		if way[0].Blocked != "" {
			got += " !" + way[0].Blocked
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if len(way.Blocked()) > 0 != strings.Contains(c.want, "!") {
			t.Errorf("%s: blocked are %v", c.name, way.Blocked())
		}
	}
}

func TestAWayThatWasGoneInPartIsTheSame(t *testing.T) {
	changes := []event.Package{pkg("x,all,1,2"), pkg("y,all,1,2"), pkg("new,all,,2"), pkg("old,all,1,")}
	now := State{Manager: "apt", Arch: "amd64", Available: []Version{{"x", "1", ""}, {"y", "1", ""}, {"old", "1", ""}}}
	for _, c := range []struct {
		installed string
		removeNew bool
		want      string
		idle      bool
	}{
		{"x,2 y,2 new,2", true, "[x=1 y=1 old=1] [new]", false},
		{"x,1 y,2 old,1", true, "[x=1 y=1 old=1] [new]", false},
		{"x,1 y,1 old,1", true, "[x=1 y=1 old=1] [new]", true},
		{"x,1 y,1 old,1 new,3", true, "[x=1 y=1 old=1] [new]", false},
		{"x,1 y,1 old,1 new,2", false, "[x=1 y=1 old=1] []", true},
	} {
		now.Installed = nil
		for _, w := range strings.Fields(c.installed) {
			name, version, _ := strings.Cut(w, ",")
			now.Installed = append(now.Installed, Version{name, version, "all"})
		}
		way := Decide(changes, now, c.removeNew)
		install, remove := way.Packages()
		if got := fmt.Sprint(install, remove); got != c.want || way.Idle() != c.idle {
			t.Errorf("with %s: %s, idle %t; want %s", c.installed, got, way.Idle(), c.want)
		}
	}
}
