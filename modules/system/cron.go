package system

import (
	"context"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Cron keeps jobs and variables in crontabs.
var Cron = module.Define(module.Spec{
	Name: "ansible.builtin.cron",
	Doc:  "Keep a job, or a variable for jobs, in the crontab of a user or in a file of /etc/cron.d.",
}, planCron)

type cronArgs struct {
	Name         string  `arg:"name,required" doc:"What the job is called, in a comment above it; with env the variable."`
	User         *string `arg:"user" doc:"Whose crontab, or with cron_file who does the job; by default who runs the task."`
	Job          *string `arg:"job,alias=value" doc:"The command, or the value of the variable. Required with state present."`
	CronFile     string  `arg:"cron_file,type=path" doc:"A file instead of a crontab, in /etc/cron.d if it has no path."`
	State        string  `arg:"state,default=present,choices=present|absent" doc:"Whether it is to be there."`
	Backup       bool    `arg:"backup,default=no" doc:"Keep a copy of the crontab as it was, in the folder of temporary files."`
	Minute       string  `arg:"minute,default=*" doc:"When: 0-59, *, */2 and so on."`
	Hour         string  `arg:"hour,default=*" doc:"When: 0-23."`
	Day          string  `arg:"day,default=*,alias=dom" doc:"When: 1-31."`
	Month        string  `arg:"month,default=*" doc:"When: 1-12, JAN-DEC."`
	Weekday      string  `arg:"weekday,default=*,alias=dow" doc:"When: 0-6, SUN-SAT."`
	SpecialTime  string  `arg:"special_time,choices=reboot|yearly|annually|monthly|weekly|daily|hourly" doc:"When, in a word."`
	Disabled     bool    `arg:"disabled,default=no" doc:"Keep the job as a comment."`
	Env          bool    `arg:"env,default=no" doc:"It is a variable, not a job."`
	InsertAfter  string  `arg:"insertafter" doc:"Put a new variable behind this one."`
	InsertBefore string  `arg:"insertbefore" doc:"Put a new variable before this one."`
}

// cronProbe answers whether there is crontab, who runs the task, the file, its path, and the user's crontab with its status. $1 file, $2 user.
const cronProbe = `
say "$(command -v crontab)"
me=$(id -un)
say "$me"
say "$1"
if [ -n "$1" ]; then
	give "$1"; say 0
else
	case $2 in "" | "$me") said=$(crontab -l 2>/dev/null; rc=$?; echo .; exit $rc) ;; *) said=$(crontab -u "$2" -l 2>/dev/null; rc=$?; echo .; exit $rc) ;; esac
	rc=$?
	say y; say "${said%.}"; say $rc
fi
`

var plainCronFile = regexp.MustCompile(`(?i)^[A-Z0-9_-]+$`)

func planCron(ctx context.Context, v module.View, a cronArgs) (module.Plan, error) {
	path := a.CronFile
	if path != "" && !strings.HasPrefix(path, "/") && !module.NeedsHost(path) {
		path = "/etc/cron.d/" + path
	}
	if path == "/etc/crontab" {
		return module.Done(module.Fail("Will not manage /etc/crontab via cron_file, see documentation.")), nil
	}
	if r := a.check(); r != nil {
		return module.Done(*r), nil
	}
	user := ""
	if a.User != nil {
		user = *a.User
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at a crontab", cronProbe, []string{path}, user))
	if err != nil {
		return module.Plan{}, err
	}
	tool, me := f.Next(), f.Next()
	path = f.Next()
	file, rc := f.File(), f.Next()
	switch {
	case f.Err() != nil:
		return module.Plan{}, f.Err()
	case tool == "" && path == "":
		return onhost.Missing("crontab"), nil
	case rc != "0" && rc != "1": // 1: there is none
		return module.Done(module.Fail("Unable to read crontab")), nil
	}
	t := readCrontab(file.Text, path != "")
	t.args, t.path, t.exists = a, path, file.Exists
	if user != me {
		t.user = user
	}
	return t.plan(), nil
}

func (a cronArgs) check() *module.Result {
	var msg string
	switch present := a.State == "present"; {
	case a.InsertAfter != "" && a.InsertBefore != "":
		msg = "parameters are mutually exclusive: insertafter|insertbefore"
	case a.SpecialTime != "" && (a.Minute != "*" || a.Hour != "*" || a.Day != "*" || a.Month != "*" || a.Weekday != "*"):
		msg = "You cannot combine special_time with any of the time or day/date parameters."
	case present && a.CronFile != "" && a.User == nil:
		msg = "To use cron_file=... parameter you must specify user=... as well"
	case present && a.Job == nil:
		msg = "You must specify 'job' to install a new cron job or variable"
	case present && (a.InsertAfter != "" || a.InsertBefore != "") && !a.Env:
		msg = "Insertafter and insertbefore parameters are valid only with env=yes"
	case a.Env && strings.Contains(a.Name, " "):
		msg = "Invalid name for environment variable"
	default:
		return nil
	}
	r := module.Fail("%s", msg)
	return &r
}

func (a cronArgs) warnings() []string {
	var out []string
	if base := a.CronFile[strings.LastIndexByte(a.CronFile, '/')+1:]; a.CronFile != "" && !plainCronFile.MatchString(base) {
		out = append(out, `Filename portion of cron_file ("`+base+`") should consist solely of upper- and lower-case letters, digits, underscores, and hyphens`)
	}
	if a.Job != nil && !a.Env && a.State == "present" && strings.ContainsAny(strings.Trim(*a.Job, "\r\n"), "\r\n") {
		out = append(out, "Job should not contain line breaks")
	}
	return out
}

// cronBackup keeps a copy of the crontab given as input.
const cronBackup = `# keep a crontab
umask 077
b=$(mktemp "${TMPDIR:-/tmp}/crontabXXXXXXXX") && cat >"$b" && printf %s "$b"`

// cronInstall makes its input the crontab; its arguments are crontab's. The file is one of /tmp, because its path comes to stand on top of the
// crontab, where it is known again and left out the next time, by Ansible too. All may read it, because busybox does so as the user whose
// crontab it becomes; nobody else may write it, or he would choose what that user runs.
const cronInstall = `t=$(mktemp /tmp/crontabXXXXXXXX) || exit 1
trap 'rm -f "$t"' EXIT
cat >"$t" && chmod 0644 "$t" && crontab "$@" "$t"`

// plan edits the lines and plans to bring them into place.
func (t *crontab) plan() module.Plan {
	old := t.render()
	changed, failed := t.edit()
	if failed != nil {
		return module.Done(*failed)
	}
	if t.gone {
		r := module.Result{Warnings: t.args.warnings()}.With("cron_file", t.args.CronFile).With("state", t.args.State)
		return t.change(module.Diff{Before: t.before, BeforeHeader: t.path, AfterHeader: "/dev/null"}, old, r, onhost.Do("rm", "-f", t.path))
	}
	changed = changed || t.before != "" && !strings.HasSuffix(t.before, "\n") && !strings.HasSuffix(t.before, "\r")
	r := module.Result{Warnings: t.args.warnings()}.With("jobs", t.names()).With("envs", t.variables())
	if t.args.CronFile != "" {
		r = r.With("cron_file", t.args.CronFile)
	}
	if !changed {
		return module.Done(r)
	}
	text := t.render()
	diff := module.Diff{Before: t.before, After: text, BeforeHeader: t.title(), AfterHeader: t.title()}
	if t.path != "" {
		return t.change(diff, old, r, onhost.Text(onhost.Write{Path: t.path, Text: text, Mode: 0o644}, t.before))
	}
	argv := []string{"sh", "-c", cronInstall, "crontab"}
	if t.user != "" {
		argv = append(argv, "-u", t.user)
	}
	refused := func(out module.Output) module.Result {
		return module.Fail("Failed to install new cronfile: %s", onhost.Said(out)).With("rc", out.Rc).With("stdout", out.Stdout).With("stderr", out.Stderr)
	}
	return t.change(diff, old, r, onhost.Step{Argv: argv, Stdin: text, Refused: refused})
}

func (t *crontab) title() string {
	switch {
	case t.path != "":
		return t.path
	case t.args.User != nil:
		return `crontab for user "` + *t.args.User + `"`
	}
	return "crontab"
}

// change carries out a step, with a copy of what was before if that is wanted.
func (t *crontab) change(diff module.Diff, old string, r module.Result, step onhost.Step) module.Plan {
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		r := r
		r.Data = r.Data.Clone()
		if t.args.Backup {
			out, err := h.Exec(ctx, module.Cmd{Script: cronBackup, Stdin: strings.NewReader(old)})
			if err != nil {
				return module.Result{}, err
			}
			if out.Rc != 0 {
				return module.Fail("could not keep a copy of the crontab: %s", onhost.Said(out)), nil
			}
			if !t.gone {
				r = r.With("backup_file", out.Stdout)
			}
		}
		_, failed, err := onhost.Carry(ctx, h, []onhost.Step{step})
		if failed != nil {
			return *failed, nil
		}
		r.Changed = true
		return r, err
	}).Predicting(r)
}

func (t *crontab) names() []any {
	out := []any{}
	for _, l := range t.lines {
		if strings.HasPrefix(l, cronMark) {
			out = append(out, strings.ReplaceAll(l, cronMark, ""))
		}
	}
	return out
}

var cronVariable = regexp.MustCompile(`^\S+=`)

func (t *crontab) variables() []any {
	out := []any{}
	for _, l := range t.lines {
		if cronVariable.MatchString(l) {
			name, _, _ := strings.Cut(l, "=")
			out = append(out, value.From(name))
		}
	}
	return out
}
