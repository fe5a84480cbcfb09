package files

import (
	"context"
	"crypto/md5"  //nolint:gosec // a checksum that authors may ask for
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// GetURL downloads a file to the host, over a connection that the host opens.
var GetURL = module.Define(module.Spec{
	Name:  "ansible.builtin.get_url",
	Doc:   "Download a file to the host.",
	Lacks: []string{"ciphers", "decompress", "use_gssapi", "use_netrc"},
}, marking(planGetURL))

type getURLArgs struct {
	request
	attributes
	marks
	Dest     string `arg:"dest,required,type=path" doc:"Where to put the file; in a directory it keeps its name."`
	Checksum string `arg:"checksum" doc:"ALGORITHM:HEX, or ALGORITHM:URL of a file of checksums; what does not match is not kept."`
	Force    bool   `arg:"force,default=no" doc:"Download even if the file is there and the server says that it is not newer."`
	Backup   bool   `arg:"backup,default=no" doc:"Keep a copy of a file that is replaced."`
	Timeout  int    `arg:"timeout,default=10" doc:"Seconds until the server must have begun to answer."`
	TmpDest  string `arg:"tmp_dest,type=path" doc:"Accepted: the download rests on the controller until it is complete."`
}

var hashes = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

// planGetURL asks for the file only if that is what decides: a missing one is fetched by the act, one with the right checksum not at
// all; else the server is asked whether it has something newer.
func planGetURL(ctx context.Context, v module.View, a getURLArgs) (module.Plan, error) {
	client, err := a.client(ctx, v, time.Duration(a.Timeout)*time.Second, "")
	if err != nil {
		r, err := answer(module.Result{}, err)
		return module.Done(r), err
	}
	sum, err := a.wanted(ctx, client)
	if err != nil {
		return module.Done(module.Fail("%v", err).With("url", a.URL).With("dest", a.Dest)), nil
	}
	algorithm := sum.algorithm
	if algorithm == "" {
		algorithm = "sha1"
	}
	s, err := look(ctx, v, a.asked(question{path: a.Dest, inDirectory: a.name(), sum: algorithm}))
	if err != nil {
		return module.Plan{}, err
	}
	if s.there != nil && !s.isDir() && !a.Force {
		if sum.hex != "" && sum.hex == s.sum {
			return a.kept(s, "file already exists", 0)
		}
	}
	if s.there != nil && sum.hex == "" {
		same, status, err := a.unchanged(ctx, client, s)
		if err != nil {
			return module.Done(a.failure(err)), nil
		}
		if same {
			return a.kept(s, status, http.StatusNotModified)
		}
	}
	return module.Change(sides(value.NewMap("path", s.path, "state", presence(s)), value.NewMap("path", s.path, "state", "file", "url", a.URL)),
		func(ctx context.Context, h module.Host) (module.Result, error) {
			return answer(a.fetch(ctx, h, client, sum))
		},
	).Predicting(module.Result{}.With("dest", s.path).With("url", a.URL)), nil
}

func presence(s state) string {
	if s.there == nil {
		return "absent"
	}
	return "file"
}

func (a getURLArgs) name() string {
	u, err := url.Parse(a.URL)
	if err != nil || path.Base(u.Path) == "/" || path.Base(u.Path) == "." {
		return "index.html"
	}
	return path.Base(u.Path)
}

// checksum is what a download must have.
type checksum struct{ algorithm, hex string }

// wanted reads the checksum argument; one that is an address is fetched, and the line of our file taken from it.
func (a getURLArgs) wanted(ctx context.Context, c *http.Client) (checksum, error) {
	if a.Checksum == "" {
		return checksum{}, nil
	}
	algorithm, sum, ok := strings.Cut(a.Checksum, ":")
	algorithm = strings.ToLower(strings.TrimSpace(algorithm))
	if hashes[algorithm] == nil || !ok {
		return checksum{}, fmt.Errorf("the checksum parameter has to be in format <algorithm>:<checksum>, got %q", a.Checksum)
	}
	if strings.Contains(sum, "://") {
		line, err := a.sumFrom(ctx, c, sum)
		return checksum{algorithm, line}, err
	}
	return checksum{algorithm, strings.ToLower(strings.TrimSpace(sum))}, nil
}

func (a getURLArgs) sumFrom(ctx context.Context, c *http.Client, address string) (string, error) {
	other := a.request
	other.URL = address
	resp, err := other.send(ctx, c, http.MethodGet, nil, nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("could not fetch the checksums from %s: %s", address, resp.Status)
	}
	words := strings.Fields(string(text))
	if len(words) == 1 {
		return strings.ToLower(words[0]), nil
	}
	for _, l := range strings.Split(string(text), "\n") {
		if f := strings.Fields(l); len(f) == 2 && strings.TrimLeft(path.Base(f[1]), "*./") == a.name() {
			return strings.ToLower(f[0]), nil
		}
	}
	return "", fmt.Errorf("unable to find a checksum for file %q in %q", a.name(), address)
}

// unchanged asks the server whether it has something else than the file that is there.
func (a getURLArgs) unchanged(ctx context.Context, c *http.Client, s state) (bool, string, error) {
	extra := http.Header{}
	if !a.Force {
		extra.Set("If-Modified-Since", time.Unix(int64(s.there.mtime), 0).UTC().Format(http.TimeFormat))
	}
	resp, err := a.send(ctx, c, http.MethodGet, nil, extra)
	if err != nil {
		return false, "", err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNotModified:
		return true, "HTTP Error 304: Not Modified", nil
	case http.StatusOK:
		sum := sha1.New() //nolint:gosec // compared with the host's own, no protection
		n, err := io.Copy(sum, resp.Body)
		return hex.EncodeToString(sum.Sum(nil)) == s.sum, fmt.Sprintf("OK (%d bytes)", n), err
	}
	return false, "", &statusError{resp.StatusCode, problem(resp)}
}

type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return e.text }

func (a getURLArgs) failure(err error) module.Result {
	r := module.Fail("Request failed").With("url", a.URL).With("dest", a.Dest).With("elapsed", 0)
	var s *statusError
	if errors.As(err, &s) {
		return r.With("response", err.Error()).With("status_code", s.code)
	}
	r.Msg = fmt.Sprintf("Request failed: %v", err)
	return r
}

// kept is the plan for a file whose content stays.
func (a getURLArgs) kept(s state, msg string, status int) (module.Plan, error) {
	p, err := delivery{attributes: a.attributes, dest: a.Dest, name: a.name(), sha1: s.sum}.planAttributes(s)
	if err != nil {
		return p, err
	}
	r := p.Result()
	r.Msg = msg
	r = r.With("url", a.URL).With("elapsed", 0)
	if status != 0 {
		r = r.With("status_code", status)
	}
	if p.Kind() == module.KindDone {
		return module.Done(r), nil
	}
	return p, nil
}

// fetch downloads to the controller, checks, and only then touches the host's file.
func (a getURLArgs) fetch(ctx context.Context, h module.Host, c *http.Client, sum checksum) (module.Result, error) {
	tmp, err := os.CreateTemp("", "drydock-download-*")
	if err != nil {
		return module.Result{}, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	got, err := a.download(ctx, c, tmp, sum)
	if err != nil {
		if ctx.Err() != nil {
			return module.Result{}, ctx.Err()
		}
		return a.failure(err), nil
	}
	if sum.hex != "" && got.asked != sum.hex {
		return module.Fail("The checksum for %s did not match %s; it was %s.", a.URL, sum.hex, got.asked).With("url", a.URL).With("dest", a.Dest), nil
	}
	d := delivery{attributes: a.attributes, dest: a.Dest, name: got.name, shown: a.URL, size: got.size, sha1: got.sha1, md5: got.md5,
		force: true, backup: a.Backup, open: func() (io.ReadCloser, error) { return os.Open(tmp.Name()) }}
	p, err := d.plan(ctx, h)
	if err != nil {
		return module.Result{}, err
	}
	r := p.Result()
	if p.Apply() != nil {
		if r, err = p.Apply()(ctx, h); err != nil {
			return r, err
		}
	}
	if r.Failed {
		return r, nil
	}
	r.Msg = fmt.Sprintf("OK (%d bytes)", got.size)
	return r.With("url", a.URL).With("status_code", http.StatusOK).With("checksum_src", got.sha1).With("elapsed", 0), nil
}

// download is what was fetched, with the checksums that results show and the one asked for.
type download struct {
	name, sha1, md5, asked string
	size                   int
}

func (a getURLArgs) download(ctx context.Context, c *http.Client, into io.Writer, sum checksum) (download, error) {
	resp, err := a.send(ctx, c, http.MethodGet, nil, nil)
	if err != nil {
		return download{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return download{}, &statusError{resp.StatusCode, problem(resp)}
	}
	s1, m5 := sha1.New(), md5.New() //nolint:gosec // keys of Ansible's result
	asked := sha1.New()             //nolint:gosec // replaced by what was asked for
	if make := hashes[sum.algorithm]; make != nil {
		asked = make()
	}
	n, err := io.Copy(io.MultiWriter(into, s1, m5, asked), resp.Body)
	enc := func(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
	return download{name: nameOf(resp), sha1: enc(s1), md5: enc(m5), asked: enc(asked), size: int(n)}, err
}
