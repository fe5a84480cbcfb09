package engine

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/program"
	"github.com/drydock-dev/drydock/engine/strategy"
)

// unknownTags warns of --tags and --skip-tags that nothing has. Where files are included at run time, or tags are templates, nobody knows yet.
func (j *Job) unknownTags() diag.List {
	asked := map[string]string{}
	for _, t := range j.SkipTags {
		asked[t] = "--skip-tags"
	}
	for _, t := range j.Tags {
		asked[t] = "--tags"
	}
	for _, t := range []string{"all", "tagged", "untagged", "always", "never"} {
		delete(asked, t)
	}
	if len(asked) == 0 {
		return nil
	}
	known, sure := j.tags()
	if !sure {
		return nil
	}
	var ds diag.List
	for t, option := range asked {
		if slices.Contains(known, t) {
			continue
		}
		d := diag.Diagnostic{Severity: diag.Warning, Summary: fmt.Sprintf("%s: nothing has the tag %q", option, t), Hint: "--list-tags shows those that there are"}
		if near := diag.Nearest(t, known); near != "" {
			d.Hint = fmt.Sprintf("did you mean %q?", near)
		}
		ds.Add(d)
	}
	slices.SortFunc(ds, func(a, b diag.Diagnostic) int { return cmp.Compare(a.Summary, b.Summary) })
	return ds
}

// tags are the tags of all tasks, and whether these are all that can come up.
func (j *Job) tags() (known []string, sure bool) {
	for _, pb := range j.Program.Playbooks {
		for _, p := range pb.Plays {
			lists := [][]any{p.Tags}
			for _, t := range strategy.Tasks(append(p.Blocks[:len(p.Blocks):len(p.Blocks)], p.Handlers...)) {
				if t.Kind == program.KindIncludeTasks || t.Kind == program.KindIncludeRole {
					return nil, false
				}
				lists = append(lists, t.Tags)
			}
			for _, v := range slices.Concat(lists...) {
				text, ok := v.(string)
				if !ok {
					return nil, false
				}
				known = append(known, text)
			}
		}
	}
	return known, true
}
