package conn

import (
	"context"
	"time"
)

// Entry tells of one command that was run.
type Entry struct {
	Line string // redacted
	Exit int
	Err  error // why there is no exit status
	Took time.Duration
}

// Recorder is a connection that tells of each command when it has ended.
type Recorder struct {
	Connection
	Redact func(string) string // takes the secrets out of a line; nil: there are none
	Sink   func(Entry)         // is called from the goroutine that ran the command
	Now    func() time.Time    // the clock; Record sets the real one
}

// Record wraps c so that each command is told to sink, its line redacted by redact.
func Record(c Connection, redact func(string) string, sink func(Entry)) *Recorder {
	return &Recorder{Connection: c, Redact: redact, Sink: sink, Now: time.Now}
}

// Run runs the command below and tells of it.
func (r *Recorder) Run(ctx context.Context, c Command) (int, error) {
	start := r.Now()
	exit, err := r.Connection.Run(ctx, c)
	line := c.Line
	if r.Redact != nil {
		line = r.Redact(line)
	}
	r.Sink(Entry{Line: line, Exit: exit, Err: err, Took: r.Now().Sub(start)})
	return exit, err
}

// Unwrap gives the connection below.
func (r *Recorder) Unwrap() Connection { return r.Connection }
