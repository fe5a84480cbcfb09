package cluster

// What goes on inside pods, as far as a client sees it: logs, and commands over a WebSocket; and the scale of what runs them.

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // the protocol's own
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// inside answers a log or runs a command.
func (c *Cluster) inside(w http.ResponseWriter, r *http.Request, k call) {
	pod, ok := c.Get("pods", k.namespace, k.name)
	if !ok {
		sendError(w, apierrors.NewNotFound(k.group(), k.name))
		return
	}
	q := r.URL.Query()
	container := q.Get("container")
	names := containerNames(pod)
	switch {
	case container == "" && len(names) > 0:
		container = names[0]
	case container != "" && !slices.Contains(names, container):
		sendError(w, apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", container, k.name)))
		return
	}
	if k.subresource == "log" {
		w.Header().Set("Content-Type", "text/plain")
		if c.config.Logs != nil {
			fmt.Fprint(w, c.config.Logs(pod, container))
		}
		return
	}
	stdout, stderr, rc := "", "", 0
	if c.config.Exec != nil {
		stdout, stderr, rc = c.config.Exec(pod, container, q["command"])
	}
	if err := converse(w, r, stdout, stderr, rc); err != nil {
		sendError(w, apierrors.NewBadRequest(err.Error()))
	}
}

func containerNames(pod map[string]any) []string {
	var out []string
	for _, one := range list(pod, "spec", "containers") {
		out = append(out, text(one, "name"))
	}
	return out
}

// converse takes the connection over and tells by a WebSocket what the command left. A ping in between wants its pong.
func converse(w http.ResponseWriter, r *http.Request, stdout, stderr string, rc int) error {
	if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-WebSocket-Protocol") != "v4.channel.k8s.io" {
		return fmt.Errorf("unable to upgrade: this cluster speaks v4.channel.k8s.io over websocket only")
	}
	conn, buf, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	fmt.Fprintf(buf, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	status := metav1.Status{Status: metav1.StatusSuccess}
	if rc != 0 {
		status = metav1.Status{Status: metav1.StatusFailure, Reason: "NonZeroExitCode", Message: fmt.Sprintf("command terminated with exit code %d", rc),
			Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: "ExitCode", Message: fmt.Sprint(rc)}}}}
	}
	said, err := json.Marshal(status)
	if err != nil {
		return err
	}
	half := len(stdout) / 2 // in two frames of one message
	frame(buf.Writer, 0x02, "\x01"+stdout[:half])
	frame(buf.Writer, 0x80, stdout[half:])
	frame(buf.Writer, 0x89, "ping")
	frame(buf.Writer, 0x82, "\x02"+stderr)
	frame(buf.Writer, 0x82, "\x03"+string(said))
	frame(buf.Writer, 0x88, "\x03\xe8")
	if err := buf.Flush(); err != nil {
		return nil // the client went away
	}
	buf.ReadByte() // its pong, so that the connection is not reset under it
	return nil
}

func frame(w *bufio.Writer, head byte, data string) {
	w.WriteByte(head)
	switch n := len(data); {
	case n < 126:
		w.WriteByte(byte(n))
	case n < 1<<16:
		w.WriteByte(126)
		binary.Write(w, binary.BigEndian, uint16(n))
	default:
		w.WriteByte(127)
		binary.Write(w, binary.BigEndian, uint64(n))
	}
	w.WriteString(data)
}

func scalable(k Kind) bool {
	return slices.Contains([]string{"Deployment", "ReplicaSet", "StatefulSet"}, k.Name)
}

// scale tells or sets how many replicas are wanted, in an object of its own kind.
func (c *Cluster) scale(k call) (int, any, error) {
	o, ok := c.world.Get(k.kind.resource(), k.namespace, k.name)
	if !ok {
		return 0, nil, apierrors.NewNotFound(k.group(), k.name)
	}
	if k.method == http.MethodGet {
		return http.StatusOK, scaleOf(o), nil
	}
	wanted, err := k.object()
	if err != nil {
		return 0, nil, err
	}
	if v := text(wanted, "metadata", "resourceVersion"); v != "" && v != text(o, "metadata", "resourceVersion") {
		return 0, nil, stale(k)
	}
	put(o, number(wanted, "spec", "replicas"), "spec", "replicas")
	code, stored, err := c.write(k, http.StatusOK, o)
	if err != nil {
		return 0, nil, err
	}
	return code, scaleOf(stored), nil
}

func scaleOf(o map[string]any) map[string]any {
	selector := fieldsOf(o, "spec", "selector", "matchLabels")
	var words []string
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		words = append(words, fmt.Sprintf("%s=%v", key, selector[key]))
	}
	meta := map[string]any{}
	for _, field := range []string{"name", "namespace", "uid", "resourceVersion", "creationTimestamp"} {
		meta[field] = at(o, "metadata", field)
	}
	return map[string]any{
		"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": meta, "spec": map[string]any{"replicas": replicasOf(o)},
		"status": map[string]any{"replicas": number(o, "status", "replicas"), "selector": strings.Join(words, ",")},
	}
}
