// HTTP as seen from the host: requests of the controller's client over connections that the host opens. Nothing but a
// connection is needed there, no curl and no Python.
package files

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// request are the arguments that uri and get_url share.
type request struct {
	URL          string     `arg:"url,required" doc:"What to ask for; http and https."`
	Headers      *value.Map `arg:"headers" doc:"Headers to send."`
	User         string     `arg:"url_username,alias=user|username" doc:"The user for basic authentication."`
	Password     string     `arg:"url_password,alias=password,secret" doc:"The password for basic authentication."`
	ForceBasic   bool       `arg:"force_basic_auth,default=no" doc:"Send user and password with the first request; they always are."`
	Validate     bool       `arg:"validate_certs,default=yes" doc:"Refuse certificates that cannot be verified."`
	ClientCert   string     `arg:"client_cert,type=path" doc:"A client certificate on the host, in PEM, perhaps with its key."`
	ClientKey    string     `arg:"client_key,type=path" doc:"The key of the client certificate, on the host."`
	Agent        string     `arg:"http_agent,default=ansible-httpget" doc:"The User-Agent header."`
	UseProxy     bool       `arg:"use_proxy,default=yes" doc:"Accepted: connections are always direct."`
	Unredirected []string   `arg:"unredirected_headers" doc:"Accepted: all headers go to the first address only when it redirects elsewhere."`
}

// client makes an HTTP client that lives on the host; timeout is how long the server may take to begin its answer. caPath may be empty.
func (r request) client(ctx context.Context, v module.View, timeout time.Duration, caPath string) (*http.Client, error) {
	conf := &tls.Config{InsecureSkipVerify: !r.Validate} //nolint:gosec // the author's wish, validate_certs: false
	if caPath != "" {
		pem, err := hostFile(ctx, v, caPath)
		if err != nil {
			return nil, err
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM([]byte(pem)) {
			return nil, refused{caPath + " holds no certificate in PEM"}
		}
	}
	if r.ClientCert != "" {
		cert, err := r.certificate(ctx, v)
		if err != nil {
			return nil, err
		}
		conf.Certificates = []tls.Certificate{cert}
	}
	t := &http.Transport{
		ResponseHeaderTimeout: timeout,
		DialContext:           func(ctx context.Context, network, addr string) (net.Conn, error) { return v.Dial(ctx, network, addr) },
		TLSClientConfig:       conf, DisableKeepAlives: true,
	}
	t.RegisterProtocol("file", hostFiles{ctx, v})
	return &http.Client{Transport: t}, nil
}

// hostFiles answers for addresses of files, which are the host's.
type hostFiles struct {
	ctx context.Context
	v   module.View
}

// RoundTrip reads the file of the host that the address names. Only a task may name one: a server that redirects to it would be handed what it
// is not to see.
func (f hostFiles) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Response != nil {
		return nil, refused{fmt.Sprintf("redirection to %s is not allowed", req.URL)}
	}
	text, err := hostFile(f.ctx, f.v, req.URL.Path)
	if err != nil {
		return nil, err
	}
	return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.0", ProtoMajor: 1, Request: req, Header: http.Header{},
		ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text))}, nil
}

func (r request) certificate(ctx context.Context, v module.View) (tls.Certificate, error) {
	cert, err := hostFile(ctx, v, r.ClientCert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key := cert
	if r.ClientKey != "" {
		if key, err = hostFile(ctx, v, r.ClientKey); err != nil {
			return tls.Certificate{}, err
		}
	}
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		return pair, refused{"the client certificate cannot be used: " + err.Error()}
	}
	return pair, nil
}

// hostFile reads a small file of the host.
func hostFile(ctx context.Context, v module.View, path string) (string, error) {
	out, err := v.Query(ctx, module.Cmd{Argv: []string{"cat", path}})
	if err != nil {
		return "", err
	}
	if out.Rc != 0 {
		return "", refused{fmt.Sprintf("could not read %s: %s", path, strings.TrimSpace(out.Stderr))}
	}
	return out.Stdout, nil
}

// send makes the request and leaves the answer's body to be read.
func (r request) send(ctx context.Context, c *http.Client, method string, body io.Reader, extra http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, strings.ToUpper(method), r.URL, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", r.Agent)
	for k, vals := range extra {
		req.Header[k] = vals
	}
	for k, v := range r.Headers.All() {
		if name := value.Str(k); strings.EqualFold(name, "host") {
			req.Host = value.Str(v)
		} else {
			req.Header.Set(name, value.Str(v))
		}
	}
	if r.User != "" {
		req.SetBasicAuth(r.User, r.Password)
	}
	return c.Do(req)
}

// answered are the keys of a result that tell of an answer, its headers in small letters with _ for -.
func answered(resp *http.Response) *value.Map {
	m := &value.Map{}
	for k, vals := range resp.Header {
		m.Set(strings.ReplaceAll(strings.ToLower(k), "-", "_"), strings.Join(vals, ", "))
	}
	m.Set("status", resp.StatusCode)
	m.Set("url", resp.Request.URL.String())
	m.Set("redirected", resp.Request.Response != nil)
	if resp.StatusCode < http.StatusBadRequest {
		all, text := &value.Map{}, []string{}
		for _, c := range resp.Cookies() {
			all.Set(c.Name, c.Value)
			text = append(text, c.Name+"="+c.Value)
		}
		m.Set("cookies", all)
		m.Set("cookies_string", strings.Join(text, "; "))
	}
	return m
}
