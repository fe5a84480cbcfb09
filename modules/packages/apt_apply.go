// Carrying out what a plan of apt has found: refresh, repair, install, clean.

package packages

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// aptJob is one task of apt: its arguments and what has happened so far.
type aptJob struct {
	args         aptArgs
	clock        module.Clock
	cacheUpdated bool
	warnings     []string
}

//go:embed apt_run.sh
var aptRun string

// apply makes the host what the task asks. After a refreshed index or a repair it looks again: what is to be done may be different now.
func (j *aptJob) apply(ctx context.Context, h module.Host, seen aptSight, refresh bool) (module.Result, error) {
	if seen.interrupted {
		if r, err := j.repair(ctx, h); err != nil || r.Failed {
			return r, err
		}
	}
	if refresh {
		if r, err := j.refresh(ctx, h); err != nil || r.Failed {
			return j.answer(r, seen), err
		}
	}
	if refresh || seen.interrupted {
		var err error
		if seen, err = j.lookAgain(ctx, h, seen, refresh); err != nil {
			return module.Result{}, err
		}
		if fault := seen.fault(j.args); fault != "" {
			return j.answer(module.Fail("%s", fault), seen), nil
		}
	}
	r, err := j.act(ctx, h, seen)
	r.Changed = r.Changed || len(j.warnings) > 0 || !r.Failed && j.cacheUpdated && j.cacheCounts()
	r.Warnings = append(r.Warnings, j.warnings...)
	return j.answer(r, seen), err
}

// lookAgain is the sight after a refresh or a repair. When nothing in the index was new, apt leaves the time of its directory alone, and
// cache_valid_time would never count from this refresh: so it is touched.
func (j *aptJob) lookAgain(ctx context.Context, h module.Host, old aptSight, refreshed bool) (aptSight, error) {
	seen, err := j.look(ctx, h.Exec)
	if err != nil || !refreshed {
		return seen, err
	}
	j.cacheUpdated = seen.cacheTime != old.cacheTime
	if !j.cacheUpdated {
		_, err = h.Exec(ctx, module.Cmd{Argv: []string{"touch", "-c", seen.lists}})
	}
	return seen, err
}

// act runs the commands of apt-get that the sight calls for, one after the other, and joins what they say.
func (j *aptJob) act(ctx context.Context, h module.Host, seen aptSight) (module.Result, error) {
	commands := j.commands(seen)
	if len(commands) == 0 {
		return j.unchanged(seen), nil
	}
	var all module.Output
	changed := false
	for _, argv := range commands {
		out, held, err := j.aptGet(ctx, h, argv)
		if err != nil {
			return module.Result{}, err
		}
		if held != nil {
			return *held, nil
		}
		if out.Rc != 0 {
			r := refused(append([]string{"apt-get"}, argv...), out)
			r.Changed = aptChanged(out.Stdout)
			r.Packages = aptUnpacked(all.Stdout+out.Stdout, seen.packages())
			return r, nil
		}
		all.Stdout, all.Stderr = all.Stdout+out.Stdout, all.Stderr+out.Stderr
		changed = changed || aptChanged(out.Stdout) || argv[len(argv)-1] == "clean"
	}
	r := output(module.Result{Changed: changed, Diff: &module.Diff{Prepared: seen.summary()}}, all)
	r.Packages = aptUnpacked(all.Stdout, seen.packages())
	if j.args.all() {
		r.Msg = all.Stdout
	}
	return r, nil
}

// commands are what apt-get has to be told.
func (j *aptJob) commands(seen aptSight) [][]string {
	a := j.args
	var cmds [][]string
	add := func(words ...string) { cmds = append(cmds, append(a.options(), words...)) }
	switch {
	case !simChange.MatchString(seen.sim):
	case a.Deb != "":
		add("install", a.Deb)
	case a.SecurityOnly:
		add(append([]string{"install", "--only-upgrade"}, seen.want...)...)
	case a.all():
		add(strings.Fields(a.verb())...)
	case a.State == "fixed":
		add(append([]string{"-f", "install"}, seen.want...)...)
	case a.State == "absent" && a.Purge:
		add(append([]string{"purge"}, seen.want...)...)
	case a.State == "absent":
		add(append([]string{"remove"}, seen.want...)...)
	case a.State == "build-dep":
		add(append([]string{"build-dep"}, seen.want...)...)
	default:
		add(append([]string{"install"}, seen.want...)...)
	}
	if a.Autoremove && a.cleansOnly() && simChange.MatchString(seen.autoremove) {
		if a.Purge {
			add("autoremove", "--purge")
		} else {
			add("autoremove")
		}
	}
	if a.Autoclean && (len(cmds) > 0 || strings.Contains("\n"+seen.autoclean, "\nDel ")) {
		add("autoclean")
	}
	if a.Clean && (len(cmds) > 0 || len(seen.downloads) > 0) {
		add("clean")
	}
	return cmds
}

// aptGet runs apt-get to its end: it waits for another process's lock and mends an interrupted dpkg once. held is the failure when the
// lock was not given up in time.
func (j *aptJob) aptGet(ctx context.Context, h module.Host, words []string) (out module.Output, held *module.Result, err error) {
	cmd := j.command(h, words)
	for mended := false; ; mended = true {
		out, held, err = j.unlocked(ctx, h, cmd)
		if err != nil || held != nil || out.Rc == 0 || mended || !strings.Contains(out.Stderr, "dpkg was interrupted") {
			return out, held, err
		}
		r, err := j.repair(ctx, h)
		if err != nil {
			return out, nil, err
		}
		if r.Failed {
			return out, &r, nil
		}
	}
}

// command wraps apt-get: nothing is asked, configuration files that people changed are kept, nobody else's lock is waited for (we do
// that, to say whose it is).
func (j *aptJob) command(h module.Host, words []string) module.Cmd {
	policy := ""
	if j.args.PolicyRcD != nil {
		policy = fmt.Sprint(*j.args.PolicyRcD)
	}
	argv := append([]string{policy, "apt-get", "-y"}, j.dpkgOptions()...)
	argv = append(argv, "-o", "DPkg::Lock::Timeout=0", "-o", "APT::Color=0")
	cmd := module.Cmd{Script: aptRun, Args: append(argv, words...), Env: unattended}
	if words[len(words)-1] != "update" { // which index comes from where is no news
		cmd.Watch = watchApt(h)
	}
	return cmd
}

func (j *aptJob) dpkgOptions() []string {
	list := j.args.DpkgOptions
	if list == "" {
		list = "force-confdef,force-confold"
	}
	var o []string
	for _, option := range strings.Split(list, ",") {
		if option = strings.TrimSpace(option); option != "" {
			o = append(o, "-o", "Dpkg::Options::=--"+option)
		}
	}
	return o
}

// watchApt tells of the steps that take long.
func watchApt(h module.Host) func(line string) {
	return func(line string) {
		for _, word := range []string{"Get:", "Unpacking ", "Setting up ", "Removing ", "Purging ", "Processing triggers "} {
			if strings.HasPrefix(line, word) {
				h.Progress(strings.TrimRight(line, " .\r"))
			}
		}
	}
}

// repair finishes what an interrupted dpkg has left half done.
func (j *aptJob) repair(ctx context.Context, h module.Host) (module.Result, error) {
	h.Progress("dpkg was interrupted: running dpkg --configure -a")
	argv := []string{"", "dpkg", "--configure", "-a"}
	for _, o := range j.dpkgOptions() {
		if option, ok := strings.CutPrefix(o, "Dpkg::Options::="); ok {
			argv = append(argv, option)
		}
	}
	out, held, err := j.unlocked(ctx, h, module.Cmd{Script: aptRun, Args: argv, Env: unattended})
	switch {
	case err != nil:
		return module.Result{}, err
	case held != nil:
		return *held, nil
	case out.Rc != 0:
		return refused(argv[1:], out), nil
	}
	j.warnings = append(j.warnings, "dpkg had been interrupted; it was repaired by dpkg --configure -a")
	return module.Result{Changed: true}, nil
}

// fetchFailed are the lines of apt-get update about a repository that could not be read; its exit status may be 0 all the same.
var fetchFailed = regexp.MustCompile(`(?m)^(?:E|W|Err): ?(.*(?:Failed to fetch|Some index files failed|does not have a Release file|is not signed|` +
	`couldn't be verified|NO_PUBKEY).*)$`)

// refresh brings the index up to date.
func (j *aptJob) refresh(ctx context.Context, h module.Host) (module.Result, error) {
	why := ""
	for try := 0; try <= j.args.UpdateCacheRetries; try++ {
		if try > 0 {
			pause := math.Min(math.Pow(2, float64(try-1)), float64(j.args.UpdateCacheMaxDelay))
			h.Progress(fmt.Sprintf("apt-get update failed, try %d of %d in %.0f s", try, j.args.UpdateCacheRetries, pause))
			if err := j.clock.Sleep(ctx, time.Duration(pause*float64(time.Second))); err != nil {
				return module.Result{}, err
			}
		}
		out, held, err := j.aptGet(ctx, h, []string{"update"})
		if err != nil {
			return module.Result{}, err
		}
		if held != nil {
			return *held, nil
		}
		if why = updateFault(out); why == "" {
			return module.Result{}, nil
		}
	}
	return module.Fail("Failed to update apt cache: %s", why), nil
}

func updateFault(out module.Output) string {
	if m := fetchFailed.FindStringSubmatch(out.Stderr); m != nil {
		return strings.TrimSpace(m[1])
	}
	if out.Rc != 0 {
		return strings.TrimSpace(out.Stderr)
	}
	return ""
}

// aptCounts is the line with which apt-get ends its calculation; all numbers before "not upgraded" are changes.
var aptCounts = regexp.MustCompile(`(?m)^(\d+ upgraded, \d+ newly installed, (?:\d+ reinstalled, )?(?:\d+ downgraded, )?\d+ to remove) and `)

// aptChanged tells from the output of a real run whether anything was changed.
func aptChanged(stdout string) bool {
	m := aptCounts.FindStringSubmatch(stdout)
	if m != nil && strings.ContainsAny(m[1], "123456789") {
		return true
	}
	return strings.Contains("\n"+stdout, "\nSetting up ") || strings.Contains("\n"+stdout, "\nDel ")
}
