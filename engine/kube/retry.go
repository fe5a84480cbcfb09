package kube

// Patience with an API server in trouble: a round tripper that tries again, within a budget.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"github.com/drydock-dev/drydock/engine/module"
)

const (
	// answerBudget is how long a server that breaks connections or answers 5xx is asked again: an etcd election, a K3s restart.
	answerBudget = 90 * time.Second
	// dialBudget is how long a server is asked again that cannot be connected to. It is short, as `until` or a wait stands
	// above where a longer absence is expected.
	dialBudget = 10 * time.Second
	// silence is how long a request may stay without an answer (a watch excepted).
	silence   = 30 * time.Second
	firstWait = 200 * time.Millisecond
	longWait  = 5 * time.Second
)

// errSilent ends an attempt that got no answer.
var errSilent = errors.New("no answer from the API server")

// patient is the round tripper that tries again.
type patient struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (p patient) RoundTrip(req *http.Request) (*http.Response, error) {
	var spent time.Duration
	for wait := firstWait; ; wait = min(2*wait, longWait) {
		resp, err := p.attempt(req)
		budget := budgetFor(req, resp, err)
		if budget == 0 || spent+wait > budget || req.Context().Err() != nil {
			return calm(resp, err)
		}
		progressOf(req.Context())(fmt.Sprintf("the API server %s; trying again", trouble(resp, err)))
		if resp != nil {
			resp.Body.Close()
		}
		if !pause(req.Context(), wait) {
			return nil, context.Cause(req.Context())
		}
		spent += wait
		if req, err = again(req); err != nil {
			return nil, err
		}
	}
}

// attempt sends the request once and gives up when nothing is heard of it.
func (p patient) attempt(req *http.Request) (*http.Response, error) {
	if req.URL.Query().Get("watch") != "" {
		return p.next.RoundTrip(req)
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), silence, errSilent)
	resp, err := p.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		if cause := context.Cause(ctx); errors.Is(cause, errSilent) {
			err = errSilent
		}
		cancel()
		return nil, err
	}
	resp.Body = &cancelling{ReadCloser: resp.Body, cancel: cancel}
	return resp, nil
}

// cancelling ends an attempt's context when its answer has been read.
type cancelling struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (c *cancelling) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}

// budgetFor says how long to go on trying after this outcome; 0 means that it is final.
func budgetFor(req *http.Request, resp *http.Response, err error) time.Duration {
	eviction := strings.HasSuffix(req.URL.Path, "/eviction")
	health := strings.HasSuffix(req.URL.Path, readyPath)    // a server that is not ready has answered
	repeatable := req.Method != http.MethodPost || eviction // a create that was cut may have happened
	switch {
	case isDial(err):
		return dialBudget
	case isCut(err) && repeatable:
		return answerBudget
	case err != nil:
		return 0
	}
	if req.URL.Path == readyPath { // "not ready" is what was asked for
		return 0
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests: // of an eviction it is the answer: a budget does not allow it
		return onlyIf(!eviction)
	case http.StatusServiceUnavailable:
		return onlyIf(!health)
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return onlyIf(repeatable)
	case http.StatusInternalServerError: // of a write it is often a webhook's answer, which stays
		return onlyIf(req.Method == http.MethodGet && !health)
	}
	return 0
}

func onlyIf(ok bool) time.Duration {
	if ok {
		return answerBudget
	}
	return 0
}

// calm makes an outcome final: client-go would begin a series of tries of its own at the server's Retry-After and at broken connections.
func calm(resp *http.Response, err error) (*http.Response, error) {
	if resp != nil {
		resp.Header.Del("Retry-After")
	}
	if isDial(err) || isCut(err) {
		err = givenUp{err}
	}
	return resp, err
}

func trouble(resp *http.Response, err error) string {
	switch {
	case isDial(err):
		return fmt.Sprintf("cannot be connected to (%v)", err)
	case err != nil:
		return fmt.Sprintf("broke the connection off (%v)", err)
	}
	return "answers " + resp.Status
}

func again(req *http.Request) (*http.Request, error) {
	next := req.Clone(req.Context())
	if req.GetBody == nil {
		return next, nil
	}
	body, err := req.GetBody()
	next.Body = body
	return next, err
}

// pause waits and tells whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	return module.ClockIn(ctx).Sleep(ctx, d) == nil
}

type progressKey struct{}

// withProgress makes the requests of a context tell what they wait for.
func withProgress(ctx context.Context, progress func(string)) context.Context {
	ctx = klog.NewContext(ctx, logr.Discard()) // client-go would write to the error stream of the process; what matters is in its errors
	return context.WithValue(ctx, progressKey{}, progress)
}

func progressOf(ctx context.Context) func(string) {
	if f, ok := ctx.Value(progressKey{}).(func(string)); ok {
		return f
	}
	return func(string) {}
}
