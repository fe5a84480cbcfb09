package kube

// From arguments and kubeconfigs to a client-go configuration. What is read lies on the host of the task, never on another.

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/drydock-dev/drydock/engine/module"
)

// serviceAccount is where a pod finds the credentials that its cluster gave it.
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/"

// resolve finds out how a task reaches its cluster. The answer holds texts and no file names, so that equal answers are one cluster.
func resolve(ctx context.Context, v module.View, a Access) (*rest.Config, error) {
	var paths []string
	given, isInline, err := a.inline(v)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig: %w", err)
	}
	if p, ok := a.Kubeconfig.(string); ok && p != "" && !isInline {
		paths = strings.Split(p, ":")
	}
	seen, err := look(ctx, v, paths...)
	if err != nil {
		return nil, err
	}
	if a, err = a.withEnv(seen.env); err != nil {
		return nil, err
	}
	if isInline {
		seen.files = []file{given}
	}
	var cfg *rest.Config
	switch {
	case a.complete():
		cfg = &rest.Config{Host: a.Host}
	case len(seen.files) == 0 && seen.env["KUBERNETES_SERVICE_HOST"] != "":
		cfg, err = inCluster(ctx, v, seen.env)
	case len(seen.files) == 0:
		return nil, noKubeconfig(v, seen)
	default:
		cfg, err = fromFiles(ctx, v, seen.files, a.Context)
	}
	if err != nil {
		return nil, err
	}
	return cfg, override(ctx, v, cfg, a)
}

func noKubeconfig(v module.View, seen found) error {
	if len(seen.denied) > 0 {
		return fmt.Errorf("the kubeconfig %s on %s cannot be read by this user (become: true may be missing)", strings.Join(seen.denied, ", "), v.Name())
	}
	return &absentError{fmt.Sprintf("no kubeconfig on %s: looked for %s; give the task kubeconfig:, or set K8S_AUTH_KUBECONFIG or KUBECONFIG", v.Name(), strings.Join(seen.missing, ", "))}
}

// ErrNoKubeconfig says that a host has no kubeconfig at all: nobody speaks to a cluster from there.
var ErrNoKubeconfig = errors.New("no kubeconfig")

type absentError struct{ text string }

func (e *absentError) Error() string        { return e.text }
func (e *absentError) Is(target error) bool { return target == ErrNoKubeconfig }

// fromFiles merges kubeconfigs as kubectl does, the first to say something wins, and picks a context.
func fromFiles(ctx context.Context, v module.View, files []file, contextName string) (*rest.Config, error) {
	all := api.NewConfig()
	for _, f := range files {
		one, err := clientcmd.Load([]byte(f.text))
		if err != nil {
			return nil, fmt.Errorf("kubeconfig %s: %w", f.path, err)
		}
		if err := embed(ctx, v, one, path.Dir(f.path)); err != nil {
			return nil, fmt.Errorf("kubeconfig %s: %w", f.path, err)
		}
		if all.CurrentContext == "" {
			all.CurrentContext = one.CurrentContext
		}
		keep(all.Clusters, one.Clusters)
		keep(all.AuthInfos, one.AuthInfos)
		keep(all.Contexts, one.Contexts)
	}
	cfg, err := clientcmd.NewNonInteractiveClientConfig(*all, contextName, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", files[0].path, err)
	}
	if cfg.ExecProvider != nil && !module.IsLocal(v) {
		return nil, fmt.Errorf("kubeconfig %s: its user signs in by a program (%s), which is possible on the controller only", files[0].path, cfg.ExecProvider.Command)
	}
	return cfg, nil
}

func keep[T any](all, more map[string]T) {
	for name, x := range more {
		if _, ok := all[name]; !ok {
			all[name] = x
		}
	}
}

// embed replaces the names of files in a kubeconfig by their content, read from the same host.
func embed(ctx context.Context, v module.View, c *api.Config, dir string) error {
	wanted := map[string][]func(string){}
	want := func(name *string, set func(string)) {
		if *name == "" {
			return
		}
		p := *name
		if !path.IsAbs(p) {
			p = path.Join(dir, p)
		}
		wanted[p] = append(wanted[p], set)
		*name = ""
	}
	for _, cl := range c.Clusters {
		want(&cl.CertificateAuthority, func(s string) { cl.CertificateAuthorityData = []byte(s) })
	}
	for _, u := range c.AuthInfos {
		want(&u.ClientCertificate, func(s string) { u.ClientCertificateData = []byte(s) })
		want(&u.ClientKey, func(s string) { u.ClientKeyData = []byte(s) })
		want(&u.TokenFile, func(s string) { u.Token = strings.TrimSpace(s) })
	}
	return fetch(ctx, v, wanted)
}

// fetch reads files of the host and hands their texts over; one that cannot be read is an error.
func fetch(ctx context.Context, v module.View, wanted map[string][]func(string)) error {
	if len(wanted) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(wanted))
	seen, err := look(ctx, v, names...)
	if err != nil {
		return err
	}
	if bad := append(seen.missing, seen.denied...); len(bad) > 0 {
		return fmt.Errorf("cannot read %s on %s", strings.Join(bad, ", "), v.Name())
	}
	for i, f := range seen.files { // in the order of names, though ~ has been resolved in f.path
		for _, set := range wanted[names[i]] {
			set(f.text)
		}
	}
	return nil
}

func inCluster(ctx context.Context, v module.View, env map[string]string) (*rest.Config, error) {
	cfg := &rest.Config{Host: "https://" + env["KUBERNETES_SERVICE_HOST"] + ":" + env["KUBERNETES_SERVICE_PORT"]}
	return cfg, fetch(ctx, v, map[string][]func(string){
		serviceAccount + "token":  {func(s string) { cfg.BearerToken = strings.TrimSpace(s) }},
		serviceAccount + "ca.crt": {func(s string) { cfg.CAData = []byte(s) }},
	})
}

// override lays the task's own arguments over what a kubeconfig said.
func override(ctx context.Context, v module.View, cfg *rest.Config, a Access) error {
	set := func(field *string, val string) {
		if val != "" {
			*field = val
		}
	}
	set(&cfg.Host, a.Host)
	set(&cfg.BearerToken, a.APIKey)
	set(&cfg.Username, a.Username)
	set(&cfg.Password, a.Password)
	set(&cfg.Impersonate.UserName, a.ImpersonateUser)
	if len(a.ImpersonateGroups) > 0 {
		cfg.Impersonate.Groups = a.ImpersonateGroups
	}
	if a.Proxy != "" {
		u, err := url.Parse(a.Proxy)
		if err != nil {
			return fmt.Errorf("proxy: %w", err)
		}
		cfg.Proxy = http.ProxyURL(u)
	}
	wanted := map[string][]func(string){}
	for name, data := range map[string]*[]byte{a.CACert: &cfg.CAData, a.ClientCert: &cfg.CertData, a.ClientKey: &cfg.KeyData} {
		if name != "" {
			wanted[name] = append(wanted[name], func(s string) { *data = []byte(s) })
		}
	}
	if err := fetch(ctx, v, wanted); err != nil {
		return err
	}
	if a.ValidateCerts != nil && !*a.ValidateCerts {
		cfg.Insecure, cfg.CAData = true, nil
	}
	return nil
}

// fingerprint tells configurations apart; it goes into no log, but holds no secret either.
func fingerprint(host string, a Access, cfg *rest.Config) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %q %q %v %q", host, a.Proxy, cfg.Host, cfg.BearerToken, cfg.Username, cfg.Password, cfg.Insecure, cfg.ServerName)
	fmt.Fprintf(h, "%q %q %q %q %q %v", cfg.CAData, cfg.CertData, cfg.KeyData, cfg.Impersonate.UserName, cfg.Impersonate.Groups, cfg.ExecProvider)
	return string(h.Sum(nil))
}
