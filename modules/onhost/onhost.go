// Package onhost holds what modules about a machine share: the text files by which it is configured (fstab, sysctl.conf, crontabs,
// authorized_keys), which are decided over as whole texts, and the tools that a machine may have or not.
//
// A probe answers fields that each end in a NUL (Functions, Fields), so that the texts of several files come home in one round trip as they
// are. A Write brings one file into its place in one step.
package onhost

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Functions are shell functions for probes: say answers a field, give the text of a file ("y" and the text, or "n" and nothing where there is
// no file, or "u" where it cannot be read).
const Functions = `
say() { printf '%s\0' "$1"; }
give() {
	if [ -f "$1" ] && [ -r "$1" ]; then say y; cat "$1"; say ""; elif [ -e "$1" ]; then say u; say ""; else say n; say ""; fi
}
`

// File is a text file as a probe found it.
type File struct {
	Exists     bool
	Unreadable bool // it is there, but is no file, or cannot be read
	Text       string
}

// Fields are the answers of a probe, in its order.
type Fields struct {
	rest []string
	err  error
}

// Read splits what a probe has printed. A probe that ends with another status than 0 is an error of ours.
func Read(out module.Output) *Fields {
	if out.Rc != 0 {
		return &Fields{err: fmt.Errorf("the host could not be looked at (exit %d): %s", out.Rc, strings.TrimSpace(out.Stderr))}
	}
	return &Fields{rest: strings.Split(out.Stdout, "\x00")}
}

// Next is the next field.
func (f *Fields) Next() string {
	if len(f.rest) < 2 { // the last piece stands behind the last NUL
		f.err = errors.Join(f.err, errors.New("the host has answered less than it was asked"))
		return ""
	}
	s := f.rest[0]
	f.rest = f.rest[1:]
	return s
}

// More tells whether fields are left.
func (f *Fields) More() bool { return len(f.rest) > 1 }

// Lines are the lines of the next field, without empty ones.
func (f *Fields) Lines() []string { return module.Lines(f.Next()) }

// File is the next file.
func (f *Fields) File() File {
	kind := f.Next()
	return File{Exists: kind == "y", Unreadable: kind == "u", Text: f.Next()}
}

// Err is nil if all fields that were asked for have come.
func (f *Fields) Err() error { return f.err }

// Refused is what a host says when it does not do as it is told.
type Refused struct{ Text string }

func (r Refused) Error() string { return r.Text }

// Settle makes a failed result of a refusal and leaves other errors as they are.
func Settle(r module.Result, err error) (module.Result, error) {
	var no Refused
	if errors.As(err, &no) {
		return module.Fail("%s", no.Text), nil
	}
	return r, err
}

// sbin puts the folders of the administrator's tools behind the others, where a login does not have them.
const sbin = `
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
`

// Tool is the command that runs a program of the host with arguments, looked for in the administrator's folders, too.
func Tool(argv ...string) module.Cmd {
	return module.Cmd{Script: "# run" + sbin + `command -v "$1" >/dev/null 2>&1 || { printf 'Failed to find required executable "%s" in paths: %s' "$1" "$PATH" >&2; exit 127; }
exec "$@"`, Args: argv}
}

// Run runs a Tool.
func Run(ctx context.Context, h module.Host, argv ...string) (module.Output, error) {
	return h.Exec(ctx, Tool(argv...))
}

// Probe makes a probe of a script that uses Functions. name stands in transcripts; the script finds the administrator's tools. Paths are $1, $2
// and so on, filled in on the host, and then come further arguments.
func Probe(name, script string, paths []string, rest ...string) module.Cmd {
	return module.Script("# "+name+sbin+Functions+script, paths, rest...)
}

// Look runs a probe and hands its fields over.
func Look(ctx context.Context, v module.View, probe module.Cmd) (*Fields, error) {
	out, err := v.Query(ctx, probe)
	if err != nil {
		return nil, err
	}
	f := Read(out)
	return f, f.err
}

// Missing is the failure for a tool that the host does not have.
func Missing(tool string) module.Plan {
	return module.Done(module.Fail("Failed to find required executable %q in paths: /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", tool))
}

// Said is what a command has printed, for an error message: its standard error, or its output when that is empty.
func Said(out module.Output) string {
	if s := strings.TrimSpace(out.Stderr); s != "" {
		return s
	}
	return strings.TrimSpace(out.Stdout)
}
