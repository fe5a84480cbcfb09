package ansible

import (
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// The lookup url.

// urlOptions are the options of the lookup; those that are false have no meaning here and are refused.
var urlOptions = map[string]bool{
	"validate_certs": true, "split_lines": true, "use_proxy": true, "username": true, "password": true, "headers": true, "force": true,
	"timeout": true, "http_agent": true, "force_basic_auth": true, "follow_redirects": true, "unix_socket": true, "ca_path": true,
	"use_gssapi": false, "use_netrc": false, "unredirected_headers": false, "ciphers": false,
}

func (a *extension) urlLookup(c *jinja.Call, in any) (any, error) {
	if a.HTTP == nil {
		return nil, valueError("the network cannot be asked here")
	}
	for k, v := range c.Kwargs.All() {
		if known, listed := urlOptions[value.Str(k)]; !known && (!listed || value.Truth(v)) {
			return nil, valueError("the url lookup has no option %s", value.Repr(k))
		}
	}
	o := options{c: c}
	r, err := o.request()
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, t := range in.([]any) {
		r.URL = value.Str(t)
		body, status, err := a.HTTP(r)
		if err != nil {
			return nil, valueError("Failed lookup url for %s : %s", r.URL, err)
		}
		if status >= 400 {
			return nil, valueError("Received HTTP error for %s : HTTP Error %d", r.URL, status)
		}
		if !o.on("split_lines", true) {
			out = append(out, string(body))
			continue
		}
		lines := strings.Split(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n")
		if n := len(lines) - 1; lines[n] == "" {
			lines = lines[:n]
		}
		for _, line := range lines {
			out = append(out, line)
		}
	}
	return out, nil
}

// request reads the options of a request.
func (o *options) request() (Request, error) {
	r := Request{
		Headers: map[string]string{}, User: o.text("username", ""), Password: o.text("password", ""), Agent: o.text("http_agent", "ansible-httpget"),
		NoVerify: !o.on("validate_certs", true), NoProxy: !o.on("use_proxy", true), NoCache: o.on("force", false),
		CAPath: o.text("ca_path", ""), UnixSocket: o.text("unix_socket", ""),
	}
	switch follow := o.text("follow_redirects", "urllib2"); follow {
	case "all", "yes", "safe", "urllib2", "True":
		r.Follow = true
	case "none", "no", "False":
	default:
		return r, valueError("follow_redirects must be all, safe, urllib2 or none, not %s", value.Repr(follow))
	}
	seconds, ok := jinja.ParseFloat(o.text("timeout", "10"))
	if !ok || seconds < 0 || seconds > 86400 {
		return r, valueError("the timeout of url must be a number of seconds, not %s", value.Repr(o.text("timeout", "")))
	}
	r.Timeout = time.Duration(seconds * float64(time.Second))
	if v := o.c.Kwargs.Value("headers"); v != nil {
		m, err := mapping(v, "the option headers of url")
		if err != nil {
			return r, err
		}
		for k, text := range m.All() {
			r.Headers[value.Str(k)] = value.Str(text)
		}
	}
	return r, nil
}
