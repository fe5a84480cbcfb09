package program

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// This file holds what content takes from collections on the disk: roles and playbooks, by their full names or, where collections says so,
// by their short ones.

// qualified is a name in a collection: two words for the collection, perhaps folders, the last for what is meant.
var qualified = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*){2,}$`)

// splitName parts a qualified name into its collection, its folders and the rest.
func splitName(name string) (collection, folders, rest string, ok bool) {
	if !qualified.MatchString(name) {
		return "", "", "", false
	}
	parts := strings.Split(name, ".")
	last := len(parts) - 1
	return parts[0] + "." + parts[1], path.Join(parts[2:last]...), parts[last], true
}

// collectionPlaces are the folders that a collection may be in: beside the playbook, beside the project, in the configured ones.
func (p *pass) collectionPlaces(name, dir string) []string {
	below := path.Join("ansible_collections", strings.ReplaceAll(name, ".", "/"))
	var out []string
	for _, root := range append([]string{path.Join(dir, "collections"), p.Tree.Abs("collections")}, p.CollectionsPath...) {
		if path.Base(root) == "ansible_collections" { // written with the last folder, which Ansible forgives
			root = path.Dir(root)
		}
		if place := path.Join(p.Tree.Abs(root), below); !slices.Contains(out, place) {
			out = append(out, place)
		}
	}
	return out
}

// inCollection finds a folder of a collection: roles, playbooks. Searched are the places if there is none.
func (p *pass) inCollection(name, dir, folder string) (found string, searched []string) {
	for _, place := range p.collectionPlaces(name, dir) {
		if at := path.Join(place, folder); p.Tree.IsDir(at) {
			return at, nil
		}
		searched = append(searched, p.show(path.Join(place, folder)))
	}
	return "", searched
}

// roleAt is where a role was found, and under which name it goes.
type roleAt struct {
	dir        string // absolute; empty: there is none
	name       string // as people wrote it, without folders of a collection
	collection string // empty: it is in none
	searched   []string
}

// locate finds a role: in its collection, in those that are searched for short names, else in the folders of roles.
func (p *pass) locate(name string, sc scope) roleAt {
	at := roleAt{name: name}
	collections := sc.Collections
	rest := name
	if collection, folders, last, ok := splitName(name); ok {
		collections, rest = []string{collection}, path.Join(folders, last)
		at.name = last
	}
	for _, c := range collections {
		if c == "ansible.builtin" || c == "ansible.legacy" {
			continue
		}
		dir, searched := p.inCollection(c, sc.dir, path.Join("roles", rest))
		if dir != "" {
			return roleAt{dir: dir, name: at.name, collection: c}
		}
		at.searched = append(at.searched, searched...)
	}
	dir, byPath, searched := p.findRole(name, sc)
	if at.dir, at.name = dir, name; byPath {
		at.name = path.Base(dir)
	}
	at.searched = append(at.searched, searched...)
	return at
}

// fullName is the name of a role as it is shown: with its collection.
func (at roleAt) fullName() string {
	if at.collection == "" {
		return at.name
	}
	return at.collection + "." + at.name
}

// searching are the collections in which a role's own short names are looked for: the one it is in. What surrounds the role has no say; those
// of its meta come after.
func (at roleAt) searching() []string {
	if at.collection == "" {
		return []string{}
	}
	return []string{at.collection}
}

// collectionPlaybook finds the file of a playbook that is named by its collection, and the collection. Dir is where the name was written.
func (p *pass) collectionPlaybook(name, dir string) (file, collection string) {
	bare := strings.TrimSuffix(strings.TrimSuffix(name, ".yml"), ".yaml")
	collection, folders, last, ok := splitName(bare)
	if !ok || p.Tree.IsFile(path.Join(dir, name)) {
		return "", ""
	}
	at, _ := p.inCollection(collection, dir, path.Join("playbooks", folders))
	for _, ext := range []string{".yml", ".yaml"} {
		if file := path.Join(p.show(at), last+ext); at != "" && p.Tree.IsFile(file) {
			return file, collection
		}
	}
	return "", ""
}
