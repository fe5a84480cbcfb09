package system

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// PAMLimits keeps what users may use: open files, processes and so on.
var PAMLimits = module.Define(module.Spec{
	Name: "community.general.pam_limits",
	Doc:  "Keep a limit of what users may use (open files, processes) in limits.conf.",
}, planPAMLimits)

type pamLimitsArgs struct {
	Domain  string `arg:"domain,required" doc:"Whom it is for: a user, @ and a group, or *."`
	Type    string `arg:"limit_type,required,choices=soft|hard|-" doc:"Which limit: soft, hard, or - for both."`
	Item    string `arg:"limit_item,required,choices=core|data|fsize|memlock|nofile|rss|stack|cpu|nproc|as|maxlogins|maxsyslogins|priority|locks|sigpending|msgqueue|nice|rtprio|chroot" doc:"What is limited."`
	Value   string `arg:"value,required" doc:"How much; unlimited, infinity and -1 mean no limit."`
	UseMax  bool   `arg:"use_max,default=no" doc:"Keep a limit that is greater."`
	UseMin  bool   `arg:"use_min,default=no" doc:"Keep a limit that is less."`
	Backup  bool   `arg:"backup,default=no" doc:"Keep a copy of the file as it was."`
	Dest    string `arg:"dest,default=/etc/security/limits.conf" doc:"The file."`
	Comment string `arg:"comment" doc:"A comment behind the limit."`
}

func planPAMLimits(ctx context.Context, v module.View, a pamLimitsArgs) (module.Plan, error) {
	if a.UseMax && a.UseMin {
		return module.Done(module.Fail("Cannot use use_min and use_max at the same time.")), nil
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at limits", "give \"$1\"\n[ -d \"${1%/*}/\" ] && say y || say n\n", nil, a.Dest))
	if err != nil {
		return module.Plan{}, err
	}
	file, folder := f.File(), f.Next() == "y"
	if !file.Exists && !folder {
		return module.Done(module.Fail("directory %s is not writable (check presence, access rights, use sudo)", a.Dest[:max(0, strings.LastIndexByte(a.Dest, '/'))])), f.Err()
	}
	if msg := badLimit("", a.Item, a.Value); msg != "" {
		return module.Done(module.Fail("%s", msg)), f.Err()
	}
	text, msg, bad := a.edit(file.Text)
	switch {
	case bad != "":
		return module.Done(module.Fail("%s", bad)), f.Err()
	case file.Exists && text == file.Text:
		return module.Done(module.Result{}.With("msg", msg)), f.Err()
	}
	return module.Change(onhost.Diff(a.Dest, file.Text, text), func(ctx context.Context, h module.Host) (module.Result, error) {
		backup, err := onhost.Write{Path: a.Dest, Text: text, Backup: a.Backup}.Do(ctx, h)
		r := module.Result{Changed: true}.With("msg", msg)
		if a.Backup {
			r = r.With("backup_file", backup)
		}
		return onhost.Settle(r, err)
	}).Predicting(module.Result{}.With("msg", msg)), f.Err()
}

func unlimited(v string) bool { return v == "unlimited" || v == "infinity" || v == "-1" }

// badLimit tells why a value cannot be that of an item.
func badLimit(prefix, item, value string) string {
	n, err := strconv.Atoi(value)
	switch {
	case item == "nice" || item == "priority":
		if err != nil || n < -20 || n > 19 {
			return prefix + " Value of '" + value + "' for item '" + item + "' is invalid. Value must be a number in the range -20 to 19 inclusive. Refer to the limits.conf(5) manual pages for more details."
		}
	case !unlimited(value) && (err != nil || n < 0):
		return prefix + " Value of '" + value + "' for item '" + item + "' is invalid. Value must either be 'unlimited', 'infinity' or -1, all of which indicate no limit, or a limit of 0 or larger. Refer to the limits.conf(5) manual pages for more details."
	}
	return ""
}

// edit makes the file's new text and the line that is told of.
func (a pamLimitsArgs) edit(before string) (text, msg, bad string) {
	comment, found := a.Comment, false
	var b strings.Builder
	for _, line := range onhost.Lines(before) {
		bare, note, _ := strings.Cut(line, "#")
		f := strings.Fields(bare)
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			b.WriteString(line)
			continue
		}
		if comment == "" {
			comment = note
		}
		if len(f) == 4 {
			if bad = badLimit("Invalid configuration found in '"+a.Dest+"'.", f[2], f[3]); bad != "" {
				return "", "", bad
			}
		}
		if len(f) != 4 || !slices.Equal(f[:3], []string{a.Domain, a.Type, a.Item}) {
			b.WriteString(line)
			continue
		}
		found, msg = true, line
		if value := a.other(f[3]); value != f[3] {
			msg = a.line(value, &comment)
		}
		b.WriteString(msg)
	}
	if !found {
		msg = a.line(a.Value, &comment)
		b.WriteString(msg)
	}
	return b.String(), msg, ""
}

// other is the value that is to stand in the place of one that is there.
func (a pamLimitsArgs) other(now string) string {
	value := a.Value
	n, _ := strconv.Atoi(value)
	m, _ := strconv.Atoi(now)
	switch {
	case value == now:
	case a.UseMax && unlimited(now), a.UseMin && unlimited(value):
		return now
	case a.UseMax && !unlimited(value):
		return strconv.Itoa(max(n, m))
	case a.UseMin && !unlimited(now):
		return strconv.Itoa(min(n, m))
	}
	return value
}

func (a pamLimitsArgs) line(value string, comment *string) string {
	if *comment != "" {
		*comment = "\t#" + *comment
	}
	return strings.Join([]string{a.Domain, a.Type, a.Item, value}, "\t") + *comment + "\n"
}
