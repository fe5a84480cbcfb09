package system

import (
	"context"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// KernelBlacklist keeps a module of the kernel from being loaded by itself.
var KernelBlacklist = module.Define(module.Spec{
	Name: "community.general.kernel_blacklist",
	Doc:  "Keep a module of the kernel from being loaded by itself, or allow it again.",
}, planKernelBlacklist)

type blacklistArgs struct {
	Name  string `arg:"name,required" doc:"The module."`
	State string `arg:"state,default=present,choices=absent|present" doc:"Whether it is to be on the list."`
	File  string `arg:"blacklist_file,default=/etc/modprobe.d/blacklist-ansible.conf" doc:"The file of the list."`
}

func planKernelBlacklist(ctx context.Context, v module.View, a blacklistArgs) (module.Plan, error) {
	f, err := onhost.Look(ctx, v, onhost.Probe("look at a list of kernel modules", `give "$1"`, nil, a.File))
	if err != nil {
		return module.Plan{}, err
	}
	file := f.File()
	if file.Unreadable {
		return module.Done(module.Fail("%s is no file that can be read", a.File)), nil
	}
	listed := regexp.MustCompile(`^blacklist\s+` + regexp.QuoteMeta(a.Name) + `$`)
	text, has := "", false
	for _, line := range onhost.Lines(file.Text) {
		line = strings.TrimRight(line, " \t\r\n")
		if listed.MatchString(strings.TrimSpace(line)) {
			has = true
			if a.State == "absent" {
				continue
			}
		}
		text += line + "\n"
	}
	if !has && a.State == "present" {
		text += "blacklist " + a.Name + "\n"
	}
	lines := []any{}
	for _, line := range module.Lines(text) {
		lines = append(lines, line)
	}
	r := module.Result{}.With("name", a.Name).With("state", a.State).With("filename", a.File).With("is_blacklisted", a.State == "present").With("lines", lines)
	if has == (a.State == "present") && file.Exists {
		return module.Done(r), f.Err()
	}
	return onhost.Plan(r, []onhost.Step{onhost.Text(onhost.Write{Path: a.File, Text: text}, file.Text)}), f.Err()
}
