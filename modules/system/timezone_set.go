// Setting what the module timezone is asked for, with systemd and without.

package system

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// set changes what differs and looks again.
func (a timezoneArgs) set(ctx context.Context, h module.Host, s zoneSight, now *value.Map) (module.Result, error) {
	var steps []onhost.Step
	var told []string
	if a.HWClock != "" && now.Value("hwclock") != a.HWClock {
		more, msgs := a.clockSteps(s)
		steps, told = append(steps, more...), append(told, msgs...)
	}
	if a.Name != "" && now.Value("name") != a.Name {
		if len(steps) > 0 && !s.bySystemd() {
			s.sysconfig.Text = afterClock(s, steps) // both may stand in one file
		}
		more, msgs := a.zoneSteps(s)
		steps, told = append(steps, more...), append(told, msgs...)
	}
	if _, failed, err := onhost.Carry(ctx, h, steps); failed != nil || err != nil {
		if failed != nil {
			return *failed, nil
		}
		return module.Result{}, err
	}
	s, err := lookAtZone(ctx, h.Exec, a.Name)
	if err != nil {
		return module.Result{}, err
	}
	if after, planned := a.now(s), a.planned(); !value.Equal(after, planned) {
		return module.Fail("Error message:\nstill not desired state, though changes have made - planned: %s, after: %s", value.Repr(planned), value.Repr(after)), nil
	}
	return module.Result{Changed: true, Msg: strings.Join(told, "\n")}, nil
}

func afterClock(s zoneSight, steps []onhost.Step) string {
	for _, step := range steps {
		if step.Write != nil && step.Write.Path == "/etc/sysconfig/clock" {
			return step.Write.Text
		}
	}
	return s.sysconfig.Text
}

func (a timezoneArgs) clockSteps(s zoneSight) (steps []onhost.Step, told []string) {
	local := a.HWClock == "local"
	if s.bySystemd() {
		return saying(s.timedatectl, "set-local-rtc", word(local, "yes", "no"))
	}
	path, file := s.clockFile()
	step, msg := oneLine(path, file, utcLine, "UTC="+word(local, "no", "yes")+"\n")
	steps, told = saying(s.hwclock, "--systohc", word(local, "--localtime", "--utc"))
	return append([]onhost.Step{step}, steps...), append([]string{msg}, told...)
}

func (a timezoneArgs) zoneSteps(s zoneSight) (steps []onhost.Step, told []string) {
	if s.bySystemd() {
		return saying(s.timedatectl, "set-timezone", a.Name)
	}
	path, file, line, format := s.zoneFile()
	step, msg := oneLine(path, file, line, fmt.Sprintf(format, a.Name))
	steps, told = []onhost.Step{step}, []string{msg}
	zone := "/usr/share/zoneinfo/" + a.Name
	switch {
	case s.dpkg != "":
		return append(steps, onhost.Do("ln", "-sf", zone, "/etc/localtime"), onhost.Do("dpkg-reconfigure", "--frontend", "noninteractive", "tzdata")), told
	case s.system == "alpine" && s.setup != "":
		return append(steps, onhost.Do("setup-timezone", "-z", a.Name)), told
	case s.update != "" && !s.isLink && s.system != "gentoo" && s.system != "alpine":
		return append(steps, onhost.Do("tzdata-update")), told
	case s.system == "alpine": // busybox's cp has no --remove-destination
		return append(steps, onhost.Do("rm", "-f", "/etc/localtime"), onhost.Do("cp", zone, "/etc/localtime")), told
	}
	return append(steps, onhost.Do("cp", "--remove-destination", zone, "/etc/localtime")), told
}

// saying is the step that runs a tool, which is told of.
func saying(argv ...string) ([]onhost.Step, []string) {
	return []onhost.Step{onhost.Do(argv...)}, []string{"executed `" + strings.Join(argv, " ") + "`"}
}

// oneLine puts a line in the place of the first that matches, or at the beginning, and drops the others that match.
func oneLine(path string, file onhost.File, line *regexp.Regexp, want string) (onhost.Step, string) {
	var kept []string
	at, dropped := 0, 0
	for _, l := range onhost.Lines(file.Text) {
		if !line.MatchString(l) {
			kept = append(kept, l)
			continue
		}
		if dropped == 0 {
			at = len(kept)
		}
		dropped++
	}
	text := strings.Join(kept[:at], "") + want + strings.Join(kept[at:], "")
	msg := fmt.Sprintf("Added 1 line and deleted %d line(s) on %s", dropped, path)
	return onhost.Text(onhost.Write{Path: path, Text: text, Dirs: true}, file.Text), msg
}
