package module

// PackageChange is one package that a plan would change.
type PackageChange struct {
	Name string
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
