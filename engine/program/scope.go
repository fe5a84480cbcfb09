package program

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// scope is the surroundings in which nodes are placed.
type scope struct {
	inherited
	play   *Play // nil at run time
	role   *Role
	file   string       // that holds the nodes
	dir    string       // playbook_dir
	from   diag.Pos     // of what brought the file in
	over   []string     // the files and roles that are being brought in, outermost first: a second time is a loop
	depth  int          // how many dynamic includes are around
	around []any        // conditions of what surrounds the role that is used, and
	chain  []any        // those of its use and of the uses of roles that depend on it, which are asked first
	vars   []*value.Map // known at load, weakest first: what names of imported files are made of
}

// note says where a mistake was met, for the foot of a diagnostic.
func (sc scope) note(task string) string {
	var parts []string
	if task != "" {
		parts = append(parts, fmt.Sprintf("task %q", task))
	}
	if sc.role != nil {
		parts = append(parts, "role "+sc.role.Name)
	}
	if sc.from.IsValid() {
		parts = append(parts, "from "+sc.from.String())
	}
	return strings.Join(parts, ", ")
}

// into is the scope of what a file or role brings in. False: it is being brought in already.
func (sc scope) into(name string, from diag.Pos) (scope, bool) {
	if slices.Contains(sc.over, name) {
		return sc, false
	}
	sc.over = append(slices.Clip(sc.over), name)
	sc.from = from
	return sc, true
}

// conditions puts the conditions of a role's use in Ansible's order: those of the roles that depend on it, its own, then those around an include.
func (sc *scope) conditions(own []any, outer scope, role *Role) {
	switch {
	case role.Dependency:
		sc.chain = join(outer.chain, own)
	case outer.role != nil || len(own) == 0: // an include, which has no conditions of its own here
		sc.around, sc.chain = outer.When, own
	default:
		sc.around, sc.chain = nil, join(outer.When, own)
	}
	sc.When = join(sc.chain, sc.around)
}

// knowing adds variables that are known at load.
func (sc scope) knowing(vars ...*value.Map) scope {
	sc.vars = append(slices.Clip(sc.vars), vars...)
	return sc
}

// loadEnv answers templates that must be known before any host is: names of imported files and roles.
type loadEnv struct {
	vars  []*value.Map // the last one wins
	magic *value.Map
}

// Lookup implements jinja.Env.
func (e *loadEnv) Lookup(name string) (any, bool, error) {
	for _, m := range slices.Backward(e.vars) {
		if v, ok := m.Get(name); ok {
			return v, true, nil
		}
	}
	v, ok := e.magic.Get(name)
	return v, ok, nil
}

func (p *pass) loadEnv(sc scope) *loadEnv {
	magic := value.NewMap("playbook_dir", sc.dir, "omit", value.Omit{})
	env := &loadEnv{vars: slices.Clone(sc.vars), magic: magic}
	if r := sc.role; r != nil {
		magic.Set("role_name", r.Short)
		magic.Set("ansible_role_name", r.Name)
		magic.Set("role_path", r.Path)
	}
	if sc.file != "" {
		magic.Set("ansible_search_path", []any{path.Dir(p.Tree.Abs(sc.file)), sc.dir})
	}
	env.vars = append(env.vars, p.ExtraVars)
	return env
}
