package system

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// LocaleGen makes locales of Debian and its kin.
var LocaleGen = module.Define(module.Spec{
	Name: "community.general.locale_gen",
	Doc:  "Make locales, or remove them, on Debian and its kin.",
}, planLocaleGen)

type localeArgs struct {
	Name  []string `arg:"name,required" doc:"The locales: de_DE.UTF-8."`
	State string   `arg:"state,default=present,choices=absent|present" doc:"Whether they are to be there."`
}

// localeProbe answers which locales there are, the list of those that can be made, and the file that says which to make; an older Ubuntu has a
// folder instead of it.
const localeProbe = `
say "$(LC_ALL=C locale -a 2>/dev/null)"
give /usr/share/i18n/SUPPORTED
give /etc/locale.gen
[ -d /var/lib/locales/supported.d ] && say y || say n
give /var/lib/locales/supported.d/local
`

func planLocaleGen(ctx context.Context, v module.View, a localeArgs) (module.Plan, error) {
	f, err := onhost.Look(ctx, v, onhost.Probe("look at locales", localeProbe, nil))
	if err != nil {
		return module.Plan{}, err
	}
	have, supported, conf, legacy, local := f.Lines(), f.File(), f.File(), f.Next() == "y", f.File()
	if !conf.Exists && !legacy {
		return module.Done(module.Fail(`/var/lib/locales/supported.d and /etc/locale.gen are missing. Is the package "locales" installed?`)), f.Err()
	}
	missing := notAmong(have, a.Name)
	var unknown []string
	for _, name := range missing {
		if !canBeMade(supported.Text, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return module.Done(module.Fail("The following locales you have entered are not available on your system: %s", strings.Join(unknown, ", "))), nil
	}
	how := "glibc"
	if !conf.Exists {
		how = "ubuntu_legacy"
	}
	r := module.Result{}.With("name", value.From(a.Name)).With("mechanism", how).With("ubuntu_mode", !conf.Exists)
	if (len(missing) == 0) == (a.State == "present") {
		return module.Done(r), f.Err()
	}
	if conf.Exists {
		text := a.switched(conf.Text)
		return onhost.Plan(r, []onhost.Step{onhost.Text(onhost.Write{Path: "/etc/locale.gen", Text: text}, conf.Text), onhost.Do("locale-gen")}), f.Err()
	}
	return onhost.Plan(r, a.legacy(local.Text)), f.Err()
}

// notAmong are the names that a list does not have, whichever way their character sets are written.
func notAmong(have, names []string) []string {
	charset := strings.NewReplacer(".utf8", ".UTF-8", ".eucjp", ".EUC-JP", ".iso885915", ".ISO-8859-15", ".cp1251", ".CP1251", ".koi8r", ".KOI8-R",
		".armscii8", ".ARMSCII-8", ".euckr", ".EUC-KR", ".gbk", ".GBK", ".gb18030", ".GB18030", ".euctw", ".EUC-TW")
	var out []string
	for _, name := range names {
		if !slices.ContainsFunc(have, func(h string) bool { return charset.Replace(h) == charset.Replace(name) }) {
			out = append(out, name)
		}
	}
	return out
}

var supportedLine = regexp.MustCompile(`^\s*#?\s*(\S+[._\S]+) (\S+)\s*$`)

func canBeMade(supported, name string) bool {
	for line := range strings.Lines(supported) {
		if m := supportedLine.FindStringSubmatch(line); m != nil && m[1] == name {
			return true
		}
	}
	return false
}

// switched is locale.gen with the lines of the locales made to count, or made comments.
func (a localeArgs) switched(text string) string {
	mark := "# "
	if a.State == "present" {
		mark = ""
	}
	for _, name := range a.Name {
		line := regexp.MustCompile(`(?m)^#?[ \t]*` + regexp.QuoteMeta(name) + ` (.+)`)
		text = line.ReplaceAllString(text, mark+strings.ReplaceAll(name, "$", "$$")+" $1")
	}
	return text
}

// legacy are the steps on an Ubuntu that keeps its locales in a folder.
func (a localeArgs) legacy(local string) []onhost.Step {
	if a.State == "present" {
		return []onhost.Step{onhost.Do(append([]string{"locale-gen"}, a.Name...)...)}
	}
	text := ""
	for _, line := range onhost.Lines(local) {
		if name, _, _ := strings.Cut(line, " "); !slices.Contains(a.Name, name) {
			text += line
		}
	}
	return []onhost.Step{
		onhost.Text(onhost.Write{Path: "/var/lib/locales/supported.d/local", Text: text}, local),
		onhost.Do("locale-gen", "--purge"),
	}
}
