package engine

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/jinja/ansible"
)

func TestFetch(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		default:
			w.Write([]byte(user + ":" + password + " " + r.Header.Get("X-A") + " " + r.UserAgent()))
		}
	}))
	defer server.Close()
	j := &Job{}
	for _, c := range []struct {
		path, body string
		status     int
		failed     bool
		r          ansible.Request
	}{
		{path: "/here", failed: true},
		{path: "/here", body: ":  agent", status: 200, r: ansible.Request{NoVerify: true, Agent: "agent"}},
		{path: "/here", body: "me:secret a agent", status: 200,
			r: ansible.Request{NoVerify: true, User: "me", Password: "secret", Headers: map[string]string{"X-A": "a"}, Agent: "agent"}},
		{path: "/moved", body: ":  x", status: 200, r: ansible.Request{NoVerify: true, Follow: true, Agent: "x"}},
		{path: "/moved", status: 302, r: ansible.Request{NoVerify: true}},
		{path: "/gone", status: 410, r: ansible.Request{NoVerify: true}},
	} {
		c.r.URL, c.r.Timeout, c.r.NoProxy = server.URL+c.path, time.Minute, true
		body, status, err := j.fetch(c.r)
		if (err != nil) != c.failed || status != c.status || c.status == 200 && string(body) != c.body {
			t.Errorf("%s %+v: %q, %d, %v", c.path, c.r, body, status, err)
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	if out, err := resolve("localhost", "SPF"); err == nil {
		t.Errorf("an unknown kind of record: %v", out)
	}
}
