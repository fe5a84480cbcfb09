package cluster

// The kinds that Longhorn, K3s and its upgrade controller bring.

import "strings"

// Column is what a table shows of a custom resource.
type Column struct{ Name, Path, Type string }

// Longhorn lists the kinds that Longhorn brings, for Config.Kinds.
func Longhorn() []Kind {
	columns := map[string]string{
		"Volume":          "Data Engine=.spec.dataEngine State=.status.state Robustness=.status.robustness Scheduled=.status.conditions[Scheduled] Size=.spec.size Node=.status.currentNodeID",
		"Engine":          "Data Engine=.spec.dataEngine State=.status.currentState Node=.spec.nodeID InstanceManager=.status.instanceManagerName",
		"Replica":         "Data Engine=.spec.dataEngine State=.status.currentState Node=.spec.nodeID Disk=.spec.diskID InstanceManager=.status.instanceManagerName",
		"Node":            "Ready=.status.conditions[Ready] AllowScheduling=.spec.allowScheduling Schedulable=.status.conditions[Schedulable]",
		"InstanceManager": "Data Engine=.spec.dataEngine State=.status.currentState Type=.spec.type Node=.spec.nodeID",
		"Setting":         "Value=.value Applied=.status.applied",
		"ShareManager":    "State=.status.state Node=.status.ownerID",
		"EngineImage":     "State=.status.state Image=.spec.image",
		"Snapshot":        "Volume=.spec.volume CreationTime=.status.creationTime ReadyToUse=.status.readyToUse",
		"Backup":          "SnapshotName=.status.snapshotName State=.status.state",
	}
	var out []Kind
	for _, one := range []string{
		"BackingImageDataSource lhbids", "BackingImageManager lhbim", "BackingImage lhbi", "BackupBackingImage lhbbi", "Backup lhb", "BackupTarget lhbt",
		"BackupVolume lhbv", "EngineFrontend lhef", "EngineImage lhei", "Engine lhe", "InstanceManager lhim", "Node lhn", "Orphan lho", "RecurringJob lhrj",
		"Replica lhr", "Setting lhs", "ShareManager lhsm", "Snapshot lhsnap", "SupportBundle lhbundle", "SystemBackup lhsb", "SystemRestore lhsr",
		"VolumeAttachment lhva", "Volume lhv",
	} {
		name, short, _ := strings.Cut(one, " ")
		out = append(out, Kind{
			Group: "longhorn.io", Version: "v1beta2", Name: name, Plural: strings.ToLower(name) + "s", Short: []string{short},
			Namespaced: true, Status: true, Columns: columnsOf(columns[name]),
		})
	}
	return out
}

// columnsOf reads a line of columns: a name, which may have blanks, = and a path.
func columnsOf(line string) []Column {
	var out []Column
	name := ""
	for _, word := range strings.Fields(line) {
		last, path, ok := strings.Cut(word, "=")
		name = strings.TrimSpace(name + " " + last)
		if ok {
			out = append(out, Column{name, path, "string"})
			name = ""
		}
	}
	return out
}

// K3sKinds lists the kinds that K3s and the controllers around it bring.
func K3sKinds() []Kind {
	return []Kind{
		{Group: "k3s.cattle.io", Version: "v1", Name: "ETCDSnapshotFile", Plural: "etcdsnapshotfiles", Status: true,
			Columns: columnsOf("SnapshotName=.spec.snapshotName Node=.spec.nodeName Location=.spec.location Size=.status.size CreationTime=.status.creationTime")},
		{Group: "k3s.cattle.io", Version: "v1", Name: "Addon", Plural: "addons", Namespaced: true},
		{Group: "helm.cattle.io", Version: "v1", Name: "HelmChart", Plural: "helmcharts", Namespaced: true, Status: true},
		{Group: "upgrade.cattle.io", Version: "v1", Name: "Plan", Plural: "plans", Namespaced: true, Status: true,
			Columns: columnsOf("Image=.spec.upgrade.image Channel=.spec.channel Version=.spec.version")},
	}
}
