package files

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// service is a web service that answers what the tests ask for.
func service(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/a.json", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-Modified-Since") != "" && r.Header.Get("X-Always") == "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"k": [1, 2]}`)
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, pass, _ := r.BasicAuth()
		io.WriteString(w, strings.Join([]string{r.Method, r.Header.Get("Content-Type"), string(body), user, pass, r.Header.Get("X-A")}, "|"))
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/a.json", http.StatusFound) })
	mux.HandleFunc("/stolen", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	mux.HandleFunc("/sums", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "00  other\n"+sha256OfJSON+"  a.json\n")
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

const sha256OfJSON = "3a1a6df5d208431d640ae198957e19c27aa3460d1afdd5cff7cac22272ddf4cc"

func TestURI(t *testing.T) {
	at := service(t)
	opaque := module.KindOpaque
	moduletest.Run(t, URI, []moduletest.Case{
		{Name: "JSON", Args: []any{"url", at + "/a.json", "return_content", true}, Plan: opaque, Repeats: "a request is made each time",
			Want: map[string]any{"changed": false, "status": 200, "content": `{"k": [1, 2]}`, "json": value.NewMap("k", []any{1, 2}),
				"content_type": "application/json", "msg": "OK (13 bytes)", "redirected": false, "url": at + "/a.json"}},
		{Name: "a body, a header, a user", Plan: opaque, Repeats: "a request is made each time",
			Args: []any{"url", at + "/echo", "method", "post", "body_format", "json", "body", value.NewMap("a", 1), "return_content", true,
				"headers", value.NewMap("X-A", "b"), "user", "u", "password", "p"},
			Want: map[string]any{"content": `POST|application/json|{"a":1}|u|p|b`}},
		{Name: "a form", Plan: opaque, Repeats: "a request is made each time",
			Args: []any{"url", at + "/echo", "method", "PUT", "body_format", "form-urlencoded", "body", value.NewMap("a", "x y"), "return_content", true},
			Want: map[string]any{"content": `PUT|application/x-www-form-urlencoded|a=x+y|||`}},
		{Name: "a file of the content", Plan: opaque, Repeats: "a request is made each time", Set: func(h *moduletest.Host) { h.Control.Add("files/b", "of ours") },
			Args: []any{"url", at + "/echo", "method", "PUT", "src", "b", "return_content", true}, Want: map[string]any{"content": "PUT||of ours|||"}},
		{Name: "a file of the host", Plan: opaque, Repeats: "a request is made each time", Files: map[string]string{"b": "of\x00its\xff"},
			Args: []any{"url", at + "/echo", "method", "PUT", "src", "$DIR/b", "remote_src", true, "return_content", true}, Want: map[string]any{"content": "PUT||of\x00its\uFFFD|||"}},
		{Name: "no file", Plan: opaque, Repeats: "a request is made each time", Args: []any{"url", at + "/echo", "src", "$DIR/b", "remote_src", true}, Fails: "Unable to open source file $DIR/b"},
		{Name: "two bodies", Trips: -1, Args: []any{"url", at, "src", "b", "body", "x"}, Fails: "parameters are mutually exclusive: body|src"},
		{Name: "redirected", Plan: opaque, Repeats: "a request is made each time", Args: []any{"url", at + "/moved"},
			Want: map[string]any{"status": 200, "redirected": true, "url": at + "/a.json"}},
		{Name: "redirects not followed", Plan: opaque, Repeats: "a request is made each time", Args: []any{"url", at + "/moved", "follow_redirects", "none", "status_code", []any{302}},
			Want: map[string]any{"status": 302}},
		{Name: "redirected to a file of the host", Plan: opaque, Repeats: "a request is made each time", Args: []any{"url", at + "/stolen", "return_content", true},
			Fails: "redirection to file:///etc/passwd is not allowed", Want: map[string]any{"content": nil}},
		{Name: "another status", Plan: opaque, Repeats: "a request is made each time", Args: []any{"url", at + "/none"}, Fails: "Status code was 404 and not [200]: HTTP Error 404: Not Found",
			Want: map[string]any{"status": 404}},
		{Name: "nobody there", Plan: opaque, Repeats: "a request is made each time", Args: []any{"url", "http://127.0.0.1:1/"}, Fails: "Status code was -1 and not [200]: Request failed: ",
			Want: map[string]any{"status": -1}},
		{Name: "to a file", Plan: opaque, Repeats: "a request is made each time", Args: []any{"url", at + "/a.json", "dest", "$DIR/out"},
			Want: map[string]any{"changed": true, "path": "$DIR/out", "size": 13}, After: map[string]string{"out": `{"k": [1, 2]}`}},
		{Name: "needless", Files: map[string]string{"f": ""}, Args: []any{"url", at + "/none", "creates", "$DIR/f"},
			Want: map[string]any{"changed": false, "stdout": "skipped, since '$DIR/f' exists"}},
	})
}

// The service listens on a socket of the host; the address in the URL is only what it is called.
func TestURIOverASocket(t *testing.T) {
	h := moduletest.NewHost(t)
	listener, err := net.Listen("unix", h.Dir+"/s")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host+r.URL.Path) }))
	s.Listener = listener
	s.Start()
	t.Cleanup(s.Close)
	plan, err := URI.Plan(t.Context(), h.View(), value.NewMap("url", "http://docker/info", "unix_socket", h.Dir+"/s", "return_content", true))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := plan.Apply()(t.Context(), h); err != nil || r.Data.Value("content") != "docker/info" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestGetURL(t *testing.T) {
	at := service(t)
	change := module.KindChange
	moduletest.Run(t, GetURL, []moduletest.Case{
		{Name: "new", Args: []any{"url", at + "/a.json", "dest", "$DIR/g", "mode", "0640"}, Plan: change,
			Want:  map[string]any{"changed": true, "dest": "$DIR/g", "status_code": 200, "msg": "OK (13 bytes)", "mode": "0640", "size": 13},
			After: map[string]string{"g": `0640:{"k": [1, 2]}`}},
		{Name: "into a directory", Files: map[string]string{"d/": ""}, Args: []any{"url", at + "/a.json", "dest", "$DIR/d"}, Plan: change,
			After: map[string]string{"d/a.json": `{"k": [1, 2]}`}},
		{Name: "not newer", Files: map[string]string{"g": "old"}, Args: []any{"url", at + "/a.json", "dest", "$DIR/g"},
			Want: map[string]any{"changed": false, "status_code": 304}, After: map[string]string{"g": "old"}},
		{Name: "forced", Files: map[string]string{"g": "old"}, Args: []any{"url", at + "/a.json", "dest", "$DIR/g", "force", true}, Plan: change,
			After: map[string]string{"g": `{"k": [1, 2]}`}},
		{Name: "missing there", Args: []any{"url", at + "/none", "dest", "$DIR/g"}, Plan: change, Fails: "Request failed",
			Want: map[string]any{"status_code": 404, "response": "HTTP Error 404: Not Found"}, After: map[string]string{"g!": ""}},
		{Name: "wrong checksum", Files: map[string]string{"g": "old"}, Args: []any{"url", at + "/a.json", "dest", "$DIR/g", "checksum", "sha256:abc"}, Plan: change,
			Fails: "did not match abc", After: map[string]string{"g": "old"}},
		{Name: "checksums by address", Args: []any{"url", at + "/a.json", "dest", "$DIR/g", "checksum", "sha256:" + at + "/sums"}, Plan: change,
			After: map[string]string{"g": `{"k": [1, 2]}`}},
		{Name: "no checksum of ours there", Args: []any{"url", at + "/echo", "dest", "$DIR/g", "checksum", "sha256:" + at + "/sums"},
			Fails: "unable to find a checksum for file \"echo\""},
		{Name: "right checksum already", Files: map[string]string{"g": `{"k": [1, 2]}`}, Args: []any{"url", at + "/none", "dest", "$DIR/g", "checksum", "sha256:" + sha256OfJSON},
			Want: map[string]any{"changed": false, "msg": "file already exists"}},
	})
}
