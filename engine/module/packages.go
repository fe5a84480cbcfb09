package module

import "github.com/drydock-dev/drydock/engine/value"

// PackageChange is one package that a plan would change, or that an Apply has changed.
type PackageChange struct {
	Name string
	Arch string // as the package system names it; empty: not known
	From string // the version so far; empty: not known, or not installed
	To   string // the version then; empty: it is removed
}

// Changing adds to a plan which packages it would change, for those who want to know beforehand.
func (p Plan) Changing(packages []PackageChange) Plan {
	p.packages = packages
	return p
}

// Packages are those that the plan would change, as far as its module says so.
func (p Plan) Packages() []PackageChange { return p.packages }

// Announcement is what is to be kept of a plan before it is carried out: its note, and under "packages" the packages that it would change.
func (p Plan) Announcement() *value.Map {
	if len(p.packages) == 0 {
		return p.note
	}
	note := &value.Map{}
	if p.note != nil {
		note = p.note.Clone()
	}
	note.Set("packages", PackageList(p.packages))
	return note
}

// PackageList is a list of changes as a value, which ReadPackages reads.
func PackageList(list []PackageChange) []any {
	out := make([]any, len(list))
	for i, c := range list {
		out[i] = value.NewMap("name", c.Name, "arch", c.Arch, "from", c.From, "to", c.To)
	}
	return out
}

// ReadPackages reads what PackageList has made; whatever is no such list has no packages.
func ReadPackages(v any) []PackageChange {
	list, _ := v.([]any)
	var out []PackageChange
	for _, one := range list {
		m, _ := one.(*value.Map)
		text := func(key string) string {
			if m == nil {
				return ""
			}
			s, _ := m.Value(key).(string)
			return s
		}
		if text("name") != "" {
			out = append(out, PackageChange{Name: text("name"), Arch: text("arch"), From: text("from"), To: text("to")})
		}
	}
	return out
}
