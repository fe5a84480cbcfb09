package kube

// Is the API server itself fit to serve? Its own answer, read like a person would with `kubectl get --raw /readyz?verbose`.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// readyPath is where an API server says how it is.
const readyPath = "/readyz"

// Readiness is what an API server said of itself.
type Readiness struct {
	Ready   bool
	Failing []string // the checks that failed, as the server names them (etcd, poststarthook/...)
}

// errNoProbe is for a Reader that is none of ours.
var errNoProbe = errors.New("this reader cannot ask an API server how it is")

// Ready asks the API server behind a Reader whether it is ready to serve. A server that says no is an answer; an error means that
// it did not answer, or not to us.
func Ready(ctx context.Context, r Reader) (Readiness, error) {
	p, ok := r.(interface {
		ready(context.Context) (Readiness, error)
	})
	if !ok {
		return Readiness{}, errNoProbe
	}
	return p.ready(ctx)
}

func (t told) ready(ctx context.Context) (Readiness, error) {
	return t.client.ready(withProgress(ctx, t.progress))
}

func (c *client) ready(ctx context.Context) (Readiness, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.kinds.base+readyPath+"?verbose", nil)
	if err != nil {
		return Readiness{}, err
	}
	resp, err := c.kinds.http.Do(req)
	if err != nil {
		return Readiness{}, fmt.Errorf("ask the API server whether it is ready: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return Readiness{}, fmt.Errorf("ask the API server whether it is ready: %w", err)
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return Readiness{Ready: true}, nil
	case http.StatusInternalServerError, http.StatusServiceUnavailable:
		return Readiness{Failing: failingChecks(string(text))}, nil
	}
	return Readiness{}, fmt.Errorf("ask the API server whether it is ready: it answers %s", resp.Status)
}

// failingChecks reads the lines of a verbose answer: `[-]etcd failed: reason withheld`.
func failingChecks(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if check, ok := strings.CutPrefix(line, "[-]"); ok {
			name, _, _ := strings.Cut(strings.TrimSpace(check), " ")
			out = append(out, name)
		}
	}
	return out
}
