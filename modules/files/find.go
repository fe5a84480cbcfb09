package files

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Find lists files by name, age, size, type and content.
var Find = module.Define(module.Spec{
	Name:  "ansible.builtin.find",
	Doc:   "List files of the host by name, age, size, type and content.",
	Lacks: []string{"encoding"},
}, planFind)

type findArgs struct {
	Paths       []string `arg:"paths,required,alias=path|name,elements=path" doc:"The directories to look in."`
	Patterns    []string `arg:"patterns,alias=pattern" doc:"Names must match one of these, shell patterns or with use_regex regular expressions."`
	Excludes    []string `arg:"excludes,alias=exclude" doc:"Names must match none of these."`
	UseRegex    bool     `arg:"use_regex" doc:"Patterns and excludes are regular expressions."`
	FileType    string   `arg:"file_type,default=file,choices=any|directory|file|link" doc:"What to list."`
	Recurse     bool     `arg:"recurse" doc:"Look in the directories below, too."`
	Depth       *int     `arg:"depth" doc:"How many levels down to look; all if not given."`
	Hidden      bool     `arg:"hidden" doc:"List what begins with a point, too."`
	Follow      bool     `arg:"follow" doc:"Follow symbolic links to directories."`
	Age         string   `arg:"age" doc:"At least this old, in seconds or with s, m, h, d, w; negative: at most."`
	AgeStamp    string   `arg:"age_stamp,default=mtime,choices=atime|ctime|mtime" doc:"The time that counts for age."`
	Size        string   `arg:"size" doc:"At least this large, in bytes or with b, k, m, g, t; negative: at most."`
	Mode        *string  `arg:"mode,type=bits" doc:"Permissions, octal or symbolic."`
	ExactMode   bool     `arg:"exact_mode,default=true" doc:"The permissions must be these; if false, have one of their bits."`
	Contains    string   `arg:"contains" doc:"A regular expression that the beginning of a line must match."`
	WholeFile   bool     `arg:"read_whole_file" doc:"Look for contains in the whole text instead of at the beginning of lines."`
	GetChecksum bool     `arg:"get_checksum" doc:"Compute the checksum of each file."`
	Algorithm   string   `arg:"checksum_algorithm,alias=checksum|checksum_algo,default=sha1,choices=md5|sha1|sha224|sha256|sha384|sha512" doc:"How the checksum is computed."`
	Limit       int      `arg:"limit" doc:"Stop after so many."`
}

// findScript answers the time, then for each path its name, whether it is a directory, and the nodes below, each part ended by a NUL.
// depth and follow are set before.
const findScript = `export LC_ALL=C
date +%s
for p; do
	printf '\0%s\0' "$p"
	if [ -d "$p" ]; then
		printf 'y\0'
		find $follow "$p" -mindepth 1 $depth -exec stat -c '` + "\x01" + statFormat + `|%n' {} +
	else
		printf '\0'
	fi
done 2>/dev/null
exit 0
`

func planFind(ctx context.Context, v module.View, a findArgs) (module.Plan, error) {
	accept, err := a.filter()
	if err != nil {
		return module.Done(*err), nil
	}
	depth, follow := "-maxdepth 1", ""
	if a.Recurse {
		if depth = ""; a.Depth != nil {
			depth = fmt.Sprintf("-maxdepth %d", *a.Depth)
		}
	}
	if a.Follow {
		follow = "-L"
	}
	out, asked := v.Query(ctx, module.Script(fmt.Sprintf("# find\ndepth='%s' follow=%s\n%s", depth, follow, findScript), a.Paths))
	if asked != nil {
		return module.Plan{}, asked
	}
	listing, read := readFind(out.Stdout)
	if read != nil {
		return module.Plan{}, read
	}
	hits, full, asked := a.choose(ctx, v, listing, accept)
	if asked != nil {
		return module.Plan{}, asked
	}
	return a.answer(ctx, v, listing, hits, full)
}

// finding is what findScript has seen.
type finding struct {
	now     float64
	entries []entry // names are whole paths
	skipped *value.Map
}

func readFind(text string) (finding, error) {
	parts := strings.Split(text, "\x00")
	now, err := strconv.ParseFloat(strings.TrimSpace(parts[0]), 64)
	if err != nil || len(parts)%3 != 1 {
		return finding{}, fmt.Errorf("find answered %.100q", text)
	}
	f := finding{now: now, skipped: &value.Map{}}
	for i := 1; i < len(parts); i += 3 {
		if parts[i+1] == "" {
			f.skipped.Set(parts[i], fmt.Sprintf("'%s' is not a directory", parts[i]))
			continue
		}
		entries, err := parseListing(parts[i+2])
		if err != nil {
			return finding{}, err
		}
		f.entries = append(f.entries, inOrder(entries)...)
	}
	return f, nil
}

// inOrder puts what one directory holds together, files before directories, as a walk from the top does.
func inOrder(all []entry) []entry {
	var parents []string
	files, dirs := map[string][]entry{}, map[string][]entry{}
	for _, e := range all {
		p := parentOf(e.name)
		if len(files[p])+len(dirs[p]) == 0 {
			parents = append(parents, p)
		}
		if e.node.is(typeDirectory) {
			dirs[p] = append(dirs[p], e)
		} else {
			files[p] = append(files[p], e)
		}
	}
	out := make([]entry, 0, len(all))
	for _, p := range parents {
		out = append(append(out, files[p]...), dirs[p]...)
	}
	return out
}

// choose takes what the filter accepts, up to the limit; what a file holds is read only of those that are left.
func (a findArgs) choose(ctx context.Context, v module.View, f finding, accept func(entry, float64) (bool, error)) (hits []entry, full bool, err error) {
	for _, e := range f.entries {
		ok, err := accept(e, f.now)
		if err != nil {
			return nil, false, err
		}
		if ok {
			hits = append(hits, e)
		}
	}
	if a.Contains != "" {
		if hits, err = a.containing(ctx, v, hits); err != nil {
			return nil, false, err
		}
	}
	if a.Limit > 0 && len(hits) >= a.Limit {
		return hits[:a.Limit], true, nil
	}
	return hits, false, nil
}

func (a findArgs) answer(ctx context.Context, v module.View, f finding, hits []entry, full bool) (module.Plan, error) {
	sums := map[string]string{}
	if a.GetChecksum {
		var err error
		if sums, err = a.checksums(ctx, v, hits); err != nil {
			return module.Plan{}, err
		}
	}
	files := []any{}
	for _, e := range hits {
		m := e.node.statKeys(value.NewMap("path", e.name)).Set("pw_name", e.node.owner).Set("gr_name", e.node.group)
		if sum := sums[e.name]; sum != "" {
			m.Set("checksum", sum)
		}
		files = append(files, m)
	}
	msg := "All paths examined"
	r := module.Result{}
	switch {
	case full:
		msg = "Limit of matches reached"
	case f.skipped.Len() > 0:
		msg = "Not all paths examined, check warnings for details"
		for _, why := range f.skipped.All() {
			r.Warnings = append(r.Warnings, "Skipped: "+value.Str(why))
		}
	}
	return module.Done(r.With("files", files).With("matched", len(files)).With("examined", len(f.entries)).
		With("skipped_paths", f.skipped).With("msg", msg)), nil
}

// sumsScript prints the checksum of each path in its input, each ended by a NUL.
const sumsScript = `# checksums of many files
export LC_ALL=C` + lookFunction + `while IFS= read -r p; do say "$(sum_of "$1" "$p")"; done
`

// checksums asks for the checksum of each regular file; a name with a line end has none.
func (a findArgs) checksums(ctx context.Context, v module.View, hits []entry) (map[string]string, error) {
	var names []string
	for _, e := range hits {
		if e.node.is(typeRegular) && !strings.ContainsRune(e.name, '\n') {
			names = append(names, e.name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	out, err := v.Query(ctx, module.Cmd{Script: sumsScript, Args: []string{a.Algorithm}, Stdin: strings.NewReader(strings.Join(names, "\n") + "\n")})
	if err != nil {
		return nil, err
	}
	answers, sums := strings.Split(out.Stdout, "\x00"), map[string]string{}
	if len(answers) != len(names)+1 {
		return nil, fmt.Errorf("the checksums could not be computed: %s", strings.TrimSpace(out.Stderr))
	}
	for i, name := range names {
		sums[name] = answers[i]
	}
	return sums, nil
}

var (
	ageForm  = regexp.MustCompile(`^(-?\d+)([smhdw]?)$`)
	sizeForm = regexp.MustCompile(`^(-?\d+)([bkmgt]?)$`)
)

// amount reads a number with a unit.
func amount(form *regexp.Regexp, text string, units map[string]float64) (float64, bool) {
	m := form.FindStringSubmatch(strings.ToLower(text))
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(m[1], 64)
	return n * units[m[2]], err == nil
}
