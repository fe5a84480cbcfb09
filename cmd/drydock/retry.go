package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/event"
)

// retrySink writes the hosts that failed to a file for --limit @FILE (retry_files_enabled), and hands every event on.
type retrySink struct {
	event.Sink
	file string
	out  io.Writer
}

// Emit waits for the tally at the end. A file that cannot be written is told, and no reason to end otherwise.
func (r *retrySink) Emit(e event.Event) error {
	stats, ok := e.(event.Stats)
	if !ok {
		return r.Sink.Emit(e)
	}
	var hosts []string
	for name, t := range stats.Hosts {
		if t.Failed > 0 || t.Unreachable > 0 {
			hosts = append(hosts, name)
		}
	}
	if len(hosts) > 0 {
		if err := r.write(sorted(hosts)); err != nil {
			fmt.Fprintf(r.out, "\tCould not create retry file '%s'.\t %v\n\n", r.file, err)
		} else {
			fmt.Fprintf(r.out, "\tto retry, use: --limit @%s\n\n", r.file)
		}
	}
	return r.Sink.Emit(e)
}

func (r *retrySink) write(hosts []string) error {
	if err := os.MkdirAll(filepath.Dir(r.file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(r.file, []byte(strings.Join(hosts, "\n")+"\n"), 0o666)
}

// retryFile is named after the first playbook and lies beside it, or where the configuration says.
func (a *app) retryFile(cfg *config.Config, job *engine.Job) string {
	book := a.at(job.Playbooks[0])
	name := strings.TrimSuffix(filepath.Base(book), filepath.Ext(book)) + ".retry"
	return filepath.Join(first(cfg.RetryPath, filepath.Dir(book)), name)
}
