package kubernetes

// k8s_cluster_info: what a cluster serves.

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"strings"

	"github.com/drydock-dev/drydock/engine/kube"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// K8sClusterInfo tells what a cluster serves.
var K8sClusterInfo = module.Define(module.Spec{
	Name:    "kubernetes.core.k8s_cluster_info",
	Aliases: []string{"community.kubernetes.k8s_cluster_info"},
	Doc:     "Tell which kinds a cluster serves, and its version.",
	Lacks:   kube.Lacks(),
}, planClusterInfo)

type clusterInfoArgs struct {
	kube.Access
	InvalidateCache bool `arg:"invalidate_cache,default=yes" doc:"Has no effect: the cluster is asked anew each time."`
}

// served is a discovery document, as far as it is used.
type served struct {
	Resources []struct {
		Name         string   `json:"name"`
		Kind         string   `json:"kind"`
		SingularName string   `json:"singularName"`
		Namespaced   bool     `json:"namespaced"`
		Categories   []string `json:"categories"`
		ShortNames   []string `json:"shortNames"`
	} `json:"resources"`
}

func planClusterInfo(ctx context.Context, v module.View, a clusterInfoArgs) (module.Plan, error) {
	r, err := kube.Read(ctx, v, a.Access)
	if err != nil {
		return failed(ctx, err)
	}
	version, err := get(ctx, r, "/version")
	if err != nil {
		return failed(ctx, err)
	}
	apis := &value.Map{}
	if err := list(ctx, r, apis, "/api/v1", "v1", true); err != nil {
		return failed(ctx, err)
	}
	groups, err := get(ctx, r, "/apis")
	if err != nil {
		return failed(ctx, err)
	}
	all, _ := at(groups, "groups").([]any)
	for _, g := range all {
		preferred := str(g, "preferredVersion", "groupVersion")
		versions, _ := at(g, "versions").([]any)
		for _, one := range versions {
			name := str(one, "groupVersion")
			if err := list(ctx, r, apis, "/apis/"+name, name, name == preferred); err != nil {
				return failed(ctx, err)
			}
		}
	}
	verify := a.ValidateCerts == nil || *a.ValidateCerts
	connection := value.NewMap("cert_file", nil, "host", kube.ServerOf(r), "password", nil, "proxy", nil, "ssl_ca_cert", nil, "username", nil, "verify_ssl", verify)
	return module.Done(module.Result{}.With("apis", apis).With("connection", connection).
		With("version", value.NewMap("client", ownVersion(), "server", value.NewMap("kubernetes", version)))), nil
}

// ownVersion is that of the client's library.
func ownVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "k8s.io/client-go" {
				return strings.TrimPrefix(dep.Version, "v")
			}
		}
	}
	return ""
}

func get(ctx context.Context, r kube.Reader, path string) (*value.Map, error) {
	data, err := r.Raw(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	v, err := value.ParseJSON(data)
	m, _ := v.(*value.Map)
	return m, err
}

// list adds the kinds of one version.
func list(ctx context.Context, r kube.Reader, apis *value.Map, path, name string, preferred bool) error {
	data, err := r.Raw(ctx, path, nil)
	if kube.NotFound(err) {
		return nil // an aggregated server that is away
	}
	if err != nil {
		return err
	}
	var doc served
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	kinds := &value.Map{}
	for _, one := range doc.Resources {
		if strings.Contains(one.Name, "/") {
			continue
		}
		kinds.Set(one.Kind, value.NewMap("categories", asList(one.Categories), "name", one.Name, "namespaced", one.Namespaced,
			"preferred", preferred, "short_names", asList(one.ShortNames), "singular_name", one.SingularName))
	}
	apis.Set(name, kinds)
	return nil
}

func asList(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
