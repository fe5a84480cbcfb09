package program

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/source"
)

// This file holds the reading of content only to tell what is in it: everything is compiled that can be, whether a play uses it or not,
// and no mistake ends it.

// Survey is what content consists of.
type Survey struct {
	Playbooks, Roles, Files []string // as people name them; Files are those that no playbook or role brought in
	Tasks                   []Sighting
}

// Sighting is one task, once, however often it is used.
type Sighting struct {
	Pos     diag.Pos
	Name    string // as written; empty: it has none
	Action  string // as written
	Refused bool   // something is wrong in it besides a file or a role that is missing
	Lacks   []string
}

// sights collects the tasks as they are lowered, and where else something begins, so that a mistake there is not taken for a task's.
type sights struct {
	tasks  map[diag.Pos]Sighting
	others map[diag.Pos]bool
}

func (lw *lowering) sees(at diag.Pos, action string) {
	if lw.sights == nil {
		return
	}
	if action == "" {
		lw.sights.others[at] = true
		return
	}
	lw.sights.tasks[at] = Sighting{Pos: at, Name: lw.task, Action: action}
}

// Lint compiles what paths name: playbooks, files of tasks or of variables, roles, and folders with any of these. Without paths it is the root of
// the tree. Names that cannot be known before a run are passed over. Folders are looked through on disk alone, which has nothing of what is shipped.
func (c *Compiler) Lint(disk *source.Tree, paths []string) (*Survey, diag.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sights = &sights{map[diag.Pos]Sighting{}, map[diag.Pos]bool{}}
	defer func() { c.sights = nil }()
	p := newPass(c)
	s := &Survey{}
	f := &finder{pass: p, disk: disk, survey: s}
	for _, name := range paths {
		f.add(name)
	}
	f.compile()
	ds := distinct(p.ds.Sorted())
	s.Tasks = c.sights.judged(ds)
	return s, grouped(ds)
}

// distinct drops what was said of the same place before: a playbook may be read on its own and as another's import.
func distinct(ds diag.List) diag.List {
	seen := map[string]bool{}
	return slices.DeleteFunc(ds, func(d diag.Diagnostic) bool {
		key := d.Error()
		again := seen[key]
		seen[key] = true
		return again
	})
}

// judged are the tasks by place, with what is wrong in each: a mistake belongs to the last task that begins before it.
func (s *sights) judged(ds diag.List) []Sighting {
	var all []Sighting
	for _, t := range s.tasks {
		all = append(all, t)
	}
	begins := make([]diag.Pos, 0, len(all)+len(s.others))
	for at := range s.others {
		begins = append(begins, at)
	}
	for _, t := range all {
		begins = append(begins, t.Pos)
	}
	slices.SortFunc(begins, comparePos)
	wrong := map[diag.Pos][]diag.Diagnostic{}
	for _, d := range ds {
		i := sort.Search(len(begins), func(i int) bool { return comparePos(begins[i], d.Span.Pos) > 0 })
		if i > 0 && begins[i-1].File == d.Span.File && d.Severity == diag.Error && !d.Missing {
			wrong[begins[i-1]] = append(wrong[begins[i-1]], d)
		}
	}
	for i := range all {
		for _, d := range wrong[all[i].Pos] {
			all[i].Refused = true
			if d.Lacks != "" {
				all[i].Lacks = append(all[i].Lacks, d.Lacks)
			}
		}
	}
	slices.SortFunc(all, func(a, b Sighting) int { return comparePos(a.Pos, b.Pos) })
	return all
}

func comparePos(a, b diag.Pos) int {
	if n := strings.Compare(a.File, b.File); n != 0 {
		return n
	}
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Col - b.Col
}

// compile compiles what was found: playbooks first, as they say how roles are used, then roles and files that none of them used.
func (f *finder) compile() {
	roots := map[string]bool{}
	for _, dir := range f.roles {
		roots[path.Dir(dir)] = true
	}
	for dir := range roots {
		f.RolesPath = append(f.RolesPath, dir)
	}
	slices.Sort(f.RolesPath[len(f.RolesPath)-len(roots):])
	for _, dir := range f.roles {
		f.addContent(dir)
	}
	for _, name := range f.playbooks {
		f.survey.Playbooks = append(f.survey.Playbooks, name)
		f.playbook(name, diag.Span{}, importing{})
	}
	for _, dir := range f.roles {
		f.survey.Roles = append(f.survey.Roles, f.show(dir))
		f.role(dir)
	}
	for _, name := range f.files {
		f.survey.Files = append(f.survey.Files, name)
		f.looseTasks(name, nil, path.Dir(f.Tree.Abs(name)))
	}
	for _, name := range f.vars {
		f.varsOf(name, diag.Span{Pos: diag.Pos{File: name}}, scope{})
	}
	for _, name := range f.templates {
		f.template(name)
	}
}

// role compiles a role as a play would use it, then the files of it that nothing names literally.
func (f *finder) role(dir string) {
	play := &Play{Dir: path.Dir(dir)}
	sc := scope{dir: path.Dir(dir), play: play}
	f.checking++
	defer func() { f.checking-- }()
	used := f.useRole(roleUse{name: dir, at: diag.Span{Pos: diag.Pos{File: f.show(dir)}}, pos: diag.Pos{File: f.show(dir)}}, sc)
	for _, folder := range []string{"tasks", "handlers"} {
		for _, name := range f.below(path.Join(f.show(dir), folder), isYAML) {
			f.looseTasks(name, used.role, dir)
		}
	}
	for _, folder := range []string{"defaults", "vars"} {
		for _, name := range f.below(path.Join(f.show(dir), folder), isYAML) {
			f.varsOf(name, diag.Span{Pos: diag.Pos{File: name}}, sc)
		}
	}
}

// looseTasks compiles a file of tasks that nothing may have named.
func (f *finder) looseTasks(name string, role *Role, dir string) {
	handlers := path.Base(path.Dir(name)) == "handlers"
	if f.Compiler.files[fileKey{f.Tree.Abs(name), handlers}] != nil {
		return
	}
	sc := scope{file: name, dir: dir, role: role, play: &Play{Dir: dir}, over: []string{f.Tree.Abs(name)}}
	if role != nil {
		sc = sc.knowing(role.Defaults, role.Vars)
	}
	f.checking++
	f.place(f.tasksFile(name, handlers, diag.Span{}, sc).nodes, sc)
	f.checking--
}

// template parses the text of a template file.
func (f *finder) template(name string) {
	data, err := f.Tree.ReadFile(name)
	if err != nil || !strings.Contains(string(data), "{") {
		return
	}
	src := jinja.Source{Text: string(data), At: source.Places(name, string(data))}
	_, ds := f.Lang.ParseFile(src, jinja.FileOptions{TrimBlocks: true})
	for _, d := range ds {
		if d.Lacks != "" { // other mistakes may be another program's template
			d.Severity = diag.Warning
			f.ds.Add(d)
		}
	}
}
