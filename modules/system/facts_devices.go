// Facts about block devices and their partitions.

package system

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

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
