package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/drydock-dev/drydock/engine/jinja/ansible"
)

// This file lets lookups ask the network from the controller: url over HTTP, dig over DNS.

const (
	maxLookupBody = 100 << 20 // bytes
	dnsPatience   = 10 * time.Second
)

// fetch answers the lookup url.
func (j *Job) fetch(r ansible.Request) (body []byte, status int, err error) {
	client, err := j.httpClient(r)
	if err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequest(http.MethodGet, r.URL, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("User-Agent", r.Agent)
	if r.NoCache {
		req.Header.Set("Cache-Control", "no-cache")
	}
	for k, v := range r.Headers {
		req.Header.Set(k, v)
	}
	if r.User != "" {
		req.SetBasicAuth(r.User, r.Password)
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxLookupBody+1))
	if len(body) > maxLookupBody {
		return nil, 0, fmt.Errorf("the answer is longer than %d bytes", maxLookupBody)
	}
	return body, answer.StatusCode, err
}

func (j *Job) httpClient(r ansible.Request) (*http.Client, error) {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: r.NoVerify}, DisableKeepAlives: true} // skipped only where the lookup asks for that
	if !r.NoProxy {
		proxy := j.proxies().ProxyFunc()
		transport.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	}
	if r.CAPath != "" {
		pem, err := os.ReadFile(j.tree.Abs(r.CAPath))
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", r.CAPath)
		}
	}
	if r.UnixSocket != "" {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", r.UnixSocket)
		}
	}
	client := &http.Client{Transport: transport, Timeout: r.Timeout}
	if !r.Follow {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return client, nil
}

// proxies are those that the environment names.
func (j *Job) proxies() *httpproxy.Config {
	get := func(name string) string {
		for _, n := range []string{strings.ToLower(name), name} {
			if v, ok := j.Machine.Getenv(n); ok {
				return v
			}
		}
		return ""
	}
	return &httpproxy.Config{HTTPProxy: get("HTTP_PROXY"), HTTPSProxy: get("HTTPS_PROXY"), NoProxy: get("NO_PROXY")}
}

// resolve answers the lookup dig with the records of a name that the system's resolver finds.
func resolve(name, kind string) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dnsPatience)
	defer cancel()
	r := net.DefaultResolver
	switch kind {
	case "A", "AAAA":
		ips, err := r.LookupIP(ctx, map[string]string{"A": "ip4", "AAAA": "ip6"}[kind], name)
		return printed(ips, func(ip net.IP) string { return ip.String() }), err
	case "CNAME":
		s, err := r.LookupCNAME(ctx, name)
		return []string{s}, err
	case "TXT":
		return r.LookupTXT(ctx, name)
	case "PTR":
		return r.LookupAddr(ctx, name)
	case "MX":
		mx, err := r.LookupMX(ctx, name)
		return printed(mx, func(m *net.MX) string { return fmt.Sprintf("%d %s", m.Pref, m.Host) }), err
	case "NS":
		ns, err := r.LookupNS(ctx, name)
		return printed(ns, func(n *net.NS) string { return n.Host }), err
	case "SRV":
		_, srv, err := r.LookupSRV(ctx, "", "", name)
		return printed(srv, func(s *net.SRV) string {
			return fmt.Sprintf("%d %d %d %s", s.Priority, s.Weight, s.Port, s.Target)
		}), err
	}
	return nil, errors.New("records of type " + strings.ToUpper(kind) + " cannot be asked for")
}

func printed[T any](items []T, text func(T) string) []string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = text(it)
	}
	return out
}
