package linux

// systemctl, service, shutdown and their like.

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

func (p *process) withTimeout(d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(p.ctx)
	p.clock.After(d, cancel)
	return ctx, cancel
}

// mustBeRoot says what systemd says to others.
func (p *process) mustBeRoot() bool {
	if p.who.uid == 0 {
		return true
	}
	fmt.Fprintln(p.stderr, "Failed to execute operation: Interactive authentication required.")
	return false
}

//house:dispatch
func systemctl(p *process) int {
	o, ok := p.options("qalfp:t:nHM:", "system=H", "user=M", "global=M", "no-block=n", "force=f", "quiet=q", "no-pager=n", "no-legend=n", "all=a", "plain=n", "full=l",
		"type=t", "property=p", "version=v", "now=N", "value=V", "no-ask-password=n", "state=S", "runtime=R")
	if !ok {
		return 1
	}
	switch {
	case o.has('v'):
		p.print("systemd 252 (252.31-1~deb12u1)\n+PAM +AUDIT +SELINUX +APPARMOR\n")
		return 0
	case o.has('M'), o.has('S'), o.has('R'):
		return p.refuse(strings.Join(p.operands(), " "))
	case len(o.rest) == 0:
		return p.refuse("without a verb")
	}
	verb, names := o.rest[0], o.rest[1:]
	switch verb {
	case "show":
		return p.show(o, names)
	case "is-active", "is-enabled", "is-failed":
		return p.isState(verb, names, o.has('q'))
	case "status":
		return p.unitStatus(names)
	case "is-system-running":
		p.print("running\n")
		return 0
	case "list-units", "list-unit-files":
		return p.listUnits(verb, o.value('t', ""), o.has('a'))
	case "cat":
		for _, name := range names {
			data, err := p.view().ReadFile("/usr/lib/systemd/system/" + unitName(name))
			if err != nil {
				fmt.Fprintf(p.stderr, "No files found for %s.\n", unitName(name))
				return 1
			}
			p.print("# /usr/lib/systemd/system/" + unitName(name) + "\n" + string(data))
		}
		return 0
	}
	if !p.mustBeRoot() {
		return 1
	}
	switch verb {
	case "daemon-reload", "daemon-reexec", "reset-failed":
		return p.reload()
	case "reboot":
		p.Reboot()
		return 0
	case "poweroff", "halt":
		p.PowerOff()
		return 0
	case "start", "stop", "restart", "reload", "try-restart", "reload-or-restart", "kill":
		return p.control(verb, names)
	case "enable", "disable", "mask", "unmask":
		return p.enable(verb, names, o.has('N'))
	}
	return p.refuse(verb)
}

// reload takes in unit files that are new.
func (p *process) reload() int {
	for _, dir := range []string{"/usr/lib/systemd/system", "/etc/systemd/system"} {
		list, _ := p.view().ReadDir(dir)
		for _, i := range list {
			if i.IsDir() || unitName(i.Base) != i.Base {
				continue
			}
			p.mu.Lock()
			if p.units[i.Base] == nil {
				p.units[i.Base] = &Unit{Name: i.Base, Description: i.Base, Enabled: "disabled"}
			}
			p.mu.Unlock()
		}
	}
	return 0
}

func (p *process) control(verb string, names []string) int {
	code := 0
	for _, name := range names {
		var err error
		if _, ok := p.unit(name); !ok {
			err = fmt.Errorf("Unit %s not found.", unitName(name)) //nolint:staticcheck // systemd's words
		}
		running := p.Active(name)
		if err == nil && (verb == "stop" || verb == "kill" || verb == "restart" || verb == "try-restart" && running) {
			err = p.StopUnit(name)
		}
		if err == nil && (verb == "start" || verb == "restart" || verb == "reload-or-restart" && !running || verb == "try-restart" && running) {
			err = p.StartUnit(name)
		}
		if err == nil && verb == "reload" && !running {
			err = fmt.Errorf("%s is not active, cannot reload.", unitName(name)) //nolint:staticcheck // systemd's words
		}
		switch {
		case errors.Is(err, errJobFailed):
			code = 1
			fmt.Fprintf(p.stderr, "Job for %s failed because the control process exited with error code.\nSee \"systemctl status %s\" and \"journalctl -xeu %s\" for details.\n",
				unitName(name), unitName(name), unitName(name))
		case err != nil:
			code = 5
			fmt.Fprintf(p.stderr, "Failed to %s %s: %v\n", verb, unitName(name), err)
		}
	}
	return code
}

func (p *process) enable(verb string, names []string, now bool) int {
	state := map[string]string{"enable": "enabled", "disable": "disabled", "mask": "masked", "unmask": "disabled"}[verb]
	for _, name := range names {
		p.mu.Lock()
		u := p.units[unitName(name)]
		if u != nil && u.Enabled != "static" && !(verb == "unmask" && u.Enabled != "masked") {
			u.Enabled = state
		}
		p.mu.Unlock()
		if u == nil {
			fmt.Fprintf(p.stderr, "Failed to %s unit: Unit file %s does not exist.\n", verb, unitName(name))
			return 1
		}
		link := "/etc/systemd/system/multi-user.target.wants/" + unitName(name)
		switch verb {
		case "enable":
			_ = p.view().MkdirAll("/etc/systemd/system/multi-user.target.wants", 0o755)
			if p.view().Symlink("/usr/lib/systemd/system/"+unitName(name), link) == nil {
				fmt.Fprintf(p.stderr, "Created symlink %s → /usr/lib/systemd/system/%s.\n", link, unitName(name))
			}
		case "disable":
			_ = p.view().Remove(link) // it need not be there
		}
	}
	if now && verb == "enable" {
		return p.control("start", names)
	}
	if now && verb != "unmask" {
		return p.control("stop", names)
	}
	return 0
}

func (p *process) isState(verb string, names []string, quiet bool) int {
	code := map[string]int{"is-active": 3, "is-enabled": 1, "is-failed": 1}[verb]
	for _, name := range names {
		u, ok := p.unit(name)
		word, yes := u.active(), u.Active
		switch verb {
		case "is-enabled":
			word, yes = u.Enabled, u.Enabled == "enabled" || u.Enabled == "static"
			if !ok {
				fmt.Fprintf(p.stderr, "Failed to get unit file state for %s: No such file or directory\n", unitName(name))
				continue
			}
		case "is-failed":
			yes = u.failed
		}
		if !ok && verb == "is-active" {
			code = 4
		}
		if yes {
			code = 0
		}
		if !quiet {
			p.print(word + "\n")
		}
	}
	return code
}

// active is the state as systemctl says it.
func (u Unit) active() string {
	switch {
	case u.failed:
		return "failed"
	case u.Active:
		return "active"
	}
	return "inactive"
}

func (u Unit) sub() string {
	switch {
	case u.failed:
		return "failed"
	case u.Active:
		return "running"
	}
	return "dead"
}

// properties are what show says, in order.
func (u Unit) properties(known bool) [][2]string {
	load := "loaded"
	switch {
	case !known:
		load = "not-found"
	case u.Enabled == "masked":
		load = "masked"
	}
	list := [][2]string{{"Type", "notify"}, {"Restart", "always"}, {"MainPID", strconv.Itoa(u.pid)}, {"Result", "success"},
		{"Id", u.Name}, {"Names", u.Name}, {"Description", u.Description}, {"LoadState", load}, {"ActiveState", u.active()}, {"SubState", u.sub()}}
	if known {
		list = append(list, [2]string{"ExecStart", "{ path=" + strings.Fields(u.command())[0] + " ; argv[]=" + u.command() + " ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }"},
			[2]string{"FragmentPath", "/usr/lib/systemd/system/" + u.Name}, [2]string{"UnitFileState", u.Enabled},
			[2]string{"ActiveEnterTimestamp", u.since.UTC().Format("Mon 2006-01-02 15:04:05 MST")})
	}
	return list
}

func (p *process) show(o *options, names []string) int {
	wanted := map[string]bool{}
	for _, list := range o.all('p') {
		for _, w := range strings.Split(list, ",") {
			wanted[w] = true
		}
	}
	for i, name := range names {
		if i > 0 {
			p.print("\n")
		}
		u, ok := p.unit(name)
		u.Name = unitName(name)
		if !ok {
			u.Description = u.Name
		}
		for _, kv := range u.properties(ok) {
			if len(wanted) > 0 && !wanted[kv[0]] {
				continue
			}
			if !o.has('V') {
				p.print(kv[0] + "=")
			}
			p.print(kv[1] + "\n")
		}
	}
	return 0
}

func (p *process) unitStatus(names []string) int {
	code := 0
	for _, name := range names {
		u, ok := p.unit(name)
		if !ok {
			fmt.Fprintf(p.stderr, "Unit %s could not be found.\n", unitName(name))
			code = 4
			continue
		}
		p.printf("● %s - %s\n     Loaded: loaded (/usr/lib/systemd/system/%s; %s; preset: enabled)\n     Active: %s (%s)\n", u.Name, u.Description, u.Name, u.Enabled, u.active(), u.sub())
		if !u.Active {
			code = 3
		}
	}
	return code
}

func (p *process) listUnits(verb, kind string, all bool) int {
	p.mu.Lock()
	names := sortedKeys(p.units)
	p.mu.Unlock()
	for _, name := range names {
		u, ok := p.unit(name)
		if !ok || kind != "" && !strings.HasSuffix(name, "."+kind) {
			continue
		}
		switch {
		case verb == "list-unit-files":
			p.printf("%-40s %-15s enabled\n", name, u.Enabled)
		case u.Active || all || u.failed:
			p.printf("%-40s loaded %-8s %-8s %s\n", name, u.active(), u.sub(), u.Description)
		}
	}
	return 0
}

// service is the old program: service NAME VERB, service --status-all.
func service(p *process) int {
	if len(p.args) == 2 && p.args[1] == "--status-all" {
		return 0
	}
	if len(p.args) < 3 {
		return p.refuse(strings.Join(p.operands(), " "))
	}
	return p.run([]string{"systemctl", p.args[2], p.args[1]}, nil)
}

// shutdown reboots or halts: now, or in so many minutes.
func shutdown(p *process) int {
	o, ok := p.options("rhPHckf", "reboot=r", "poweroff=P", "halt=H")
	if !ok {
		return 1
	}
	if !p.mustBeRoot() {
		return 1
	}
	when := "+1"
	if len(o.rest) > 0 {
		when = o.rest[0]
	}
	minutes, err := strconv.Atoi(strings.TrimPrefix(strings.Replace(when, "now", "0", 1), "+"))
	if err != nil || o.has('c') {
		return p.refuse(strings.Join(p.operands(), " "))
	}
	do := p.PowerOff
	if o.has('r') {
		do = p.Reboot
	}
	if minutes == 0 {
		do()
		return 0
	}
	fmt.Fprintf(p.stderr, "Shutdown scheduled for %s, use 'shutdown -c' to cancel.\n", p.clock.Now().UTC().Add(time.Duration(minutes)*time.Minute).Format("Mon 2006-01-02 15:04:05 MST"))
	p.clock.After(time.Duration(minutes)*time.Minute, do)
	return 0
}

func reboot(p *process) int {
	if !p.mustBeRoot() {
		return 1
	}
	if p.name() == "reboot" {
		p.Reboot()
	} else {
		p.PowerOff()
	}
	return 0
}
