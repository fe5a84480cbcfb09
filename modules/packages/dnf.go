package packages

import (
	"context"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Dnf manages packages of Fedora, RHEL and their kin through dnf 4 or 5.
var Dnf = module.Define(module.Spec{
	Name:     "ansible.builtin.dnf",
	Aliases:  []string{"ansible.builtin.yum", "ansible.builtin.dnf5"},
	Doc:      "Install, upgrade, remove and list packages of Fedora, RHEL and their kin.",
	Disrupts: module.PackageArgs,
}, planDnf)

type dnfArgs struct {
	Name            []string `arg:"name,alias=pkg" doc:"Packages: names, globs, NAME-VERSION, @GROUP, files, URLs; * with state latest means all."`
	State           string   `arg:"state,choices=absent|present|installed|removed|latest" doc:"What the packages are to be; present when not given, absent with autoremove."`
	List            string   `arg:"list" doc:"List instead of changing: installed, updates, available, repos, or a package."`
	Security        bool     `arg:"security,default=no" doc:"With state latest, take only what fixes a security problem."`
	Bugfix          bool     `arg:"bugfix,default=no" doc:"With state latest, take only what fixes a bug."`
	UpdateCache     bool     `arg:"update_cache,default=no,alias=expire-cache|update-cache" doc:"Refresh the data of the repositories first."`
	UpdateOnly      bool     `arg:"update_only,default=no" doc:"Upgrade what is installed and install nothing new, with state present too."`
	Autoremove      bool     `arg:"autoremove,default=no" doc:"Remove packages that were installed only for others and are not needed any more."`
	AllowDowngrade  bool     `arg:"allow_downgrade,default=no" doc:"Allow a version older than the installed one."`
	AllowErasing    bool     `arg:"allowerasing,default=no" doc:"Allow the removal of packages that stand in the way."`
	Nobest          *bool    `arg:"nobest" doc:"Do not insist on the newest version."`
	Best            *bool    `arg:"best" doc:"Insist on the newest version."`
	SkipBroken      bool     `arg:"skip_broken,default=no" doc:"Leave out packages whose dependencies cannot be met."`
	Exclude         []string `arg:"exclude" doc:"Packages to leave out, names or globs."`
	DisableExcludes string   `arg:"disable_excludes" doc:"Do without the excludes of the configuration: all, main, or a repository."`
	EnableRepo      []string `arg:"enablerepo" doc:"Repositories to use besides."`
	DisableRepo     []string `arg:"disablerepo" doc:"Repositories not to use."`
	EnablePlugin    []string `arg:"enable_plugin" doc:"Plugins of dnf to use besides."`
	DisablePlugin   []string `arg:"disable_plugin" doc:"Plugins of dnf not to use."`
	DisableGPGCheck bool     `arg:"disable_gpg_check,default=no" doc:"Do not check signatures."`
	SSLVerify       bool     `arg:"sslverify,default=yes" doc:"Check the certificates of repositories."`
	ValidateCerts   bool     `arg:"validate_certs,default=yes" doc:"Check the certificates of servers that packages are fetched from."`
	WeakDeps        bool     `arg:"install_weak_deps,default=yes" doc:"Install recommended packages too."`
	DownloadOnly    bool     `arg:"download_only,default=no" doc:"Download packages and do not install them."`
	DownloadDir     string   `arg:"download_dir,type=path" doc:"Where to download to."`
	CacheOnly       bool     `arg:"cacheonly,default=no" doc:"Use what is in the cache and fetch nothing."`
	ConfFile        string   `arg:"conf_file,type=path" doc:"The configuration file of dnf."`
	Installroot     string   `arg:"installroot,default=/,type=path" doc:"The root of the system to change."`
	Releasever      string   `arg:"releasever" doc:"The release to take packages of."`
	LockTimeout     int      `arg:"lock_timeout,default=30" doc:"Seconds to wait for another process that holds the lock."`
	InstallQuery    bool     `arg:"install_repoquery,default=yes" doc:"Has no effect, as in Ansible."`
	UseBackend      string   `arg:"use_backend,default=auto,choices=auto|dnf|dnf4|dnf5|yum|yum4" doc:"Has no effect: the dnf of the host is used."`
}

// what is the subject of the probe script.
func (a dnfArgs) what() string {
	switch {
	case a.List != "":
		return "list"
	case a.all():
		return "upgrade"
	case len(a.Name) == 0 && a.Autoremove:
		return "autoremove"
	case len(a.Name) == 0:
		return "none"
	case a.State == "absent", a.State == "removed", a.State == "" && a.Autoremove:
		return "absent"
	case a.State == "latest", a.UpdateOnly:
		return "latest"
	}
	return "present"
}

// all tells whether the task upgrades every package.
func (a dnfArgs) all() bool {
	goes := a.State == "absent" || a.State == "removed"
	return len(a.Name) == 1 && a.Name[0] == "*" && (a.State == "latest" || a.UpdateOnly && !goes)
}

// options are those of dnf that every command of the task has.
func (a dnfArgs) options() []string {
	o := []string{"--setopt=install_weak_deps=" + yes(a.WeakDeps)}
	if a.List == "" { // a list waits for locks, as dnf does by itself; changes wait in a way that names the holder
		o = append(o, "--setopt=exit_on_lock=True")
	}
	o = append(o, "--setopt=clean_requirements_on_remove="+yes(a.Autoremove))
	for _, f := range []flagWord{
		{"--security", a.Security}, {"--bugfix", a.Bugfix}, {"--allowerasing", a.AllowErasing}, {"--skip-broken", a.SkipBroken},
		{"--best", a.Best != nil && *a.Best || a.Nobest != nil && !*a.Nobest}, {"--nogpgcheck", a.DisableGPGCheck},
		{"--nobest", a.Nobest != nil && *a.Nobest || a.Best != nil && !*a.Best}, {"--cacheonly", a.CacheOnly},
		{"--downloadonly", a.DownloadOnly}, {"--setopt=sslverify=False", !a.SSLVerify || !a.ValidateCerts},
	} {
		if f.on {
			o = append(o, f.word)
		}
	}
	for _, f := range []struct{ word, val string }{
		{"--disableexcludes=", a.DisableExcludes}, {"--config=", a.ConfFile}, {"--releasever=", a.Releasever}, {"--destdir=", a.DownloadDir},
		{"--exclude=", strings.Join(a.Exclude, ",")}, {"--enablerepo=", strings.Join(a.EnableRepo, ",")},
		{"--disablerepo=", strings.Join(a.DisableRepo, ",")}, {"--enableplugin=", strings.Join(a.EnablePlugin, ",")},
		{"--disableplugin=", strings.Join(a.DisablePlugin, ",")},
	} {
		if f.val != "" {
			o = append(o, f.word+f.val)
		}
	}
	if a.Installroot != "/" {
		o = append(o, "--installroot="+a.Installroot)
	}
	return o
}

func yes(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// fault is what is wrong with the arguments together, empty if nothing is.
func (a dnfArgs) fault() string {
	for _, n := range a.Name {
		if strings.HasPrefix(n, "-") || strings.ContainsAny(n, "\n") {
			return fmt.Sprintf("invalid package name: %q", n)
		}
	}
	switch {
	case a.List != "" && len(a.Name) > 0:
		return "parameters are mutually exclusive: list|name"
	case a.Autoremove && a.State != "" && a.State != "absent" && a.State != "removed":
		return `Autoremove should be used alone or with state=absent`
	case a.Nobest != nil && a.Best != nil:
		return "parameters are mutually exclusive: best|nobest"
	case a.List == "obsoletes":
		return `list: obsoletes is not supported; use "dnf list --obsoletes" by command`
	}
	return ""
}

func planDnf(ctx context.Context, v module.View, a dnfArgs) (module.Plan, error) {
	a.Name = trimmed(a.Name)
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault)), nil
	}
	job := &dnfJob{args: a, clock: module.ClockOf(v.Controller())}
	seen, err := job.look(ctx, v.Query)
	if err != nil {
		return module.Plan{}, err
	}
	switch {
	case seen.missing != "":
		return module.Done(module.Fail("this host has no dnf (%s)", seen.missing)), nil
	case a.List != "":
		return module.Done(listed(seen)), nil
	}
	failure := seen.failure(a)
	if failure != nil && !a.UpdateCache {
		return module.Done(*failure), nil
	}
	plan := module.Change(module.Diff{Prepared: seen.summary()}, func(ctx context.Context, h module.Host) (module.Result, error) {
		return job.apply(ctx, h, seen)
	})
	switch {
	case seen.locked():
		return module.Opaque("another process holds the lock of dnf", plan.Apply()), nil
	case failure == nil && seen.changes(a):
		return plan.Predicting(dnfResult("Check mode: No changes made, but would have if not in check mode", seen.foretold())).Changing(seen.packages()), nil
	case a.UpdateCache:
		return plan.Predicting(dnfResult("Cache updated", nil)).Quietly(), nil
	}
	return module.Done(seen.nothing()), nil
}

func dnfResult(msg string, results []any) module.Result {
	if results == nil {
		results = []any{}
	}
	return module.Result{Msg: msg}.With("rc", 0).With("results", results)
}
