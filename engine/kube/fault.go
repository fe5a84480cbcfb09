package kube

// What an error of the API means: questions that callers ask, and its text for people.

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NotFound tells whether the object is not there.
func NotFound(err error) bool { return apierrors.IsNotFound(err) }

// Forbidden tells whether the credentials do not allow the request.
func Forbidden(err error) bool { return apierrors.IsForbidden(err) }

// BadRequest tells whether the server could not make sense of the request.
func BadRequest(err error) bool { return apierrors.IsBadRequest(err) }

// Conflict tells whether the object has changed, or another manager owns a field.
func Conflict(err error) bool { return apierrors.IsConflict(err) }

// AlreadyExists tells whether an object of that name was there before.
func AlreadyExists(err error) bool { return apierrors.IsAlreadyExists(err) }

// UnsupportedPatch tells whether the kind does not take patches of that type (a strategic merge of a custom resource).
func UnsupportedPatch(err error) bool { return apierrors.IsUnsupportedMediaType(err) }

// Code is the HTTP status of an answer of the API server, 0 if it never answered; Reason its name for the same.
func Code(err error) (code int, reason string) {
	if s, ok := statusOf(err); ok {
		return int(s.Code), string(s.Reason)
	}
	return 0, ""
}

func statusOf(err error) (metav1.Status, bool) {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return metav1.Status{}, false
	}
	return status.Status(), true
}

// Transient tells whether the same request may succeed later: the server is away, overloaded or in trouble.
func Transient(err error) bool {
	if s, ok := statusOf(err); ok {
		return s.Code == http.StatusTooManyRequests || s.Code >= 500
	}
	return isDial(err) || isCut(err) || errors.Is(err, context.DeadlineExceeded)
}

// dialError marks an error of opening a connection: the request has not been sent.
type dialError struct{ error }

func (e dialError) Unwrap() error { return e.error }

func isDial(err error) bool {
	var d dialError
	var g givenUp
	return errors.As(err, &d) || errors.As(err, &g) && isDial(g.cause)
}

// givenUp is what broke the last of several tries. It hides its cause from client-go, which by text and errno would begin ten tries
// more; what we ask (Is, isDial, isCut) it answers.
type givenUp struct{ cause error }

func (g givenUp) Error() string {
	return strings.NewReplacer(
		"connection reset by peer", "the connection was reset", "use of closed network connection", "the connection is closed",
		"client connection lost", "the connection is lost", "server sent GOAWAY and closed the connection", "the server closed the connection",
		"EOF", "the connection ended",
	).Replace(g.cause.Error())
}

func (g givenUp) Is(target error) bool { return errors.Is(g.cause, target) }

// isCut tells whether a connection broke or fell silent under a request.
func isCut(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	var timeout net.Error
	var g givenUp
	switch {
	case errors.As(err, &g):
		return isCut(g.cause)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, errSilent),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return true
	case errors.As(err, &timeout) && timeout.Timeout():
		return !errors.Is(err, context.DeadlineExceeded)
	}
	text := err.Error() // net/http keeps these errors of HTTP/2 private
	return strings.Contains(text, "http2: client connection lost") || strings.Contains(text, "server sent GOAWAY") ||
		strings.Contains(text, "stream error")
}

// namespaceEnds tells whether the request was refused because its namespace is being deleted.
func namespaceEnds(err error) bool {
	return apierrors.IsForbidden(err) && apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}
