package kube

// Access: the arguments by which a task says how the cluster is reached, with what the host's environment adds to them.

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Access is embedded in the arguments of every module that speaks to a cluster. Its zero value means: as the host is set up.
type Access struct {
	Kubeconfig        any      `arg:"kubeconfig,type=raw,secret" doc:"Path of a kubeconfig on the host the task runs on, or its content as a mapping."`
	Context           string   `arg:"context" doc:"Context of the kubeconfig to use."`
	Host              string   `arg:"host" doc:"URL of the API server."`
	APIKey            string   `arg:"api_key,secret" doc:"Bearer token."`
	Username          string   `arg:"username" doc:"User for basic authentication."`
	Password          string   `arg:"password,secret" doc:"Password for basic authentication."`
	ValidateCerts     *bool    `arg:"validate_certs,alias=verify_ssl" doc:"Check the API server's certificate."`
	CACert            string   `arg:"ca_cert,type=path,alias=ssl_ca_cert" doc:"File with the certificate authority of the API server."`
	ClientCert        string   `arg:"client_cert,type=path,alias=cert_file" doc:"File with the client's certificate."`
	ClientKey         string   `arg:"client_key,type=path,alias=key_file" doc:"File with the client's key."`
	Proxy             string   `arg:"proxy" doc:"URL of an HTTP proxy on the way to the API server."`
	ImpersonateUser   string   `arg:"impersonate_user" doc:"User to act as."`
	ImpersonateGroups []string `arg:"impersonate_groups" doc:"Groups to act as."`
}

// Lacks lists what Ansible's modules take to reach a cluster and ours refuse.
func Lacks() []string { return []string{"no_proxy", "persist_config", "proxy_headers"} }

// probe prints what a host knows of its cluster; see look.
//
//go:embed probe.sh
var probe string

// found is what probe.sh told.
type found struct {
	env     map[string]string
	files   []file   // readable, in the order asked for
	missing []string // not there
	denied  []string // there, but not readable
}

type file struct {
	path string
	text string
}

// look asks a host, in one round trip, for its environment and for files; without paths for the kubeconfigs that it uses by default.
func look(ctx context.Context, v module.View, paths ...string) (found, error) {
	out, err := v.Query(ctx, module.Cmd{Script: probe, Args: paths})
	if err != nil {
		return found{}, err
	}
	if out.Rc != 0 {
		return found{}, fmt.Errorf("look for a kubeconfig: %s", strings.TrimSpace(out.Stderr))
	}
	return parseProbe(out.Stdout)
}

func parseProbe(text string) (found, error) {
	f := found{env: map[string]string{}}
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		word, arg, _ := strings.Cut(line, " ")
		switch word {
		case "env":
			name, val, _ := strings.Cut(arg, "=")
			f.env[name] = val
		case "missing":
			f.missing = append(f.missing, arg)
		case "denied":
			f.denied = append(f.denied, arg)
		case "file":
			size, name, _ := strings.Cut(arg, " ")
			n, err := strconv.Atoi(size)
			if err != nil || n >= len(text) {
				return f, fmt.Errorf("look for a kubeconfig: the host's answer is cut short at %s", name)
			}
			f.files = append(f.files, file{name, text[:n]})
			text = text[n+1:]
		default:
			return f, fmt.Errorf("look for a kubeconfig: the host answered %q", line)
		}
	}
	return f, nil
}

// withEnv fills what the task left open from the host's K8S_AUTH_ variables.
func (a Access) withEnv(env map[string]string) (Access, error) {
	get := func(names ...string) (val string) {
		for _, n := range names {
			val = cmp.Or(val, env["K8S_AUTH_"+n])
		}
		return val
	}
	a.Context = cmp.Or(a.Context, get("CONTEXT"))
	a.Host = strings.TrimRight(cmp.Or(a.Host, get("HOST")), "/")
	a.APIKey = cmp.Or(a.APIKey, get("API_KEY"))
	a.Username = cmp.Or(a.Username, get("USERNAME"))
	a.Password = cmp.Or(a.Password, get("PASSWORD"))
	a.CACert = cmp.Or(a.CACert, get("CA_CERT", "SSL_CA_CERT"))
	a.ClientCert = cmp.Or(a.ClientCert, get("CLIENT_CERT", "CERT_FILE"))
	a.ClientKey = cmp.Or(a.ClientKey, get("CLIENT_KEY", "KEY_FILE"))
	a.Proxy = cmp.Or(a.Proxy, get("PROXY"))
	a.ImpersonateUser = cmp.Or(a.ImpersonateUser, get("IMPERSONATE_USER"))
	if verify := get("VALIDATE_CERTS", "VERIFY_SSL"); verify != "" && a.ValidateCerts == nil {
		b, err := module.ToBool(verify)
		if err != nil {
			return a, fmt.Errorf("K8S_AUTH_VERIFY_SSL: %w", err)
		}
		a.ValidateCerts = new(b.(bool))
	}
	return a, nil
}

// complete tells whether the arguments alone say where the server is and who asks; no kubeconfig is looked at then.
func (a Access) complete() bool {
	return a.Host != "" && (a.APIKey != "" || a.ClientCert != "" && a.ClientKey != "" || a.Username != "" && a.Password != "")
}

// inline gives the kubeconfig that the task holds itself: a mapping, or a file of the content when the host is the controller.
func (a Access) inline(v module.View) (file, bool, error) {
	switch x := a.Kubeconfig.(type) {
	case *value.Map:
		data, err := x.MarshalJSON()
		return file{"the kubeconfig argument", string(data)}, true, err
	case string:
		if !module.IsLocal(v) || x == "" || path.IsAbs(x) || strings.HasPrefix(x, "~") || strings.Contains(x, ":") {
			return file{}, false, nil
		}
		name, err := v.Controller().Find("files", x)
		if err != nil {
			return file{}, false, nil // then it is relative to where the task runs
		}
		data, err := fs.ReadFile(v.Controller().FS(), name)
		return file{name, string(data)}, true, err
	}
	return file{}, false, nil
}

// AccessOf reads the arguments of a task by which it reaches its cluster, as far as they are plain.
func AccessOf(args module.Args) Access {
	text := func(names ...string) (out string) {
		for _, n := range names {
			if s, ok := args.Value(n).(string); ok {
				out = cmp.Or(out, s)
			}
		}
		return out
	}
	a := Access{
		Kubeconfig: args.Value("kubeconfig"), Context: text("context"), Host: text("host"), APIKey: text("api_key"), Username: text("username"), Password: text("password"),
		CACert: text("ca_cert", "ssl_ca_cert"), ClientCert: text("client_cert", "cert_file"), ClientKey: text("client_key", "key_file"), Proxy: text("proxy"),
	}
	for _, name := range []string{"validate_certs", "verify_ssl"} {
		if v := args.Value(name); v != nil && a.ValidateCerts == nil {
			if b, err := module.ToBool(v); err == nil {
				a.ValidateCerts = new(b.(bool))
			}
		}
	}
	return a
}

// IsZero tells whether nothing is said: the cluster is reached as the host is set up.
func (a Access) IsZero() bool {
	return (a.Kubeconfig == nil || a.Kubeconfig == "") && a.Context == "" && a.Host == "" && a.APIKey == "" && a.ClientCert == ""
}
