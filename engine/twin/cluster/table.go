package cluster

// Tables: what kubectl get prints, worked out by the server as the real one does.

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"
)

// column is one of a table; wide ones are for -o wide.
type column struct {
	name string
	wide bool
	cell func(c *Cluster, o map[string]any) any
}

// wantsTable tells whether a client asks for tables.
func wantsTable(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "as=Table") }

// table makes one of objects.
func (c *Cluster) table(k Kind, items []any, meta map[string]any) map[string]any {
	columns := columnsFor(k)
	var definitions, rows []any
	for _, col := range columns {
		priority := 0
		if col.wide {
			priority = 1
		}
		format := ""
		if col.name == "Name" {
			format = "name"
		}
		definitions = append(definitions, map[string]any{"name": col.name, "type": "string", "format": format, "description": "", "priority": priority})
	}
	for _, one := range items {
		o, _ := one.(map[string]any)
		var cells []any
		for _, col := range columns {
			cells = append(cells, col.cell(c, o))
		}
		rows = append(rows, map[string]any{"cells": cells, "object": map[string]any{
			"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": o["metadata"],
		}})
	}
	if rows == nil {
		rows = []any{}
	}
	return map[string]any{
		"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "columnDefinitions": definitions, "rows": rows,
	}
}

// columnsFor are the columns of a kind: its own between name and age.
func columnsFor(k Kind) []column {
	own, hasAge := builtinColumns(k), false
	for _, col := range k.Columns {
		path := col.Path
		own = append(own, column{col.Name, false, func(_ *Cluster, o map[string]any) any { return columnValue(o, path) }})
	}
	out := []column{{"Name", false, func(_ *Cluster, o map[string]any) any { return nameOf(o) }}}
	for _, col := range own {
		hasAge = hasAge || col.name == "Age"
		if col.wide && !hasAge {
			out, hasAge = append(out, age()), true
		}
		out = append(out, col)
	}
	if !hasAge {
		out = append(out, age())
	}
	return out
}

func age() column {
	return column{"Age", false, func(c *Cluster, o map[string]any) any { return c.since(text(o, "metadata", "creationTimestamp")) }}
}

func (c *Cluster) since(at string) string {
	then, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return "<unknown>"
	}
	return duration.HumanDuration(c.config.Now().Sub(then))
}

// columnValue follows a path such as .spec.nodeID; a condition's status is .status.conditions[Ready].
func columnValue(o map[string]any, path string) any {
	if before, kind, ok := strings.Cut(strings.TrimSuffix(path, "]"), ".conditions["); ok && before == ".status" {
		return conditionOf(o, kind)
	}
	v := at(o, strings.Split(strings.TrimPrefix(path, "."), ".")...)
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// show makes a column of a function of the object alone.
func show(name string, wide bool, cell func(o map[string]any) string) column {
	return column{name, wide, func(_ *Cluster, o map[string]any) any { return cell(o) }}
}

// path makes a column of a field; <none> where there is nothing.
func path(name string, wide bool, fields ...string) column {
	return show(name, wide, func(o map[string]any) string {
		v := at(o, fields...)
		if v == nil || v == "" {
			return "<none>"
		}
		return fmt.Sprint(v)
	})
}

// builtinColumns are those of the built-in kinds that people look at.
func builtinColumns(k Kind) []column {
	if k.Type == nil {
		return nil
	}
	count := func(name string, fields ...string) column {
		return show(name, false, func(o map[string]any) string { return fmt.Sprint(number(o, fields...)) })
	}
	switch k.Name {
	case "Node":
		return nodeColumns()
	case "Pod":
		return podColumns()
	case "Deployment":
		return []column{show("Ready", false, readyOfWanted), count("Up-to-date", "status", "updatedReplicas"), count("Available", "status", "availableReplicas")}
	case "StatefulSet":
		return []column{show("Ready", false, readyOfWanted)}
	case "ReplicaSet":
		return []column{count("Desired", "spec", "replicas"), count("Current", "status", "replicas"), count("Ready", "status", "readyReplicas")}
	case "DaemonSet":
		return []column{count("Desired", "status", "desiredNumberScheduled"), count("Current", "status", "currentNumberScheduled"), count("Ready", "status", "numberReady"),
			count("Up-to-date", "status", "updatedNumberScheduled"), count("Available", "status", "numberAvailable")}
	case "PodDisruptionBudget":
		return []column{path("Min Available", false, "spec", "minAvailable"), path("Max Unavailable", false, "spec", "maxUnavailable"),
			count("Allowed Disruptions", "status", "disruptionsAllowed")}
	case "PersistentVolumeClaim":
		return []column{path("Status", false, "status", "phase"), path("Volume", false, "spec", "volumeName"), path("Capacity", false, "status", "capacity", "storage"),
			path("StorageClass", false, "spec", "storageClassName")}
	case "PersistentVolume":
		return []column{path("Capacity", false, "spec", "capacity", "storage"), path("Status", false, "status", "phase"),
			show("Claim", false, func(o map[string]any) string {
				return text(o, "spec", "claimRef", "namespace") + "/" + text(o, "spec", "claimRef", "name")
			}), path("StorageClass", false, "spec", "storageClassName")}
	case "Namespace":
		return []column{show("Status", false, func(o map[string]any) string {
			if at(o, "metadata", "deletionTimestamp") != nil {
				return "Terminating"
			}
			return "Active"
		})}
	case "Lease":
		return []column{path("Holder", false, "spec", "holderIdentity")}
	case "VolumeAttachment":
		return []column{path("Attacher", false, "spec", "attacher"), path("PV", false, "spec", "source", "persistentVolumeName"), path("Node", false, "spec", "nodeName"),
			path("Attached", false, "status", "attached")}
	case "CSINode":
		return []column{show("Drivers", false, func(o map[string]any) string { return fmt.Sprint(len(list(o, "spec", "drivers"))) })}
	}
	return nil
}

func readyOfWanted(o map[string]any) string {
	return fmt.Sprintf("%d/%d", number(o, "status", "readyReplicas"), replicasOf(o))
}

func nodeColumns() []column {
	return []column{
		show("Status", false, func(o map[string]any) string {
			words := []string{map[bool]string{true: "Ready", false: "NotReady"}[ready(o)]}
			if flag(o, "spec", "unschedulable") {
				words = append(words, "SchedulingDisabled")
			}
			return strings.Join(words, ",")
		}),
		show("Roles", false, func(o map[string]any) string {
			var roles []string
			for key := range fieldsOf(o, "metadata", "labels") {
				if role, ok := strings.CutPrefix(key, "node-role.kubernetes.io/"); ok {
					roles = append(roles, role)
				}
			}
			slices.Sort(roles)
			if roles == nil {
				return "<none>"
			}
			return strings.Join(roles, ",")
		}),
		age(), path("Version", false, "status", "nodeInfo", "kubeletVersion"), show("Internal-IP", true, addressOf),
		show("External-IP", true, func(map[string]any) string { return "<none>" }), path("OS-Image", true, "status", "nodeInfo", "osImage"),
		path("Kernel-Version", true, "status", "nodeInfo", "kernelVersion"), path("Container-Runtime", true, "status", "nodeInfo", "containerRuntimeVersion"),
	}
}

func podColumns() []column {
	none := func(map[string]any) string { return "<none>" }
	return []column{
		show("Ready", false, func(o map[string]any) string {
			up := 0
			for _, s := range list(o, "status", "containerStatuses") {
				if flag(s, "ready") {
					up++
				}
			}
			return fmt.Sprintf("%d/%d", up, len(list(o, "spec", "containers")))
		}),
		show("Status", false, func(o map[string]any) string {
			switch {
			case at(o, "metadata", "deletionTimestamp") != nil:
				return "Terminating"
			case text(o, "status", "phase") == "":
				return "Pending"
			case text(o, "status", "phase") == "Pending" && text(o, "spec", "nodeName") != "":
				return "ContainerCreating"
			}
			return text(o, "status", "phase")
		}),
		show("Restarts", false, func(o map[string]any) string {
			n := int64(0)
			for _, s := range list(o, "status", "containerStatuses") {
				n += number(s, "restartCount")
			}
			return fmt.Sprint(n)
		}),
		age(), path("IP", true, "status", "podIP"), path("Node", true, "spec", "nodeName"), show("Nominated Node", true, none), show("Readiness Gates", true, none),
	}
}
