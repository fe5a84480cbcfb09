package packages

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// DpkgSelections puts packages on hold, and takes them off.
var DpkgSelections = module.Define(module.Spec{
	Name: "ansible.builtin.dpkg_selections",
	Doc:  "Change what dpkg is to do with a package: hold keeps it at its version.",
}, planDpkgSelections)

type selectionArgs struct {
	Name      string `arg:"name,required" doc:"The package."`
	Selection string `arg:"selection,required,choices=install|hold|deinstall|purge" doc:"What dpkg is to do with it."`
}

func planDpkgSelections(ctx context.Context, v module.View, a selectionArgs) (module.Plan, error) {
	out, err := v.Query(ctx, module.Cmd{Argv: []string{"dpkg", "--get-selections", a.Name}})
	if err != nil {
		return module.Plan{}, err
	}
	_, before, found := strings.Cut(out.Line(), "\t")
	if before = strings.TrimSpace(before); out.Rc != 0 || !found {
		return module.Done(module.Fail("Failed to find package '%s' to perform selection '%s'.", a.Name, a.Selection)), nil
	}
	answer := module.Result{}.With("before", before).With("after", a.Selection)
	if before == a.Selection {
		return module.Done(answer), nil
	}
	diff := module.Text(a.Name+" "+before+"\n", a.Name+" "+a.Selection+"\n")
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		cmd := module.Cmd{Argv: []string{"dpkg", "--set-selections"}, Stdin: strings.NewReader(a.Name + " " + a.Selection + "\n")}
		out, err := h.Exec(ctx, cmd)
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return refused(cmd.Argv, out), nil
		}
		answer.Changed = true
		return answer, nil
	}).Predicting(answer), nil
}
