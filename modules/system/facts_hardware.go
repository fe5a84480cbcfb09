// Facts about processors, memory and firmware.

package system

import (
	"math"
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

// mebibytes of kibibytes, rounded down.
func mebibytes(kib int) int { return int(math.Floor(float64(kib) / 1024)) }
