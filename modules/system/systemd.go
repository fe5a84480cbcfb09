package system

import (
	"context"

	"github.com/drydock-dev/drydock/engine/module"
)

// Systemd controls units of systemd.
var Systemd = module.Define(module.Spec{
	Name:     "ansible.builtin.systemd_service",
	Aliases:  []string{"ansible.builtin.systemd"},
	Doc:      "Start, stop, enable, disable and mask units of systemd.",
	Disrupts: module.UnitArgs,
}, planSystemd)

// Service controls services of systemd, OpenRC or SysV init, whichever the host has.
var Service = module.Define(module.Spec{
	Name:     "ansible.builtin.service",
	Doc:      "Start, stop, enable and disable services.",
	Lacks:    []string{"pattern"},
	Disrupts: module.UnitArgs,
}, planService)

// unitArgs are the arguments that both modules have.
type unitArgs struct {
	State        string `arg:"state,choices=reloaded|restarted|started|stopped" doc:"What the service is to be or to do."`
	Enabled      *bool  `arg:"enabled" doc:"Whether it starts at boot."`
	Masked       *bool  `arg:"masked" doc:"Whether it is masked, so that nothing can start it (systemd)."`
	DaemonReload bool   `arg:"daemon_reload,default=no,alias=daemon-reload" doc:"Make systemd read its unit files again first."`
	DaemonReexec bool   `arg:"daemon_reexec,default=no,alias=daemon-reexec" doc:"Make systemd start itself again first."`
	Scope        string `arg:"scope,default=system,choices=system|user|global" doc:"Whose systemd: the system's, the user's, or that of all users."`
	NoBlock      bool   `arg:"no_block,default=no" doc:"Do not wait until systemd is done."`
	Force        *bool  `arg:"force" doc:"Replace symbolic links that are in the way."`
}

type systemdArgs struct {
	Name string `arg:"name,alias=service|unit" doc:"The unit; without a suffix a service."`
	unitArgs
}

type serviceArgs struct {
	Name string `arg:"name,required" doc:"The service."`
	unitArgs
	Runlevel  string `arg:"runlevel,default=default" doc:"The runlevel of OpenRC to enable it in."`
	Arguments string `arg:"arguments,alias=args" doc:"Further arguments for the script of the service (not with systemd)."`
	Sleep     *int   `arg:"sleep" doc:"Seconds between stop and start of a restart (not with systemd)."`
	Use       string `arg:"use,default=auto,choices=auto|systemd|ansible.builtin.systemd|ansible.builtin.systemd_service|openrc|sysvinit|service" doc:"What keeps the services; found out by default."`
}

func planSystemd(ctx context.Context, v module.View, a systemdArgs) (module.Plan, error) {
	if a.Name == "" && (a.State != "" || a.Enabled != nil || a.Masked != nil) {
		return module.Done(module.Fail("one of the following is required with state, enabled and masked: name")), nil
	}
	if a.Name == "" && !a.DaemonReload && !a.DaemonReexec {
		return module.Done(module.Fail("one of the following is required: state, enabled, masked, daemon_reload, daemon_reexec")), nil
	}
	u := &unit{name: a.Name, args: a.unitArgs, keeper: "systemd", clock: module.ClockOf(v.Controller())}
	return u.plan(ctx, v)
}

func planService(ctx context.Context, v module.View, a serviceArgs) (module.Plan, error) {
	keeper := a.Use
	switch keeper {
	case "ansible.builtin.systemd", "ansible.builtin.systemd_service":
		keeper = "systemd"
	case "service":
		keeper = "sysvinit"
	}
	u := &unit{name: a.Name, args: a.unitArgs, keeper: keeper, runlevel: a.Runlevel, words: a.Arguments, sleep: a.Sleep}
	u.clock = module.ClockOf(v.Controller())
	return u.plan(ctx, v)
}
