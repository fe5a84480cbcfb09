package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what OpenSSH hashes names of hosts by
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// KnownHosts keeps the keys of hosts that a user logs in to.
var KnownHosts = module.Define(module.Spec{
	Name: "ansible.builtin.known_hosts",
	Doc:  "Keep the SSH keys by which a user knows other hosts.",
}, planKnownHosts)

type knownHostsArgs struct {
	Name     string  `arg:"name,required,alias=host" doc:"The host."`
	Key      *string `arg:"key" doc:"A line of known_hosts for it. Needed unless state is absent, where without it all keys go."`
	Path     string  `arg:"path,type=path,default=~/.ssh/known_hosts" doc:"The file."`
	HashHost bool    `arg:"hash_host,default=no" doc:"Write the host's name as a hash."`
	State    string  `arg:"state,default=present,choices=absent|present" doc:"Whether the key is to be known."`
}

// knownProbe answers whether there is ssh-keygen, what it finds of the host in the key given as input, the file, and what it finds there.
// $1 file, $2 host.
const knownProbe = onhost.InfoFunction + `
say "$(command -v ssh-keygen)"
say "$(ssh-keygen -F "$2" -f /dev/stdin 2>/dev/null)"
say "$1"
give "$1"
info "$1"
if [ -e "$1" ]; then
	said=$(ssh-keygen -F "$2" -f "$1" 2>&1)
	rc=$?
	say "$said"; say "$rc"
else
	say; say 1
fi
`

var severalNames = regexp.MustCompile(`\S+(\s+)?,(\s+)?`)

func planKnownHosts(ctx context.Context, v module.View, a knownHostsArgs) (module.Plan, error) {
	k := known{args: a, host: strings.ToLower(a.Name)}
	if a.Key != nil {
		k.key = *a.Key
	}
	if r := k.prepare(); r != nil {
		return module.Done(*r), nil
	}
	probe := onhost.Probe("look at known hosts", knownProbe, []string{a.Path}, k.host)
	probe.Stdin = strings.NewReader(k.key)
	f, err := onhost.Look(ctx, v, probe)
	if err != nil {
		return module.Plan{}, err
	}
	if f.Next() == "" {
		return onhost.Missing("ssh-keygen"), nil
	}
	fits := f.Next() != ""
	k.path, k.file, k.info = f.Next(), f.File(), f.Next()
	said, rc := f.Next(), f.Next()
	switch {
	case f.Err() != nil:
		return module.Plan{}, f.Err()
	case k.key != "" && !fits:
		return module.Done(module.Fail("Host parameter does not match hashed host field in supplied key")), nil
	case said != "" && rc != "0":
		return module.Done(module.Fail("ssh-keygen failed (rc=%s, stdout='',stderr='%s')", rc, said)), nil
	}
	return k.plan(said), nil
}

// known is a task of the module.
type known struct {
	args knownHostsArgs
	host string
	key  string // with its line end, hashed if that was asked for; empty: none was given
	path string
	file onhost.File
	info string // what stat says of it
}

func (k *known) prepare() *module.Result {
	if k.key == "" {
		if k.args.State == "present" {
			return failure("No key specified when adding a host")
		}
		return nil
	}
	if severalNames.MatchString(k.host) {
		return failure("Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.")
	}
	if k.args.HashHost {
		k.key = hashed(k.host, k.key)
	}
	if !strings.HasSuffix(k.key, "\n") {
		k.key += "\n"
	}
	return nil
}

// hashed is a line with its host as a salted hash.
func hashed(host, line string) string {
	words := strings.Fields(line)
	at := 0
	if len(words) > 0 && words[0][0] == '@' {
		at = 1
	}
	if at >= len(words) {
		return line
	}
	salt := make([]byte, sha1.Size)
	_, _ = rand.Read(salt) // never fails
	sum := hmac.New(sha1.New, salt)
	sum.Write([]byte(host))
	encode := base64.StdEncoding.EncodeToString
	words[at] = "|1|" + encode(salt) + "|" + encode(sum.Sum(nil))
	return strings.Join(words, " ")
}

// hostKey is a line without what stands behind the key.
type hostKey struct{ marker, host, typ, key string }

func parseHostKey(line string) hostKey {
	w := strings.Fields(line)
	var k hostKey
	if len(w) > 0 && w[0][0] == '@' {
		k.marker, w = w[0], w[1:]
	}
	w = append(w, "", "", "")
	k.host, k.typ, k.key = w[0], w[1], w[2]
	return k
}

var foundLine = regexp.MustCompile(`found: line (\d+)`)

// search reads what ssh-keygen has found: whether the host is known, whether its key is another, and the line, 0 for none, of the key or of
// one of its type.
func (k *known) search(said string) (found, differs bool, at int) {
	switch {
	case strings.TrimSpace(said) == "":
		return false, false, 0
	case k.key == "":
		return true, false, 0
	}
	want, line := parseHostKey(k.key), 0
	for _, text := range module.Lines(said) {
		if text[0] == '#' {
			if m := foundLine.FindStringSubmatch(text); m != nil {
				line, _ = strconv.Atoi(m[1]) // digits
			}
			continue
		}
		have := parseHostKey(text)
		special := strings.HasPrefix(have.marker, "@cert-authority") || strings.HasPrefix(have.marker, "@revoke")
		if !special && strings.HasPrefix(want.host, "|1|") && strings.HasPrefix(have.host, "|1|") {
			want.host = have.host // a hash of the same name
		}
		switch {
		case want == have:
			return true, false, line
		case !special && want.typ == have.typ:
			return true, true, line
		}
	}
	return true, true, 0
}

func (k *known) plan(said string) module.Plan {
	found, differs, at := k.search(said)
	r := module.Result{}.With("name", k.args.Name).With("key", orNil(k.args.Key)).With("path", k.path).With("hash_host", k.args.HashHost).With("state", k.args.State)
	present := k.args.State == "present"
	switch {
	case !present && at == 0 && k.key != "", !differs && found == present:
		return module.Done(onhost.Info(r, k.info))
	case found && k.key == "" && !present:
		return k.change(r, onhost.Do("ssh-keygen", "-R", k.host, "-f", k.path))
	}
	lines := onhost.Lines(k.file.Text)
	if at > 0 && at <= len(lines) && (differs || !present) {
		lines = slices.Delete(lines, at-1, at)
	}
	text := strings.Join(lines, "")
	if present {
		text += k.key
	}
	return k.change(r, onhost.Text(onhost.Write{Path: k.path, Text: text, NoFollow: true}, k.file.Text))
}

// change carries out a step. Check mode tells no more than that it would.
func (k *known) change(r module.Result, step onhost.Step) module.Plan {
	steps := []onhost.Step{step}
	return module.Change(onhost.Foretell(steps), func(ctx context.Context, h module.Host) (module.Result, error) {
		if _, failed, err := onhost.Carry(ctx, h, steps); failed != nil || err != nil {
			return orZero(failed), err
		}
		r.Changed = true
		return onhost.InfoOf(ctx, h, r, k.path)
	})
}
