// Command drydock carries out Ansible content over SSH with built-in modules, made to keep a K3s cluster with Longhorn up while
// its nodes are patched and rebooted.
package main

import "os"

func main() {
	os.Exit(newApp(system()).run(os.Args))
}
