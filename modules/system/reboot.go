package system

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Reboot restarts a machine and waits until it is back. That it has rebooted is told by its boot id and by nothing else: a machine may be
// gone too shortly to be seen, and one that answers may not have gone yet.
var Reboot = module.Define(module.Spec{
	Name:     "ansible.builtin.reboot",
	Doc:      "Reboot the machine, wait until it is back, and check that it has rebooted.",
	Disrupts: func(module.Args) module.Disruption { return module.Disruption{Kind: module.Reboot, What: "reboot"} },
}, planReboot)

type rebootArgs struct {
	RebootTimeout   int      `arg:"reboot_timeout,default=600" doc:"Seconds to wait for the reboot, and again for the test command."`
	ConnectTimeout  *int     `arg:"connect_timeout" doc:"Seconds for one try to connect; short ones at first when not given."`
	PreRebootDelay  int      `arg:"pre_reboot_delay,default=0" doc:"Seconds before the reboot, rounded down to minutes."`
	PostRebootDelay int      `arg:"post_reboot_delay,default=0" doc:"Seconds to wait before the machine is looked for."`
	TestCommand     string   `arg:"test_command,default=whoami" doc:"A command that must succeed for the machine to be back."`
	BootTimeCommand string   `arg:"boot_time_command" doc:"A command whose output changes with every boot; reads the kernel's boot id when not given."`
	Msg             string   `arg:"msg,default=Reboot initiated by Ansible" doc:"What users on the machine are told."`
	RebootCommand   string   `arg:"reboot_command" doc:"The command that reboots; shutdown -r when not given."`
	SearchPaths     []string `arg:"search_paths" doc:"Where the reboot command is looked for, before PATH; the sbin and bin directories when not given."`
}

//go:embed reboot.sh
var rebootScript string

// bootID prints what is another text after each boot.
const bootID = `# boot id
cat /proc/sys/kernel/random/boot_id 2>/dev/null || uptime -s 2>/dev/null || sysctl -n kern.boottime`

func planReboot(ctx context.Context, v module.View, a rebootArgs) (module.Plan, error) {
	if len(a.SearchPaths) == 0 {
		a.SearchPaths = []string{"/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"}
	}
	job := &reboot{args: a, clock: module.ClockOf(v.Controller()), past: pastOf(v)}
	if job.before = notedBoot(v); job.before != "" { // the machine may be down: whoever looks waits
		return job.plan(job.takeUp).StandingBy(job.standBy), nil
	}
	out, err := v.Query(ctx, job.bootCommand())
	if err != nil {
		return module.Plan{}, err
	}
	job.before = strings.TrimSpace(out.Stdout)
	switch {
	case out.Rc != 0 || job.before == "":
		return module.Done(module.Fail("could not read when the machine was booted: %s", said(out)).With("rebooted", false)), nil
	case job.own(job.before):
		return module.Done(module.Fail(ownMachine).With("rebooted", false)), nil
	}
	return job.plan(job.apply), nil
}

// plan is the same however the reboot is come by; its note is what tells, after a death, whether the reboot has happened.
func (r *reboot) plan(do module.Apply) module.Plan {
	answer := module.Result{}.With("rebooted", true).With("elapsed", 0)
	diff := module.Text("boot "+r.before+"\n", "a new boot\n")
	return module.Change(diff, do).Predicting(answer).Noting(value.NewMap("boot", r.before))
}

const ownMachine = "this would reboot the machine that Drydock runs on: the boot ids are the same"

// own tells whether a boot is that of the machine that Drydock runs on.
func (r *reboot) own(boot string) bool { return r.args.BootTimeCommand == "" && boot == ownBootID() }

// ownBootID is the boot id of the machine that Drydock runs on, empty where there is none.
func ownBootID() string {
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// reboot is one task of the module.
type reboot struct {
	args   rebootArgs
	clock  module.Clock
	past   []time.Duration // what earlier reboots of this host took
	before string          // the boot id of the plan
	found  string          // the one it is in when a reboot that was under way is taken up
	start  time.Time       // when the reboot was asked for
	dying  bool            // it may still go down: no new boot id was seen yet
	stale  bool            // the connection is not to be trusted
}

func (r *reboot) bootCommand() module.Cmd {
	if r.args.BootTimeCommand != "" {
		return module.Cmd{Shell: r.args.BootTimeCommand}
	}
	return module.Cmd{Script: bootID}
}

// apply reboots and waits: for a new boot id, then for the test command.
func (r *reboot) apply(ctx context.Context, h module.Host) (module.Result, error) {
	r.start, r.dying, r.stale = r.clock.Now(), true, true
	if failed, err := r.ask(ctx, h); err != nil || failed != nil {
		return orZero(failed), err
	}
	h.Progress("rebooting")
	if err := r.clock.Sleep(ctx, seconds(r.args.PostRebootDelay)); err != nil {
		return module.Result{}, err
	}
	if failed, err := r.await(ctx, h, r.rebooted, r.fellShort); err != nil || failed != nil {
		return orZero(failed), err
	}
	took := r.clock.Now().Sub(r.start)
	done, err := r.back(ctx, h)
	if err != nil || done.Failed {
		return done, err
	}
	if r.args.PostRebootDelay == 0 && r.args.PreRebootDelay < 60 {
		done.Warnings = learn(h, took)
	}
	return done, nil
}

// back waits for the test command.
func (r *reboot) back(ctx context.Context, h module.Host) (module.Result, error) {
	if failed, err := r.await(ctx, h, r.tested, r.untested); err != nil || failed != nil {
		return orZero(failed), err
	}
	return r.answer(module.Result{Changed: true}, true), nil
}

// ask gives the command. That the connection ends under it, or that the command is ended by the shutdown, is as it should be.
func (r *reboot) ask(ctx context.Context, h module.Host) (*module.Result, error) {
	cmd := module.Cmd{Script: rebootScript, Args: append([]string{fmt.Sprint(r.args.PreRebootDelay / 60), r.args.Msg}, r.args.SearchPaths...)}
	if r.args.RebootCommand != "" {
		cmd = module.Cmd{Shell: "PATH=" + strings.Join(r.args.SearchPaths, ":") + ":$PATH; " + r.args.RebootCommand}
	}
	out, err := h.Exec(ctx, cmd)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, module.ErrHostKey), errors.Is(err, module.ErrAuth):
		return nil, err
	case err != nil || out.Rc == 0 || endedByShutdown(out.Rc):
		return nil, nil
	}
	failed := r.answer(module.Fail("Reboot command failed. Error was: %s", said(out)).With("rc", out.Rc), false)
	return &failed, nil
}

// endedByShutdown are the exit statuses of a command whose session the shutdown has closed: 255 and -1 of a lost session, and TERM,
// HUP, KILL.
func endedByShutdown(rc int) bool {
	switch rc {
	case 255, -1, 128 + 15, 128 + 1, 128 + 9:
		return true
	}
	return false
}

// answer adds what every result of reboot has.
func (r *reboot) answer(res module.Result, rebooted bool) module.Result {
	return res.With("rebooted", rebooted).With("elapsed", int(r.clock.Now().Sub(r.start).Seconds()))
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func orZero(r *module.Result) module.Result {
	if r == nil {
		return module.Result{}
	}
	return *r
}
