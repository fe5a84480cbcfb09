package packages

// A .sources file: the module deb822_repository.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Deb822Repository adds and removes repositories of apt in the deb822 format.
var Deb822Repository = module.Define(module.Spec{
	Name: "ansible.builtin.deb822_repository",
	Doc:  "Add or remove a repository of apt in the deb822 format, with its key.",
}, planDeb822)

type deb822Args struct {
	AllowDowngrade  *bool    `arg:"allow_downgrade_to_insecure" doc:"Allow a signed repository to become an unsigned one."`
	AllowInsecure   *bool    `arg:"allow_insecure" doc:"Allow an unsigned repository."`
	AllowWeak       *bool    `arg:"allow_weak" doc:"Allow weak signatures."`
	Architectures   []string `arg:"architectures" doc:"Architectures to fetch."`
	ByHash          *bool    `arg:"by_hash" doc:"Fetch indexes by their hash."`
	CheckDate       *bool    `arg:"check_date" doc:"Check the dates of the release file."`
	CheckValidUntil *bool    `arg:"check_valid_until" doc:"Check that the release file has not expired."`
	Components      []string `arg:"components" doc:"Components of the suites."`
	DateMaxFuture   *int     `arg:"date_max_future" doc:"How far in the future a release file may be, in seconds."`
	Enabled         *bool    `arg:"enabled" doc:"Whether apt uses the repository."`
	InstallPython   bool     `arg:"install_python_debian,default=no" doc:"Has no effect: nothing has to be installed on the host."`
	InReleasePath   *string  `arg:"inrelease_path" doc:"Path of the InRelease file."`
	Languages       []string `arg:"languages" doc:"Languages of translations to fetch."`
	Name            string   `arg:"name,required" doc:"Name of the repository, of which that of the file is made."`
	PDiffs          *bool    `arg:"pdiffs" doc:"Fetch differences of indexes."`
	SignedBy        *string  `arg:"signed_by" doc:"Key: a URL, a file on the host, a fingerprint, or the armored key itself."`
	Suites          []string `arg:"suites" doc:"Suites."`
	Targets         []string `arg:"targets" doc:"Kinds of index to fetch."`
	Trusted         *bool    `arg:"trusted" doc:"Trust the repository without a signature."`
	Types           []string `arg:"types,default=deb,choices=deb|deb-src" doc:"Kinds of packages."`
	URIs            []string `arg:"uris" doc:"Addresses."`
	Mode            string   `arg:"mode,default=0644,type=bits" doc:"Mode of the file, octal."`
	State           string   `arg:"state,default=present,choices=absent|present" doc:"Whether the repository is to be there."`
}

const (
	keyrings   = "/etc/apt/keyrings"
	sourcesDir = "/etc/apt/sources.list.d"
)

var (
	slugGaps  = regexp.MustCompile(`[_\s]+`)
	slugOther = regexp.MustCompile(`[^a-z0-9-]+`)
)

func (a deb822Args) slug() string {
	return slugOther.ReplaceAllString(slugGaps.ReplaceAllString(strings.ToLower(a.Name), "-"), "")
}

// deb822Probe answers whether $1 is a file, mode and owner of the folder of keys, then sum and mode of the files $2 and $3, and mode and text of $4. No key has a NUL in its sum.
const deb822Probe = `
[ -n "$1" ] && [ -f "$1" ] && say y || say n
[ -d ` + keyrings + ` ] && say "$(stat -c %a:%u:%g ` + keyrings + `)" || say ""
for f in "$2" "$3"; do
	if [ -f "$f" ]; then s=$(sha256sum <"$f"); say "${s%% *}"; else say ""; fi
	say "$(stat -c %a "$f" 2>/dev/null)"
done
say "$(stat -c '` + ownFormat + `' "$4" 2>/dev/null)"
give "$4"`

// ownFormat is what a result tells of a file.
const ownFormat = "%a|%u|%g|%U|%G|%s"

// keyFile is a key as the host has it.
type keyFile struct{ path, sum, mode string }

// deb822Sight is what the host has.
type deb822Sight struct {
	signedByFile bool
	keyrings     string
	asc, gpg     keyFile
	own          string // as ownFormat; empty: there is no file
	sources      onhost.File
}

func (a deb822Args) look(ctx context.Context, v module.View) (deb822Sight, error) {
	s := deb822Sight{asc: keyFile{path: keyrings + "/" + a.slug() + ".asc"}, gpg: keyFile{path: keyrings + "/" + a.slug() + ".gpg"}}
	signed := ""
	if a.SignedBy != nil && !strings.Contains(*a.SignedBy, "\n") {
		signed = *a.SignedBy
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at a repository of apt", deb822Probe, []string{signed, s.asc.path, s.gpg.path, a.dest()}))
	if err != nil {
		return s, err
	}
	s.signedByFile, s.keyrings = f.Next() == "y", f.Next()
	s.asc.sum, s.asc.mode = f.Next(), f.Next()
	s.gpg.sum, s.gpg.mode = f.Next(), f.Next()
	s.own = f.Next()
	s.sources = f.File()
	return s, f.Err()
}

func (a deb822Args) dest() string { return sourcesDir + "/" + a.slug() + ".sources" }

func planDeb822(ctx context.Context, v module.View, a deb822Args) (module.Plan, error) {
	mode, err := strconv.ParseUint(a.Mode, 8, 12)
	if err != nil {
		return module.Done(module.Fail("mode must be in octal form: %s", a.Mode)), nil
	}
	s, err := a.look(ctx, v)
	if err != nil {
		return module.Plan{}, err
	}
	r := module.Result{}.With("dest", a.dest())
	if a.State == "absent" {
		return a.remove(s, r.With("repo", nil).With("key_filename", s.gpg.path)), nil
	}
	signed, key, steps, bad := a.key(ctx, v, s)
	if bad != nil {
		return module.Done(*bad), nil
	}
	text := a.text(signed)
	r = r.With("repo", text).With("key_filename", nil)
	if key != "" {
		r = r.With("key_filename", key)
	}
	switch {
	case s.sources.Text != text:
		steps = append(steps, onhost.Text(onhost.Write{Path: a.dest(), Text: text, Mode: fs.FileMode(mode), Force: true}, s.sources.Text))
	case !sameMode(strings.Split(s.own, "|")[0], mode):
		steps = append(steps, onhost.Do("chmod", strconv.FormatUint(mode, 8), a.dest()))
	}
	return a.carrying(described(r, s.own), steps), nil
}

// carrying is the plan of steps whose result tells of the file as it is then.
func (a deb822Args) carrying(r module.Result, steps []onhost.Step) module.Plan {
	if len(steps) == 0 {
		return module.Done(r)
	}
	return module.Change(onhost.Foretell(steps), func(ctx context.Context, h module.Host) (module.Result, error) {
		if _, failed, err := onhost.Carry(ctx, h, steps); failed != nil || err != nil {
			return orFailed(failed), err
		}
		out, err := h.Exec(ctx, module.Cmd{Argv: []string{"stat", "-c", ownFormat, a.dest()}})
		done := described(r, out.Line())
		done.Changed = true
		return done, err
	}).Predicting(r)
}

// described adds what is known of the file to a result.
func described(r module.Result, own string) module.Result {
	f := strings.Split(own, "|")
	if len(f) != 6 {
		return r
	}
	r.Data = r.Data.Clone()
	r = r.With("mode", "0"+f[0]).With("owner", f[3]).With("group", f[4]).With("state", "file")
	for key, text := range map[string]string{"uid": f[1], "gid": f[2], "size": f[5]} {
		if n, err := strconv.Atoi(text); err == nil {
			r = r.With(key, n)
		}
	}
	return r
}

func sameMode(has string, want uint64) bool {
	n, err := strconv.ParseUint(has, 8, 12)
	return err == nil && n == want
}

func (a deb822Args) remove(s deb822Sight, r module.Result) module.Plan {
	var steps []onhost.Step
	if s.own != "" {
		steps = append(steps, onhost.Do("rm", "-f", a.dest()))
	}
	for _, k := range []keyFile{s.asc, s.gpg} {
		if k.sum != "" {
			steps = append(steps, onhost.Do("rm", "-f", k.path))
		}
	}
	return onhost.Plan(r, steps)
}

// key settles what stands in Signed-By: a key behind a URL is fetched and gets a file.
func (a deb822Args) key(ctx context.Context, v module.View, s deb822Sight) (signed, file string, steps []onhost.Step, bad *module.Result) {
	switch {
	case a.SignedBy == nil:
		return "", "", nil, nil
	case s.signedByFile:
		return *a.SignedBy, *a.SignedBy, nil, nil
	case !isURL(*a.SignedBy):
		return *a.SignedBy, "", nil, nil
	}
	data, err := fetch(ctx, v, *a.SignedBy, verified)
	if err != nil {
		r := module.Fail("Could not fetch signed_by key: %v", err)
		return "", "", nil, &r
	}
	k := s.gpg
	if bytes.Contains(data, []byte("-----BEGIN PGP PUBLIC KEY BLOCK-----")) {
		k = s.asc
	}
	sum := sha256.Sum256(data)
	switch {
	case hex.EncodeToString(sum[:]) != k.sum:
		if s.keyrings != "755:0:0" {
			steps = append(steps, onhost.Do("install", "-d", "-m", "0755", "-o", "root", "-g", "root", keyrings))
		}
		step := onhost.Text(onhost.Write{Path: k.path, Text: string(data), Mode: 0o644, Force: true}, "")
		return k.path, k.path, append(steps, step), nil
	case k.mode != "644":
		return k.path, k.path, []onhost.Step{onhost.Do("chmod", "0644", k.path)}, nil
	}
	return k.path, k.path, nil, nil
}

// text is the file. Fields stand in the order of the arguments' names.
func (a deb822Args) text(signed string) string {
	var b strings.Builder
	field := func(name, val string) {
		switch {
		case val == "":
		case strings.Contains(val, "\n"):
			b.WriteString(name + ":\n")
			for l := range strings.Lines(strings.TrimSpace(val)) {
				if l = strings.TrimSpace(l); l == "" {
					l = "."
				}
				b.WriteString("    " + l + "\n")
			}
		default:
			b.WriteString(name + ": " + val + "\n")
		}
	}
	yes := func(name string, val *bool) {
		if val != nil {
			field(name, map[bool]string{true: "yes", false: "no"}[*val])
		}
	}
	list := func(name string, val []string) { field(name, strings.Join(val, " ")) }
	yes("Allow-Downgrade-To-Insecure", a.AllowDowngrade)
	yes("Allow-Insecure", a.AllowInsecure)
	yes("Allow-Weak", a.AllowWeak)
	list("Architectures", a.Architectures)
	yes("By-Hash", a.ByHash)
	yes("Check-Date", a.CheckDate)
	yes("Check-Valid-Until", a.CheckValidUntil)
	list("Components", a.Components)
	if a.DateMaxFuture != nil {
		field("Date-Max-Future", strconv.Itoa(*a.DateMaxFuture))
	}
	yes("Enabled", a.Enabled)
	if a.InReleasePath != nil {
		field("Inrelease-Path", *a.InReleasePath)
	}
	list("Languages", a.Languages)
	field("X-Repolib-Name", a.Name)
	yes("Pdiffs", a.PDiffs)
	field("Signed-By", signed)
	list("Suites", a.Suites)
	list("Targets", a.Targets)
	yes("Trusted", a.Trusted)
	list("Types", a.Types)
	list("URIs", a.URIs)
	return b.String()
}
