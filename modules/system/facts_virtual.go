// Facts about virtualization: what a machine runs in, and what it can run.

package system

import (
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// surroundings collects what was found: the first guest technique names the type, all are listed.
type surroundings struct{ guest, host []string }

func (v *surroundings) in(names ...string) {
	for _, n := range names {
		if n != "" && !slices.Contains(v.guest, n) {
			v.guest = append(v.guest, n)
		}
	}
}

func virtualFacts(facts *value.Map, s map[string]string) {
	var v surroundings
	v.containers(s)
	v.hypervisors(s)
	v.hosts(s)
	kind, role := "NA", "NA"
	switch {
	case len(v.guest) > 0:
		kind, role = v.guest[0], "guest"
	case len(v.host) > 0:
		kind, role = v.host[0], "host"
	}
	facts.Set("ansible_virtualization_type", kind)
	facts.Set("ansible_virtualization_role", role)
	facts.Set("ansible_virtualization_tech_guest", anys(v.guest))
	facts.Set("ansible_virtualization_tech_host", anys(v.host))
}

var (
	dockerGroup = regexp.MustCompile(`(?m)/docker(/|-[0-9a-f]+\.scope)`)
	lxcGroup    = regexp.MustCompile(`(?m)(/lxc/|/machine\.slice/machine-lxc)`)
	podGroup    = regexp.MustCompile(`(?m)/system\.slice/containerd\.service|/kubepods`)
)

// containers looks for the marks that container runtimes leave.
func (v *surroundings) containers(s map[string]string) {
	files, group := module.Lines(s["virt_files"]), s["virt_cgroup"]
	switch {
	case dockerGroup.MatchString(group), slices.Contains(files, "/.dockerenv"), slices.Contains(files, "/.dockerinit"):
		v.in("docker", "container")
	case lxcGroup.MatchString(group):
		v.in("lxc", "container")
	case podGroup.MatchString(group):
		v.in("containerd", "container")
	case slices.Contains(files, "/run/.containerenv"):
		v.in("podman", "container")
	}
	for _, line := range module.Lines(s["virt_env"]) {
		name := strings.TrimPrefix(line, "container=")
		switch name {
		case "lxc", "podman", "docker":
			v.in(name, "container")
		default:
			v.in("container", name)
		}
	}
	if slices.Contains(files, "/proc/vz") && !slices.Contains(files, "/proc/lve") {
		if slices.Contains(files, "/proc/bc") {
			v.host = append(v.host, "openvz")
		} else {
			v.in("openvz")
		}
	}
}

// products are the names that hypervisors give the machines they make, by the file of the firmware that has them.
var products = []struct {
	file string
	text *regexp.Regexp
	kind string
}{
	{"product_name", regexp.MustCompile(`^(KVM|KVM Server|Bochs|AHV)$`), "kvm"},
	{"sys_vendor", regexp.MustCompile(`^oVirt`), "oVirt"},
	{"product_name", regexp.MustCompile(`^RHEV Hypervisor$`), "RHEV"},
	{"product_name", regexp.MustCompile(`(?i)^VMware`), "VMware"},
	{"product_name", regexp.MustCompile(`^OpenStack (Compute|Nova)$`), "openstack"},
	{"sys_vendor", regexp.MustCompile(`^KubeVirt$`), "KubeVirt"},
	{"product_name", regexp.MustCompile(`^KubeVirt$`), "KubeVirt"},
	{"bios_vendor", regexp.MustCompile(`^Xen$`), "xen"},
	{"bios_vendor", regexp.MustCompile(`^innotek GmbH$`), "virtualbox"},
	{"product_name", regexp.MustCompile(`^VirtualBox$`), "virtualbox"},
	{"bios_vendor", regexp.MustCompile(`^(Amazon EC2|DigitalOcean|Hetzner|Google)$`), "kvm"},
	{"sys_vendor", regexp.MustCompile(`^(QEMU|Amazon EC2|DigitalOcean|Google|Scaleway|Nutanix|Hetzner|Linode)$`), "kvm"},
	{"sys_vendor", regexp.MustCompile(`^Microsoft Corporation$`), "VirtualPC"},
	{"sys_vendor", regexp.MustCompile(`^Parallels`), "parallels"},
	{"sys_vendor", regexp.MustCompile(`^OpenStack Foundation$`), "openstack"},
	{"bios_vendor", regexp.MustCompile(`(?i)^bhyve`), "bhyve"},
}

// hypervisors looks for the marks of virtual machines in firmware, processor and kernel modules.
func (v *surroundings) hypervisors(s map[string]string) {
	dmi := valuesOf(s["virt_dmi"])
	for _, p := range products {
		if p.text.MatchString(dmi["/sys/class/dmi/id/"+p.file]) {
			v.in(p.kind)
		}
	}
	files := module.Lines(s["virt_files"])
	if strings.TrimSpace(s["virt_hypervisor"]) == "xen" || slices.Contains(files, "/proc/xen") {
		v.in("xen")
	}
	switch cpu := s["virt_cpu"]; {
	case strings.Contains(cpu, "QEMU Virtual CPU"):
		v.in("kvm")
	case strings.Contains(cpu, "User Mode Linux"):
		v.in("uml")
	case strings.Contains(cpu, "PowerVM Lx86"):
		v.in("powervm_lx86")
	}
	if slices.Contains(module.Lines(s["virt_modules"]), "virtio") {
		v.in("kvm")
	}
}

// hosts looks for the modules of hypervisors. They say nothing where the machine is a container: the kernel is another's.
func (v *surroundings) hosts(s map[string]string) {
	if slices.Contains(v.guest, "container") {
		return
	}
	modules := module.Lines(s["virt_modules"])
	if slices.Contains(modules, "kvm") {
		v.host = append(v.host, "kvm")
	}
	if slices.Contains(modules, "vboxdrv") {
		v.host = append(v.host, "virtualbox")
	}
}
