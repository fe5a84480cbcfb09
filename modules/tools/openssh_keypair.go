package tools

import (
	"context"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// OpenSSHKeypair keeps a key of OpenSSH, by the ssh-keygen of the host.
var OpenSSHKeypair = module.Define(module.Spec{
	Name: "community.crypto.openssh_keypair",
	Doc:  "Keep a private key of OpenSSH and its public key, without a passphrase.",
	Lacks: []string{"passphrase", "private_key_format", "unsafe_writes", "attributes", "attr",
		"seuser", "serole", "setype", "selevel"},
}, planKeypair)

type keypairArgs struct {
	Path       string  `arg:"path,required,type=path" doc:"File of the private key; the public key gets .pub behind it."`
	State      string  `arg:"state,default=present,choices=present|absent" doc:"Whether the key is to be there."`
	Type       string  `arg:"type,default=rsa,choices=rsa|dsa|rsa1|ecdsa|ed25519" doc:"Kind of key."`
	Size       int     `arg:"size" doc:"Bits: 4096 for rsa, 256 for ecdsa if not given; ed25519 has no choice."`
	Comment    *string `arg:"comment" doc:"Comment of the public key."`
	Force      bool    `arg:"force,default=no" doc:"Make a new key even if there is one."`
	Regenerate string  `arg:"regenerate,default=partial_idempotence,choices=never|fail|partial_idempotence|full_idempotence|always" doc:"What to do with a key that is not as asked for, or cannot be read."`
	Backend    string  `arg:"backend,default=auto,choices=auto|cryptography|opensshbin" doc:"Has no effect: ssh-keygen is used."`
	Mode       string  `arg:"mode,type=bits" doc:"Mode of both files, octal."`
	Owner      string  `arg:"owner" doc:"Owner of both files."`
	Group      string  `arg:"group" doc:"Group of both files."`
}

// bits settles the size of the key.
func (a *keypairArgs) bits() error {
	usual := map[string]int{"rsa": 4096, "rsa1": 4096, "dsa": 1024, "ecdsa": 256, "ed25519": 256}
	if a.Size == 0 || a.Type == "ed25519" {
		a.Size = usual[a.Type]
	}
	switch {
	case strings.HasPrefix(a.Type, "rsa") && a.Size < 1024:
		return fail("For RSA keys, the minimum size is 1024 bits and the default is 4096 bits. " +
			"Attempting to use bit lengths under 1024 will cause the module to fail.")
	case a.Type == "dsa" && a.Size != 1024:
		return fail("DSA keys must be exactly 1024 bits as specified by FIPS 186-2.")
	case a.Type == "ecdsa" && a.Size != 256 && a.Size != 384 && a.Size != 521:
		return fail("For ECDSA keys, size determines the key length by selecting from one of three elliptic curve sizes: 256, 384 or 521 bits. " +
			"Attempting to use bit lengths other than these three values for ECDSA keys will cause this module to fail.")
	}
	if a.Force {
		a.Regenerate = "always"
	}
	return nil
}

// keypairProbe answers what is at $1, ssh-keygen's description of it, the public key that belongs to it, and the one that is there.
const keypairProbe = `
export LC_ALL=C
command -v ssh-keygen >/dev/null && say y || say ""
say "$1"
d=${1%/*}; [ "$d" = "$1" ] && d=.
[ -d "${d:-/}" ] && say y || say ""
if [ -d "$1" ]; then say directory; elif [ -e "$1" ]; then say file; else say ""; fi
say "$(ssh-keygen -l -f "$1" 2>/dev/null </dev/null)"
say "$(ssh-keygen -P '' -y -f "$1" 2>/dev/null </dev/null)"
say "$(cat "$1.pub" 2>/dev/null)"
for f in "$1" "$1.pub"; do say "$(stat -c '%a %U %G %u %g' "$f" 2>/dev/null)"; done`

// makeKeypair gets $1 the file of the private key, and the options of ssh-keygen. A key that is there stays until the new one is made.
const makeKeypair = `f=$1
shift
d=${f%/*}
[ "$d" != "$f" ] || d=.
t=$(mktemp -d "$d/.keypair.XXXXXXXX") || exit 1
trap 'rm -rf "$t"' EXIT
trap 'exit 1' HUP INT TERM
ssh-keygen -q -N '' -f "$t/key" "$@" </dev/null && mv -f "$t/key.pub" "$f.pub" && mv -f "$t/key" "$f"`

// keypairSight is what the host has.
type keypairSight struct {
	path, kind            string
	size                  int
	fingerprint, typeName string
	belongs, public       string // the public key of the private one, and the one that is there
	stats                 [2]string
}

func planKeypair(ctx context.Context, v module.View, a keypairArgs) (module.Plan, error) {
	if err := a.bits(); err != nil {
		return ended(err)
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at a key", keypairProbe, []string{a.Path}))
	if err != nil {
		return module.Plan{}, err
	}
	keygen := f.Next()
	s := keypairSight{path: f.Next()}
	parent := f.Next()
	s.kind = f.Next()
	s.describe(f.Next())
	s.belongs, s.public = f.Next(), f.Next()
	s.stats[0], s.stats[1] = f.Next(), f.Next()
	switch {
	case f.Err() != nil:
		return module.Plan{}, f.Err()
	case keygen == "":
		return onhost.Missing("ssh-keygen"), nil
	case s.kind == "directory":
		return module.Done(module.Fail("%s is a directory. Please specify a path to a file.", s.path)), nil
	case parent == "":
		return module.Done(module.Fail("The directory %s does not exist or the file is not a directory", s.path[:max(strings.LastIndexByte(s.path, '/'), 0)]).
			With("name", s.path[:max(strings.LastIndexByte(s.path, '/'), 0)])), nil
	case a.State == "absent":
		return a.remove(s), nil
	}
	steps, made, err := a.steps(s)
	if err != nil {
		return ended(err)
	}
	if len(steps) == 0 {
		return module.Done(a.answer(s)), nil
	}
	d := onhost.Foretell(steps)
	if made {
		d = module.Diff{After: strconv.Itoa(a.Size) + " " + a.Type + " key " + s.path + "\n"}
		if s.fingerprint != "" {
			d.Before = strconv.Itoa(s.size) + " " + s.typeName + " key " + s.path + "\n"
		}
	}
	return module.Change(d, func(ctx context.Context, h module.Host) (module.Result, error) {
		return a.carry(ctx, h, steps)
	}).Predicting(a.answer(s)), nil
}

// describe reads what ssh-keygen -l prints: size, fingerprint, comment, (TYPE).
func (s *keypairSight) describe(line string) {
	w := strings.Fields(line)
	if len(w) < 3 {
		return
	}
	s.size, _ = strconv.Atoi(w[0])
	s.fingerprint, s.typeName = w[1], strings.ToLower(strings.Trim(w[len(w)-1], "()"))
}

func (a keypairArgs) remove(s keypairSight) module.Plan {
	if s.kind == "" && s.public == "" {
		return module.Done(a.answer(s))
	}
	return onhost.Plan(a.answer(s), []onhost.Step{onhost.Do("rm", "-f", s.path, s.path+".pub")})
}

// steps are what brings the key into its state; made: a new key is.
func (a keypairArgs) steps(s keypairSight) (steps []onhost.Step, made bool, err error) {
	careful := a.Regenerate != "always" && a.Regenerate != "full_idempotence"
	if s.kind != "" && careful && (s.fingerprint == "" || s.belongs == "") {
		return nil, false, fail("Unable to read the key. The key is protected with a passphrase or broken. Will not proceed. " +
			"To force regeneration, call the module with `generate` set to `full_idempotence` or `always`, or with `force=true`.")
	}
	fits := s.size == a.Size && s.typeName == a.Type
	if s.fingerprint != "" && !fits && a.Regenerate == "fail" {
		return nil, false, fail("Key has wrong type and/or size. Will not proceed. To force regeneration, call the module with `generate` set to " +
			"`partial_idempotence`, `full_idempotence` or `always`, or with `force=true`.")
	}
	comment := ""
	if a.Comment != nil {
		comment = *a.Comment
	}
	made = s.fingerprint == "" || a.Regenerate == "always" || !fits && a.Regenerate != "never"
	switch {
	case made:
		steps = append(steps, onhost.Do("sh", "-c", makeKeypair, "sh", s.path, "-b", strconv.Itoa(a.Size), "-t", a.Type, "-C", comment))
	case !a.publicFits(s):
		steps = append(steps, onhost.Text(onhost.Write{Path: s.path + ".pub", Text: s.belongs + "\n", Mode: 0o644}, s.public+"\n"))
		if comment != "" {
			steps = append(steps, onhost.Do("ssh-keygen", "-q", "-c", "-C", comment, "-P", "", "-f", s.path))
		}
	}
	return append(steps, a.permissions(s, made)...), made, nil
}

// publicFits tells whether the public key belongs to the private one and has the comment.
func (a keypairArgs) publicFits(s keypairSight) bool {
	is, want := strings.SplitN(s.public, " ", 3), strings.SplitN(s.belongs, " ", 3)
	if len(is) < 2 || len(want) < 2 || is[0] != want[0] || is[1] != want[1] {
		return false
	}
	return a.Comment == nil || strings.TrimSpace(strings.Join(is[2:], "")) == *a.Comment
}

// permissions sets owner and mode of both files where they are asked for and differ.
func (a keypairArgs) permissions(s keypairSight, made bool) []onhost.Step {
	var steps []onhost.Step
	for i, path := range []string{s.path, s.path + ".pub"} {
		has := strings.Fields(s.stats[i])
		for len(has) < 5 {
			has = append(has, "")
		}
		if a.Mode != "" && (made || strings.TrimLeft(a.Mode, "0") != has[0]) {
			steps = append(steps, onhost.Do("chmod", a.Mode, path))
		}
		if a.Owner != "" && (made || a.Owner != has[1] && a.Owner != has[3]) {
			steps = append(steps, onhost.Do("chown", a.Owner, path))
		}
		if a.Group != "" && (made || a.Group != has[2] && a.Group != has[4]) {
			steps = append(steps, onhost.Do("chgrp", a.Group, path))
		}
	}
	return steps
}

func (a keypairArgs) answer(s keypairSight) module.Result {
	comment := ""
	w := strings.SplitN(strings.TrimSpace(s.public), " ", 3)
	if len(w) == 3 {
		comment = w[2]
	}
	return module.Result{}.With("size", a.Size).With("type", a.Type).With("filename", s.path).With("fingerprint", s.fingerprint).
		With("public_key", strings.Join(w[:min(len(w), 2)], " ")).With("comment", comment)
}

// carry does the steps and looks at the key again.
func (a keypairArgs) carry(ctx context.Context, h module.Host, steps []onhost.Step) (module.Result, error) {
	if _, failed, err := onhost.Carry(ctx, h, steps); failed != nil || err != nil {
		if failed == nil {
			return module.Result{}, err
		}
		return *failed, err
	}
	out, err := h.Exec(ctx, onhost.Probe("look at a key", keypairProbe, []string{a.Path}))
	if err != nil {
		return module.Result{}, err
	}
	f := onhost.Read(out)
	f.Next()
	s := keypairSight{path: f.Next()}
	f.Next()
	f.Next()
	s.describe(f.Next())
	f.Next()
	s.public = f.Next()
	r := a.answer(s)
	r.Changed = true
	return r, f.Err()
}
