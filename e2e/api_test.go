//go:build e2e

package e2e

// A plain HTTP client of the API server: the judge must not share code with the judged.

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

type api struct {
	base string
	http *http.Client
}

// object is as much of a Kubernetes object as the tests look at.
type object struct {
	Metadata struct {
		Name, Namespace, UID, ResourceVersion string
		Annotations, Labels                   map[string]string
		OwnerReferences                       []struct{ Kind string }
	}
	Spec struct {
		Unschedulable, AllowScheduling bool
		NodeName                       string
	}
	Status struct {
		Conditions                       []condition
		NodeInfo                         struct{ BootID string }
		CurrentHealthy, DesiredHealthy   int
		State, Robustness, CurrentNodeID string
	}
}

type condition struct{ Type, Status string }

// ready tells whether an object's condition Ready is True.
func (o object) ready() bool {
	for _, c := range o.Status.Conditions {
		if c.Type == "Ready" {
			return c.Status == "True"
		}
	}
	return false
}

type list struct {
	Metadata struct{ ResourceVersion string }
	Items    []object
}

// The collections that the tests look at.
const (
	nodesPath         = "/api/v1/nodes"
	podsPath          = "/api/v1/namespaces/default/pods"
	budgetsPath       = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
	volumesPath       = "/apis/longhorn.io/v1beta2/namespaces/longhorn-system/volumes"
	longhornNodesPath = "/apis/longhorn.io/v1beta2/namespaces/longhorn-system/nodes"
)

// connect makes a client of the testbed's kubeconfig.
func connect() (*api, error) {
	text, err := testbed("kubectl", "config", "view", "--raw", "-o", "json")
	if err != nil {
		return nil, err
	}
	var cfg struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Cert []byte `json:"client-certificate-data"`
				Key  []byte `json:"client-key-data"`
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cfg.Users[0].User.Cert, cfg.Users[0].User.Key)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cfg.Clusters[0].Cluster.CA)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}}
	return &api{base: cfg.Clusters[0].Cluster.Server, http: &http.Client{Transport: transport}}, nil
}

// do sends a request and decodes the answer into out.
func (a *api) do(ctx context.Context, method, path, contentType string, body, out any) error {
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, &text)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		why, _ := io.ReadAll(io.LimitReader(resp.Body, 2000))
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, why)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

// list reads a collection.
func (a *api) list(ctx context.Context, path string) (list, error) {
	var l list
	return l, a.do(ctx, http.MethodGet, path, "", nil, &l)
}

// watch calls seen with every object of a collection and with every change of it, until ctx ends.
func (a *api) watch(ctx context.Context, path string, seen func(object)) {
	for ctx.Err() == nil {
		l, err := a.list(ctx, path)
		if err != nil {
			continue // the server is on this machine: it is back at once, or the test's own deadline ends this
		}
		for _, o := range l.Items {
			seen(o)
		}
		a.follow(ctx, path+"?watch=1&resourceVersion="+l.Metadata.ResourceVersion, seen)
	}
}

func (a *api) follow(ctx context.Context, path string, seen func(object)) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	for dec := json.NewDecoder(resp.Body); ; {
		var e struct {
			Type   string
			Object object
		}
		if dec.Decode(&e) != nil || e.Type == "ERROR" {
			return
		}
		if e.Type != "DELETED" {
			seen(e.Object)
		}
	}
}

// get reads one object.
func get(t *testing.T, path, name string) object {
	t.Helper()
	var o object
	if err := bed.cluster.do(t.Context(), http.MethodGet, path+"/"+name, "", nil, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// patch merges into an object; sub is "" or "/status".
func patch(t *testing.T, path, name, sub string, body map[string]any) {
	t.Helper()
	if err := bed.cluster.patch(t.Context(), path, name, sub, body); err != nil {
		t.Fatal(err)
	}
}

func (a *api) patch(ctx context.Context, path, name, sub string, body map[string]any) error {
	return a.do(ctx, http.MethodPatch, path+"/"+name+sub, "application/merge-patch+json", body, nil)
}

// cordon marks a node as a person with kubectl would.
func cordon(t *testing.T, name string, on bool) {
	t.Helper()
	patch(t, nodesPath, name, "", map[string]any{"spec": map[string]any{"unschedulable": on}})
}

// eventually waits for something that the cluster does by itself.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for tick := time.NewTicker(200 * time.Millisecond); !true(); {
		select {
		case <-ctx.Done():
			t.Fatalf("in vain: %s", what)
		case <-tick.C:
		}
	}
}
