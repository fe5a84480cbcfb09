package packages

import (
	"context"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Apt manages packages of Debian and its kin through apt-get.
var Apt = module.Define(module.Spec{
	Name:     "ansible.builtin.apt",
	Doc:      "Install, upgrade and remove packages of Debian and Ubuntu.",
	Disrupts: module.PackageArgs,
}, planApt)

type aptArgs struct {
	Name                []string `arg:"name,alias=package|pkg" doc:"Packages: names, globs, NAME=VERSION where the version may be a glob, NAME>=VERSION; * with state latest means all."`
	State               string   `arg:"state,default=present,choices=absent|build-dep|latest|present|fixed" doc:"What the packages are to be; fixed repairs broken dependencies."`
	Upgrade             string   `arg:"upgrade,default=no,choices=dist|full|no|safe|yes" doc:"Upgrade all packages: yes and safe remove nothing, full and dist may."`
	UpdateCache         *bool    `arg:"update_cache,alias=update-cache" doc:"Refresh the index of packages first."`
	CacheValidTime      int      `arg:"cache_valid_time,default=0" doc:"Seconds for which an index counts as fresh; implies update_cache."`
	UpdateCacheRetries  int      `arg:"update_cache_retries,default=5" doc:"How often a refresh that failed is tried again."`
	UpdateCacheMaxDelay int      `arg:"update_cache_retry_max_delay,default=12" doc:"The longest pause between these tries, in seconds."`
	Autoremove          bool     `arg:"autoremove,default=no" doc:"Remove packages that were installed only for others and are not needed any more."`
	Autoclean           bool     `arg:"autoclean,default=no" doc:"Delete downloaded packages that no repository has any more."`
	Clean               bool     `arg:"clean,default=no" doc:"Delete all downloaded packages."`
	Purge               bool     `arg:"purge,default=no" doc:"Remove configuration files too."`
	Deb                 string   `arg:"deb,type=path" doc:"A .deb file on the host, or its URL."`
	DefaultRelease      string   `arg:"default_release,alias=default-release" doc:"The release that is preferred, as apt-get -t."`
	InstallRecommends   *bool    `arg:"install_recommends,alias=install-recommends" doc:"Install recommended packages too; not given, the host's own setting holds."`
	OnlyUpgrade         bool     `arg:"only_upgrade,default=no" doc:"Upgrade what is installed and install nothing new."`
	Force               bool     `arg:"force,default=no" doc:"Allow unsigned packages, downgrades, changes of held packages and the removal of essential ones."`
	AllowUnauthentic    bool     `arg:"allow_unauthenticated,default=no,alias=allow-unauthenticated" doc:"Allow packages without a valid signature."`
	AllowDowngrade      bool     `arg:"allow_downgrade,default=no,alias=allow-downgrade|allow_downgrades|allow-downgrades" doc:"Allow a version older than the installed one."`
	AllowHeld           bool     `arg:"allow_change_held_packages,default=no" doc:"Allow to change packages that are on hold."`
	FailOnAutoremove    bool     `arg:"fail_on_autoremove,default=no" doc:"Fail rather than remove a package."`
	DpkgOptions         string   `arg:"dpkg_options" doc:"Options of dpkg, separated by commas; force-confdef,force-confold when not given."`
	LockTimeout         int      `arg:"lock_timeout,default=60" doc:"Seconds to wait for another process that holds the lock."`
	PolicyRcD           *int     `arg:"policy_rc_d" doc:"Exit status of policy-rc.d during the task; 101 forbids packages to start services."`
	ForceAptGet         bool     `arg:"force_apt_get,default=no" doc:"Has no effect: apt-get is always used."`
	AutoInstallDeps     bool     `arg:"auto_install_module_deps,default=yes" doc:"Has no effect: nothing has to be installed on the host."`
	SecurityOnly        bool     `arg:"security_only,default=no" doc:"Ours: with upgrade, take only what comes from a repository of security updates."`
}

// all tells whether the task upgrades every package.
func (a aptArgs) all() bool { return a.verb() != "" }

// verb is the command of apt-get that upgrades everything, empty when the task does not.
func (a aptArgs) verb() string {
	switch {
	case a.Upgrade == "dist", a.Upgrade == "full":
		return "dist-upgrade"
	case a.Upgrade == "yes", a.Upgrade == "safe", a.State == "latest" && len(a.Name) == 1 && a.Name[0] == "*":
		return "upgrade --with-new-pkgs"
	}
	return ""
}

func (a aptArgs) updates() bool {
	return a.UpdateCache != nil && *a.UpdateCache || a.CacheValidTime > 0
}

// options are those of apt-get that every command of the task has. None may hold a space: the probe splits them.
func (a aptArgs) options() []string {
	var o []string
	if a.DefaultRelease != "" {
		o = append(o, "-t", a.DefaultRelease)
	}
	if a.InstallRecommends != nil {
		o = append(o, "-o", fmt.Sprintf("APT::Install-Recommends=%t", *a.InstallRecommends))
	}
	for _, f := range []flagWord{
		{"--allow-unauthenticated", a.Force || a.AllowUnauthentic},
		{"--allow-downgrades", a.Force || a.AllowDowngrade},
		{"--allow-change-held-packages", a.Force || a.AllowHeld},
		{"--allow-remove-essential", a.Force},
		{"--only-upgrade", a.OnlyUpgrade},
		{"--no-remove", a.FailOnAutoremove},
		{"--auto-remove", a.Autoremove && !a.cleansOnly()},
	} {
		if f.on {
			o = append(o, f.word)
		}
	}
	return o
}

// cleansOnly says that there is nothing to install or upgrade, so that autoremove is a command of its own.
func (a aptArgs) cleansOnly() bool {
	return len(a.Name) == 0 && !a.all() && a.Deb == "" && a.State != "fixed"
}

// fault is what is wrong with the arguments together, empty if nothing is.
func (a aptArgs) fault() string {
	for _, n := range a.Name {
		switch {
		case n == "*" && (a.State != "latest" || len(a.Name) > 1):
			return "unable to install additional packages when upgrading all installed packages"
		case strings.Count(strings.ReplaceAll(n, ">=", "="), "=") > 1:
			return "invalid package spec: " + n
		case strings.HasPrefix(n, "-") || strings.ContainsAny(n, " \t\n;|&$`"):
			return fmt.Sprintf("invalid package name: %q", n)
		}
	}
	switch {
	case strings.ContainsAny(a.DefaultRelease, " \t\n"):
		return fmt.Sprintf("invalid default_release: %q", a.DefaultRelease)
	case a.Deb != "" && len(a.Name) > 0, a.Deb != "" && a.Upgrade != "no", a.Upgrade != "no" && len(a.Name) > 0:
		return "parameters are mutually exclusive: deb|package|upgrade"
	case a.SecurityOnly && !a.all():
		return "security_only needs upgrade"
	}
	return ""
}

func planApt(ctx context.Context, v module.View, a aptArgs) (module.Plan, error) {
	a.Name = trimmed(a.Name)
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault)), nil
	}
	job := &aptJob{args: a, clock: module.ClockOf(v.Controller())}
	if isURL(a.Deb) {
		return planDebURL(ctx, v, job)
	}
	return job.plan(ctx, v)
}

// plan looks at the host and says what apt-get has to do.
func (j *aptJob) plan(ctx context.Context, v module.View) (module.Plan, error) {
	seen, err := j.look(ctx, v.Query)
	if err != nil {
		return module.Plan{}, err
	}
	if seen.missing {
		return module.Done(module.Fail("this host has no apt-get")), nil
	}
	refresh := j.args.updates() && seen.now-seen.cacheTime >= j.args.CacheValidTime
	if fault := seen.fault(j.args); fault != "" && !(refresh && seen.indexMayHelp()) && !seen.interrupted {
		return module.Done(j.answer(module.Fail("%s", fault), seen)), nil
	}
	change := module.Change(module.Diff{Prepared: seen.summary()}, func(ctx context.Context, h module.Host) (module.Result, error) {
		return j.apply(ctx, h, seen, refresh)
	})
	switch {
	case seen.changes() || seen.interrupted:
		return change.Predicting(j.answer(output(module.Result{}, module.Output{Stdout: seen.sim}), seen)).Changing(seen.packages()), nil
	case refresh && j.cacheCounts():
		return change.Predicting(j.answer(module.Result{}, seen)), nil
	case refresh:
		return change.Predicting(j.answer(module.Result{}, seen)).Quietly(), nil
	}
	return module.Done(j.unchanged(seen)), nil
}

// cacheCounts says that the refreshed index is itself the change: the task asks for nothing else.
func (j *aptJob) cacheCounts() bool { return j.args.cleansOnly() }

// unchanged is the result when nothing was to be done. An upgrade answers what apt-get said, which playbooks search for its counts.
func (j *aptJob) unchanged(seen aptSight) module.Result {
	var r module.Result
	if j.args.all() {
		r = output(module.Result{Msg: seen.sim}, module.Output{Stdout: seen.sim})
	}
	return j.answer(r, seen)
}

// answer adds what every result of apt has.
func (j *aptJob) answer(r module.Result, seen aptSight) module.Result {
	return r.With("cache_updated", j.cacheUpdated).With("cache_update_time", seen.cacheTime)
}

func trimmed(names []string) []string {
	var out []string
	for _, n := range names {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}
