package system

import (
	"context"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Timezone sets the time zone of a machine, and what its hardware clock shows.
var Timezone = module.Define(module.Spec{
	Name: "community.general.timezone",
	Doc:  "Set the machine's time zone, and whether its hardware clock shows local time.",
}, planTimezone)

type timezoneArgs struct {
	HWClock string `arg:"hwclock,alias=rtc,choices=local|UTC" doc:"What the hardware clock shows."`
	Name    string `arg:"name" doc:"The zone, as below /usr/share/zoneinfo."`
}

// timezoneProbe answers in the order of zoneSight. $1 is the zone that is wanted.
const timezoneProbe = `
say "$(command -v timedatectl)"
say "$(LC_ALL=C timedatectl status 2>/dev/null; echo "rc $?")"
[ -f "/usr/share/zoneinfo/$1" ] && say y || say n
say "$(command -v dpkg-reconfigure)"
say "$(command -v setup-timezone)"
say "$(command -v tzdata-update)"
say "$(command -v hwclock)"
say "$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null)"
if [ -L /etc/localtime ]; then say y; else say n; fi
if [ -e /etc/localtime ]; then say "$(readlink /etc/localtime)"; else say; fi
cmp -s /etc/localtime "/usr/share/zoneinfo/$1" && say y || say n
give /etc/timezone
give /etc/sysconfig/clock
give /etc/default/rcS
give /etc/conf.d/hwclock
give /etc/adjtime
`

// zoneSight is what the probe has found.
type zoneSight struct {
	timedatectl, status                            string
	known                                          bool // the zone wanted is one
	dpkg, setup, update, hwclock, system           string
	isLink                                         bool
	linked                                         string
	same                                           bool // the local time is that of the zone wanted
	timezone, sysconfig, rcS, confHwclock, adjtime onhost.File
}

func lookAtZone(ctx context.Context, ask func(context.Context, module.Cmd) (module.Output, error), name string) (zoneSight, error) {
	out, err := ask(ctx, onhost.Probe("look at the time zone", timezoneProbe, nil, name))
	if err != nil {
		return zoneSight{}, err
	}
	f := onhost.Read(out)
	s := zoneSight{timedatectl: f.Next(), status: f.Next(), known: f.Next() == "y", dpkg: f.Next(), setup: f.Next(), update: f.Next(), hwclock: f.Next(),
		system: strings.Trim(f.Next(), `"'`), isLink: f.Next() == "y", linked: f.Next(), same: f.Next() == "y",
		timezone: f.File(), sysconfig: f.File(), rcS: f.File(), confHwclock: f.File(), adjtime: f.File()}
	return s, f.Err()
}

func planTimezone(ctx context.Context, v module.View, a timezoneArgs) (module.Plan, error) {
	if a.HWClock == "" && a.Name == "" {
		return module.Done(module.Fail("one of the following is required: hwclock, name")), nil
	}
	s, err := lookAtZone(ctx, v.Query, a.Name)
	if err != nil {
		return module.Plan{}, err
	}
	if a.Name != "" && !s.known {
		return module.Done(module.Fail("Error message:\ngiven timezone \"%s\" is not available", a.Name)), nil
	}
	if a.HWClock != "" && !s.bySystemd() && s.hwclock == "" {
		return onhost.Missing("hwclock"), nil
	}
	now, want := a.now(s), a.planned()
	if value.Equal(now, want) {
		return module.Done(module.Result{}), nil
	}
	diff := module.Text(value.Repr(now)+"\n", value.Repr(want)+"\n")
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) { return a.set(ctx, h, s, now) }), nil
}

func (s zoneSight) bySystemd() bool {
	return s.timedatectl != "" && strings.HasSuffix(s.status, "rc 0")
}

// planned are the settings that are wanted, by their names.
func (a timezoneArgs) planned() *value.Map {
	m := &value.Map{}
	if a.HWClock != "" {
		m.Set("hwclock", a.HWClock)
	}
	if a.Name != "" {
		m.Set("name", a.Name)
	}
	return m
}

// now are the same settings as they are.
func (a timezoneArgs) now(s zoneSight) *value.Map {
	m := &value.Map{}
	if a.HWClock != "" {
		m.Set("hwclock", a.clockNow(s))
	}
	if a.Name != "" {
		m.Set("name", a.zoneNow(s))
	}
	return m
}

var (
	systemdClock = regexp.MustCompile(`(?m)^\s*RTC in local TZ\s*:\s*(\S+)`)
	systemdZone  = regexp.MustCompile(`(?m)^\s*Time ?zone\s*:\s*(\S+)`)
	utcLine      = regexp.MustCompile(`(?m)^UTC\s*=\s*(\S+)`)
	adjtimeLine  = regexp.MustCompile(`(?m)^(UTC|LOCAL)$`)
	plainZone    = regexp.MustCompile(`(?m)^(\S+)`)
	suseZone     = regexp.MustCompile(`(?m)^TIMEZONE\s*=\s*"?([^"\s]+)"?`)
	redhatZone   = regexp.MustCompile(`(?m)^ZONE\s*=\s*"?([^"\s]+)"?`)
	zoneLink     = regexp.MustCompile(`/(?:usr/share|etc)/zoneinfo/(.*)`)
)

// firstOf is the first group of the first match.
func firstOf(expr *regexp.Regexp, text, otherwise string) string {
	if m := expr.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return otherwise
}

func (a timezoneArgs) clockNow(s zoneSight) string {
	if s.bySystemd() {
		return word(firstOf(systemdClock, s.status, "") == "yes", "local", "UTC")
	}
	_, file := s.clockFile()
	said := firstOf(utcLine, file.Text, "")
	if said == "" {
		return "n/a"
	}
	utc, err := module.ToBool(said)
	now := word(err == nil && utc == true, "UTC", "local")
	if now != a.HWClock {
		return now
	}
	return word(firstOf(adjtimeLine, s.adjtime.Text, "UTC") == "UTC", "UTC", "local")
}

func (a timezoneArgs) zoneNow(s zoneSight) string {
	if s.bySystemd() {
		return firstOf(systemdZone, s.status, "n/a")
	}
	_, file, line, _ := s.zoneFile()
	now := firstOf(line, file.Text, "n/a")
	switch {
	case now != a.Name:
		return now
	case !s.isLink:
		return word(s.same, now, "n/a")
	}
	return firstOf(zoneLink, s.linked, "n/a")
}

// zoneFile is where a host without systemd keeps its zone: the file, how its line is found, and how it is written.
func (s zoneSight) zoneFile() (path string, file onhost.File, line *regexp.Regexp, format string) {
	switch {
	case s.dpkg != "" || s.system == "alpine" || s.system == "gentoo":
		return "/etc/timezone", s.timezone, plainZone, "%s\n"
	case strings.Contains("\n"+s.sysconfig.Text, "\nTIMEZONE") || !s.sysconfig.Exists && strings.Contains(s.system, "suse"):
		return "/etc/sysconfig/clock", s.sysconfig, suseZone, "TIMEZONE=\"%s\"\n"
	}
	return "/etc/sysconfig/clock", s.sysconfig, redhatZone, "ZONE=\"%s\"\n"
}

// clockFile is where such a host keeps what its hardware clock shows.
func (s zoneSight) clockFile() (string, onhost.File) {
	switch {
	case s.dpkg != "":
		return "/etc/default/rcS", s.rcS
	case s.system == "alpine" || s.system == "gentoo":
		return "/etc/conf.d/hwclock", s.confHwclock
	}
	return "/etc/sysconfig/clock", s.sysconfig
}
