package kubernetes

// The objects that a task of k8s means, from whichever argument they come.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// check refuses arguments that contradict each other, as Ansible does.
func (a k8sArgs) check() error {
	sources := 0
	for _, given := range []bool{a.Definition != nil, a.Src != "", a.Template != nil} {
		if given {
			sources++
		}
	}
	switch {
	case sources > 1:
		return errors.New("parameters are mutually exclusive: resource_definition|src|template")
	case a.Apply && (len(a.MergeType) > 0 || a.Force):
		return errors.New("parameters are mutually exclusive: apply|merge_type, apply|force")
	case a.Name != "" && a.GenerateName != "":
		return errors.New("parameters are mutually exclusive: name|generate_name")
	case a.DeleteAll && a.State == "absent" && a.Kind == "" && sources == 0:
		return errors.New("'kind' option is required to specify the resource type")
	}
	if err := suboptions("server_side_apply", a.ServerSideApply, "field_manager", "force_conflicts"); err != nil {
		return err
	}
	if a.ServerSideApply != nil && str(a.ServerSideApply, "field_manager") == "" {
		return errors.New("missing required arguments: field_manager found in server_side_apply")
	}
	if _, err := a.condition(""); err != nil {
		return err
	}
	return suboptions("delete_options", a.DeleteOptions, "gracePeriodSeconds", "propagationPolicy", "preconditions")
}

// definitions gathers the objects; what a definition leaves open is filled from the task's arguments, and a list kind gives its items.
func definitions(ctx context.Context, v module.View, a k8sArgs) ([]*value.Map, error) {
	var raw []any
	var err error
	switch {
	case a.Template != nil:
		raw, err = fromTemplates(v, a.Template)
	case a.Src != "":
		raw, err = fromSource(ctx, v, a.Src)
	case a.Definition != nil:
		raw, err = parse(v, a.Definition)
	default:
		raw = []any{&value.Map{}}
	}
	if err != nil {
		return nil, fmt.Errorf("Failed to load resource definition: %w", err) //nolint:staticcheck // Ansible's words
	}
	var out []*value.Map
	for _, one := range raw {
		m, ok := one.(*value.Map)
		if !ok {
			return nil, fmt.Errorf("Failed to load resource definition: %s is not a mapping", value.Repr(one)) //nolint:staticcheck // Ansible's words
		}
		out = append(out, a.complete(m)...)
	}
	return out, nil
}

// parse reads a definition: mappings as they are, text as YAML documents, empty documents left out.
func parse(v module.View, def any) ([]any, error) {
	switch x := def.(type) {
	case []any:
		var out []any
		for _, item := range x {
			more, err := parse(v, item)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	case string:
		s, err := v.Controller().Service(module.YAMLKey{})
		if err != nil {
			return nil, err
		}
		docs, err := s.(module.YAML).Docs(x)
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(docs, isEmpty), nil
	case nil:
		return nil, nil
	}
	return []any{def}, nil
}

func fromSource(ctx context.Context, v module.View, src string) ([]any, error) {
	if strings.Contains(src, "://") {
		text, err := fetch(ctx, v, src)
		if err != nil {
			return nil, err
		}
		return parse(v, text)
	}
	if module.IsLocal(v) {
		if name, err := v.Controller().Find("files", src); err == nil {
			data, err := fs.ReadFile(v.Controller().FS(), name)
			if err != nil {
				return nil, err
			}
			return parse(v, string(data))
		}
	}
	out, err := v.Query(ctx, module.Cmd{Argv: []string{"cat", src}})
	if err != nil {
		return nil, err
	}
	if out.Rc != 0 {
		return nil, errors.New(strings.TrimSpace(out.Stderr))
	}
	return parse(v, out.Stdout)
}

// maxManifest bounds what is fetched.
const maxManifest = 64 << 20

// fetch gets a manifest as the task's host sees the network.
func fetch(ctx context.Context, v module.View, address string) (string, error) {
	client := http.Client{Transport: &http.Transport{DialContext: v.Dial, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: the server answered %s", req.URL.Redacted(), resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxManifest+1))
	if err == nil && len(data) > maxManifest {
		err = fmt.Errorf("%s is larger than %d bytes", req.URL.Redacted(), maxManifest)
	}
	return string(data), err
}

// fromTemplates renders templates of the content and reads what comes out.
func fromTemplates(v module.View, t any) ([]any, error) {
	if list, ok := t.([]any); ok {
		var out []any
		for _, one := range list {
			more, err := fromTemplates(v, one)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	}
	text, err := templateText(v, t)
	if err != nil {
		return nil, err
	}
	rendered, err := v.Controller().Render(text)
	if err != nil {
		return nil, err
	}
	return parse(v, rendered)
}

func templateText(v module.View, t any) (module.TemplateText, error) {
	text := module.TemplateText{TrimBlocks: true}
	name, _ := t.(string)
	if m, ok := t.(*value.Map); ok {
		err := suboptions("template", m, "path", "newline_sequence", "block_start_string", "block_end_string",
			"variable_start_string", "variable_end_string", "trim_blocks", "lstrip_blocks")
		if err != nil {
			return text, err
		}
		name = str(m, "path")
		text.BlockStart, text.BlockEnd = str(m, "block_start_string"), str(m, "block_end_string")
		text.VarStart, text.VarEnd = str(m, "variable_start_string"), str(m, "variable_end_string")
		text.Newline = strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(str(m, "newline_sequence"))
		if m.Has("trim_blocks") {
			if text.TrimBlocks, err = boolOf(m, "trim_blocks"); err != nil {
				return text, err
			}
		}
		if text.LstripBlocks, err = boolOf(m, "lstrip_blocks"); err != nil {
			return text, err
		}
	}
	if name == "" {
		return text, errors.New("template: a path is needed")
	}
	found, err := v.Controller().Find("templates", name)
	if err != nil {
		return text, err
	}
	data, err := fs.ReadFile(v.Controller().FS(), found)
	text.Name, text.Text = path.Base(found), string(data)
	return text, err
}

// complete fills a definition from the arguments. A List gives its items.
func (a k8sArgs) complete(def *value.Map) []*value.Map {
	kind := str(def, "kind")
	if items, ok := def.Value("items").([]any); ok && strings.HasSuffix(kind, "List") {
		var out []*value.Map
		for _, item := range items {
			if m, ok := item.(*value.Map); ok {
				m = m.Clone()
				fill(m, "kind", strings.TrimSuffix(kind, "List"))
				fill(m, "apiVersion", str(def, "apiVersion"))
				out = append(out, a.complete(m)...)
			}
		}
		return out
	}
	out := def.Clone()
	fill(out, "kind", a.Kind)
	fill(out, "apiVersion", a.APIVersion)
	meta, _ := out.Value("metadata").(*value.Map)
	meta = meta.Clone()
	fill(meta, "namespace", a.Namespace)
	fill(meta, "name", a.Name)
	fill(meta, "generateName", a.GenerateName)
	out.Set("metadata", meta)
	return []*value.Map{out}
}

// fill sets a key that is missing, or empty, to a text that is not.
func fill(m *value.Map, key, text string) {
	if text != "" && (m.Value(key) == nil || m.Value(key) == "") {
		m.Set(key, text)
	}
}
