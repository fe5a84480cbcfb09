package preview

// The checks that are the preview's own. Those of the guard have the guard's names.
const (
	CheckReach    = "host-unreachable" // a host could not be looked at
	CheckPackages = "packages"         // what would be installed could not be found out
	CheckContent  = "content"          // a file that a task includes could not be read
	CheckCluster  = "cluster"          // no cluster was found, or it could not be read
	CheckLease    = "lease"            // another run holds the cluster
	CheckSettings = "settings"         // what drydock.yml or a host's variables say of it cannot be read
	CheckHeld     = "held"             // an alert or a pod holds the first node back
	CheckTogether = "together"         // nodes of one cluster would be out of service at the same time
	CheckPods     = "pods"             // a drain would be refused, or would wait in vain
)
