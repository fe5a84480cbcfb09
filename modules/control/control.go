// Package control holds the modules that run what the author wrote (command, shell, raw, script) and those that act on the play
// rather than on a host: variables, messages, assertions, pauses.
package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// existsScript prints y when a glob pattern in $2, relative to the directory $1, matches something.
const existsScript = `# does it exist
case $1 in ?*) cd "$1" 2>/dev/null || { echo nodir; exit 0; } ;; esac
eval "set -- $2"
if [ -e "$1" ] || [ -L "$1" ]; then echo y; else echo n; fi
`

// guard is a pair of arguments that make a command needless: creates when it is there, removes when it is not.
type guard struct {
	creates, removes, chdir string
}

// holds tells which of the two applies, in Ansible's words; empty when the command is to run.
func (g guard) holds(ctx context.Context, v module.View) (why string, err error) {
	for _, c := range []struct{ path, answer, says string }{{g.creates, "y", "exists"}, {g.removes, "n", "does not exist"}} {
		if c.path == "" {
			continue
		}
		out, err := v.Query(ctx, module.Script(existsScript, []string{g.chdir}, globWord(c.path)))
		if err != nil {
			return "", err
		}
		if out.Line() == c.answer {
			return c.path + " " + c.says, nil
		}
	}
	return "", nil
}

// globWord is HostWord with the characters *, ? and [ ] left to the shell.
func globWord(path string) string {
	w := module.HostWord(path)
	if !strings.ContainsAny(path, "*?[") {
		return w
	}
	return strings.NewReplacer("*", `'*'`, "?", `'?'`, "[", `'['`, "]", `']'`).Replace(w)
}

// timed are the keys of a result that say when a command ran and how long.
func timed(r module.Result, start, end time.Time) module.Result {
	const layout = "2006-01-02 15:04:05.000000"
	return r.With("start", start.Format(layout)).With("end", end.Format(layout)).With("delta", pythonDelta(end.Sub(start)))
}

// pythonDelta prints a duration as Python prints a timedelta: 0:00:01.234567, or 1 day, 2:03:04.
func pythonDelta(d time.Duration) string {
	days, rest := d/(24*time.Hour), d%(24*time.Hour)
	s := fmt.Sprintf("%d:%02d:%02d", rest/time.Hour, rest/time.Minute%60, rest/time.Second%60)
	if micro := rest / time.Microsecond % 1e6; micro != 0 {
		s += fmt.Sprintf(".%06d", micro)
	}
	switch {
	case days == 1:
		return "1 day, " + s
	case days > 1:
		return fmt.Sprintf("%d days, %s", days, s)
	}
	return s
}
