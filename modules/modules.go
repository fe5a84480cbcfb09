// Package modules is the list of what Drydock can do on a host. A new module is one file in a folder below, one table
// of tests, and one line here.
package modules

import (
	"slices"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/accounts"
	"github.com/drydock-dev/drydock/modules/control"
	"github.com/drydock-dev/drydock/modules/files"
	"github.com/drydock-dev/drydock/modules/helm"
	"github.com/drydock-dev/drydock/modules/kubernetes"
	"github.com/drydock-dev/drydock/modules/longhorn"
	"github.com/drydock-dev/drydock/modules/network"
	"github.com/drydock-dev/drydock/modules/packages"
	"github.com/drydock-dev/drydock/modules/storage"
	"github.com/drydock-dev/drydock/modules/system"
	"github.com/drydock-dev/drydock/modules/tools"
)

// Builtin makes the registry of all modules.
func Builtin() *module.Registry {
	return module.NewRegistry(slices.Concat(ofAccounts(), ofControl(), ofFiles(), ofHelm(), ofKubernetes(), ofLonghorn(), ofNetwork(),
		ofPackages(), ofStorage(), ofSystem(), ofTools())...)
}

func ofAccounts() []module.Module {
	return []module.Module{
		accounts.AuthorizedKey,
		accounts.Group,
		accounts.KnownHosts,
		accounts.User,
	}
}

func ofControl() []module.Module {
	return []module.Module{
		control.AddHost,
		control.Assert,
		control.AsyncStatus,
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
	}
}

func ofFiles() []module.Module {
	return []module.Module{
		files.Assemble,
		files.BlockInFile,
		files.Copy,
		files.Fetch,
		files.File,
		files.Find,
		files.GetURL,
		files.IniFile,
		files.LineInFile,
		files.Replace,
		files.Slurp,
		files.Stat,
		files.TempFile,
		files.Template,
		files.URI,
		files.Unarchive,
		files.YumRepository,
	}
}

func ofHelm() []module.Module {
	return []module.Module{
		helm.Info,
		helm.Plugin,
		helm.PluginInfo,
		helm.Pull,
		helm.RegistryAuth,
		helm.Release,
		helm.Repository,
		helm.Template,
	}
}

func ofKubernetes() []module.Module {
	return []module.Module{
		kubernetes.APIReady,
		kubernetes.K8s,
		kubernetes.K8sDrain,
		kubernetes.K8sClusterInfo,
		kubernetes.K8sExec,
		kubernetes.K8sInfo,
		kubernetes.K8sJSONPatch,
		kubernetes.K8sLog,
		kubernetes.K8sScale,
		kubernetes.K8sTaint,
	}
}

func ofLonghorn() []module.Module {
	return []module.Module{
		longhorn.Info,
		longhorn.Snapshot,
		longhorn.Wait,
	}
}

func ofNetwork() []module.Module {
	return []module.Module{
		network.Firewalld,
		network.IPTables,
		network.UFW,
	}
}

func ofPackages() []module.Module {
	return []module.Module{
		packages.Apt,
		packages.AptKey,
		packages.AptRepository,
		packages.Deb822Repository,
		packages.Debconf,
		packages.Dnf,
		packages.DpkgSelections,
		packages.Homebrew,
		packages.Package,
		packages.PackageFacts,
		packages.PackageVersions,
		packages.Pacman,
		packages.RPMKey,
	}
}

func ofStorage() []module.Module {
	return []module.Module{
		storage.Mount,
	}
}

func ofSystem() []module.Module {
	return []module.Module{
		system.Alternatives,
		system.Cron,
		system.GatherFacts,
		system.Getent,
		system.Hostname,
		system.KernelBlacklist,
		system.LocaleGen,
		system.Modprobe,
		system.PAMLimits,
		system.Ping,
		system.Reboot,
		system.SELinux,
		system.Service,
		system.ServiceFacts,
		system.Setup,
		system.Sysctl,
		system.Systemd,
		system.Timezone,
		system.WaitFor,
		system.WaitForConnection,
	}
}

func ofTools() []module.Module {
	return []module.Module{
		tools.ComposeV2,
		tools.Git,
		tools.Make,
		tools.OpenSSHKeypair,
		tools.Patch,
		tools.Pip,
		tools.Synchronize,
	}
}
