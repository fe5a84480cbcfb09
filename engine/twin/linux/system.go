package linux

// Programs about the machine: uname, hostname, env, sleep, nproc, mount and the like.

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
)

func uname(p *process) int {
	o, ok := p.options("asnrvmpio", "all=a", "kernel-name=s", "nodename=n", "kernel-release=r", "kernel-version=v", "machine=m", "operating-system=o")
	if !ok {
		return 1
	}
	var words []string
	for _, part := range []struct {
		letter byte
		text   string
	}{{'s', "Linux"}, {'n', strings.TrimSpace(p.hostnameNow())}, {'r', p.Kernel()}, {'v', "#1 SMP PREEMPT_DYNAMIC"}, {'m', "x86_64"}, {'o', "GNU/Linux"}} {
		if o.has(part.letter) || o.has('a') || len(o.given) == 0 && part.letter == 's' {
			words = append(words, part.text)
		}
	}
	if o.has('p') || o.has('i') {
		words = append(words, "unknown")
	}
	p.print(strings.Join(words, " ") + "\n")
	return 0
}

func hostname(p *process) int {
	o, ok := p.options("fsidIA", "fqdn=f", "long=f", "short=s", "ip-address=i", "domain=d", "all-ip-addresses=I")
	if !ok {
		return 1
	}
	now := strings.TrimSpace(p.hostnameNow())
	switch {
	case len(o.rest) > 0:
		if p.who.uid != 0 {
			return p.complain("you must be root to change the host name")
		}
		if err := p.disk.Set("/etc/hostname", o.rest[0]+"\n", 0o644); err != nil {
			return p.complain("%s", said(err))
		}
	case o.has('f') && now == p.config.Name:
		p.print(p.config.FQDN + "\n")
	case o.has('d'):
		_, domain, _ := strings.Cut(p.config.FQDN, ".")
		p.print(domain + "\n")
	case o.has('i'), o.has('I'):
		p.print(p.config.Addr + "\n")
	default:
		p.print(now + "\n")
	}
	return 0
}

// withEnv runs a program with variables added, as env has them.
func env(p *process) int {
	o, ok := p.options("+iu:0C:", "ignore-environment=i", "unset=u", "null=0", "chdir=C")
	if !ok {
		return 125
	}
	list := p.environ()
	if o.has('i') {
		list = nil
	}
	for _, name := range o.all('u') {
		var left []string
		for _, kv := range list {
			if !strings.HasPrefix(kv, name+"=") {
				left = append(left, kv)
			}
		}
		list = left
	}
	argv := o.rest
	for len(argv) > 0 && strings.Contains(argv[0], "=") {
		list, argv = append(list, argv[0]), argv[1:]
	}
	if len(argv) == 0 {
		end := map[bool]string{true: "\x00", false: "\n"}[o.has('0')]
		for _, kv := range list {
			p.print(kv + end)
		}
		return 0
	}
	return p.run(argv, func(child *process) {
		child.env = expand.ListEnviron(list...)
		child.dir = o.value('C', p.dir)
		child.line = 0
	})
}

func printenv(p *process) int {
	if len(p.args) == 1 {
		for _, kv := range p.environ() {
			p.print(kv + "\n")
		}
		return 0
	}
	code := 0
	for _, name := range p.operands() {
		if v := p.env.Get(name); v.Exported && v.IsSet() {
			p.print(v.String() + "\n")
		} else {
			code = 1
		}
	}
	return code
}

// parseDuration reads 5, 0.5, 5s, 2m, 1h, 1d.
func parseDuration(text string) (time.Duration, bool) {
	unit := time.Second
	if text != "" {
		if u, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[text[len(text)-1]]; ok {
			unit, text = u, text[:len(text)-1]
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	return time.Duration(f * float64(unit)), err == nil && f >= 0
}

func sleep(p *process) int {
	total := time.Duration(0)
	for _, a := range p.operands() {
		d, ok := parseDuration(a)
		if !ok {
			return p.complain("invalid time interval ‘%s’", a)
		}
		total += d
	}
	if !p.step(total) {
		return killed
	}
	return 0
}

func timeout(p *process) int {
	o, ok := p.options("+k:s:vf", "kill-after=k", "signal=s", "preserve-status=f", "foreground=f")
	if !ok || len(o.rest) < 2 {
		return 125
	}
	d, ok := parseDuration(o.rest[0])
	if !ok {
		return p.complain("invalid time interval ‘%s’", o.rest[0]) + 124
	}
	ctx, cancel := p.withTimeout(d)
	defer cancel()
	code := p.run(o.rest[1:], func(child *process) { child.ctx = ctx; child.line = 0 })
	if ctx.Err() != nil && p.ctx.Err() == nil {
		return 124
	}
	return code
}

// detach runs a program that lives on when its session ends: nohup, setsid.
func detach(p *process) int {
	argv := p.operands()
	for len(argv) > 0 && strings.HasPrefix(argv[0], "-") {
		argv = argv[1:]
	}
	if len(argv) == 0 {
		return p.complain("missing operand") + 124
	}
	return p.run(argv, func(child *process) {
		child.ctx = p.alive()
		child.line = 0
	})
}

func nproc(p *process) int {
	p.print("2\n")
	return 0
}

func getconf(p *process) int {
	if len(p.args) < 2 {
		return 2
	}
	value, ok := map[string]string{"LONG_BIT": "64", "_NPROCESSORS_ONLN": "2", "PAGE_SIZE": "4096", "PAGESIZE": "4096", "ARG_MAX": "2097152"}[p.args[1]]
	if !ok {
		return p.refuse(p.args[1])
	}
	p.print(value + "\n")
	return 0
}

func uptime(p *process) int {
	o, ok := p.options("sp", "since=s", "pretty=p")
	if !ok {
		return 1
	}
	d, now := p.uptime(), p.clock.Now().UTC()
	switch {
	case o.has('s'):
		p.print(now.Add(-d).Format("2006-01-02 15:04:05") + "\n")
	case o.has('p'):
		p.printf("up %d minutes\n", int(d.Minutes()))
	default:
		p.printf(" %s up %d min,  0 users,  load average: 0.10, 0.08, 0.05\n", now.Format("15:04:05"), int(d.Minutes()))
	}
	return 0
}

func which(p *process) int {
	o, ok := p.options("as")
	if !ok {
		return 2
	}
	code := 0
	for _, name := range o.rest {
		file, err := p.which(name)
		if err != nil {
			code = 1
			continue
		}
		p.print(path.Clean(file) + "\n")
	}
	return code
}

func mount(p *process) int {
	o, ok := p.options("lat:o:rw")
	if !ok {
		return 1
	}
	if len(o.rest) > 0 || o.has('a') || o.has('o') {
		return p.refuse(strings.Join(p.operands(), " "))
	}
	for _, m := range p.allMounts() {
		if !o.has('t') || strings.Contains(","+o.value('t', "")+",", ","+m.Type+",") {
			p.printf("%s on %s type %s (%s)\n", m.Device, m.Dir, m.Type, m.Options)
		}
	}
	return 0
}

// findmnt prints a table or, with -n -o, columns of it.
func findmnt(p *process) int {
	o, ok := p.options("no:t:lrT:M:S:R", "noheadings=n", "output=o", "types=t", "list=l", "raw=r", "target=T", "mountpoint=M", "source=S")
	if !ok {
		return 1
	}
	columns := strings.Split(strings.ToUpper(o.value('o', "TARGET,SOURCE,FSTYPE,OPTIONS")), ",")
	if !o.has('n') {
		p.print(strings.Join(columns, " ") + "\n")
	}
	code := 1
	for _, m := range p.allMounts() {
		want := o.value('M', "")
		if len(o.rest) > 0 {
			want = o.rest[0]
		}
		if want != "" && m.Dir != want && m.Device != want || o.has('t') && !strings.Contains(","+o.value('t', "")+",", ","+m.Type+",") ||
			o.has('S') && m.Device != o.value('S', "") {
			continue
		}
		if o.has('T') && !within(o.value('T', ""), m.Dir) {
			continue
		}
		var words []string
		for _, c := range columns {
			value, ok := map[string]string{"TARGET": m.Dir, "SOURCE": m.Device, "FSTYPE": m.Type, "OPTIONS": m.Options}[c]
			if !ok {
				return p.refuse("-o " + c)
			}
			words = append(words, value)
		}
		p.print(strings.Join(words, " ") + "\n")
		code = 0
	}
	return code
}

func within(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

func mountpoint(p *process) int {
	o, ok := p.options("qd")
	if !ok || len(o.rest) != 1 {
		return 1
	}
	for _, m := range p.allMounts() {
		if m.Dir == path.Clean(o.rest[0]) {
			if !o.has('q') {
				p.print(o.rest[0] + " is a mountpoint\n")
			}
			return 0
		}
	}
	if !o.has('q') {
		p.print(o.rest[0] + " is not a mountpoint\n")
	}
	return 32
}

// ps knows the one process that scripts ask about, and those that hold locks.
func ps(p *process) int {
	o, ok := p.options("p:o:efauxwC:", "pid=p", "format=o", "no-headers=w")
	if !ok {
		return 1
	}
	type row struct {
		pid     int
		command string
	}
	rows := []row{{1, "systemd"}, {p.pid, "ps"}}
	p.mu.Lock()
	for _, l := range p.locks {
		rows = append(rows, row{l.pid, l.command})
	}
	p.mu.Unlock()
	code := 1
	for _, r := range rows {
		if o.has('p') && o.value('p', "") != strconv.Itoa(r.pid) {
			continue
		}
		code = 0
		name := path.Base(strings.Fields(r.command)[0])
		switch form := o.value('o', ""); form {
		case "comm=":
			p.print(name + "\n")
		case "args=", "cmd=":
			p.print(r.command + "\n")
		case "pid=":
			p.printf("%5d\n", r.pid)
		case "":
			p.printf("%7d ?        00:00:00 %s\n", r.pid, name)
		default:
			return p.refuse("-o " + form)
		}
	}
	return code
}

func modprobe(p *process) int {
	o, ok := p.options("nqra", "dry-run=n", "quiet=q", "remove=r", "first-time=a")
	if !ok {
		return 1
	}
	for _, name := range o.rest {
		if !p.hasModule(name) {
			if !o.has('q') {
				fmt.Fprintf(p.stderr, "modprobe: FATAL: Module %s not found in directory /lib/modules/%s\n", name, p.Kernel())
			}
			return 1
		}
	}
	return 0
}

func lsmod(p *process) int {
	p.print("Module                  Size  Used by\n")
	for _, line := range linesOf([]byte(p.moduleTable())) {
		f := strings.Fields(line)
		p.printf("%-19s %8s  %s\n", f[0], f[1], f[2])
	}
	return 0
}

// ip answers what facts ask: addresses and routes of one network card.
func ip(p *process) int {
	a := " " + strings.Join(p.operands(), " ") + " "
	addr := p.config.Addr
	switch {
	case strings.HasPrefix(a, " -o addr show "):
		p.print("1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n")
		p.printf("2: eth0    inet %s/24 brd %s scope global eth0\\       valid_lft forever preferred_lft forever\n", addr, addr[:strings.LastIndexByte(addr, '.')]+".255")
	case strings.HasPrefix(a, " -4 route get "):
		p.printf("%s via %s dev eth0 src %s uid 0 \n    cache \n", p.args[4], addr[:strings.LastIndexByte(addr, '.')]+".1", addr)
	case strings.HasPrefix(a, " -6 route get "):
		fmt.Fprintln(p.stderr, "RTNETLINK answers: Network is unreachable")
		return 2
	case strings.HasPrefix(a, " -4 route show table local "):
		p.printf("local 127.0.0.0/8 dev lo proto kernel scope host src 127.0.0.1 \nlocal %s dev eth0 proto kernel scope host src %s \n", addr, addr)
	case strings.HasPrefix(a, " -6 route show table local "):
	default:
		return p.refuse(strings.TrimSpace(a))
	}
	return 0
}

func lsblk(p *process) int {
	if a := strings.Join(p.operands(), " "); a != "-lnpo NAME,UUID" {
		return p.refuse(a)
	}
	p.print("/dev/sda  \n/dev/sda1 6f1c2a3e-0000-4000-8000-000000000001\n")
	return 0
}

func iscsiadm(p *process) int {
	if a := strings.Join(p.operands(), " "); a != "-m session" {
		return p.refuse(a)
	}
	p.mu.Lock()
	targets := append([]string(nil), p.iscsi...)
	p.mu.Unlock()
	if len(targets) == 0 {
		fmt.Fprintln(p.stderr, "iscsiadm: No active sessions.")
		return 21
	}
	for i, t := range targets {
		p.printf("tcp: [%d] 10.42.0.1:3260,1 %s (non-flash)\n", i+1, t)
	}
	return 0
}

func sysctl(p *process) int {
	o, ok := p.options("nqewp", "values=n", "quiet=q", "ignore=e")
	if !ok {
		return 1
	}
	if o.has('p') || o.has('w') {
		return p.refuse(strings.Join(p.operands(), " "))
	}
	for _, name := range o.rest {
		data, err := p.view().ReadFile("/proc/sys/" + strings.ReplaceAll(name, ".", "/"))
		if err != nil {
			return p.complain("cannot stat /proc/sys/%s: No such file or directory", strings.ReplaceAll(name, ".", "/"))
		}
		if !o.has('n') {
			p.print(name + " = ")
		}
		p.print(string(data))
	}
	return 0
}
