package machine

import (
	"context"
	"io"
	"net"
	"sync"

	"golang.org/x/crypto/ssh"
)

// session serves one session: it waits for the command, runs it, and sends its end.
// free gives back its place among the sessions: before the client can know of the end, as it may come back at once.
func (m *Machine) session(ctx context.Context, cancel context.CancelFunc, user string, ch ssh.Channel, requests <-chan *ssh.Request, free func()) {
	defer ch.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	started := false
	for r := range requests {
		switch {
		case r.Type == "exec" && !started:
			var exec struct{ Line string }
			if err := ssh.Unmarshal(r.Payload, &exec); err != nil {
				_ = r.Reply(false, nil)
				return
			}
			started = true
			_ = r.Reply(true, nil)
			call := Call{Machine: m, User: user, Line: exec.Line, Stdin: ch, Stdout: ch, Stderr: ch.Stderr()}
			wg.Go(func() {
				exit := m.config.Exec(ctx, call)
				free()
				finish(ch, exit)
				_ = ch.Close()
			})
		case r.Type == "signal":
			cancel()
		case r.WantReply:
			_ = r.Reply(false, nil)
		}
	}
	cancel() // the client closed the session, or is gone
}

// finish tells the client how the command ended. If it cannot be told, it is gone.
func finish(ch ssh.Channel, exit int) {
	switch {
	case exit == NoStatus:
	case exit < 0:
		_, _ = ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Signal string
			Core   bool
			Text   string
			Lang   string
		}{Signal: signalNames[-exit]}))
	default:
		_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(exit)}))
	}
}

// signalNames are the names that RFC 4254 gives to the signals a command of a test may end by.
var signalNames = map[int]string{1: "HUP", 2: "INT", 6: "ABRT", 9: "KILL", 11: "SEGV", 13: "PIPE", 15: "TERM"}

// splice copies both ways until both are done or ctx ends.
func splice(ctx context.Context, near ssh.Channel, far net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = far.Close() })
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(far, near)
		if t, ok := far.(interface{ CloseWrite() error }); ok {
			_ = t.CloseWrite()
		} else {
			_ = far.Close()
		}
	})
	_, _ = io.Copy(near, far)
	_ = near.Close()
	wg.Wait()
	_ = far.Close()
}
