// What the probe of apt says, read into an aptSight.

package packages

import (
	"context"
	_ "embed"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

//go:embed apt_probe.sh
var aptProbe string

// aptSight is what one look at a Debian host has shown.
type aptSight struct {
	missing     bool   // no apt-get there
	interrupted bool   // dpkg was cut off and left its journal
	now         int    // the host's clock
	cacheTime   int    // when the index was refreshed last; 0: never
	lists       string // the directory of the index

	want   []string // specifications that apt-get has to deal with
	none   []string // globs that match nothing
	sim    string   // what apt-get said it would do
	failed bool     // apt-get would refuse

	autoremove, autoclean string // what these would say
	downloads             []string

	deb debSight
}

// debSight is what the probe found out about a .deb file.
type debSight struct{ name, version, installed, err string }

// look runs the probe by ask, which is a Query or, in an Apply, an Exec.
func (j *aptJob) look(ctx context.Context, ask run) (aptSight, error) {
	a := j.args
	flags := flagged(flagWord{"purge", a.Purge}, flagWord{"only_upgrade", a.OnlyUpgrade}, flagWord{"autoclean", a.Autoclean},
		flagWord{"autoremove", a.Autoremove && a.cleansOnly()}, flagWord{"clean", a.Clean}, flagWord{"security", a.SecurityOnly})
	names := a.Name
	if a.all() {
		names = nil
	}
	args := append([]string{a.State, a.verb(), strings.Join(a.options(), " "), flags, a.Deb}, names...)
	out, err := ask(ctx, module.Cmd{Script: aptProbe, Args: args})
	if err != nil {
		return aptSight{}, err
	}
	return readAptProbe(out.Stdout), nil
}

func readAptProbe(out string) aptSight {
	s := module.Sections(out)
	_, missing := s["missing"]
	seen := aptSight{
		missing: missing, interrupted: strings.TrimSpace(s["journal"]) != "",
		lists: strings.TrimSpace(s["lists"]),
		sim:   s["sim"], failed: strings.TrimSpace(s["rc"]) != "0" && s["sim"] != "",
		autoremove: s["autoremove"], autoclean: s["autoclean"], downloads: module.Lines(s["clean"]),
	}
	for i, line := range module.Lines(s["cache"]) {
		n, _ := strconv.Atoi(line)
		if i == 0 {
			seen.now = n
		} else {
			seen.cacheTime = max(seen.cacheTime, n)
		}
	}
	for _, line := range module.Lines(s["picked"]) {
		if spec, ok := strings.CutPrefix(line, "want "); ok {
			seen.want = append(seen.want, spec)
		} else if glob, ok := strings.CutPrefix(line, "none "); ok {
			seen.none = append(seen.none, glob)
		}
	}
	seen.deb = readDebFields(s["deb"])
	return seen
}

func readDebFields(text string) debSight {
	var d debSight
	for _, line := range module.Lines(text) {
		key, val, _ := strings.Cut(line, ": ")
		switch key {
		case "Package":
			d.name = val
		case "Version":
			d.version = val
		case "Installed":
			d.installed = val
		case "Error":
			d.err = val
		}
	}
	return d
}

// simChange are the lines by which a simulation says that something would differ. Conf alone finishes a half-configured package.
var simChange = regexp.MustCompile(`(?m)^(Inst|Remv|Purg|Conf) `)

// changes tells whether apt-get would change anything.
func (s aptSight) changes() bool {
	return simChange.MatchString(s.sim) || simChange.MatchString(s.autoremove) ||
		strings.Contains("\n"+s.autoclean, "\nDel ") || len(s.downloads) > 0
}

// summary is the part of the simulations for people: from what apt-get calculated to its counts, without the single steps.
func (s aptSight) summary() string {
	var b strings.Builder
	for line := range strings.Lines(s.sim + s.autoremove + s.autoclean) {
		if !simChange.MatchString(line) && !strings.HasPrefix(line, "Reading ") && !strings.HasPrefix(line, "Building ") {
			b.WriteString(line)
		}
	}
	for _, d := range s.downloads {
		b.WriteString("Del " + d + "\n")
	}
	if s.interrupted {
		b.WriteString("dpkg was interrupted and is to be repaired (dpkg --configure -a)\n")
	}
	return b.String()
}

var (
	unknownPackage = regexp.MustCompile(`(?m)^E: (?:Unable to locate package (\S+)|Package '(\S+)' has no installation candidate|` +
		`Unable to find a source package for (\S+))`)
	unknownVersion = regexp.MustCompile(`(?m)^E: Version '([^']*)' for '([^']*)' was not found`)
	aptError       = regexp.MustCompile(`(?m)^E: (.*)$`)
)

// fault says in Ansible's words why apt-get would refuse, empty if it would not.
func (s aptSight) fault(a aptArgs) string {
	if len(s.none) > 0 && a.State != "absent" {
		return "No package(s) matching '" + s.none[0] + "' available"
	}
	if s.deb.err != "" {
		return "Unable to install package: " + s.deb.err
	}
	if !s.failed {
		return ""
	}
	if m := unknownPackage.FindStringSubmatch(s.sim); m != nil {
		return "No package matching '" + m[1] + m[2] + m[3] + "' is available"
	}
	if m := unknownVersion.FindStringSubmatch(s.sim); m != nil {
		return "no available installation candidate for " + m[2] + "=" + m[1]
	}
	var why []string
	for _, m := range aptError.FindAllStringSubmatch(s.sim, -1) {
		why = append(why, m[1])
	}
	return "apt-get refuses: " + strings.Join(why, "; ")
}

// indexMayHelp says that a refusal may vanish when the index is refreshed.
func (s aptSight) indexMayHelp() bool {
	return len(s.none) > 0 || unknownPackage.MatchString(s.sim) || unknownVersion.MatchString(s.sim)
}
