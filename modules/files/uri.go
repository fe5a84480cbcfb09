package files

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// URI talks to a web service, as seen from the host.
var URI = module.Define(module.Spec{
	Name:  "ansible.builtin.uri",
	Doc:   "Send a request to a web service, from the host, and check its answer.",
	Lacks: []string{"ciphers", "decompress", "use_gssapi", "use_netrc"},
}, marking(planURI))

type uriArgs struct {
	request
	attributes
	marks
	Method    string `arg:"method,default=GET" doc:"The method of the request."`
	Body      any    `arg:"body,type=raw" doc:"The body of the request."`
	Src       string `arg:"src,type=path" doc:"A file to send as the body, in the content's files directories; on the host with remote_src."`
	RemoteSrc bool   `arg:"remote_src,default=no" doc:"The file to send is on the host itself."`
	Socket    string `arg:"unix_socket,type=path" doc:"A socket of the host that the service listens on, instead of the address of the URL."`
	Format    string `arg:"body_format,default=raw,choices=raw|json|form-urlencoded|form-multipart" doc:"How a body that is not text is written."`
	Content   bool   `arg:"return_content,default=no" doc:"Whether the result holds the body of the answer."`
	Statuses  []any  `arg:"status_code,elements=int,default=200" doc:"The statuses that are no failure."`
	Dest      string `arg:"dest,type=path" doc:"Where to put the body of the answer on the host."`
	Creates   string `arg:"creates,type=path" doc:"A path of the host that makes the request needless when it is there."`
	Removes   string `arg:"removes,type=path" doc:"A path of the host that makes the request needless when it is not there."`
	Follow    string `arg:"follow_redirects,default=safe,choices=all|no|none|safe|urllib2|yes" doc:"Which redirects to follow: safe means those of GET and HEAD."`
	Timeout   int    `arg:"timeout,default=30" doc:"Seconds until the request is given up."`
	Force     bool   `arg:"force,default=no" doc:"Accepted: answers are never taken from a cache."`
	CAPath    string `arg:"ca_path,type=path" doc:"Certificates on the host, in PEM, that the server's is verified with."`
}

func planURI(ctx context.Context, v module.View, a uriArgs) (module.Plan, error) {
	if a.Src != "" && a.Body != nil {
		return module.Done(module.Fail("parameters are mutually exclusive: body|src")), nil
	}
	for _, g := range []struct {
		path  string
		there bool
		says  string
	}{{a.Creates, true, "exists"}, {a.Removes, false, "does not exist"}} {
		if g.path == "" {
			continue
		}
		s, err := look(ctx, v, question{path: g.path})
		if err != nil {
			return module.Plan{}, err
		}
		if (s.here != nil) == g.there {
			return module.Done(module.Result{}.With("stdout", fmt.Sprintf("skipped, since '%s' %s", g.path, g.says))), nil
		}
	}
	return module.Opaque("remote module (uri) does not support check mode", func(ctx context.Context, h module.Host) (module.Result, error) {
		return answer(a.ask(ctx, h))
	}), nil
}

func (a uriArgs) ask(ctx context.Context, h module.Host) (module.Result, error) {
	client, err := a.client(ctx, h, time.Duration(a.Timeout)*time.Second, a.CAPath)
	if err != nil {
		return module.Result{}, err
	}
	client.CheckRedirect = a.redirects
	if a.Socket != "" {
		client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return h.Dial(ctx, "unix", a.Socket) }
	}
	body, kind, err := a.body()
	if err == nil && a.Src != "" {
		body, err = a.file(ctx, h)
	}
	if err != nil {
		return module.Fail("%v", err), nil
	}
	extra := http.Header{}
	if kind != "" {
		extra.Set("Content-Type", kind)
	}
	clock := module.ClockOf(h.Controller())
	begin := clock.Now()
	resp, err := a.send(ctx, client, a.Method, body, extra)
	elapsed := int(clock.Now().Sub(begin).Seconds())
	if err != nil {
		return a.noAnswer(ctx, err, elapsed)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return a.noAnswer(ctx, err, elapsed)
	}
	return a.judge(ctx, h, resp, text, elapsed)
}

// noAnswer is the result of a request that nobody answered. A run that is being cancelled is an error.
func (a uriArgs) noAnswer(ctx context.Context, err error, elapsed int) (module.Result, error) {
	if ctx.Err() != nil {
		return module.Result{}, ctx.Err()
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return module.Fail("Status code was -1 and not %s: Request failed: %v", value.Repr(a.Statuses), err).
		With("status", -1).With("url", a.URL).With("elapsed", elapsed).With("redirected", false), nil
}

func (a uriArgs) redirects(req *http.Request, via []*http.Request) error {
	method := via[len(via)-1].Method
	safe := method == http.MethodGet || method == http.MethodHead
	if len(via) >= 10 || a.Follow == "none" || a.Follow == "no" || a.Follow == "safe" && !safe {
		return http.ErrUseLastResponse
	}
	if req.URL.Host != via[0].URL.Host {
		for _, name := range a.Unredirected {
			req.Header.Del(name)
		}
	}
	return nil
}

// judge makes the result of an answer.
func (a uriArgs) judge(ctx context.Context, h module.Host, resp *http.Response, text []byte, elapsed int) (module.Result, error) {
	r := module.Result{Data: answered(resp)}.With("elapsed", elapsed)
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if v, err := value.ParseJSON(text); err == nil {
			r = r.With("json", v)
		}
	}
	ok := slices.ContainsFunc(a.Statuses, func(s any) bool { return s == resp.StatusCode })
	if a.Content || !ok && len(text) > 0 && a.Dest == "" && a.Content {
		r = r.With("content", strings.ToValidUTF8(string(text), "\uFFFD"))
	}
	r.Msg = fmt.Sprintf("%s (%s bytes)", http.StatusText(resp.StatusCode), sizeOf(resp, text))
	if !ok {
		r.Failed = true
		r.Msg = fmt.Sprintf("Status code was %d and not %s: %s", resp.StatusCode, value.Repr(a.Statuses), problem(resp))
		return r, nil
	}
	if a.Dest != "" {
		return a.keep(ctx, h, r, resp, text)
	}
	return r, nil
}

func sizeOf(resp *http.Response, text []byte) string {
	if n := resp.Header.Get("Content-Length"); n != "" {
		return n
	}
	return fmt.Sprint(len(text))
}

func problem(resp *http.Response) string {
	if resp.StatusCode < http.StatusBadRequest {
		return "OK (unknown bytes)"
	}
	_, reason, _ := strings.Cut(resp.Status, " ")
	return fmt.Sprintf("HTTP Error %d: %s", resp.StatusCode, reason)
}

// keep puts the body at dest and adds what the file is to the result.
func (a uriArgs) keep(ctx context.Context, h module.Host, r module.Result, resp *http.Response, text []byte) (module.Result, error) {
	d := delivery{attributes: a.attributes, dest: a.Dest, name: nameOf(resp), force: true}.withText(string(text))
	p, err := d.plan(ctx, h)
	if err != nil {
		return r, err
	}
	kept := p.Result()
	if p.Apply() != nil {
		if kept, err = p.Apply()(ctx, h); err != nil {
			return r, err
		}
	}
	if kept.Failed {
		return kept, nil
	}
	r.Changed = kept.Changed
	for _, k := range []string{"uid", "gid", "owner", "group", "mode", "size", "state"} {
		if v, ok := kept.Data.Get(k); ok {
			r = r.With(k, v)
		}
	}
	return r.With("path", kept.Data.Value("dest")), nil
}

// nameOf is the name of the file that an answer holds: as the server says, else the end of the address.
func nameOf(resp *http.Response) string {
	for _, part := range strings.Split(resp.Header.Get("Content-Disposition"), ";") {
		if name, ok := strings.CutPrefix(strings.TrimSpace(part), "filename="); ok {
			return path.Base(strings.Trim(name, `"`))
		}
	}
	if name := path.Base(resp.Request.URL.Path); name != "/" && name != "." {
		return name
	}
	return "index.html"
}

// body writes the request's body; kind is its Content-Type, empty for none.
func (a uriArgs) body() (body io.Reader, kind string, err error) {
	if a.Body == nil {
		return nil, "", nil
	}
	text, isText := a.Body.(string)
	switch a.Format {
	case "json":
		if isText {
			if _, err := value.ParseJSON([]byte(text)); err == nil {
				return strings.NewReader(text), "application/json", nil
			}
		}
		data, err := json.Marshal(a.Body)
		return bytes.NewReader(data), "application/json", err
	case "form-urlencoded":
		if isText {
			return strings.NewReader(text), "application/x-www-form-urlencoded", nil
		}
		return a.form()
	case "form-multipart":
		return a.parts()
	}
	if !isText {
		text = value.Str(a.Body)
	}
	return strings.NewReader(text), "", nil
}

// file is the body that a file holds.
func (a uriArgs) file(ctx context.Context, h module.Host) (io.Reader, error) {
	if a.RemoteSrc {
		out, err := h.Exec(ctx, module.Script("# read a file\ncat \"$1\" | base64", []string{a.Src}))
		if err != nil {
			return nil, err
		}
		data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(out.Stdout, "\n", ""))
		if err != nil || strings.TrimSpace(out.Stderr) != "" {
			return nil, fmt.Errorf("Unable to open source file %s", a.Src) //nolint:staticcheck // Ansible's words
		}
		return bytes.NewReader(data), nil
	}
	found, err := h.Controller().Find("files", a.Src)
	if err != nil {
		return nil, err
	}
	data, err := module.ReadContent(h.Controller().FS(), found, true)
	return bytes.NewReader(data), err
}

func (a uriArgs) form() (io.Reader, string, error) {
	m, ok := a.Body.(*value.Map)
	if !ok {
		return nil, "", fmt.Errorf("failed to parse body as form_urlencoded: %s is not a mapping", value.TypeName(a.Body))
	}
	form := url.Values{}
	for k, v := range m.All() {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			form.Add(value.Str(k), value.Str(x))
		}
	}
	return strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", nil
}

// parts writes a mapping of texts, or of mappings with content, filename and mime_type, as multipart/form-data.
func (a uriArgs) parts() (io.Reader, string, error) {
	m, ok := a.Body.(*value.Map)
	if !ok {
		return nil, "", fmt.Errorf("failed to parse body as form-multipart: %s is not a mapping", value.TypeName(a.Body))
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range m.All() {
		text := v
		if part, ok := v.(*value.Map); ok {
			if text, ok = part.Get("content"); !ok {
				return nil, "", fmt.Errorf("form-multipart: the part %s has no content; files of the host are not supported", value.Str(k))
			}
		}
		if err := w.WriteField(value.Str(k), value.Str(text)); err != nil {
			return nil, "", err
		}
	}
	return &b, w.FormDataContentType(), w.Close()
}
