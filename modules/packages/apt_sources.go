package packages

// One line of sources.list: the module apt_repository.

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// AptRepository adds repositories to those of apt, and removes them.
var AptRepository = module.Define(module.Spec{
	Name: "ansible.builtin.apt_repository",
	Doc:  "Add or remove a repository of apt, as a line of sources.list or by ppa:OWNER/NAME.",
}, planAptRepository)

type aptRepositoryArgs struct {
	Repo          string  `arg:"repo,required" doc:"The line (deb [OPTIONS] URI SUITE COMPONENTS), or ppa:OWNER/NAME."`
	State         string  `arg:"state,default=present,choices=absent|present" doc:"Whether the repository is to be there."`
	Mode          *string `arg:"mode,type=bits" doc:"Mode of the file that a new line comes into, octal."`
	UpdateCache   bool    `arg:"update_cache,default=yes,alias=update-cache" doc:"Refresh the index of packages after a change; when that fails, the change is taken back."`
	UpdateRetries int     `arg:"update_cache_retries,default=5" doc:"How often the refresh is tried."`
	UpdateDelay   int     `arg:"update_cache_retry_max_delay,default=12" doc:"The longest pause between these tries, in seconds."`
	Filename      string  `arg:"filename" doc:"Name of the file, without .list; made of the line if not given."`
	InstallPython bool    `arg:"install_python_apt,default=yes" doc:"Has no effect: nothing has to be installed on the host."`
	ValidateCerts bool    `arg:"validate_certs,default=yes" doc:"Check the certificate of the server that knows the keys of a ppa."`
	Codename      string  `arg:"codename" doc:"Name of the release for a ppa; the host's own if not given."`
}

// sourceLine is a line of a sources file, taken apart.
type sourceLine struct {
	valid, enabled  bool
	source, comment string
}

// sourceFile is a sources file.
type sourceFile struct {
	path  string
	text  string // as it is
	lines []sourceLine
}

func parseSource(text string) sourceLine {
	l := sourceLine{enabled: true}
	text = strings.TrimSpace(text)
	if rest, off := strings.CutPrefix(text, "#"); off {
		l.enabled, text = false, rest
	}
	if i := strings.IndexByte(text, '#'); i > 0 {
		l.comment, text = strings.TrimSpace(text[i+1:]), text[:i]
	}
	l.source = strings.TrimSpace(text)
	if f := strings.Fields(l.source); len(f) > 0 && (f[0] == "deb" || f[0] == "deb-src") {
		l.valid, l.source = true, strings.Join(f, " ")
	}
	return l
}

// String is the line as it is written.
func (l sourceLine) String() string {
	s := l.source
	if !l.enabled {
		s = "# " + s
	}
	if l.comment != "" {
		s += " # " + l.comment
	}
	return s + "\n"
}

func (f sourceFile) String() string {
	var b strings.Builder
	for _, l := range f.lines {
		b.WriteString(l.String())
	}
	return b.String()
}

var (
	sourceOptions = regexp.MustCompile(`\[[^\]]+\]`)
	sourceScheme  = regexp.MustCompile(`\w+://`)
	notLetter     = regexp.MustCompile(`[^a-zA-Z0-9]+`)
)

// fileFor is the name of the file for a line that is new.
func (a aptRepositoryArgs) fileFor(line string) string {
	if a.Filename != "" {
		return a.Filename + ".list"
	}
	line = sourceScheme.ReplaceAllString(sourceOptions.ReplaceAllString(line, ""), "")
	for _, part := range strings.Fields(line) {
		if part == "deb" || part == "deb-src" {
			continue
		}
		if _, host, ok := strings.Cut(part, "@"); ok {
			part = host
		}
		return strings.Join(strings.Fields(notLetter.ReplaceAllString(part, " ")), "_") + ".list"
	}
	return "_.list"
}

// sourcesProbe answers apt-get, the codename, the folder of sources, which key tool there is, and then path and text of each file.
const sourcesProbe = `
command -v apt-get >/dev/null && say y || say n
[ -r /etc/os-release ] && . /etc/os-release
say "${UBUNTU_CODENAME:-${VERSION_CODENAME-}}"
main=/etc/apt/sources.list parts=/etc/apt/sources.list.d/
eval "$(apt-config shell main Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d 2>/dev/null)"
say "$main"; say "${parts%/}"
for f in "$main" "${parts%/}"/*.list; do
	[ -f "$f" ] && { say "$f"; give "$f"; }
done
exit 0`

// sourcesSight is what the host has.
type sourcesSight struct {
	codename, folder string
	files            []sourceFile
}

func planAptRepository(ctx context.Context, v module.View, a aptRepositoryArgs) (module.Plan, error) {
	if a.Repo == "" {
		return module.Done(module.Fail("Please set argument 'repo' to a non-empty value")), nil
	}
	line, name := a.Repo, ""
	ppa, isPPA := strings.CutPrefix(a.Repo, "ppa:")
	if l := parseSource(line); !isPPA && (!l.valid || !l.enabled) {
		return module.Done(module.Fail("Invalid repository string: %s", strings.TrimPrefix(strings.TrimSpace(line), "#"))), nil
	}
	mode, err := a.mode()
	if err != nil {
		return module.Done(module.Fail("mode must be in octal form: %s", *a.Mode)), nil
	}
	f, err := onhost.Look(ctx, v, onhost.Probe("look at the sources of apt", sourcesProbe, nil))
	if err != nil {
		return module.Plan{}, err
	}
	if f.Next() != "y" {
		return module.Done(module.Fail("Module apt_repository is not supported on target.")), nil
	}
	s := sourcesSight{codename: f.Next()}
	f.Next()
	s.folder = f.Next()
	for f.More() {
		path, text := f.Next(), f.File().Text
		one := sourceFile{path: path, text: text}
		for l := range strings.Lines(text) {
			one.lines = append(one.lines, parseSource(l))
		}
		s.files = append(s.files, one)
	}
	if err := f.Err(); err != nil {
		return module.Plan{}, err
	}
	var key func(context.Context, module.Host) (module.Result, error)
	if isPPA {
		if a.Codename == "" {
			a.Codename = s.codename
		}
		line = ppaLine(ppa, a.Codename)
		name = a.fileFor(a.Repo + "_" + a.Codename)
		key = func(ctx context.Context, h module.Host) (module.Result, error) {
			return importPPAKey(ctx, h, ppa, line, certificates(a.ValidateCerts))
		}
	}
	after := s.edit(a, parseSource(line).source, name)
	return a.plan(s, after, mode, key), nil
}

// edit brings the line in or out and returns the files as they are to be.
func (s sourcesSight) edit(a aptRepositoryArgs, source, name string) []sourceFile {
	out := make([]sourceFile, len(s.files))
	found := false
	for i, f := range s.files {
		out[i] = sourceFile{path: f.path, text: f.text}
		for _, l := range f.lines {
			if l.valid && l.source == source {
				if a.State == "absent" && l.enabled {
					continue
				}
				found = true
				l.enabled = l.enabled || a.State == "present"
			}
			out[i].lines = append(out[i].lines, l)
		}
	}
	if found || a.State == "absent" {
		return out
	}
	if name == "" {
		name = a.fileFor(source)
	}
	if !strings.Contains(name, "/") {
		name = s.folder + "/" + name
	}
	added := sourceLine{valid: true, enabled: true, source: source}
	for i := range out {
		if out[i].path == name {
			out[i].lines = append(out[i].lines, added)
			return out
		}
	}
	return append(out, sourceFile{path: name, lines: []sourceLine{added}})
}

// plan writes the files that differ. A file without lines is removed.
func (a aptRepositoryArgs) plan(s sourcesSight, after []sourceFile, mode fs.FileMode, key func(context.Context, module.Host) (module.Result, error)) module.Plan {
	var steps, undo []onhost.Step
	added, removed := []any{}, []any{}
	for i, f := range after {
		old, is := sourceFile{path: f.path}, i < len(s.files)
		if is {
			old = s.files[i]
		}
		switch {
		case old.String() == f.String():
		case f.String() == "":
			removed = append(removed, f.path)
			steps = append(steps, onhost.Do("rm", "-f", f.path))
			undo = append(undo, onhost.Text(onhost.Write{Path: f.path, Text: old.text}, ""))
		default:
			steps = append(steps, onhost.Text(onhost.Write{Path: f.path, Text: f.String(), Mode: mode, Dirs: true, Force: a.Mode != nil && len(f.lines) > len(old.lines)}, old.text))
			if is {
				undo = append(undo, onhost.Text(onhost.Write{Path: f.path, Text: old.text}, ""))
				continue
			}
			added = append(added, f.path)
			undo = append(undo, onhost.Do("rm", "-f", f.path))
		}
	}
	r := module.Result{}.With("repo", a.Repo).With("state", a.State).With("sources_added", added).With("sources_removed", removed)
	if len(steps) == 0 {
		return module.Done(r)
	}
	return module.Change(onhost.Foretell(steps), func(ctx context.Context, h module.Host) (module.Result, error) {
		if key != nil && a.State == "present" {
			if bad, err := key(ctx, h); err != nil || bad.Failed {
				return bad, err
			}
		}
		outs, failed, err := onhost.Carry(ctx, h, steps)
		switch {
		case err != nil:
			return module.Result{}, err
		case failed != nil:
			return takeBack(ctx, h, failed.Msg, undo[:len(outs)])
		}
		done := r
		done.Changed = true
		if !a.UpdateCache {
			return done, nil
		}
		return a.refresh(ctx, h, done, undo)
	}).Predicting(r)
}

func orFailed(r *module.Result) module.Result {
	if r == nil {
		return module.Result{}
	}
	return *r
}

// mode is that of the file that a new line comes into; 0: as new files are.
func (a aptRepositoryArgs) mode() (fs.FileMode, error) {
	if a.Mode == nil {
		return 0, nil
	}
	n, err := strconv.ParseUint(*a.Mode, 8, 12)
	return fs.FileMode(n), err
}

// refresh fetches the index; when that fails, the files are as they were again.
func (a aptRepositoryArgs) refresh(ctx context.Context, h module.Host, done module.Result, undo []onhost.Step) (module.Result, error) {
	j := &aptJob{args: aptArgs{UpdateCacheRetries: max(a.UpdateRetries-1, 0), UpdateCacheMaxDelay: a.UpdateDelay, LockTimeout: 60}, clock: module.ClockOf(h.Controller())}
	bad, err := j.refresh(ctx, h)
	if err != nil || !bad.Failed {
		return done, err
	}
	why := strings.TrimPrefix(bad.Msg, "Failed to update apt cache: ")
	return takeBack(ctx, h, fmt.Sprintf("Failed to update apt cache after %d retries: %s", a.UpdateRetries, why), undo)
}

// takeBack answers a failure: the files that were changed are as they were again.
func takeBack(ctx context.Context, h module.Host, why string, undo []onhost.Step) (module.Result, error) {
	if _, failed, err := onhost.Carry(ctx, h, undo); failed != nil || err != nil {
		if failed != nil {
			failed.Msg = why + ", and the change could not be taken back: " + failed.Msg
		}
		return orFailed(failed), err
	}
	return module.Fail("%s", why), nil
}

// ppaLine is the line that a ppa stands for.
func ppaLine(ppa, codename string) string {
	owner, name := splitPPA(ppa)
	return fmt.Sprintf("deb https://ppa.launchpadcontent.net/%s/%s/ubuntu %s main", owner, name, codename)
}

func splitPPA(ppa string) (owner, name string) {
	owner, name, ok := strings.Cut(ppa, "/")
	if !ok {
		name = "ppa"
	}
	return owner, name
}

//go:embed ppa_key.sh
var ppaKey string

// importPPAKey asks Launchpad for the key of a ppa and has the host fetch it.
func importPPAKey(ctx context.Context, h module.Host, ppa, line string, check certificates) (module.Result, error) {
	owner, name := splitPPA(ppa)
	data, err := fetch(ctx, h, fmt.Sprintf("https://api.launchpad.net/1.0/~%s/+archive/%s", owner, name), check)
	if err != nil {
		return module.Fail("failed to fetch PPA information, error was: %v", err), nil
	}
	var info struct {
		Key string `json:"signing_key_fingerprint"`
	}
	if err := json.Unmarshal(data, &info); err != nil || info.Key == "" {
		return module.Fail("failed to fetch PPA information, error was: no signing key in the answer"), nil
	}
	file := strings.ReplaceAll(line[strings.LastIndexByte(line, '/')+1:], " ", "-") + "-" + owner + "-" + name + ".gpg"
	out, err := h.Exec(ctx, module.Cmd{Script: ppaKey, Args: []string{info.Key, file}})
	if err != nil || out.Rc == 0 {
		return module.Result{}, err
	}
	return module.Fail("Unable to get required signing key").With("rc", out.Rc).With("stderr", out.Stderr), nil
}
