// What unarchive does once it knows the archive and the directory.
package files

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// settle plans to unpack, to set attributes, or nothing.
func (a unarchiveArgs) settle(ctx context.Context, v module.View, from archive, seen unpacked) (module.Plan, error) {
	r := a.result(seen)
	var wrong []todo
	if !seen.differ {
		var err error
		if wrong, err = a.wrong(ctx, v, seen); err != nil {
			return refusal(err)
		}
		if len(wrong) == 0 {
			return module.Done(r), nil
		}
	}
	diff := module.Diff{After: strings.Join(seen.names, "\n") + "\n", AfterHeader: a.Src, BeforeHeader: seen.path}
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		r.Changed = true
		if seen.differ {
			if bad, err := a.unpack(ctx, h, from, seen, r); bad != nil || err != nil {
				return deref(bad), err
			}
			var err error
			if wrong, err = a.wrong(ctx, h, seen); err != nil {
				return answer(module.Result{}, err)
			}
		}
		return answer(r, apply(ctx, h, wrong))
	}).Predicting(r), nil
}

func refusal(err error) (module.Plan, error) {
	r, err := answer(module.Result{}, err)
	return module.Done(r), err
}

func deref(r *module.Result) module.Result {
	if r == nil {
		return module.Result{}
	}
	return *r
}

// result describes the directory and the archive.
func (a unarchiveArgs) result(seen unpacked) module.Result {
	data := seen.there.describe(value.NewMap("dest", seen.path, "handler", handler(seen.kind), "src", a.Src))
	if a.ListFiles {
		data.Set("files", value.From(seen.names))
	}
	return module.Result{Data: data}
}

// unpack runs tar or unzip; what it said goes into the result.
func (a unarchiveArgs) unpack(ctx context.Context, h module.Host, from archive, seen unpacked, r module.Result) (*module.Result, error) {
	opts := a.options(true)
	cmd := module.Script(unpackScript, []string{seen.path, from.onHost}, append([]string{seen.kind}, opts...)...)
	if from.open != nil {
		body, err := from.open()
		if err != nil {
			bad := module.Fail("%v", err)
			return &bad, nil
		}
		defer body.Close()
		cmd.Stdin = body
	}
	out, err := h.Exec(ctx, cmd)
	if err != nil {
		return nil, err
	}
	words := append([]string{"tar", "--extract", "-C", seen.path, seen.kind}, append(opts, "-f", a.Src)...)
	if seen.kind == "zip" {
		words = append([]string{"unzip", "-o"}, append(opts, a.Src, "-d", seen.path)...)
	}
	r.Data.Set("extract_results", value.NewMap("cmd", value.From(words), "rc", out.Rc, "out", out.Stdout, "err", out.Stderr))
	if out.Rc != 0 {
		bad := module.Fail("failed to unpack %s to %s: %s", a.Src, seen.path, strings.TrimSpace(out.Stderr))
		bad.Data = r.Data
		return &bad, nil
	}
	return nil, nil
}

// wrong finds the unpacked files whose attributes are not those that the task asks for.
func (a unarchiveArgs) wrong(ctx context.Context, v module.View, seen unpacked) ([]todo, error) {
	if a.Mode == nil && a.Owner == "" && a.Group == "" {
		return nil, nil
	}
	out, err := v.Query(ctx, module.Cmd{Script: treeScript, Args: []string{seen.path}, Stdin: strings.NewReader(strings.Join(seen.names, "\n") + "\n")})
	if err != nil {
		return nil, err
	}
	f := strings.Split(out.Stdout, "\x00")
	if len(f) != len(seen.names)*lookFields+1 {
		return nil, fmt.Errorf("the unpacked files could not be looked at: %s", strings.TrimSpace(out.Stderr))
	}
	var list []todo
	for i, name := range seen.names {
		s, err := parseFields(f[i*lookFields : (i+1)*lookFields])
		if err != nil {
			return nil, err
		}
		if s.here == nil {
			continue
		}
		s.uid, s.gid = seen.uid, seen.gid
		w, bad := a.want(s, s.here, 0, s.here.is(typeDirectory))
		if bad != nil {
			return nil, refused{bad.Msg}
		}
		if w.differs(s.here) {
			list = append(list, todo{path.Join(seen.path, name), s.here, w})
		}
	}
	return list, nil
}
