package own

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/words"
)

// This file holds the bringing of modules to a host, once a run.

// lodgeScript makes the folder of a run below $1, or where else one can be made, and prints it; then the newest Python that is there.
const lodgeScript = `# make a folder for modules
umask 077
t=
for d in "$1" /var/tmp /tmp; do
  mkdir -p "$d" 2>/dev/null && t=$(mktemp -d "$d/drydock-XXXXXXXXXX" 2>/dev/null) && break
done
[ -n "$t" ] || { echo "no folder for modules can be made, not even in /tmp" >&2; exit 1; }
(cd "$t" && pwd -P)
for p in python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 /usr/bin/python3 python3; do
  p=$(command -v "$p") && "$p" -c "" 2>/dev/null && echo "$p" && break
done
exit 0
`

// lodgingError is a failure of the host to take something in.
type lodgingError struct{ text string }

func (e *lodgingError) Error() string { return e.text }

// bring makes sure that the module and what it imports lie on the host.
func (c *call) bring(ctx context.Context) (place, error) {
	l := c.task.Lodging
	l.Lock()
	defer l.Unlock()
	if l.Dir == "" {
		if err := c.lodge(ctx, l); err != nil {
			return place{}, err
		}
	}
	line, err := c.start(l.Notes["python"])
	if err != nil {
		return place{}, err
	}
	at := place{dir: l.Dir, interpreter: line}
	if at.module, err = c.deliver(ctx, l, path.Base(c.path), c.text()); err != nil {
		return place{}, err
	}
	if c.style != newPython {
		return at, nil
	}
	archive, err := c.utils.archive()
	if err != nil {
		return place{}, err
	}
	at.library, err = c.deliver(ctx, l, "library.zip", archive)
	return at, err
}

// text is the module as the host gets it.
func (c *call) text() []byte {
	if c.style == newPython {
		return bytes.ReplaceAll(c.body, []byte(commonMark), []byte("from ansible.module_utils.basic import *"))
	}
	return c.body
}

// lodge makes the folder; it runs without the task's environment, as it serves all tasks.
func (c *call) lodge(ctx context.Context, l *module.Lodging) error {
	cmd := module.Script(lodgeScript, []string{c.task.RemoteTmp})
	line := words.Quote(append([]string{"/bin/sh", "-c", cmd.Script, "drydock"}, cmd.Args...)...)
	out, err := c.host.Exec(ctx, module.Cmd{Shell: line, Raw: true})
	if err != nil {
		return err
	}
	dir, rest, _ := strings.Cut(out.Stdout, "\n")
	if out.Rc != 0 || !path.IsAbs(dir) {
		return &lodgingError{"Failed to create a folder for modules on the host: " + strings.TrimSpace(out.Stderr)}
	}
	found, _, _ := strings.Cut(rest, "\n")
	if l.Notes == nil {
		l.Notes = map[string]string{}
	}
	l.Dir, l.Has, l.Notes["python"] = dir, map[string]bool{}, found
	return nil
}

// deliver writes a file into the lodging, once, under a name that tells its content.
func (c *call) deliver(ctx context.Context, l *module.Lodging, name string, body []byte) (string, error) {
	sum := sha256.Sum256(body)
	file := hex.EncodeToString(sum[:6]) + "-" + name
	full := path.Join(l.Dir, file)
	if l.Has[file] {
		return full, nil
	}
	if err := c.host.WriteFile(ctx, full, bytes.NewReader(body), 0o700); err != nil {
		return "", err
	}
	l.Has[file] = true
	return full, nil
}

// forget makes the next call bring everything anew.
func (c *call) forget() {
	c.task.Lodging.Lock()
	defer c.task.Lodging.Unlock()
	c.task.Lodging.Dir = ""
}

// refused makes a failure of the task of what stood in the way on our side or on the host; other errors stay errors.
func (c *call) refused(err error) (module.Result, error) {
	var line *missingLine
	var lodging *lodgingError
	if errors.As(err, &line) || errors.As(err, &lodging) {
		return module.Fail("Task failed: %v", err), nil
	}
	return module.Result{}, err
}
