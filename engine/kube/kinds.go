package kube

// Which kinds the server has: its discovery documents, read when a name is to be resolved and kept.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// kinds resolves names to kinds. Only what was found is kept, as a play may install a new kind at any time.
type kinds struct {
	http *http.Client
	base string // of the server's URL

	mu    sync.Mutex
	known map[string][]metav1.APIResource // by apiVersion
}

// find resolves a name in one apiVersion. A bare version such as v1 means the core group, and failing that any group that has
// this version: `kind: Deployment` without an api_version is common in playbooks.
func (k *kinds) find(ctx context.Context, apiVersion, name string) (Kind, error) {
	kind, err := k.findIn(ctx, apiVersion, name)
	if !errors.Is(err, ErrNoKind) || strings.Contains(apiVersion, "/") {
		return kind, err
	}
	groups, err := k.groupsWith(ctx, apiVersion)
	if err != nil {
		return Kind{}, err
	}
	var found []Kind
	for _, group := range groups {
		switch kind, err := k.findIn(ctx, group+"/"+apiVersion, name); {
		case err == nil:
			found = append(found, kind)
		case !errors.Is(err, ErrNoKind):
			return Kind{}, err
		}
	}
	if len(found) != 1 {
		return Kind{}, fmt.Errorf("%s %s: %w", apiVersion, name, ErrNoKind)
	}
	return found[0], nil
}

func (k *kinds) findIn(ctx context.Context, apiVersion, name string) (Kind, error) {
	for _, fresh := range []bool{false, true} {
		list, err := k.resources(ctx, apiVersion, fresh)
		if err != nil {
			return Kind{}, err
		}
		if r, ok := match(list, name); ok {
			gv, _ := schema.ParseGroupVersion(apiVersion)
			return Kind{Group: gv.Group, Version: gv.Version, Name: r.Kind, Plural: r.Name, Namespaced: r.Namespaced}, nil
		}
	}
	return Kind{}, fmt.Errorf("%s %s: %w", apiVersion, name, ErrNoKind)
}

// match finds a resource by kind, plural, singular or short name, in this order, as Ansible does.
func match(list []metav1.APIResource, name string) (metav1.APIResource, bool) {
	ways := []func(r metav1.APIResource) bool{
		func(r metav1.APIResource) bool { return r.Kind == name },
		func(r metav1.APIResource) bool { return r.Name == name },
		func(r metav1.APIResource) bool { return r.SingularName == name },
		func(r metav1.APIResource) bool { return slices.Contains(r.ShortNames, name) },
	}
	for _, way := range ways {
		for _, r := range list {
			if !strings.Contains(r.Name, "/") && way(r) {
				return r, true
			}
		}
	}
	return metav1.APIResource{}, false
}

// resources lists what an apiVersion serves; nothing, if the server does not have it.
func (k *kinds) resources(ctx context.Context, apiVersion string, fresh bool) ([]metav1.APIResource, error) {
	k.mu.Lock()
	list, ok := k.known[apiVersion]
	k.mu.Unlock()
	if ok && !fresh {
		return list, nil
	}
	path := "/apis/" + apiVersion
	if !strings.Contains(apiVersion, "/") {
		path = "/api/" + apiVersion
	}
	var answer metav1.APIResourceList
	if err := k.get(ctx, path, &answer); err != nil {
		if NotFound(err) {
			return nil, nil
		}
		return nil, fmt.Errorf("discover %s: %w", apiVersion, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = map[string][]metav1.APIResource{}
	}
	k.known[apiVersion] = answer.APIResources
	return answer.APIResources, nil
}

// groupsWith lists the groups that serve a version.
func (k *kinds) groupsWith(ctx context.Context, version string) ([]string, error) {
	var answer metav1.APIGroupList
	if err := k.get(ctx, "/apis", &answer); err != nil {
		return nil, fmt.Errorf("discover groups: %w", err)
	}
	var out []string
	for _, g := range answer.Groups {
		for _, v := range g.Versions {
			if v.Version == version {
				out = append(out, g.Name)
			}
		}
	}
	return out, nil
}

func (k *kinds) get(ctx context.Context, path string, into any) error {
	data, err := k.raw(ctx, path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// raw gets what stands at a path, which may have a query.
func (k *kinds) raw(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json, */*")
	resp, err := k.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, answeredWith(resp.StatusCode, path, data)
	}
	return data, nil
}

// answeredWith makes an error of an answer: the server's own words where it gave a Status.
func answeredWith(code int, path string, data []byte) error {
	var s metav1.Status
	if json.Unmarshal(data, &s) == nil && s.Kind == "Status" {
		return &apierrors.StatusError{ErrStatus: s}
	}
	return apierrors.NewGenericServerResponse(code, "get", schema.GroupResource{}, path, strings.TrimSpace(string(data)), 0, true)
}
