// The recurse of file: the same attributes for all that a directory holds.
package files

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// todo is a path whose attributes differ.
type todo struct {
	path   string
	node   *node
	access access
}

// recurse finds what differs below a directory, in the listing that fileScript brought home.
func (a fileArgs) recurse(s fileSight, root string) ([]todo, *module.Result, error) {
	entries, err := parseListing(s.content)
	if err != nil {
		return nil, nil, err
	}
	var out []todo
	for _, e := range entries {
		w, bad := a.want(s.state, e.node, 0, e.node.is(typeDirectory))
		if bad != nil {
			return nil, bad, nil
		}
		if !w.differs(e.node) {
			continue
		}
		at := path.Join(root, e.name)
		if strings.ContainsRune(at, '\n') {
			return nil, nil, fmt.Errorf("the attributes of %q cannot be set: a line end in its name", at)
		}
		out = append(out, todo{at, e.node, w})
	}
	return out, nil, nil
}

// entry is one line of a listing.
type entry struct {
	name string
	node *node
}

// parseListing reads nodes that each begin with the character 1 and end with their name.
func parseListing(text string) ([]entry, error) {
	var out []entry
	for _, rec := range strings.Split(text, "\x01")[1:] {
		rec = strings.TrimSuffix(rec, "\n")
		cut := nth(rec, '|', strings.Count(statFormat, "|")+1)
		if cut < 0 {
			return nil, fmt.Errorf("stat answered %q", rec)
		}
		n, err := parseNode(rec[:cut])
		if err != nil {
			return nil, err
		}
		out = append(out, entry{rec[cut+1:], n})
	}
	return out, nil
}

// nth is where the n-th c stands, -1 if there are fewer.
func nth(s string, c byte, n int) int {
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}

// describe adds the paths below to the two sides of a diff.
func describe(below []todo, before, after *value.Map) {
	if len(below) == 0 {
		return
	}
	b, a := &value.Map{}, &value.Map{}
	for _, t := range below {
		was, is := &value.Map{}, &value.Map{}
		t.access.diff(t.node, was, is)
		b.Set(t.path, was)
		a.Set(t.path, is)
	}
	before.Set("below", b)
	after.Set("below", a)
}

// applyScript reads lines of owners, mode and path; - stands for owners that stay.
const applyScript = `# set attributes of many
while read -r owners mode p; do
	h=
	[ -L "$p" ] && h=-h
	[ "$owners" = - ] || chown $h "$owners" "$p" || exit 1
	[ -L "$p" ] || chmod "$mode" "$p" || exit 1
done
`

// apply sets attributes of many paths in one round trip.
func apply(ctx context.Context, h module.Host, all []todo) error {
	if len(all) == 0 {
		return nil
	}
	var lines strings.Builder
	for _, t := range all {
		owners := t.access.owners()
		if owners == "" {
			owners = "-"
		}
		fmt.Fprintf(&lines, "%s %s %s\n", owners, octal(t.access.mode), t.path)
	}
	out, err := h.Exec(ctx, module.Cmd{Script: applyScript, Stdin: strings.NewReader(lines.String())})
	if err == nil && out.Rc != 0 {
		return refused{"could not set attributes: " + strings.TrimSpace(out.Stderr)}
	}
	return err
}
