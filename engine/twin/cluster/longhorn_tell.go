package cluster

// What Longhorn tells of its engines, instance managers and volumes, worked out of how the replicas are.

import (
	"maps"
	"slices"
)

// tellStorage brings the status of engines, instance managers and volumes up to date.
func (c *Cluster) tellStorage(w *World) {
	ofVolume := map[string][]map[string]any{}
	for _, r := range w.all(replicas) {
		ofVolume[text(r, "spec", "volumeName")] = append(ofVolume[text(r, "spec", "volumeName")], r)
	}
	for _, e := range w.all(engines) {
		c.tellEngine(w, e, ofVolume[text(e, "spec", "volumeName")])
	}
	c.tellManagers(w)
	users := w.podsByClaim()
	for _, v := range w.all(volumes) {
		c.tellVolume(w, v, ofVolume[nameOf(v)], users)
	}
}

// tellEngine says how an engine sees its replicas. One whose node is away says nothing new.
func (c *Cluster) tellEngine(w *World, e map[string]any, all []map[string]any) {
	if text(e, "status", "currentState") == "error" {
		return
	}
	modes, addresses, rebuilds := map[string]any{}, map[string]any{}, map[string]any{}
	for _, r := range all {
		name := nameOf(r)
		if text(r, "status", "currentState") != "running" {
			continue
		}
		address := replicaAddress(w, r)
		addresses[name] = address
		modes[name] = "RW"
		if b := c.storage.rebuilds[name]; b != nil {
			modes[name] = "WO"
			rebuilds["tcp://"+address] = map[string]any{
				"isRebuilding": true, "progress": int64(b.progress), "state": "in_progress", "error": "", "fromReplicaAddress": "", "appliedRebuildingMBps": int64(0),
			}
		}
	}
	w.amend(e, to(addresses, "spec", "replicaAddressMap"), to(addresses, "status", "currentReplicaAddressMap"),
		to(modes, "status", "replicaModeMap"), to(rebuilds, "status", "rebuildStatus"))
}

func replicaAddress(w *World, r map[string]any) string {
	n, _ := w.see("nodes", "", text(r, "spec", "nodeID"))
	address := addressOf(n)
	if address == "" {
		address = text(r, "spec", "nodeID")
	}
	return address + ":" + "1" + digits(nameOf(r))
}

// digits makes four digits of a name: a port's end.
func digits(name string) string {
	out := []byte(digest(name, 4))
	for i := range out {
		out[i] = '0' + out[i]%10
	}
	return string(out)
}

// instancesOn lists by node what runs there of a resource, as instance managers tell it.
func (w *World) instancesOn(resource string) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, o := range w.all(resource) {
		if text(o, "status", "currentState") == "running" {
			addInstance(out, text(o, "spec", "nodeID"), nameOf(o), resource)
		}
	}
	return out
}

func addInstance(all map[string]map[string]any, node, name, resource string) {
	if all[node] == nil {
		all[node] = map[string]any{}
	}
	kind := map[string]string{engines: "engine", replicas: "replica"}[resource]
	all[node][name] = map[string]any{"spec": map[string]any{"name": name, "dataEngine": "v1"}, "status": map[string]any{"state": "running", "type": kind}}
}

// tellManagers lists what runs in the instance managers.
func (c *Cluster) tellManagers(w *World) {
	here, copies := w.instancesOn(engines), w.instancesOn(replicas)
	for name, node := range c.storage.orphans {
		addInstance(here, node, name, engines)
	}
	for _, im := range w.all(managers) {
		node := text(im, "spec", "nodeID")
		inside, beside := map[string]any{}, map[string]any{}
		switch text(im, "status", "currentState") {
		case "unknown":
			continue
		case "running":
			maps.Copy(inside, here[node])
			maps.Copy(beside, copies[node])
		}
		w.amend(im, to(inside, "status", "instanceEngines"), to(beside, "status", "instanceReplicas"))
	}
}

// tellVolume says how robust a volume is, a little after it is so.
func (c *Cluster) tellVolume(w *World, v map[string]any, all []map[string]any, users map[string][]map[string]any) {
	name, now := nameOf(v), c.config.Now()
	word := c.trueRobustness(w, v, all)
	last, known := c.storage.truth[name]
	if !known || last.word != word {
		last = robustness{word, now}
		c.storage.truth[name] = last
		if c.config.Lag > 0 && known { // chance may make it a tenth shorter
			c.wait(c.config.Lag, func() { c.world.dirty[volumes] = true })
		}
	}
	told := text(v, "status", "robustness")
	if !known || now.Sub(last.since) >= c.config.Lag*9/10 || text(v, "status", "state") != "attached" {
		told = word
	}
	if told == "degraded" && now.Before(c.storage.flatter) {
		told = "healthy"
	}
	fields := []field{to(told, "status", "robustness"), to(workloadsOf(v, users), "status", "kubernetesStatus", "workloadsStatus")}
	if told == "degraded" && text(v, "status", "robustness") != told {
		fields = append(fields, to(stamp(now), "status", "lastDegradedAt"))
	}
	if sharedVolume(v) {
		s, _ := w.see(shares, lhNamespace, name)
		fields = append(fields, to(text(s, "status", "state"), "status", "shareState"), to(text(s, "status", "endpoint"), "status", "shareEndpoint"))
	}
	w.amend(v, fields...)
}

// trueRobustness is what is so at this moment.
func (c *Cluster) trueRobustness(w *World, v map[string]any, all []map[string]any) string {
	good := 0
	for _, r := range all {
		if usable(r) && text(r, "status", "currentState") == "running" {
			good++
		}
	}
	switch {
	case text(v, "status", "state") != "attached":
		if len(all) > 0 && !slices.ContainsFunc(all, func(r map[string]any) bool { return text(r, "spec", "failedAt") == "" }) {
			return "faulted"
		}
		return "unknown"
	case text(w.engine(nameOf(v)), "status", "currentState") != "running":
		return "unknown"
	case good >= int(number(v, "spec", "numberOfReplicas")):
		return "healthy"
	case good > 0:
		return "degraded"
	}
	return "faulted"
}

// podsByClaim sorts the pods that use claims by them.
func (w *World) podsByClaim() map[string][]map[string]any {
	out := map[string][]map[string]any{}
	for _, p := range w.all("pods") {
		for _, claim := range claimsOf(p) {
			key := namespaceOf(p) + "/" + claim
			out[key] = append(out[key], p)
		}
	}
	return out
}

// workloadsOf names the pods that use a volume.
func workloadsOf(v map[string]any, users map[string][]map[string]any) []any {
	status := fieldsOf(v, "status", "kubernetesStatus")
	out := []any{}
	for _, p := range users[text(status, "namespace")+"/"+text(status, "pvcName")] {
		one := map[string]any{"podName": nameOf(p), "podStatus": text(p, "status", "phase")}
		for _, ref := range list(p, "metadata", "ownerReferences") {
			one["workloadName"], one["workloadType"] = text(ref, "name"), text(ref, "kind")
		}
		out = append(out, one)
	}
	return out
}

// guardInstances keeps a budget for every running instance manager, and takes it away from a cordoned node when its rule allows.
func (c *Cluster) guardInstances(w *World) {
	for _, im := range w.all(managers) {
		name, node := nameOf(im), text(im, "spec", "nodeID")
		if text(im, "status", "currentState") != "running" {
			continue
		}
		_, guarded := w.see("poddisruptionbudgets", lhNamespace, name)
		switch cordoned := w.cordoned(node); {
		case cordoned && guarded && w.mayGo(im):
			w.Delete("poddisruptionbudgets", lhNamespace, name)
		case !cordoned && !guarded:
			w.Set(map[string]any{
				"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": map[string]any{"name": name, "namespace": lhNamespace},
				"spec": map[string]any{"minAvailable": int64(1), "selector": map[string]any{"matchLabels": maps.Clone(managerLabels(name, node))}},
			})
		}
	}
}

const defaultDrainPolicy = "block-if-contains-last-replica"

// mayGo is Longhorn's rule for letting the instance manager of a cordoned node go.
func (w *World) mayGo(im map[string]any) bool {
	if len(fieldsOf(im, "status", "instanceEngines")) > 0 {
		return false
	}
	policy := w.setting("node-drain-policy", defaultDrainPolicy)
	if policy == "always-allow" {
		return true
	}
	node := text(im, "spec", "nodeID")
	for _, r := range w.all(replicas) {
		if text(r, "spec", "nodeID") != node {
			continue
		}
		if policy == "block-for-eviction" {
			return false
		}
		stopped := text(r, "spec", "desireState") == "stopped" && text(r, "status", "currentState") == "stopped"
		unused := text(r, "spec", "healthyAt") == "" && text(r, "spec", "failedAt") == ""
		if policy == "allow-if-replica-is-stopped" && stopped || unused {
			continue
		}
		if !w.protectedElsewhere(text(r, "spec", "volumeName"), node) {
			return false
		}
	}
	return true
}

// protectedElsewhere tells whether a volume has a good replica on another node that is not cordoned and whose instance manager runs and
// has its budget.
func (w *World) protectedElsewhere(volume, node string) bool {
	return slices.ContainsFunc(w.all(replicas), func(r map[string]any) bool {
		other := text(r, "spec", "nodeID")
		if text(r, "spec", "volumeName") != volume || other == node || !usable(r) || w.cordoned(other) || !w.managerRuns(other) {
			return false
		}
		_, guarded := w.see("poddisruptionbudgets", lhNamespace, managerOf(other))
		return guarded
	})
}
