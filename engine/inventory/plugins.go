package inventory

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
)

// This file knows the kinds of sources, under the names that Ansible has for the plugins that read them: [inventory] enable_plugins says which are
// tried, in which order. The first that takes a source and makes no mistake has read it.

// file is one source that is no folder.
type file struct {
	name string // absolute; as given if there is no such file
	info fs.FileInfo
	data []byte
	err  error // why it could not be read
}

func (f *file) dir() string     { return path.Dir(f.name) }
func (f *file) span() diag.Span { return diag.Span{Pos: diag.Pos{File: f.name}} }
func (f *file) missing() bool   { return errors.Is(f.err, fs.ErrNotExist) }

// plugin reads one kind of source.
type plugin struct {
	name  string
	takes func(r *reader, f *file) bool
	parse func(r *reader, f *file) // mistakes go to r.diags
}

// builtin are the plugins that are there, by name. (A function: the plugin auto is among them and looks into them.)
func builtin() []plugin {
	return []plugin{
		{"host_list", isList, func(r *reader, f *file) { r.hostList(f.name, false) }},
		{"advanced_host_list", isList, func(r *reader, f *file) { r.hostList(f.name, true) }},
		{"script", isScript, func(r *reader, f *file) { r.script(f.name) }},
		{"auto", isAuto, (*reader).auto},
		{"yaml", isYAML, (*reader).yaml},
		{"ini", isINI, func(r *reader, f *file) { r.readINI(f.name, f.dir(), f.data) }},
		{"toml", isTOML, (*reader).toml},
		{"constructed", isPluginConfig, (*reader).constructed},
		{"generator", isPluginConfig, (*reader).generator},
	}
}

func pluginNamed(name string) (plugin, bool) {
	name = strings.TrimPrefix(name, "ansible.builtin.")
	for _, p := range builtin() {
		if p.name == name {
			return p, true
		}
	}
	return plugin{}, false
}

// enabled are the plugins to try. Names that stand for nothing were warned about when the configuration was read.
func (r *reader) enabled() []plugin {
	var out []plugin
	for _, name := range r.Config.InventoryPlugins {
		if p, ok := pluginNamed(name); ok {
			out = append(out, p)
		}
	}
	return out
}

func isList(r *reader, f *file) bool { return f.missing() && strings.Contains(f.name, ",") }

// isScript tells whether a file that may be executed is meant to be: many an inventory of plain text came from a file system that sets
// the bit on everything.
func isScript(r *reader, f *file) bool {
	return f.err == nil && f.info.Mode()&0o111 != 0 && (strings.HasPrefix(string(f.data), "#!") || strings.HasPrefix(string(f.data), "\x7fELF"))
}

func isAuto(r *reader, f *file) bool {
	ext := path.Ext(f.name)
	return f.err == nil && (ext == ".yml" || ext == ".yaml")
}

func isYAML(r *reader, f *file) bool {
	ext := path.Ext(f.name)
	return f.err == nil && (ext == "" || contains(r.Config.YAMLExtensions, ext))
}

func isINI(r *reader, f *file) bool { return f.err == nil && path.Ext(f.name) != ".toml" }

func isTOML(r *reader, f *file) bool { return f.err == nil && path.Ext(f.name) == ".toml" }

func isPluginConfig(r *reader, f *file) bool {
	return isYAML(r, f) || f.err == nil && path.Ext(f.name) == ".config"
}

// failure is what a plugin found wrong with a source.
type failure struct {
	plugin string
	diags  diag.List
}

// parse lets the plugins try a source, and reports it if none can read it.
func (r *reader) parse(f *file) bool {
	var failures []failure
	before := r.diags
	for _, p := range r.plugins {
		if !p.takes(r, f) {
			continue
		}
		r.diags = nil
		p.parse(r, f)
		if !r.diags.HasErrors() {
			r.diags = append(before, r.diags...)
			return true
		}
		failures = append(failures, failure{p.name, r.diags})
		if !r.Late && (p.name == "script" || p.name == "yaml" && looksLikeYAML(f.data)) {
			break // what it is, is clear, and so is that it is wrong
		}
	}
	r.diags = before
	r.explain(f, failures)
	return false
}

// ended tells whether a plugin stops reading: late, its first mistake is the end.
func (r *reader) ended() bool { return r.Late && r.diags.HasErrors() }

// explain says why nobody could read a source. When mistakes are found late, each plugin's first is a warning; else the mistakes of the
// plugin that the source was most likely meant for are errors.
func (r *reader) explain(f *file, failures []failure) {
	if r.Late || failures == nil {
		for _, x := range failures {
			d := firstError(x.diags)
			d.Severity, d.Summary = diag.Warning, fmt.Sprintf("failed to parse inventory with '%s' plugin: %s", x.plugin, d.Summary)
			r.diags.Add(d)
		}
		r.unparsed(f.name, f.err)
		return
	}
	r.diags.Add(meant(f, failures).diags...)
}

func firstError(ds diag.List) diag.Diagnostic {
	for _, d := range ds {
		if d.Severity == diag.Error {
			return d
		}
	}
	return diag.Diagnostic{}
}

// meant picks the plugin that a source was most likely written for.
func meant(f *file, failures []failure) failure {
	by := map[string]failure{}
	for _, x := range failures {
		by[x.plugin] = x
	}
	order := []string{"ini", "yaml"}
	switch {
	case by["script"].diags != nil:
		order = []string{"script"}
	case pluginOf(f) != "":
		order = []string{"auto", "constructed", "generator", "yaml"}
	case path.Ext(f.name) != "" && by["yaml"].diags != nil, looksLikeYAML(f.data):
		order = []string{"yaml", "ini"}
	}
	for _, name := range order {
		if x, ok := by[name]; ok {
			return x
		}
	}
	return failures[0]
}

// pluginOf is the plugin that a configuration in YAML names, "" for what is none.
func pluginOf(f *file) string {
	root, _ := source.One(f.name, f.data)
	if root.Kind != source.Mapping {
		return ""
	}
	if p := root.Get("plugin"); p != nil {
		return p.Text
	}
	return ""
}

// looksLikeYAML tells whether a text without a telling name was meant as YAML: its first line opens a document or a mapping, in the way of JSON maybe.
func looksLikeYAML(data []byte) bool {
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		return line == "---" || strings.HasPrefix(line, "{") || strings.HasSuffix(line, ":") && !strings.HasPrefix(line, "[")
	}
	return false
}

// hostList reads hosts given on the command line: "web1,web2:2222,"; with ranges, also "web[1:3],".
func (r *reader) hostList(list string, ranges bool) {
	for _, entry := range strings.Split(list, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		hosts, port := []string{entry}, 0
		h, p, ok := parseAddress(entry)
		switch {
		case ok && ranges:
			hosts, port = []string{h}, p
			if all, err := expandRanges(h); err == nil {
				hosts = all
			}
		case ok && !strings.Contains(h, "["):
			hosts, port = []string{h}, p
		}
		for _, host := range hosts {
			if r.inv.byHost[host] == nil {
				r.inv.addHost(host, r.inv.byGroup[Ungrouped], port, list, "")
			}
		}
	}
}

// yaml reads an inventory in YAML or JSON.
func (r *reader) yaml(f *file) {
	root, ds := source.One(f.name, f.data)
	r.diags.Add(ds...)
	if !ds.HasErrors() {
		r.readYAML(f.name, f.dir(), root)
	}
}

// auto reads the configuration of a plugin by handing it to that plugin.
func (r *reader) auto(f *file) {
	root, ds := source.One(f.name, f.data)
	r.diags.Add(ds...)
	if ds.HasErrors() {
		return
	}
	var at *source.Node
	if root.Kind == source.Mapping {
		at = root.Get("plugin")
	}
	if at == nil || at.Text == "" {
		r.diags.Addf(root.Span(), "no root 'plugin' key found, this is no configuration of an inventory plugin")
		return
	}
	p, ok := pluginNamed(at.Text)
	if !ok {
		r.diags.Add(diag.Diagnostic{
			Summary: fmt.Sprintf("inventory plugin %s is not built in; constructed and generator are", at.Text), Span: at.Span(),
			Hint: "write its answer to a file: ansible-inventory --list -y --export",
		})
		return
	}
	if !p.takes(r, f) {
		r.diags.Addf(at.Span(), "the inventory plugin %s does not read files of this name", at.Text)
		return
	}
	p.parse(r, f)
}
