package linux

// k3s and kubectl.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

const snapshots = "/var/lib/rancher/k3s/server/db/snapshots"

func k3s(p *process) int {
	a := p.operands()
	switch {
	case len(a) == 0:
		return p.refuse("without a command")
	case a[0] == "--version" || a[0] == "-v":
		p.print("k3s version v1.31.4+k3s1 (a562d090)\ngo version go1.22.9\n")
		return 0
	case a[0] == "kubectl":
		return p.kubectl(a)
	case a[0] == "etcd-snapshot":
		return p.etcdSnapshot(a[1:])
	}
	return p.refuse(strings.Join(a, " "))
}

func kubectl(p *process) int { return p.kubectl(append([]string{"kubectl"}, p.operands()...)) }

func (p *process) kubectl(args []string) int {
	f := p.config.Hooks.Kubectl
	if f == nil {
		return p.refuse(strings.Join(args, " "))
	}
	_ = p.out.Flush()
	return f(p.ctx, ProgramCall{Host: p.Host, User: p.who.name, Args: args, Stdin: p.stdin, Stdout: p.out, Stderr: p.stderr})
}

// etcdSnapshot saves and lists snapshots: files in K3s' directory.
func (p *process) etcdSnapshot(args []string) int {
	verb := "save"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	p.args = append([]string{p.args[0]}, args...)
	o, ok := p.options("n:d:o:e:r:c", "name=n", "snapshot-compress=c", "etcd-snapshot-dir=d", "dir=d", "output=o", "config=e", "data-dir=e", "snapshot-retention=r")
	if !ok {
		return 1
	}
	if !p.Active("k3s") {
		fmt.Fprintln(p.stderr, `time="now" level=fatal msg="Error: failed to connect to the server: connection refused"`)
		return 1
	}
	dir := o.value('d', snapshots)
	switch verb {
	case "prune":
		keep := 5
		fmt.Sscan(o.value('r', "5"), &keep)
		return p.pruneSnapshots(dir, o.value('n', "on-demand"), keep)
	case "save":
		return p.saveSnapshot(dir, o.value('n', "on-demand"))
	case "ls", "list":
		list, _ := p.view().ReadDir(dir)
		p.print("Name Location Size Created\n")
		for _, i := range list {
			p.printf("%s file://%s %d %s\n", i.Base, path.Join(dir, i.Base), i.Length, i.Mtime.UTC().Format("2006-01-02T15:04:05Z"))
		}
		return 0
	}
	return p.refuse("etcd-snapshot " + verb)
}

// pruneSnapshots removes all but the newest of a name.
func (p *process) pruneSnapshots(dir, name string, keep int) int {
	list, _ := p.view().ReadDir(dir)
	var own []disk.Info
	for _, i := range list {
		if strings.HasPrefix(i.Base, name+"-") {
			own = append(own, i)
		}
	}
	slices.SortStableFunc(own, func(a, b disk.Info) int { return a.Mtime.Compare(b.Mtime) })
	for len(own) > keep {
		if err := p.view().Remove(path.Join(dir, own[0].Base)); err != nil {
			return p.complain("%s", said(err))
		}
		own = own[1:]
	}
	return 0
}

func (p *process) saveSnapshot(dir, name string) int {
	full := fmt.Sprintf("%s-%s-%d", name, p.config.Name, p.clock.Now().Unix())
	err := p.view().MkdirAll(dir, 0o700)
	if err == nil {
		err = p.disk.SetHole(path.Join(dir, full), 4<<20, 0o600)
	}
	if err == nil && p.config.Hooks.Snapshot != nil {
		err = p.config.Hooks.Snapshot(p.Host, full)
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "level=fatal msg=\"Error: %s\"\n", said(err))
		return 1
	}
	fmt.Fprintf(p.stderr, "level=info msg=\"Snapshot %s saved.\"\n", full)
	return 0
}
