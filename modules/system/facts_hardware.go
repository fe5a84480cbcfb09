// Facts about processors, memory, firmware and file systems.

package system

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

func hardwareFacts(facts *value.Map, s map[string]string) {
	processorFacts(facts, s)
	memoryFacts(facts, s["meminfo"])
	if up, _, ok := strings.Cut(s["uptime"], "."); ok {
		facts.Set("ansible_uptime_seconds", number(up))
	}
	firmwareFacts(facts, valuesOf(s["dmi"]))
	facts.Set("ansible_mounts", mounts(s))
	facts.Set("ansible_devices", devices(s))
}

// valuesOf reads lines of PATH:VALUE; of a file with several lines the first counts.
func valuesOf(text string) map[string]string {
	m := map[string]string{}
	for _, line := range module.Lines(text) {
		file, val, _ := strings.Cut(line, ":")
		if _, seen := m[file]; !seen {
			m[file] = strings.TrimSpace(val)
		}
	}
	return m
}

// cpus is what /proc/cpuinfo says in sum.
type cpus struct {
	words                           []any // the names that people recognise: number, vendor, model
	flags                           []any
	vendors, models, counted, cores int
	sockets                         map[string]bool
	threads                         int // of a socket
}

func readCPUs(text string) cpus {
	c := cpus{words: []any{}, sockets: map[string]bool{}}
	for _, line := range module.Lines(text) {
		key, val, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		val = strings.TrimSpace(val)
		switch key = strings.TrimSpace(key); key {
		case "model name", "Processor", "vendor_id", "cpu", "Vendor", "processor":
			c.words = append(c.words, val)
			switch key {
			case "vendor_id":
				c.vendors++
			case "model name":
				c.models++
			case "processor":
				c.counted++
			}
		case "physical id":
			c.sockets[val] = true
		case "cpu cores":
			c.cores = number(val)
		case "siblings":
			c.threads = number(val)
		case "flags":
			c.flags = anys(strings.Fields(val))
		}
	}
	return c
}

// processorFacts counts sockets, cores and threads. Where the kernel tells of no sockets (ARM), every processor counts as one.
func processorFacts(facts *value.Map, s map[string]string) {
	c := readCPUs(s["cpuinfo"])
	count := len(c.sockets)
	if count == 0 {
		count = c.counted
	}
	cores := max(c.cores, 1)
	threads := 1
	if c.threads > 0 {
		threads = max(c.threads/cores, 1)
	}
	facts.Set("ansible_processor", c.words)
	facts.Set("ansible_processor_count", count)
	facts.Set("ansible_processor_cores", cores)
	facts.Set("ansible_processor_threads_per_core", threads)
	facts.Set("ansible_processor_vcpus", threads*count*cores)
	if n := number(s["nproc"]); n > 0 {
		facts.Set("ansible_processor_nproc", n)
	}
	if c.flags != nil {
		facts.Set("ansible_flags", c.flags)
	}
}

func memoryFacts(facts *value.Map, text string) {
	kib := map[string]int{}
	for _, line := range module.Lines(text) {
		if f := strings.Fields(line); len(f) > 1 {
			kib[strings.TrimSuffix(f[0], ":")] = number(f[1])
		}
	}
	total, free := mebibytes(kib["MemTotal"]), mebibytes(kib["MemFree"])
	unused := mebibytes(kib["MemFree"] + kib["Cached"] + kib["Buffers"])
	swap, swapFree := mebibytes(kib["SwapTotal"]), mebibytes(kib["SwapFree"])
	facts.Set("ansible_memtotal_mb", total)
	facts.Set("ansible_memfree_mb", free)
	facts.Set("ansible_swaptotal_mb", swap)
	facts.Set("ansible_swapfree_mb", swapFree)
	facts.Set("ansible_memory_mb", dict(
		"real", dict("total", total, "used", total-free, "free", free),
		"nocache", dict("free", unused, "used", total-unused),
		"swap", dict("total", swap, "free", swapFree, "used", swap-swapFree, "cached", mebibytes(kib["SwapCached"])),
	))
}

// formFactors are the chassis types of the SMBIOS standard, from 1 on.
var formFactors = strings.Split("Other,Unknown,Desktop,Low Profile Desktop,Pizza Box,Mini Tower,Tower,Portable,Laptop,Notebook,Hand Held,"+
	"Docking Station,All In One,Sub Notebook,Space-saving,Lunch Box,Main Server Chassis,Expansion Chassis,Sub Chassis,Bus Expansion Chassis,"+
	"Peripheral Chassis,RAID Chassis,Rack Mount Chassis,Sealed-case PC,Multi-system,CompactPCI,AdvancedTCA,Blade,Blade Enclosure,Tablet,"+
	"Convertible,Detachable,IoT Gateway,Embedded PC,Mini PC,Stick PC", ",")

func firmwareFacts(facts *value.Map, files map[string]string) {
	for _, name := range []string{
		"bios_date", "bios_vendor", "bios_version", "board_asset_tag", "board_name", "board_serial", "board_vendor", "board_version",
		"chassis_asset_tag", "chassis_serial", "chassis_vendor", "chassis_version", "product_name", "product_serial", "product_uuid",
		"product_version",
	} {
		facts.Set("ansible_"+name, naIfEmpty(files["/sys/class/dmi/id/"+name]))
	}
	facts.Set("ansible_system_vendor", naIfEmpty(files["/sys/class/dmi/id/sys_vendor"]))
	form := "NA"
	if n := number(files["/sys/class/dmi/id/chassis_type"]); n > 0 && n <= len(formFactors) {
		form = formFactors[n-1]
	}
	facts.Set("ansible_form_factor", form)
}

// unescape reads the octal escapes of /proc/mounts: \040 is a space.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`, `\043`, "#").Replace(s)
}

// mounts lists the file systems that stand on a device or a server, with their sizes.
func mounts(s map[string]string) []any {
	sizes := map[string][]string{}
	for _, line := range module.Lines(s["statfs"]) {
		if f := strings.Fields(line); len(f) == 8 {
			sizes[f[7]] = f[:7]
		}
	}
	bound := map[string]bool{} // mount points whose root is not that of their file system
	for _, line := range module.Lines(s["mountinfo"]) {
		if f := strings.Fields(line); len(f) > 4 {
			bound[f[4]] = f[3] != "/"
		}
	}
	uuids := deviceUUIDs(s["uuids"])
	byPlace := &value.Map{} // a mount upon a mount hides it
	for _, line := range module.Lines(s["mounts"]) {
		f := strings.Fields(line)
		if len(f) < 6 || !strings.HasPrefix(f[0], "/") && !strings.Contains(f[0], ":/") || f[2] == "none" {
			continue
		}
		options, uuid := f[3], uuids[f[0]]
		if bound[f[1]] {
			options += ",bind"
		}
		if uuid == "" {
			uuid = "N/A"
		}
		m := dict("mount", unescape(f[1]), "device", unescape(f[0]), "fstype", f[2], "options", options, "dump", number(f[4]), "passno", number(f[5]))
		addSizes(m, sizes[f[1]])
		byPlace.Set(f[1], m.Set("uuid", uuid))
	}
	out := []any{}
	for _, m := range byPlace.All() {
		out = append(out, m)
	}
	return out
}

// addSizes adds what statfs said: fundamental size, block size, blocks, free, available, inodes, free inodes.
func addSizes(m *value.Map, f []string) {
	if len(f) < 7 {
		return
	}
	var n [7]int
	for i := range n {
		n[i] = number(f[i])
	}
	m.Set("size_total", n[0]*n[2]).Set("size_available", n[0]*n[4])
	m.Set("block_size", n[1]).Set("block_total", n[2]).Set("block_available", n[4]).Set("block_used", n[2]-n[4])
	m.Set("inode_total", n[5]).Set("inode_available", n[6]).Set("inode_used", n[5]-n[6])
}

// deviceUUIDs reads lsblk's NAME UUID lines, or blkid's NAME: UUID="..." ones.
func deviceUUIDs(text string) map[string]string {
	m := map[string]string{}
	for _, line := range module.Lines(text) {
		f := strings.Fields(line)
		if name, rest, ok := strings.Cut(line, ": "); ok {
			for _, w := range strings.Fields(rest) {
				if id, isID := strings.CutPrefix(w, "UUID="); isID {
					m[name] = strings.Trim(id, `"`)
				}
			}
		} else if len(f) == 2 {
			m[f[0]] = f[1]
		}
	}
	return m
}

// devices lists the block devices and their partitions.
func devices(s map[string]string) *value.Map {
	files, parts := valuesOf(s["block"]), valuesOf(s["partitions"])
	held := heldBy(s["holders"])
	uuids := deviceUUIDs(s["uuids"])
	out := &value.Map{}
	for _, line := range module.Lines(s["block"]) {
		file, _, _ := strings.Cut(line, ":")
		name := strings.Split(strings.TrimPrefix(file, "/sys/block/"), "/")[0]
		if out.Has(name) {
			continue
		}
		at := func(rest string) string { return files["/sys/block/"+name+"/"+rest] }
		sectors := number(at("size"))
		d := dict("virtual", 1, "links", noLinks(), "vendor", nilIfEmpty(at("device/vendor")), "model", nilIfEmpty(at("device/model")),
			"sas_address", nil, "sas_device_handle", nil, "removable", at("removable"), "support_discard", at("queue/discard_granularity"),
			"partitions", partitionsOf(name, parts, held, uuids), "rotational", at("queue/rotational"), "scheduler_mode", chosen(at("queue/scheduler")),
			"sectors", sectors, "sectorsize", at("queue/hw_sector_size"), "size", inUnits(sectors*512), "host", "", "holders", anys(held[name]))
		out.Set(name, d)
	}
	return out
}

func noLinks() *value.Map {
	return dict("ids", []any{}, "uuids", []any{}, "labels", []any{}, "masters", []any{})
}

func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// chosen is the word in brackets: the scheduler in use.
func chosen(text string) string {
	_, rest, _ := strings.Cut(text, "[")
	name, _, ok := strings.Cut(rest, "]")
	if !ok {
		return ""
	}
	return name
}

// heldBy reads paths of holders: what stands on a device or partition.
func heldBy(text string) map[string][]string {
	m := map[string][]string{}
	for _, line := range module.Lines(text) {
		dir, holder := path.Split(line)
		name := path.Base(path.Dir(strings.TrimSuffix(dir, "/")))
		m[name] = append(m[name], holder)
	}
	return m
}

func partitionsOf(disk string, files map[string]string, held map[string][]string, uuids map[string]string) *value.Map {
	out := &value.Map{}
	for n := range len(files) + 1 {
		for _, name := range []string{disk + strconv.Itoa(n), disk + "p" + strconv.Itoa(n)} {
			base := "/sys/block/" + disk + "/" + name
			start, ok := files[base+"/start"]
			if !ok {
				continue
			}
			sectors := number(files[base+"/size"])
			out.Set(name, dict("links", noLinks(), "start", start, "sectors", sectors, "sectorsize", 512, "size", inUnits(sectors*512),
				"uuid", nilIfEmpty(uuids["/dev/"+name]), "holders", anys(held[name])))
		}
	}
	return out
}

// inUnits prints a size as Ansible does: "256.00 GB", by 1024.
func inUnits(bytes int) string {
	units := []string{"Bytes", "KB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	n, i := float64(bytes), 0
	for n >= 1024 && i < len(units)-1 {
		n /= 1024
		i++
	}
	return fmt.Sprintf("%.2f %s", n, units[i])
}
