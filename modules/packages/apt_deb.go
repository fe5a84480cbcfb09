// A .deb given by URL: fetched as the host sees the network, looked into on the host, installed from a file there.

package packages

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

func isURL(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// maxDeb bounds what is fetched into memory.
const maxDeb = 1 << 30

// debFields reads a package's name and version from a .deb on the standard input, and the installed version. The file that dpkg-deb needs
// is gone when the script ends.
const debFields = `# deb fields
f=$(mktemp) && trap 'rm -f "$f"' EXIT && cat >"$f" || exit 1
export LC_ALL=C
echo '@@ deb'
if ! fields=$(dpkg-deb -f "$f" Package Version 2>&1); then
	printf 'Error: %s\n' "$fields"
	exit 0
fi
printf '%s\n' "$fields"
name=$(printf '%s\n' "$fields" | sed -n 's/^Package: //p')
dpkg-query -W -f='${db:Status-Abbrev}|${Version}\n' "$name" 2>/dev/null | sed -n 's/^.i |/Installed: /p'
`

// planDebURL compares the package behind a URL with the installed one.
func planDebURL(ctx context.Context, v module.View, j *aptJob) (module.Plan, error) {
	data, err := fetch(ctx, v, j.args.Deb, verified)
	if err != nil {
		return module.Done(module.Fail("could not fetch %s: %v", j.args.Deb, err)), nil
	}
	out, err := v.Query(ctx, module.Cmd{Script: debFields, Stdin: bytes.NewReader(data)})
	if err != nil {
		return module.Plan{}, err
	}
	deb := readDebFields(module.Sections(out.Stdout)["deb"])
	switch {
	case deb.err != "" || deb.name == "":
		return module.Done(module.Fail("%s is not a Debian package: %s", j.args.Deb, deb.err)), nil
	case deb.version == deb.installed && !j.args.Force:
		return module.Done(module.Result{}), nil
	}
	diff := module.Text(line(deb.name, deb.installed), line(deb.name, deb.version))
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		return j.installDeb(ctx, h, data)
	}), nil
}

func line(name, version string) string {
	if version == "" {
		return ""
	}
	return name + " " + version + "\n"
}

// certificates says whether the certificate of a server is checked; validate_certs says otherwise where a module has it.
type certificates bool

const verified certificates = true

// fetch gets what is at an address, as the host sees the network.
func fetch(ctx context.Context, v module.View, url string, check certificates) ([]byte, error) {
	conf := &tls.Config{InsecureSkipVerify: !bool(check)} //nolint:gosec // the author's wish, validate_certs: false
	client := http.Client{Transport: &http.Transport{DialContext: v.Dial, TLSClientConfig: conf, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxDeb+1))
	if len(data) > maxDeb {
		return nil, fmt.Errorf("it is larger than %d bytes", maxDeb)
	}
	return data, err
}

// installDeb puts the package beside nothing else on the host, installs it, and removes it.
func (j *aptJob) installDeb(ctx context.Context, h module.Host, data []byte) (module.Result, error) {
	made, err := h.Exec(ctx, module.Cmd{Argv: []string{"mktemp", "-d"}})
	if err != nil || made.Rc != 0 {
		return module.Fail("no temporary directory on the host: %s", made.Stderr), err
	}
	file := path.Join(made.Line(), "package.deb")
	if err := h.WriteFile(ctx, file, bytes.NewReader(data), 0o644); err != nil {
		return module.Result{}, err
	}
	local := *j
	local.args.Deb = file
	seen, err := local.look(ctx, h.Exec)
	if err != nil {
		return module.Result{}, err
	}
	var r module.Result
	if fault := seen.fault(local.args); fault != "" {
		r = module.Fail("%s", fault)
	} else if r, err = local.apply(ctx, h, seen, false); err != nil {
		return r, err
	}
	_, err = h.Exec(ctx, module.Cmd{Argv: []string{"rm", "-rf", made.Line()}})
	return r, err
}
