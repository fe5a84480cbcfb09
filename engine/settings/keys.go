package settings

import (
	"slices"

	"github.com/drydock-dev/drydock/engine/window"
)

// keys are those of the file. The order is that of the page.
func keys() []field[Settings] {
	return slices.Concat(guardKeys(), holdingKeys(), nodeKeys(), keepingKeys())
}

func guardKeys() []field[Settings] {
	return []field[Settings]{
		{name: "guard", form: "auto, require or off", fallback: "auto",
			doc: "What stands before a disruption of a node: `auto` asks the guard for every host that is a node of a cluster that can be reached, " +
				"`require` refuses where that cannot be told, `off` asks nobody. `--guard` on the command line is stronger.",
			read: choice(func(s *Settings) *string { return &s.Guard }, "auto", "require", "off")},
		{name: "accept", form: "list of CHECK=WHAT", fallback: "none",
			doc:  "Single refusals of the guard that are accepted, as `--accept` takes them, which adds to these.",
			read: list(func(s *Settings) *[]string { return &s.Accept })},
		{name: "kubeconfig", form: "path", fallback: "found",
			doc:  "The kubeconfig of the cluster, where it is not to be found by itself.",
			read: text(func(s *Settings) *string { return &s.Kubeconfig })},
	}
}

// holdingKeys say what holds the next node back.
func holdingKeys() []field[Settings] {
	return []field[Settings]{
		{name: "window", form: "a window, or a list of them", fallback: "any time", host: true, sub: docsOf(windowKeys()),
			doc: "When nodes may be taken out of service. Of several windows one must be open. A run that meets a closed one ends with exit code 3 " +
				"before the next node is touched, or waits with `--wait`.",
			read: windows},
		{name: "prometheus", form: "mapping", fallback: "nobody is asked", sub: docsOf(prometheusKeys()),
			doc: "Alerts that hold the next node back.",
			read: func(r *reader, n node, s *Settings) {
				mapping(r, n, "prometheus", prometheusKeys(), &s.Prometheus)
				if n.Get("url") == nil {
					r.add(n, "prometheus has no url", "")
				}
			}},
		{name: "blocking_pod_selectors", form: "list of label selectors", fallback: "none",
			doc:  "Pods that hold a node back while one of them is on it, pending or running, in any namespace.",
			read: list(func(s *Settings) *[]string { return &s.BlockingPods })},
		{name: "blocking_pod_scope", form: "node or cluster", fallback: "node",
			doc:  "Which of those pods count: those on the node that would be next, or all. Where it cannot be told which node a host is, all do.",
			read: choice(func(s *Settings) *string { return &s.PodScope }, "node", "cluster")},
		{name: "blocked_for", form: "duration", fallback: "30m",
			doc:  "How long alerts and pods may hold the next node back before the run stops; 0 does not wait.",
			read: duration(func(s *Settings) *seconds { return &s.BlockedFor })},
	}
}

func nodeKeys() []field[Settings] {
	return []field[Settings]{
		{name: "hooks", form: "mapping", fallback: "none", host: true, sub: docsOf(hookKeys()),
			doc: "Files of tasks of your own that run on the node around what is done to it. A path is relative to the folder of drydock.yml. " +
				"A hook that fails fails the task that it stands beside.",
			read: func(r *reader, n node, s *Settings) { mapping(r, n, "hooks", hookKeys(), &s.Hooks) }},
		{name: "node_soak", form: "duration", fallback: "0", host: true,
			doc:  "How long the run lets be between one node and the next.",
			read: duration(func(s *Settings) *seconds { return &s.NodeSoak })},
		{name: "pre_download", form: "true or false", fallback: "false", host: true,
			doc:  "Packages are downloaded on all nodes before the first is taken out of service.",
			read: truth(func(s *Settings) *bool { return &s.PreDownload })},
	}
}

func keepingKeys() []field[Settings] {
	return []field[Settings]{
		{name: "etcd_snapshot", form: "mapping", fallback: "as the role says", sub: docsOf(keepKeys()),
			doc: "How many snapshots of etcd that runs have taken stay.",
			read: func(r *reader, n node, s *Settings) {
				s.EtcdSnapshot = &Keep{}
				mapping(r, n, "etcd_snapshot", keepKeys(), s.EtcdSnapshot)
			}},
		{name: "volume_snapshots", form: "mapping", fallback: "none are made", sub: docsOf(keepKeys()),
			doc: "Longhorn's volumes that are in use on a node get a snapshot before it is taken out of service.",
			read: func(r *reader, n node, s *Settings) {
				s.Volumes = &Keep{}
				mapping(r, n, "volume_snapshots", keepKeys(), s.Volumes)
			}},
		{name: "journal", form: "mapping", fallback: "keep: 100", sub: docsOf(journalKeys()),
			doc:  "The journals of runs, in .drydock/runs.",
			read: func(r *reader, n node, s *Settings) { mapping(r, n, "journal", journalKeys(), s) }},
	}
}

func windowKeys() []field[window.Window] {
	return []field[window.Window]{
		{name: "days", form: "days and ranges: mon-fri, [sat, sun]", fallback: "every day",
			doc: "The days on which the window begins.", read: days},
		{name: "start", form: "HH:MM", fallback: "00:00",
			doc:  "When it begins, on the clocks of the time zone.",
			read: clock(func(w *window.Window) *window.Clock { return &w.Start })},
		{name: "end", form: "HH:MM", fallback: "24:00",
			doc:  "When it ends; on the day after, where that is not later than its start.",
			read: clock(func(w *window.Window) *window.Clock { return &w.End })},
		{name: "time_zone", form: "name of the tz database", fallback: "UTC",
			doc: "Whose clocks count, such as `Europe/Berlin`. The zones are within Drydock.", read: zone},
		{name: "must_finish_before_end", form: "true or false", fallback: "false",
			doc: "A node is begun only if it will be done before the end, as past runs tell: the longest that it has taken. A node of which nothing " +
				"is known is begun.",
			read: truth(func(w *window.Window) *bool { return &w.Finish })},
	}
}

func prometheusKeys() []field[Prometheus] {
	return []field[Prometheus]{
		{name: "url", form: "URL", fallback: "required",
			doc: "Where Prometheus answers; /api/v1/alerts is asked below it. What it holds of user and password is never shown.", read: address},
		{name: "alert_filter", form: "regular expression", fallback: "all alerts",
			doc: "Alerts whose name it matches do not block (with `filter_match_only`: only they do). The expression is Go's, and matches anywhere in the name.", read: filter},
		{name: "filter_match_only", form: "true or false", fallback: "false",
			doc:  "Only alerts that the filter matches block.",
			read: truth(func(p *Prometheus) *bool { return &p.MatchOnly })},
		{name: "firing_only", form: "true or false", fallback: "false",
			doc:  "Alerts that are pending do not block.",
			read: truth(func(p *Prometheus) *bool { return &p.FiringOnly })},
		{name: "timeout", form: "duration", fallback: "10s",
			doc:  "How long an answer may take. No answer blocks, as an alert does.",
			read: duration(func(p *Prometheus) *seconds { return &p.Timeout })},
	}
}

func hookKeys() []field[Hooks] {
	hook := func(name, when string, into func(*Hooks) *string) field[Hooks] {
		return field[Hooks]{name: name, form: "file of tasks", fallback: "none", doc: when, read: text(into)}
	}
	return []field[Hooks]{
		hook("pre_drain", "Before the node is drained.", func(h *Hooks) *string { return &h.PreDrain }),
		hook("post_drain", "When it is empty.", func(h *Hooks) *string { return &h.PostDrain }),
		hook("pre_reboot", "Before the machine is rebooted.", func(h *Hooks) *string { return &h.PreReboot }),
		hook("post_reboot", "When it is back.", func(h *Hooks) *string { return &h.PostReboot }),
		hook("post_uncordon", "When the node takes pods again.", func(h *Hooks) *string { return &h.PostUncordon }),
	}
}

func keepKeys() []field[Keep] {
	return []field[Keep]{{name: "keep", form: "number", fallback: "required", doc: "How many stay.", read: count(1, func(k *Keep) *int { return &k.Count })}}
}

func journalKeys() []field[Settings] {
	return []field[Settings]{{name: "keep", form: "number", fallback: "100", doc: "How many runs stay on disk.",
		read: count(1, func(s *Settings) *int { return &s.JournalKeep })}}
}

// Entry is a key as a page shows it.
type Entry struct {
	Key, Form, Default, Doc string
	Host                    bool // a variable of a host, drydock_ before the key, can say it too
}

// Describe lists all keys, those of a mapping after it with its name before theirs.
func Describe() []Entry {
	var out []Entry
	for _, e := range docsOf(keys()) {
		out = append(out, e)
		i := slices.IndexFunc(keys(), func(f field[Settings]) bool { return f.name == e.Key })
		for _, below := range keys()[i].sub {
			below.Key = e.Key + "." + below.Key
			out = append(out, below)
		}
	}
	return out
}

func docsOf[T any](fields []field[T]) []Entry {
	out := make([]Entry, len(fields))
	for i, f := range fields {
		out[i] = Entry{Key: f.name, Form: f.form, Default: f.fallback, Doc: f.doc, Host: f.host}
	}
	return out
}
