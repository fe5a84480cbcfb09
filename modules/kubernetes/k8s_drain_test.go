package kubernetes

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/twin/cluster"
	"github.com/drydock-dev/drydock/engine/value"
)

func (b *bed) cordoned(node string) bool {
	o, _ := b.Get("nodes", "", node)
	spec, _ := o["spec"].(map[string]any)
	return spec["unschedulable"] == true
}

func (b *bed) podsOn(node string) int {
	n := 0
	for _, p := range b.List("pods") {
		if p["spec"].(map[string]any)["nodeName"] == node {
			n++
		}
	}
	return n
}

func TestCordonAndUncordon(t *testing.T) {
	inBubble(t, cluster.Config{}, nodes, func(t *testing.T, b *bed) {
		for _, step := range []struct {
			state, result     string
			changed, cordoned bool
		}{
			{"uncordon", "node n1 already marked schedulable.", false, false},
			{"cordon", "node n1 marked unschedulable.", true, true},
			{"cordon", "node n1 already marked unschedulable.", false, true},
			{"uncordon", "node n1 marked schedulable.", true, false},
		} {
			r := b.run(K8sDrain, "name", "n1", "state", step.state)
			if r.Failed || r.Changed != step.changed || field(r, "result") != step.result || b.cordoned("n1") != step.cordoned {
				t.Errorf("%s gave %+v with %v, cordoned %v", step.state, r, r.Data, b.cordoned("n1"))
			}
		}
		if r := b.run(K8sDrain, "name", "n9"); r.Msg != "Node n9 not found." {
			t.Errorf("a node that is not there gave %q", r.Msg)
		}
	})
}

func TestDrainTakesItsTimeAndSaysWhatItDid(t *testing.T) {
	inBubble(t, cluster.Config{PodStart: 3 * time.Second, PodStop: time.Second}, nodes+web, func(t *testing.T, b *bed) {
		time.Sleep(time.Minute)
		plan := b.plan(K8sDrain, "name", "n1")
		if d := plan.Diff(); !strings.Contains(d.Before, "- default/web-rs-") || !strings.Contains(d.After, "unschedulable: true") {
			t.Errorf("the diff is %+v", d)
		}
		r := b.twice(K8sDrain, "name", "n1", "delete_options", value.NewMap("wait_timeout", 60, "ignore_daemonsets", true))
		if r.Failed || !r.Changed || field(r, "result") != "node n1 marked unschedulable. 2 Pod(s) deleted from node." || b.podsOn("n1") != 0 || !b.cordoned("n1") {
			t.Errorf("result %+v with %v, %d pods left", r, r.Data, b.podsOn("n1"))
		}
	})
}

func TestDrainRefusesBeforeItCordons(t *testing.T) {
	bare := nodes + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: bare, namespace: default}\nspec: {nodeName: n1, volumes: [{name: v, emptyDir: {}}]}\n"
	inBubble(t, cluster.Config{}, bare, func(t *testing.T, b *bed) {
		r := b.run(K8sDrain, "name", "n1")
		if want := "Pod deletion errors: cannot delete Pods with local storage (use option delete_emptydir_data set to yes): default/bare."; r.Msg != want {
			t.Errorf("msg %q", r.Msg)
		}
		r = b.run(K8sDrain, "name", "n1", "delete_options", value.NewMap("delete_emptydir_data", "yes"))
		if !strings.Contains(r.Msg, "cannot delete Pods not managed by ReplicationController") || b.cordoned("n1") {
			t.Errorf("msg %q, cordoned %v", r.Msg, b.cordoned("n1"))
		}
		r = b.run(K8sDrain, "name", "n1", "delete_options", value.NewMap("delete_emptydir_data", true, "force", true))
		if r.Failed || b.podsOn("n1") != 0 {
			t.Errorf("result %+v, %d pods left", r, b.podsOn("n1"))
		}
	})
}

func TestDrainThatFailsNamesPodsAndLeavesTheRestToRescue(t *testing.T) {
	never := strings.ReplaceAll(web, "maxUnavailable: 1", "minAvailable: 4")
	inBubble(t, cluster.Config{}, nodes+never, func(t *testing.T, b *bed) {
		r := b.run(K8sDrain, "name", "n1", "delete_options", value.NewMap("wait_timeout", 30))
		if !r.Failed || !r.Changed || !b.cordoned("n1") || !strings.Contains(r.Msg, "timeout reached while pods were still running") {
			t.Errorf("result %+v, cordoned %v", r, b.cordoned("n1"))
		}
		if why := field(r, "pods.0.reason"); why != "The disruption budget web needs 4 healthy pods and has 4 currently" {
			t.Errorf("the reason is %v", why)
		}
	})
}

func TestDrainOfAnAPIThatIsGoneIsNoSuccess(t *testing.T) {
	inBubble(t, cluster.Config{}, nodes+web, func(t *testing.T, b *bed) {
		p := b.plan(K8sDrain, "name", "n1")
		b.Break(cluster.Fault{Times: -1, Status: http.StatusBadGateway})
		r, err := p.Apply()(context.Background(), b.host)
		if err != nil || !r.Failed {
			t.Errorf("result %+v, error %v", r, err)
		}
	})
}

func TestDrainRefusesArgumentsByName(t *testing.T) {
	inBubble(t, cluster.Config{}, nodes, func(t *testing.T, b *bed) {
		for _, c := range []struct {
			options *value.Map
			want    string
		}{
			{value.NewMap("ignore_daemonset", true), "unsupported parameters: delete_options.ignore_daemonset"},
			{value.NewMap("force", "perhaps"), "delete_options.force"},
			{value.NewMap("wait_timeout", "soon"), "delete_options.wait_timeout"},
		} {
			if r := b.plan(K8sDrain, "name", "n1", "delete_options", c.options).Result(); !r.Failed || !strings.Contains(r.Msg, c.want) {
				t.Errorf("msg %q, want %q", r.Msg, c.want)
			}
		}
	})
}
