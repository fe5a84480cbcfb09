package cluster

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// BenchmarkNode is what the maintenance of a node costs in a cluster of six: drain, reboot, rebuild, through the API without a network.
func BenchmarkNode(b *testing.B) {
	clock := newClock()
	config := Realistic()
	config.Now, config.After = clock.Now, clock.After
	c, err := K3s(config, Sized(3, 3))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	do := func(method, path, content, body string) int {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+c.token)
		r.Header.Set("Content-Type", content)
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		return w.Code
	}
	nodes := []string{"master-1", "master-2", "master-3", "worker-1", "worker-2", "worker-3"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		node := nodes[i%len(nodes)]
		do("PATCH", "/api/v1/nodes/"+node, strategicType, `{"spec":{"unschedulable":true}}`)
		for left := 1; left > 0; clock.pass(5 * time.Second) {
			left = 0
			for _, p := range c.world.all("pods") {
				if text(p, "spec", "nodeName") != node || strings.Contains(nameOf(p), node) { // the daemons' are named by their node
					continue
				}
				left++
				do("POST", "/api/v1/namespaces/"+namespaceOf(p)+"/pods/"+nameOf(p)+"/eviction", "application/json",
					`{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"`+nameOf(p)+`","namespace":"`+namespaceOf(p)+`"}}`)
			}
		}
		c.NodeDown(node)
		clock.pass(time.Minute)
		c.NodeUp(node, "", "")
		do("PATCH", "/api/v1/nodes/"+node, strategicType, `{"spec":{"unschedulable":false}}`)
		clock.pass(10 * time.Minute)
	}
	for _, v := range c.List(volumes) {
		if text(v, "status", "robustness") != "healthy" {
			b.Errorf("%s is %s", nameOf(v), text(v, "status", "robustness"))
		}
	}
}

// BenchmarkBuild is what it costs to have a cluster of six.
func BenchmarkBuild(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		clock := newClock()
		config := Realistic()
		config.Now, config.After = clock.Now, clock.After
		c, err := K3s(config, Sized(3, 3))
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
