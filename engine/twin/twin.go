// Package twin is a K3s cluster with Longhorn in the process: simulated Linux hosts behind a real SSH server, the Kubernetes API over them,
// one clock, faults by name. A maintenance can be carried out on it, and what it did is judged afterwards.
package twin
