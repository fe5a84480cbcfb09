package program

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// This file holds where files and roles are looked for: Ansible's order.

// findTasks finds the file that an include or import names. A dynamic include in a role looks in the role's tasks first, a static one beside
// the file it stands in. Searched are the places if there is none.
func (p *pass) findTasks(name string, t *Task, sc scope, static bool) (found string, searched []string) {
	if path.IsAbs(name) {
		return p.firstFile([]string{path.Clean(name)})
	}
	beside := path.Join(t.Include.Dir, name)
	var places []string
	if sc.role != nil {
		inRole := []string{path.Join(p.show(sc.role.Path), "tasks", name), path.Join(p.show(sc.role.Path), name)}
		if t.Handler {
			inRole = append([]string{path.Join(p.show(sc.role.Path), "handlers", name)}, inRole...)
		}
		if static {
			places = append([]string{beside}, inRole...)
		} else {
			places = append(inRole, beside)
		}
	} else {
		places = []string{beside}
	}
	return p.firstFile(append(places, path.Join(p.show(sc.dir), name)))
}

func (p *pass) firstFile(places []string) (found string, searched []string) {
	for _, place := range places {
		if slices.Contains(searched, place) {
			continue
		}
		if p.Tree.IsFile(place) {
			return place, nil
		}
		searched = append(searched, place)
	}
	return "", searched
}

// show is a path as people wrote it: relative to the root where it lies below it.
func (c *Compiler) show(abs string) string {
	if rest, ok := strings.CutPrefix(abs, strings.TrimSuffix(c.Tree.Root(), "/")+"/"); ok {
		return rest
	}
	if abs == c.Tree.Root() {
		return "."
	}
	return abs
}

// findRole finds the folder of a role, absolute: beside the playbook, in the configured folders, beside the role that needs it, among the
// shipped ones, or by its path, which is told.
func (p *pass) findRole(name string, sc scope) (found string, byPath bool, searched []string) {
	var places []string
	if !path.IsAbs(name) {
		places = append(places, path.Join(sc.dir, "roles", name))
		for _, dir := range p.RolesPath {
			places = append(places, path.Join(p.Tree.Abs(dir), name))
		}
		if sc.role != nil {
			places = append(places, path.Join(path.Dir(sc.role.Path), name))
		}
		places = append(places, p.Tree.Abs(path.Join("roles", name)), path.Join(sc.dir, name))
	}
	places = append(places, p.Tree.Abs(name))
	for i, place := range places {
		if slices.Contains(searched, p.show(place)) {
			continue
		}
		if p.Tree.IsDir(place) {
			return place, i == len(places)-1, nil
		}
		searched = append(searched, p.show(place))
	}
	return "", false, searched
}

// extensions of the files of a role, in the order they are looked for.
var extensions = []string{".yml", ".yaml", ".json", ""}

// roleFile finds a file of a role by its name without extension, in one of its folders. Names with an extension are taken as they are, too.
// One outside of the folder is reported, at the place that named it.
func (p *pass) roleFile(role *Role, folder, name string, at diag.Span) (string, bool) {
	dir := path.Join(p.show(role.Path), folder)
	for _, ext := range extensions {
		file := path.Join(dir, name+ext)
		if path.IsAbs(name) {
			file = path.Clean(name + ext)
		}
		if !p.Tree.IsFile(file) {
			continue
		}
		if !strings.HasPrefix(p.Tree.Abs(file), p.Tree.Abs(dir)+"/") {
			p.ds.Addf(at, "Failed loading '%s' for role (%s) as it is not inside the expected role path: '%s'", p.Tree.Abs(file), role.Name, p.Tree.Abs(dir))
			return "", false
		}
		return file, true
	}
	return "", false
}
