// Package modules is the list of what Drydock can do on a host. A new module is one file in a folder below, one table
// of tests, and one line here.
package modules

import (
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/control"
	"github.com/drydock-dev/drydock/modules/files"
	"github.com/drydock-dev/drydock/modules/kubernetes"
	"github.com/drydock-dev/drydock/modules/longhorn"
	"github.com/drydock-dev/drydock/modules/packages"
	"github.com/drydock-dev/drydock/modules/system"
)

// Builtin makes the registry of all modules.
func Builtin() *module.Registry {
	return module.NewRegistry(
		control.AddHost,
		control.Assert,
		control.Command,
		control.Debug,
		control.Fail,
		control.GroupBy,
		control.IncludeVars,
		control.Pause,
		control.Raw,
		control.Script,
		control.SetFact,
		control.SetStats,
		control.Shell,
		control.ValidateArgumentSpec,

		files.BlockInFile,
		files.Copy,
		files.Fetch,
		files.File,
		files.Find,
		files.GetURL,
		files.LineInFile,
		files.Replace,
		files.Slurp,
		files.Stat,
		files.TempFile,
		files.Template,
		files.URI,
		files.Unarchive,

		kubernetes.APIReady,
		kubernetes.K8s,
		kubernetes.K8sDrain,
		kubernetes.K8sInfo,

		longhorn.Info,
		longhorn.Wait,

		packages.Apt,
		packages.Dnf,
		packages.DpkgSelections,
		packages.Package,
		packages.PackageFacts,

		system.GatherFacts,
		system.Hostname,
		system.Ping,
		system.Reboot,
		system.Service,
		system.ServiceFacts,
		system.Setup,
		system.Systemd,
		system.WaitFor,
		system.WaitForConnection,
	)
}
