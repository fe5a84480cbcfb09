package packages

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// RPMKey adds keys to those that rpm trusts.
var RPMKey = module.Define(module.Spec{
	Name: "ansible.builtin.rpm_key",
	Doc:  "Add a key to those that rpm trusts, or remove one.",
}, planRPMKey)

type rpmKeyArgs struct {
	Key           string   `arg:"key,required" doc:"The key: a URL, a file on the host, or, to remove one, its identifier."`
	State         string   `arg:"state,default=present,choices=absent|present" doc:"Whether rpm is to trust the key."`
	Fingerprint   []string `arg:"fingerprint" doc:"Fingerprints that a key which is imported must have."`
	ValidateCerts bool     `arg:"validate_certs,default=yes" doc:"Check the certificate of the server that has the key."`
}

var (
	rpmKeyID  = regexp.MustCompile(`(?i)^(0x)?[0-9a-f]{8}`)
	armoredOf = regexp.MustCompile(`(?s)-----BEGIN PGP PUBLIC KEY BLOCK-----.*?-----END PGP PUBLIC KEY BLOCK-----`)
)

// rpmKeyProbe gets $1 the key as a file, as it stands in the task, $2 y if the key comes by the input.
const rpmKeyProbe = `
export LC_ALL=C
GNUPGHOME=$(mktemp -d) || exit 1
export GNUPGHOME
trap 'rm -rf "$GNUPGHOME"' EXIT
say "$(command -v rpm)"
g=$(command -v gpg || command -v gpg2)
say "$g"
f=$1
case $2 in y) f=- ;; *) [ -f "$f" ] || f= ;; esac
case $f in ?*) say "$("$g" --no-tty --batch --with-colons --fixed-list-mode --import --import-options show-only --dry-run "$f" 2>/dev/null)"; say y ;; *) say ""; say "" ;; esac
if rpm -q gpg-pubkey >/dev/null 2>&1; then
	say "$(rpm -q gpg-pubkey --qf '%{description}' | "$g" --no-tty --batch --with-colons --fixed-list-mode - 2>/dev/null)"
else
	say ""
fi
exit 0`

func planRPMKey(ctx context.Context, v module.View, a rpmKeyArgs) (module.Plan, error) {
	var data []byte
	probe := onhost.Probe("look at the keys of rpm", rpmKeyProbe, nil, a.Key, "")
	if strings.Contains(a.Key, "://") {
		var err error
		if data, err = fetch(ctx, v, a.Key, certificates(a.ValidateCerts)); err != nil {
			return module.Done(module.Fail("failed to fetch key at %s , error was: %v", a.Key, err)), nil
		}
		if !armoredOf.Match(data) {
			return module.Done(module.Fail("Not a public key: %s", a.Key)), nil
		}
		probe = onhost.Probe("look at the keys of rpm", rpmKeyProbe, nil, "", "y")
		probe.Stdin = strings.NewReader(string(data))
	}
	f, err := onhost.Look(ctx, v, probe)
	if err != nil {
		return module.Plan{}, err
	}
	rpm, gpg := f.Next(), f.Next()
	shown, isFile := f.Next(), f.Next() != ""
	trusted := f.Next()
	if err := f.Err(); err != nil {
		return module.Plan{}, err
	}
	switch {
	case rpm == "":
		return onhost.Missing("rpm"), nil
	case gpg == "":
		return onhost.Missing("gpg2"), nil
	}
	id := colonField(shown, "pub", 4)
	isID := data == nil && rpmKeyID.MatchString(a.Key)
	switch {
	case isID:
		id, isFile = a.Key, false
	case !isFile:
		return module.Done(module.Fail("Not a valid key %s", a.Key)), nil
	case len(id) == 0:
		return module.Done(module.Fail("Unexpected gpg output")), nil
	}
	id = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(id)), "0X")
	return a.plan(id, isFile, shown, trusted, data), nil
}

// colonField is a field of the first line of a kind in what gpg prints with colons.
func colonField(text, kind string, n int) string {
	for _, l := range module.Lines(text) {
		if f := strings.Split(strings.TrimSpace(l), ":"); f[0] == kind && len(f) > n {
			return f[n]
		}
	}
	return ""
}

func (a rpmKeyArgs) plan(id string, isFile bool, shown, trusted string, data []byte) module.Plan {
	there := slices.ContainsFunc(module.Lines(trusted), func(l string) bool {
		f := strings.Split(l, ":")
		return len(f) > 4 && strings.Contains(f[4], id)
	})
	switch {
	case (a.State == "present") == there:
		return module.Done(module.Result{})
	case a.State == "absent":
		return onhost.Plan(module.Result{}, []onhost.Step{onhost.Do("rpm", "--erase", "--allmatches", "gpg-pubkey-"+strings.ToLower(id[max(0, len(id)-8):]))})
	case !isFile:
		return module.Done(module.Fail("When importing a key, a valid file must be given"))
	}
	var has []string
	for _, l := range module.Lines(shown) {
		if f := strings.Split(strings.TrimSpace(l), ":"); f[0] == "fpr" && len(f) > 9 {
			has = append(has, f[9])
		}
	}
	for _, want := range a.Fingerprint {
		if want = strings.ToUpper(strings.ReplaceAll(want, " ", "")); !slices.Contains(has, want) {
			return module.Done(module.Fail("The specified fingerprint, '%s', does not match any key fingerprints in '%s'", want, strings.Join(has, ", ")))
		}
	}
	step := onhost.Do("rpm", "--import", a.Key)
	if data != nil {
		step = onhost.Do("sh", "-c", `f=$(mktemp) && trap 'rm -f "$f"' EXIT && cat >"$f" && rpm --import "$f"`)
		step.Stdin = string(data)
	}
	return onhost.Plan(module.Result{}, []onhost.Step{step})
}
