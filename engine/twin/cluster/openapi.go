package cluster

// As much of OpenAPI as kubectl reads before it sends an object: that the server checks fields by itself.

import (
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// describe answers what kubectl asks besides resources: OpenAPI documents, and whether its user may do something (he may).
func (c *Cluster) describe(w http.ResponseWriter, r *http.Request) bool {
	version, isDoc := strings.CutPrefix(r.URL.Path, "/openapi/v3/")
	switch {
	case r.URL.Path == "/openapi/v3" && r.Method == http.MethodGet:
		paths := map[string]any{}
		for _, k := range c.kinds() {
			paths[documentOf(k)] = map[string]any{"serverRelativeURL": "/openapi/v3/" + documentOf(k)}
		}
		send(w, http.StatusOK, map[string]any{"paths": paths})
	case isDoc && r.Method == http.MethodGet:
		c.document(w, r, version)
	case r.URL.Path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && r.Method == http.MethodPost:
		send(w, http.StatusCreated, map[string]any{
			"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": map[string]any{}, "status": map[string]any{"allowed": true},
		})
	default:
		return false
	}
	return true
}

func documentOf(k Kind) string {
	if k.Group == "" {
		return "api/" + k.Version
	}
	return "apis/" + k.Group + "/" + k.Version
}

// document lists for each kind of a version that its patches take fieldValidation.
func (c *Cluster) document(w http.ResponseWriter, r *http.Request, version string) {
	paths := map[string]any{}
	for _, k := range c.kinds() {
		if documentOf(k) != version {
			continue
		}
		path := "/" + version
		if k.Namespaced {
			path += "/namespaces/{namespace}"
		}
		paths[path+"/"+k.Plural+"/{name}"] = map[string]any{"patch": map[string]any{
			"x-kubernetes-group-version-kind": map[string]any{"group": k.Group, "version": k.Version, "kind": k.Name},
			"parameters":                      []any{map[string]any{"name": "fieldValidation", "in": "query", "schema": map[string]any{"type": "string"}}},
			"responses":                       map[string]any{"200": map[string]any{"description": "OK"}},
		}}
	}
	if len(paths) == 0 {
		sendError(w, apierrors.NewGenericServerResponse(http.StatusNotFound, r.Method, schema.GroupResource{}, "", "the server could not find the requested resource", 0, false))
		return
	}
	send(w, http.StatusOK, map[string]any{"openapi": "3.0.0", "info": map[string]any{"title": "Kubernetes", "version": c.gitVersion}, "paths": paths})
}
