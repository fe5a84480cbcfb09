package vars

import (
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/value"
)

// Said is one place that gives a variable a value.
type Said struct {
	By    string   // in words: "group_vars of web"
	At    diag.Pos // the place in a file; invalid where none is known
	Value any      // as written: templates are not evaluated
}

// Trails are the variables of a host that hold in every play (see HostAll), in the order in which they were met: by name the places that give
// each a value, the strongest first. Variables that only say which host this is are not among them.
func (s *Store) Trails(host, dir string) (names []string, trails map[string][]Said) {
	trails = map[string][]Said{}
	layers := inventoryLayers(s.inv, s.files(dir), host).layers
	for _, l := range append(layers, layer{name: "extra vars (-e)", vars: s.options.ExtraVars}) {
		if l.name == magicLayer {
			continue
		}
		for k, v := range l.vars.All() {
			name := value.Str(k)
			if trails[name] == nil {
				names = append(names, name)
			}
			trails[name] = append([]Said{{l.name, l.at[name], v}}, trails[name]...)
		}
	}
	return names, trails
}
