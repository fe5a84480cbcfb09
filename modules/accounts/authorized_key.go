package accounts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// AuthorizedKey keeps the keys by which a user may log in.
var AuthorizedKey = module.Define(module.Spec{
	Name:    "ansible.posix.authorized_key",
	Aliases: []string{"ansible.builtin.authorized_key"},
	Doc:     "Keep the SSH keys by which a user may log in.",
}, planAuthorizedKey)

type authorizedKeyArgs struct {
	User          string  `arg:"user,required" doc:"The user."`
	Key           string  `arg:"key,required" doc:"Public keys, one a line; or the URL of such a text, which may be a file: of the host."`
	Path          *string `arg:"path,type=path" doc:"The file; by default that of the user."`
	ManageDir     bool    `arg:"manage_dir,default=yes" doc:"Make the folder of the file, and give it to the user."`
	State         string  `arg:"state,default=present,choices=absent|present" doc:"Whether the keys may log in."`
	KeyOptions    *string `arg:"key_options" doc:"Options that stand before each key, with commas between."`
	Exclusive     bool    `arg:"exclusive,default=no" doc:"Remove all other keys."`
	Comment       *string `arg:"comment" doc:"What stands behind each key, in place of its own comment."`
	ValidateCerts bool    `arg:"validate_certs,default=yes" doc:"Check the certificate of the server that the keys come from."`
	Follow        bool    `arg:"follow,default=no" doc:"Write what a link leads to instead of replacing the link."`
}

// authorizedProbe answers the user's number and group, the file and its text, and the text of a file of keys. $1 path, $2 file of keys, $3 user,
// $4 y to follow links.
const authorizedProbe = entFunction + onhost.InfoFunction + `
line=$(ent passwd "$3")
case $line in "$3":*) ;; *) line= ;; esac
say "$(printf %s "$line" | cut -d: -f3,4)"
path=$1
[ -n "$path" ] || path=$(printf %s "$line" | cut -d: -f6)/.ssh/authorized_keys
say "$path"
give "$path"
info "$path"
[ "$4" != y ] || path=$(readlink -f "$path")
say "$path"
give "$2"
`

func planAuthorizedKey(ctx context.Context, v module.View, a authorizedKeyArgs) (module.Plan, error) {
	text, failed, err := a.fetch(ctx, v)
	if failed != nil || err != nil {
		return module.Done(orZero(failed)), err
	}
	path, from := "", ""
	if a.Path != nil {
		path = *a.Path
	}
	if strings.HasPrefix(a.Key, "file") {
		if u, err := url.Parse(a.Key); err == nil {
			from = u.Path
		}
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at authorized keys", authorizedProbe, []string{path, from}, a.User, yes(a.Follow)))
	if err != nil {
		return module.Plan{}, err
	}
	k := keyring{args: a, owner: f.Next(), path: f.Next()}
	file := f.File()
	k.info = f.Next()
	k.target = f.Next()
	source := f.File()
	if f.Err() != nil {
		return module.Plan{}, f.Err()
	}
	switch {
	case k.owner == "":
		return module.Done(module.Fail("Failed to lookup user %s: \"getpwnam(): name not found: '%s'\"", a.User, a.User)), nil
	case file.Unreadable:
		return module.Done(module.Fail("%s is no file that can be read", k.path)), nil
	case from != "" && !source.Exists && !source.Unreadable:
		return module.Done(module.Fail("Path to a key file not found: %s", from)), nil
	case from != "" && !source.Exists:
		return module.Done(module.Fail("Path to a key is a directory and must be a file: %s", from)), nil
	case from != "":
		text = source.Text
	}
	return k.plan(file.Text, text), nil
}

func yes(b bool) string {
	if b {
		return "y"
	}
	return ""
}

// fetch gets keys that a URL names, as seen from the host; otherwise they are the argument.
func (a authorizedKeyArgs) fetch(ctx context.Context, v module.View) (string, *module.Result, error) {
	if !strings.HasPrefix(a.Key, "http") {
		return a.Key, nil, nil
	}
	t := &http.Transport{DialContext: v.Dial}
	defer t.CloseIdleConnections()
	if !a.ValidateCerts {
		t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // asked for by name
	}
	failed := failure("Error getting key from: %s", a.Key)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.Key, nil)
	if err != nil {
		return "", failed, nil
	}
	resp, err := (&http.Client{Transport: t}).Do(req)
	switch {
	case errors.Is(err, module.ErrUnreachable):
		return "", nil, err
	case err != nil:
		return "", failed, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || resp.StatusCode != http.StatusOK {
		return "", failed, nil
	}
	return string(body), nil, nil
}

// keyring is a task of the module, after the look.
type keyring struct {
	args   authorizedKeyArgs
	owner  string // UID:GID
	path   string
	info   string // what stat says of it
	target string // what is written: what path leads to, if links are followed
}

func (k keyring) plan(before, keys string) module.Plan {
	after, changed, err := k.args.apply(before, keys)
	if err != nil {
		return module.Done(module.Fail("%v", err))
	}
	r := k.result()
	if k.args.Path != nil {
		r = onhost.Info(r, k.info)
	}
	if !changed {
		return module.Done(r)
	}
	return module.Change(module.Diff{Before: before, After: after, BeforeHeader: k.path, AfterHeader: k.target}, func(ctx context.Context, h module.Host) (module.Result, error) {
		out, err := h.Exec(ctx, module.Cmd{Script: sshDirScript, Args: []string{k.dir(), k.owner, yes(k.args.ManageDir)}})
		if err != nil {
			return module.Result{}, err
		}
		if out.Rc != 0 {
			return module.Fail("Failed to create directory %s : %s", k.dir(), onhost.Said(out)), nil
		}
		_, err = onhost.Write{Path: k.target, Text: after, Mode: 0o600, Force: true, Owner: k.owner, NoFollow: true, Dirs: true}.Do(ctx, h)
		r := k.result()
		r.Changed = true
		if err == nil && k.args.Path != nil {
			r, err = onhost.InfoOf(ctx, h, r, k.path)
		}
		return onhost.Settle(r, err)
	}).Predicting(r)
}

// dir is the folder that manage_dir is about: that of the path as it was given.
func (k keyring) dir() string {
	i := strings.LastIndexByte(k.path, '/')
	switch {
	case i > 0:
		return k.path[:i]
	case i == 0:
		return "/"
	}
	return "."
}

// sshDirScript makes the folder $1 of the user $2 (UID:GID), if $3 says so.
const sshDirScript = `# folder of the keys
[ "$3" = y ] || exit 0
[ -e "$1" ] || mkdir -m 0700 "$1" || exit 1
chown "$2" "$1" && chmod 0700 "$1"`

func (k keyring) result() module.Result {
	a := k.args
	return module.Result{}.With("user", a.User).With("key", a.Key).With("path", orNil(a.Path)).With("manage_dir", a.ManageDir).With("state", a.State).
		With("key_options", orNil(a.KeyOptions)).With("exclusive", a.Exclusive).With("comment", orNil(a.Comment)).
		With("validate_certs", a.ValidateCerts).With("follow", a.Follow).With("keyfile", k.path)
}

// apply makes the file's new text.
func (a authorizedKeyArgs) apply(before, keys string) (after string, changed bool, err error) {
	file := parseKeys(before)
	next := len(file.lines)
	var wanted []string
	rank := 0
	for line := range strings.Lines(strings.ReplaceAll(keys, "\r\n", "\n")) {
		if line = strings.TrimRight(line, "\r\n"); line == "" || line[0] == '#' {
			continue
		}
		k, ok := parseKey(line)
		if !ok {
			return "", false, fmt.Errorf("invalid key specified: %s", line)
		}
		if a.KeyOptions != nil {
			k.options = parseOptions(*a.KeyOptions)
		}
		if a.Comment != nil {
			k.comment = *a.Comment
		}
		k.rank = next + rank
		rank++
		old := file.find(k.id)
		switch {
		case a.State == "absent":
			changed = file.remove(k.id) || changed
		case old == nil || !old.same(k):
			file.remove(k.id)
			file.lines = append(file.lines, k)
			changed = true
		}
		wanted = append(wanted, k.id)
	}
	if a.State == "present" && a.Exclusive {
		changed = file.keepOnly(wanted) || changed
	}
	return file.text(), changed, nil
}
