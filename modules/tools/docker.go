// The docker command of the host: where it is, what it is called with, and its versions.

package tools

import (
	"context"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// dockerArgs are the arguments that modules over the docker command share.
type dockerArgs struct {
	CLI         *string `arg:"docker_cli,type=path" doc:"The docker command; the one on the PATH if not given."`
	Host        string  `arg:"docker_host,alias=docker_url" doc:"Address of the daemon, as the host sees it; DOCKER_HOST or its socket if not given."`
	TLSHostname string  `arg:"tls_hostname" doc:"Name that the daemon's certificate must have."`
	APIVersion  string  `arg:"api_version,alias=docker_api_version,default=auto" doc:"Version of the daemon's API."`
	CAPath      string  `arg:"ca_path,alias=ca_cert|tls_ca_cert|cacert_path,type=path" doc:"Certificates on the host that the daemon's is verified with."`
	ClientCert  string  `arg:"client_cert,alias=tls_client_cert|cert_path,type=path" doc:"The client's certificate, on the host."`
	ClientKey   string  `arg:"client_key,alias=tls_client_key|key_path,type=path" doc:"The client's key, on the host."`
	TLS         bool    `arg:"tls,default=no" doc:"Reach the daemon by TLS, without verifying it."`
	Validate    bool    `arg:"validate_certs,alias=tls_verify,default=no" doc:"Reach the daemon by TLS, and verify it."`
	Context     string  `arg:"cli_context" doc:"The docker context to use."`
}

// docker is the docker command of a host, found.
type docker struct {
	dockerArgs
	path    string // of the command
	address string // --host
}

// dockerFound is a shell function for probes: it answers where docker is and the address in the environment; $1 is the command, or nothing.
const dockerFound = `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
docker() { case $1 in "") say "$(command -v docker)" ;; *) say "$1" ;; esac; say "$DOCKER_HOST"; }
`

// base are the first words of every call.
func (d docker) base() []string {
	out := []string{d.path}
	if d.address != "" {
		out = append(out, "--host", d.address)
	}
	switch {
	case d.Validate:
		out = append(out, "--tlsverify")
	case d.TLS:
		out = append(out, "--tls")
	}
	for _, o := range [][2]string{{"--tlscacert", d.CAPath}, {"--tlscert", d.ClientCert}, {"--tlskey", d.ClientKey}, {"--context", d.Context}} {
		if o[1] != "" {
			out = append(out, o[0], o[1])
		}
	}
	return out
}

// env is the environment of every call.
func (d docker) env() []string {
	var out []string
	if d.TLSHostname != "" {
		out = append(out, "DOCKER_TLS_HOSTNAME="+d.TLSHostname)
	}
	if d.APIVersion != "auto" && d.APIVersion != "" {
		out = append(out, "DOCKER_API_VERSION="+d.APIVersion)
	}
	return out
}

// found takes in the two answers of dockerFound, and then the TLS files as the host fills them in.
func (a dockerArgs) found(f *onhost.Fields) (docker, error) {
	d := docker{dockerArgs: a, path: f.Next(), address: a.Host}
	if environment := f.Next(); d.address == "" && a.Context == "" {
		d.address = environment
		if d.address == "" {
			d.address = "unix:///var/run/docker.sock"
		}
	}
	d.CAPath, d.ClientCert, d.ClientKey = f.Next(), f.Next(), f.Next()
	if err := f.Err(); err != nil {
		return d, err
	}
	if d.path == "" {
		return d, fail("Cannot find docker CLI in path. Please provide it explicitly with the docker_cli parameter")
	}
	return d, nil
}

func (a dockerArgs) cli() string {
	if a.CLI == nil {
		return ""
	}
	return *a.CLI
}

// atLeast compares versions by their numbers.
func atLeast(version, least string) bool {
	have, want := strings.Split(strings.TrimPrefix(version, "v"), "."), strings.Split(least, ".")
	for i, w := range want {
		if i >= len(have) {
			return false
		}
		digits := have[i][:len(have[i])-len(strings.TrimLeft(have[i], "0123456789"))]
		h, _ := strconv.Atoi(digits)
		if n, _ := strconv.Atoi(w); h != n {
			return h > n
		}
	}
	return true
}

// jsonLines reads the mappings among the lines of a text.
func jsonLines(text string) ([]*value.Map, error) {
	var out []*value.Map
	for _, l := range module.Lines(text) {
		l = strings.TrimSpace(l)
		if !strings.HasPrefix(l, "{") {
			continue
		}
		v, err := value.ParseJSON([]byte(l))
		if err != nil {
			return nil, err
		}
		if m, ok := v.(*value.Map); ok {
			out = append(out, m)
		}
	}
	return out, nil
}

// check asks whether the command works at all.
func (d docker) check(ctx context.Context, ask asker) error {
	out, err := ask(ctx, module.Cmd{Argv: append(d.base(), "version", "--format", "{{ json . }}"), Env: d.env()})
	if err != nil {
		return err
	}
	if out.Rc != 0 {
		return failure{module.Fail("%s", onhost.Said(out)).With("rc", out.Rc)}
	}
	return nil
}
