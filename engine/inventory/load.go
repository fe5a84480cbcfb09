package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// Options are what loading an inventory needs.
type Options struct {
	Tree   *source.Tree
	Lang   source.Language // makes templates of the texts in variables; nil: all text is plain
	Config *config.Config  // nil: Ansible's defaults
	// Script runs an executable inventory and returns what it prints on standard output and standard error. Nil: scripts are refused.
	Script func(path string, args ...string) (stdout, stderr []byte, err error)
	// ExtraVars are those of the command line, for plugins that ask for them.
	ExtraVars *value.Map
	// Late makes a source that cannot be read a warning, as in Ansible: the others, and what stood before the mistake, still count.
	Late bool
}

// defaultSource is the inventory of a machine on which nobody named one; it may be missing without a word.
const defaultSource = "/etc/ansible/hosts"

// Load reads inventories one after the other into one. Each source is a file, a folder or a list of hosts with a comma. What is wrong in
// files is an error; a source that is not there is a warning, as in Ansible, unless the configuration asks for more.
func Load(sources []string, o Options) (*Inventory, diag.List) {
	if o.Config == nil {
		o.Config = config.Default("/")
	}
	r := &reader{Options: o, inv: empty()}
	r.plugins = r.enabled()
	r.compileIgnored()
	parsed := false
	for _, s := range sources {
		parsed = r.source(s) || parsed
	}
	r.inv.sources = sources
	if !parsed {
		r.nothing()
	} else {
		r.inv.reconcile()
	}
	r.inv.settle()
	r.nameClashes()
	return r.inv, r.diags
}

// reader reads sources into an inventory.
type reader struct {
	Options
	inv     *Inventory
	diags   diag.List
	plugins []plugin
	ignored []*regexp.Regexp
	read    []string // the sources that were read so far
	named   bool     // the warning about odd group names has been given
}

func (r *reader) compileIgnored() {
	for _, p := range r.Config.IgnorePatterns {
		re, err := regexp.Compile(p)
		if err != nil {
			r.diags.Warnf(diag.Span{}, "the pattern %q of inventory files to ignore cannot be read: %v", p, err)
			continue
		}
		r.ignored = append(r.ignored, re)
	}
}

func (r *reader) nothing() {
	switch {
	case r.Config.UnparsedIsFailed && !r.diags.HasErrors():
		r.diags.Add(diag.Diagnostic{Summary: "no inventory was parsed", Missing: true})
	case r.Config.UnparsedWarning && !r.diags.HasErrors():
		r.diags.Warnf(diag.Span{}, "no inventory was parsed, only implicit localhost is available")
	}
}

// source reads one source and tells whether it gave anything.
func (r *reader) source(name string) bool {
	if name == "" {
		return false
	}
	f := &file{name: name}
	f.info, f.err = r.Tree.Stat(name)
	if f.err == nil && f.info.IsDir() {
		return r.folder(name)
	}
	if f.err == nil {
		f.name = r.Tree.Abs(name)
		f.data, f.err = r.Tree.ReadFile(f.name)
	}
	var locked *source.LockedError
	if errors.As(f.err, &locked) {
		r.diags.Add(locked.Diagnostic())
		return true
	}
	if r.parse(f) {
		r.read = append(r.read, name)
		return true
	}
	return false
}

// unparsed reports a source that nobody could read.
func (r *reader) unparsed(name string, why error) {
	if name == defaultSource && errors.Is(why, fs.ErrNotExist) {
		return
	}
	d := diag.Diagnostic{Severity: diag.Warning, Summary: fmt.Sprintf("unable to parse %s as an inventory source", name)}
	if errors.Is(why, fs.ErrNotExist) {
		d.Hint = "there is no such file; a list of hosts needs a comma: " + path.Base(name) + ","
	} else if why != nil {
		d.Hint = why.Error()
	}
	if r.Config.AnyUnparsedIsFailed {
		d.Severity, d.Missing = diag.Error, true
	}
	r.diags.Add(d)
}

// folder reads every inventory in a folder, in alphabetical order.
func (r *reader) folder(name string) bool {
	entries, err := r.Tree.ReadDir(name)
	if err != nil {
		r.unparsed(name, err)
		return false
	}
	parsed, wrong := false, r.diags.HasErrors()
	for _, e := range entries {
		if !r.ignores(e.Name()) {
			parsed = r.source(path.Join(name, e.Name())) || parsed
		}
	}
	if !parsed && wrong == r.diags.HasErrors() {
		r.unparsed(name, errors.New("no file in it is an inventory"))
	}
	return parsed
}

// ignores tells which names in a folder are no inventories.
func (r *reader) ignores(name string) bool {
	if strings.HasPrefix(name, ".") || name == "host_vars" || name == "group_vars" || name == "vars_plugins" {
		return true
	}
	for _, ext := range r.Config.IgnoreExtensions {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	for _, re := range r.ignored {
		if re.MatchString(name) {
			return true
		}
	}
	return false
}

// groupName checks the name of a group and gives the one to use.
func (r *reader) groupName(name string, at diag.Span) string {
	safe := safeName(name)
	if safe == name {
		return name
	}
	mode := r.Config.TransformGroupNames
	if mode != "ignore" && mode != "silently" && !r.named {
		r.named = true
		r.diags.Add(diag.Diagnostic{
			Severity: diag.Warning, Span: at,
			Summary: fmt.Sprintf("group %q has signs in its name that a variable name cannot have", name),
			Hint:    fmt.Sprintf("%q would be safe everywhere", safe),
		})
	}
	if mode == "always" || mode == "silently" {
		return safe
	}
	return name
}

var unsafeSign = regexp.MustCompile(`^[0-9]|[^\p{L}\p{N}_]`)

func safeName(name string) string { return unsafeSign.ReplaceAllString(name, "_") }

// nameClashes warns about names that are both a host's and a group's.
func (r *reader) nameClashes() {
	for _, g := range r.inv.groups {
		if h := r.inv.byHost[g.Name]; h != nil {
			r.diags.Warnf(diag.Span{Pos: diag.Pos{File: h.File}}, "found both group and host with same name: %s", g.Name)
		}
	}
}

// templates makes templates of the texts in a value. Values of inventories are the user's own words, so they may be templates.
func (r *reader) templates(v any, at func(offset int) diag.Pos) any {
	switch x := v.(type) {
	case string:
		if r.Lang == nil {
			return x
		}
		t, ds := r.Lang.Template(x, at)
		r.diags.Add(ds...)
		return t
	case []any:
		for i := range x {
			x[i] = r.templates(x[i], at)
		}
	case *value.Map:
		for k, item := range x.Clone().All() {
			x.Set(k, r.templates(item, at))
		}
	}
	return v
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
