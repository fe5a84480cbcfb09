package packages

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// AptKey adds keys to those that apt trusts, by the host's apt-key.
var AptKey = module.Define(module.Spec{
	Name: "ansible.builtin.apt_key",
	Doc:  "Add or remove a key of apt by the host's apt-key; a host without it needs deb822_repository.",
}, planAptKey)

type aptKeyArgs struct {
	ID            string `arg:"id" doc:"Identifier of the key: 8, 16 or more hexadecimal digits; read off the key if not given."`
	URL           string `arg:"url" doc:"Where the key is fetched from."`
	Data          string `arg:"data" doc:"The key itself."`
	File          string `arg:"file,type=path" doc:"File on the host with the key."`
	Keyring       string `arg:"keyring,type=path" doc:"File of keys to use."`
	ValidateCerts bool   `arg:"validate_certs,default=yes" doc:"Check the certificate of the server that has the key."`
	Keyserver     string `arg:"keyserver" doc:"Key server to ask for the id."`
	State         string `arg:"state,default=present,choices=absent|present" doc:"Whether apt is to trust the key."`
}

// aptKeyProbe gets $1 the keyring, $2 the file, $3 what to read the identifier of: file, data (the input), or nothing. It answers the two paths,
// whether there are apt-key and gpg, and what gpg says of the key and apt-key of those that are trusted, each with its status.
const aptKeyProbe = `
export LC_ALL=C
say "$1"; say "$2"
command -v apt-key >/dev/null && say y || say ""
command -v gpg >/dev/null && say y || say ""
GNUPGHOME=$(mktemp -d) || exit 1
export GNUPGHOME
trap 'rm -rf "$GNUPGHOME"' EXIT
case $3 in
file) out=$(gpg --with-colons "$2" 2>&1 </dev/null); rc=$? ;;
data) out=$(gpg --with-colons - 2>/dev/null); rc=$? ;;
*) out= rc=0 ;;
esac
say "$out"; say $rc
case $1 in
"") out=$(apt-key adv --list-public-keys --keyid-format=long 2>/dev/null) ;;
*) out=$(apt-key --keyring "$1" adv --list-public-keys --keyid-format=long 2>/dev/null) ;;
esac
rc=$?
say "$out"; say $rc
exit 0`

// keyID is an identifier in the lengths that apt-key wants.
type keyID struct{ short, print, whole string }

var hexKey = regexp.MustCompile(`^(0[xX])?[0-9a-fA-F]+$`)

func parseKeyID(id string) (keyID, bool) {
	if !hexKey.MatchString(id) {
		return keyID{}, false
	}
	id = strings.TrimPrefix(strings.ToUpper(id), "0X")
	if len(id) != 8 && len(id) < 16 {
		return keyID{}, false
	}
	return keyID{id[len(id)-8:], id[max(0, len(id)-16):], id}, true
}

// keysIn lists the identifiers in what apt-key or gpg has printed.
func keysIn(text string, short bool) []string {
	out := []string{}
	for _, l := range module.Lines(text) {
		if !strings.HasPrefix(l, "pub") && !strings.HasPrefix(l, "sub") || strings.Contains(l, "expired") {
			continue
		}
		id := ""
		if f := strings.Fields(l); len(f) > 1 && strings.Count(f[1], "/") == 1 {
			_, id, _ = strings.Cut(f[1], "/")
		} else if f := strings.Split(l, ":"); len(f) > 4 {
			id = f[4]
		}
		if id == "" {
			continue
		}
		if short && len(id) > 8 {
			id = id[len(id)-8:]
		}
		out = append(out, id)
	}
	return out
}

func (a aptKeyArgs) fault() string {
	given := 0
	for _, s := range []string{a.Data, a.File, a.Keyserver, a.URL} {
		if s != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return "parameters are mutually exclusive: data|file|keyserver|url"
	case a.ID == "" && a.Keyserver != "":
		return "Missing key_id, required with keyserver."
	}
	return ""
}

func planAptKey(ctx context.Context, v module.View, a aptKeyArgs) (module.Plan, error) {
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault)), nil
	}
	read := ""
	if a.URL != "" && a.ID == "" {
		data, err := fetch(ctx, v, a.URL, certificates(a.ValidateCerts))
		if err != nil {
			return module.Done(module.Fail("Failed to download key at %s: %v", a.URL, err)), nil
		}
		a.Data = string(data)
	}
	switch {
	case a.ID != "":
	case a.File != "":
		read = "file"
	case a.Data != "":
		read = "data"
	}
	probe := onhost.Probe("look at the keys of apt", aptKeyProbe, []string{a.Keyring, a.File}, read)
	probe.Stdin = strings.NewReader(a.Data)
	f, err := onhost.Look(ctx, v, probe)
	if err != nil {
		return module.Plan{}, err
	}
	a.Keyring, a.File = f.Next(), f.Next()
	hasAptKey, hasGPG := f.Next() != "", f.Next() != ""
	shown, shownRc := f.Next(), f.Next()
	listed, listedRc := f.Next(), f.Next()
	if err := f.Err(); err != nil {
		return module.Plan{}, err
	}
	switch {
	case !hasAptKey:
		return onhost.Missing("apt-key"), nil
	case !hasGPG:
		return onhost.Missing("gpg"), nil
	case shownRc != "0":
		what := a.File
		if read == "data" {
			what = "inline data"
		}
		return module.Done(module.Fail("Unable to extract key from '%s'", what).With("stdout", shown)), nil
	case listedRc != "0":
		return module.Done(module.Fail("Unable to list public keys").With("stdout", listed)), nil
	}
	return a.plan(shown, listed), nil
}

// plan decides over the key's identifier and what is trusted.
func (a aptKeyArgs) plan(shown, listed string) module.Plan {
	id := a.ID
	if found := keysIn(shown, false); id == "" && len(found) > 0 {
		id = found[0]
	}
	k, ok := parseKeyID(id)
	if !ok {
		bad := module.Fail("Invalid key_id").With("id", nil)
		if id != "" {
			bad = bad.With("id", id)
		}
		return module.Done(bad)
	}
	short := len(k.whole) == 8
	before := keysIn(listed, short)
	r := module.Result{}.With("id", id).With("short_id", k.short).With("fp", k.print).With("key_id", k.whole).With("before", texts(before))
	there := slices.Contains(before, k.print)
	switch {
	case a.State == "present" && there, a.State == "absent" && !there:
		return module.Done(r)
	case a.State == "absent":
		return module.Change(module.Text(k.whole+"\n", ""), func(ctx context.Context, h module.Host) (module.Result, error) {
			return a.act(ctx, h, r, k, short, a.with("del", k.short), "")
		}).Predicting(r)
	}
	return module.Change(module.Text("", k.whole+"\n"), func(ctx context.Context, h module.Host) (module.Result, error) {
		return a.add(ctx, h, r, k, short)
	}).Predicting(r)
}

// with is a call of apt-key.
func (a aptKeyArgs) with(words ...string) []string {
	argv := []string{"apt-key"}
	if a.Keyring != "" {
		argv = append(argv, "--keyring", a.Keyring)
	}
	return append(argv, words...)
}

func (a aptKeyArgs) add(ctx context.Context, h module.Host, r module.Result, k keyID, short bool) (module.Result, error) {
	switch {
	case a.File != "":
		return a.act(ctx, h, r, k, short, a.with("add", a.File), "")
	case a.Keyserver != "":
		return a.act(ctx, h, r, k, short, a.with("adv", "--no-tty", "--keyserver", a.Keyserver, "--recv", k.whole), "")
	case a.Data == "" && a.URL != "":
		data, err := fetch(ctx, h, a.URL, certificates(a.ValidateCerts))
		if err != nil {
			return module.Fail("Failed to download key at %s: %v", a.URL, err), nil
		}
		a.Data = string(data)
	case a.Data == "":
		return module.Fail("No key to add ... how did i get here?!?!"), nil
	}
	return a.act(ctx, h, r, k, short, a.with("add", "-"), a.Data)
}

// act runs apt-key and looks whether it has done what it says.
func (a aptKeyArgs) act(ctx context.Context, h module.Host, r module.Result, k keyID, short bool, argv []string, stdin string) (module.Result, error) {
	tries := 1
	if a.State == "present" && a.Keyserver != "" {
		tries = 5 // as often as Ansible: key servers fail now and then
	}
	var out module.Output
	for out.Rc = 1; out.Rc != 0 && tries > 0; tries-- {
		var err error
		if out, err = h.Exec(ctx, module.Cmd{Argv: argv, Stdin: strings.NewReader(stdin), Env: []string{"LC_ALL=C"}}); err != nil {
			return module.Result{}, err
		}
	}
	if out.Rc != 0 {
		return module.Fail("%s", a.refusal(k)).With("cmd", strings.Join(argv, " ")).With("rc", out.Rc).With("stdout", out.Stdout).With("stderr", out.Stderr), nil
	}
	listed, err := h.Exec(ctx, module.Cmd{Argv: a.with("adv", "--list-public-keys", "--keyid-format=long"), Env: []string{"LC_ALL=C"}})
	if err != nil {
		return module.Result{}, err
	}
	if listed.Rc != 0 {
		return module.Fail("Unable to list public keys").With("rc", listed.Rc).With("stdout", listed.Stdout).With("stderr", listed.Stderr), nil
	}
	after := keysIn(listed.Stdout, short)
	r.Changed = true
	r = r.With("after", texts(after))
	switch there := slices.Contains(after, k.print); {
	case a.State == "present" && !there:
		r.Failed, r.Msg = true, "apt-key did not return an error, but failed to add the key (check that the id is correct and *not* a subkey)"
	case a.State == "absent" && there:
		r.Failed, r.Msg = true, "apt-key did not return an error, but the key was not removed (check that the id is correct and *not* a subkey)"
	}
	return r, nil
}

func (a aptKeyArgs) refusal(k keyID) string {
	switch {
	case a.State == "absent":
		return "Unable to remove a key with id " + k.short
	case a.File != "":
		return "Unable to add a key from file " + a.File
	case a.Keyserver != "":
		return fmt.Sprintf("Error fetching key %s from keyserver: %s", k.whole, a.Keyserver)
	}
	return "Unable to add a key from binary data"
}
