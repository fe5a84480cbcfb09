package ansible

import (
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Tests of paths on the controller.

func (a *extension) addFileTests(l *jinja.Language) {
	mode := func(holds func(fs.FileMode) bool) jinja.Func {
		return pathTest(func(p string) bool {
			info, err := a.stat(p)
			return err == nil && holds(info.Mode())
		})
	}
	link := pathTest(func(p string) bool {
		info, err := a.lstat(p)
		return err == nil && info.Mode()&fs.ModeSymlink != 0
	})
	exists := mode(func(fs.FileMode) bool { return true })
	linkExists := pathTest(func(p string) bool { _, err := a.lstat(p); return err == nil })
	absolute := pathTest(func(p string) bool { return strings.HasPrefix(p, "/") })
	for names, test := range map[string]jinja.Func{
		"directory is_dir":        mode(fs.FileMode.IsDir),
		"file is_file":            mode(fs.FileMode.IsRegular),
		"exists":                  exists,
		"link is_link":            link,
		"link_exists":             linkExists,
		"abs is_abs":              absolute,
		"mount is_mount":          pathTest(a.isMount),
		"same_file is_same_file":  a.sameFile,
		"vaulted_file is_vaulted": a.vaultedFile,
	} {
		for _, name := range strings.Fields(names) {
			l.Tests[name] = test
		}
	}
}

func pathTest(holds func(path string) bool) jinja.Func {
	return func(_ *jinja.Call, in any) (any, error) {
		p, ok := in.(string)
		if !ok {
			return nil, typeError("a path must be a str, not %s", value.TypeName(in))
		}
		return holds(p), nil
	}
}

func (a *extension) stat(p string) (fs.FileInfo, error) {
	if a.Stat == nil {
		return nil, fs.ErrPermission
	}
	return a.Stat(p)
}

func (a *extension) lstat(p string) (fs.FileInfo, error) {
	if a.Lstat == nil {
		return a.stat(p)
	}
	return a.Lstat(p)
}

// isMount tells a mount point by its inode being its parent's, as the root's is, or its device another.
func (a *extension) isMount(p string) bool {
	here, err1 := a.lstat(p)
	up, err2 := a.lstat(path.Join(p, ".."))
	if err1 != nil || err2 != nil || here.Mode()&fs.ModeSymlink != 0 {
		return false
	}
	return os.SameFile(here, up) || otherDevice(here, up)
}

func (a *extension) sameFile(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("other!")
	if err != nil {
		return nil, err
	}
	left, ok := in.(string)
	right, err := p.Text(0, "")
	if err != nil || !ok {
		return nil, firstError(err, typeError("a path must be a str, not %s", value.TypeName(in)))
	}
	x, err1 := a.stat(left)
	y, err2 := a.stat(right)
	if err := firstError(err1, err2); err != nil {
		return nil, err
	}
	return os.SameFile(x, y), nil
}

func (a *extension) vaultedFile(_ *jinja.Call, in any) (any, error) {
	p, ok := in.(string)
	if !ok || a.ReadRaw == nil {
		return nil, typeError("a path must be a str, not %s", value.TypeName(in))
	}
	data, err := a.ReadRaw(p)
	if err != nil {
		return nil, valueError("cannot test if the file '%s' is a vault: %s", p, err)
	}
	return strings.HasPrefix(string(data), "$ANSIBLE_VAULT"), nil
}
