package cluster

// What the controllers of workloads say of them in their status.

// countWorkloads brings the status of deployments, replica sets, stateful sets and daemon sets up to date.
func (w *World) countWorkloads() {
	mine := w.podsByOwner()
	for _, resource := range []string{"replicasets", "statefulsets"} {
		for _, o := range w.all(resource) {
			all, up := countPods(mine[text(o, "metadata", "uid")])
			status := counts(o, all, map[string]int64{"readyReplicas": up, "availableReplicas": up})
			if resource == "statefulsets" {
				status["updatedReplicas"], status["currentReplicas"] = all, all
			}
			w.setStatus(o, status)
		}
	}
	for _, d := range w.all("deployments") {
		rs, _ := w.see("replicasets", namespaceOf(d), nameOf(d)+"-rs")
		w.countDeployment(d, mine[text(rs, "metadata", "uid")])
	}
	for _, d := range w.all("daemonsets") {
		w.countDaemons(d, mine[text(d, "metadata", "uid")])
	}
}

func (w *World) countDeployment(d map[string]any, pods []map[string]any) {
	all, up := countPods(pods)
	status := counts(d, all, map[string]int64{"readyReplicas": up, "availableReplicas": up, "unavailableReplicas": all - up})
	status["updatedReplicas"] = all
	available := "False"
	if up >= replicasOf(d)-replicasOf(d)/4 { // as with the default maxUnavailable of a rolling update
		available = "True"
	}
	status["conditions"] = []any{map[string]any{"type": "Available", "status": available}}
	w.setStatus(d, status)
}

func (w *World) countDaemons(d map[string]any, pods []map[string]any) {
	wanted := int64(0)
	for _, n := range w.all("nodes") {
		if selected(fieldsOf(d, "spec", "template", "spec", "nodeSelector"), n) {
			wanted++
		}
	}
	all, up := countPods(pods)
	w.setStatus(d, map[string]any{
		"observedGeneration": number(d, "metadata", "generation"), "desiredNumberScheduled": wanted, "currentNumberScheduled": all,
		"updatedNumberScheduled": all, "numberMisscheduled": int64(0), "numberReady": up, "numberAvailable": up, "numberUnavailable": max(0, wanted-up),
	})
}

// counts is a status with those of its numbers that are not nought, as the real ones leave them out.
func counts(o map[string]any, replicas int64, some map[string]int64) map[string]any {
	status := map[string]any{"observedGeneration": number(o, "metadata", "generation"), "replicas": replicas}
	for field, n := range some {
		if n > 0 {
			status[field] = n
		}
	}
	return status
}

func countPods(pods []map[string]any) (all, up int64) {
	for _, p := range pods {
		if at(p, "metadata", "deletionTimestamp") != nil || finished(p) {
			continue
		}
		all++
		if ready(p) {
			up++
		}
	}
	return all, up
}

// setStatus replaces the status of a stored object, if it differs.
func (w *World) setStatus(o, status map[string]any) {
	w.amend(o, to(status, "status"))
}
