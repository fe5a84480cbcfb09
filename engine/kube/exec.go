package kube

// Commands in containers: the server's exec subresource over a WebSocket. Only what that needs of the protocol is spoken here, over the
// client's own transport, so that the way through the host's connection, certificates and tokens are those of every other request.

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

// Exec is a command for a container.
type Exec struct {
	Namespace, Pod string
	Container      string // empty: the pod's own default
	Argv           []string
}

// Executed is what a command has left.
type Executed struct {
	Stdout, Stderr string
	Rc             int
}

// streamProtocol gives each message a first byte that names its channel.
const streamProtocol = "v4.channel.k8s.io"

// The channels of streamProtocol that a server writes.
const (
	channelStdout = 1
	channelStderr = 2
	channelStatus = 3
)

// The kinds of a WebSocket's frames.
const (
	frameMore  = 0
	frameClose = 8
	framePing  = 9
	framePong  = 10
)

// maxFrame bounds a frame that a server may send.
const maxFrame = 64 << 20

// streaming is the transport of a configuration without HTTP/2, in which nothing can be upgraded.
func streaming(cfg *rest.Config) (http.RoundTripper, error) {
	plain := rest.CopyConfig(cfg)
	plain.NextProtos = []string{"http/1.1"}
	return rest.TransportFor(plain)
}

// Exec implements Cluster.
func (c *client) Exec(ctx context.Context, x Exec) (Executed, error) {
	q := url.Values{"command": x.Argv, "stdout": {"true"}, "stderr": {"true"}}
	if x.Container != "" {
		q.Set("container", x.Container)
	}
	path := "/api/v1/namespaces/" + url.PathEscape(x.Namespace) + "/pods/" + url.PathEscape(x.Pod) + "/exec"
	stream, err := c.upgrade(ctx, path+"?"+q.Encode())
	if err != nil {
		return Executed{}, fmt.Errorf("exec in pod %s/%s: %w", x.Namespace, x.Pod, err)
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, func() { stream.Close() })
	defer stop()
	done, err := receive(stream)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return Executed{}, fmt.Errorf("exec in pod %s/%s: %w", x.Namespace, x.Pod, err)
	}
	return done, nil
}

// upgrade asks for a WebSocket.
func (c *client) upgrade(ctx context.Context, path string) (io.ReadWriteCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.kinds.base+path, nil)
	if err != nil {
		return nil, err
	}
	key := make([]byte, 16)
	rand.Read(key) // never fails
	for name, val := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": base64.StdEncoding.EncodeToString(key), "Sec-WebSocket-Protocol": streamProtocol,
	} {
		req.Header.Set(name, val)
	}
	resp, err := c.streams.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	stream, ok := resp.Body.(io.ReadWriteCloser)
	if resp.StatusCode == http.StatusSwitchingProtocols && ok {
		return stream, nil
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	return nil, answeredWith(resp.StatusCode, path, data)
}

// receive reads the channels until the server closes them. What was the command's end stands in the channel of status.
func receive(stream io.ReadWriter) (Executed, error) {
	var out [4]strings.Builder
	r := bufio.NewReader(stream)
	channel := 0
	for {
		kind, data, err := readFrame(r)
		if err == io.EOF {
			break
		}
		if err != nil {
			return Executed{}, err
		}
		if kind == framePing {
			if err := writeFrame(stream, framePong, data); err != nil {
				return Executed{}, err
			}
			continue
		}
		if kind == frameClose {
			break
		}
		if kind == framePong {
			continue
		}
		if kind != frameMore {
			if len(data) == 0 {
				continue
			}
			channel, data = int(data[0]), data[1:]
		}
		if channel < len(out) {
			out[channel].Write(data)
		}
	}
	return outcomeOf(out[channelStdout].String(), out[channelStderr].String(), out[channelStatus].String())
}

// outcomeOf reads the status with which the server tells how the command ended.
func outcomeOf(stdout, stderr, status string) (Executed, error) {
	done := Executed{Stdout: stdout, Stderr: stderr}
	var s metav1.Status
	if err := json.Unmarshal([]byte(status), &s); err != nil {
		return done, fmt.Errorf("the connection ended before the command")
	}
	if s.Status == metav1.StatusSuccess {
		return done, nil
	}
	if s.Details != nil {
		for _, cause := range s.Details.Causes {
			if cause.Type == "ExitCode" {
				rc, err := strconv.Atoi(cause.Message)
				done.Rc = rc
				return done, err
			}
		}
	}
	return done, fmt.Errorf("%s", s.Message)
}

// readFrame reads one frame of a server, which masks nothing.
func readFrame(r *bufio.Reader) (kind byte, data []byte, err error) {
	var head [2]byte
	if _, err = io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1] & 0x7f)
	switch size {
	case 126:
		var n uint16
		err = binary.Read(r, binary.BigEndian, &n)
		size = uint64(n)
	case 127:
		err = binary.Read(r, binary.BigEndian, &size)
	}
	if err != nil {
		return 0, nil, err
	}
	if size > maxFrame || head[1]&0x80 != 0 {
		return 0, nil, fmt.Errorf("the server sent a frame that is none")
	}
	data = make([]byte, size)
	_, err = io.ReadFull(r, data)
	return head[0] & 0x0f, data, err
}

// writeFrame sends a short control frame, masked as clients must.
func writeFrame(w io.Writer, kind byte, data []byte) error {
	data = data[:min(len(data), 125)]
	frame := []byte{0x80 | kind, 0x80 | byte(len(data)), 0, 0, 0, 0}
	rand.Read(frame[2:6]) // never fails
	for i, b := range data {
		frame = append(frame, b^frame[2+i%4])
	}
	_, err := w.Write(frame)
	return err
}
