// Delivery: bringing a known content to a path, which copy and template share.
package files

import (
	"context"
	"crypto/md5"  //nolint:gosec // a key of Ansible's result, no protection
	"crypto/sha1" //nolint:gosec // as above
	"encoding/hex"
	"io"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// delivery is content, known here, that is to stand at a path of the host.
type delivery struct {
	attributes
	dest     string
	name     string // the file's name when dest is a directory; empty: a directory is refused
	shown    string // the source in results and diffs
	text     string // the content when it fits in memory, else open and size
	open     func() (io.ReadCloser, error)
	size     int
	sha1     string
	md5      string
	follow   bool
	force    bool
	backup   bool
	validate string
}

func (d delivery) withText(text string) delivery {
	a, b := sha1.Sum([]byte(text)), md5.Sum([]byte(text)) //nolint:gosec // as above
	d.text, d.size, d.sha1, d.md5 = text, len(text), hex.EncodeToString(a[:]), hex.EncodeToString(b[:])
	d.open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	return d
}

// plan looks at the destination and plans to write, to set attributes, or nothing.
func (d delivery) plan(ctx context.Context, v module.View) (module.Plan, error) {
	s, err := look(ctx, v, d.asked(question{path: d.dest, inDirectory: d.name, sum: "sha1", content: diffLimit, unlessSum: d.sha1}))
	if err != nil {
		return module.Plan{}, err
	}
	if r := d.obstacle(s); r != nil {
		return module.Done(*r), nil
	}
	if s.parent == "" && !strings.HasSuffix(d.dest, "/") {
		return d.planNowhere(s)
	}
	if s.here != nil && !d.force {
		return module.Done(module.Result{}.With("dest", s.path).With("src", d.shown)), nil
	}
	if s.sum == d.sha1 && (!s.isLink() || d.follow) {
		return d.planAttributes(s)
	}
	return d.planWrite(s)
}

// obstacle is why nothing can be written there.
func (d delivery) obstacle(s state) *module.Result {
	switch {
	case d.name == "" && (s.isDir() || strings.HasSuffix(d.dest, "/")):
		r := module.Fail("can not use content with a dir as dest")
		return &r
	case s.isDir():
		r := module.Fail("cannot overwrite directory %s with a file", s.path)
		return &r
	}
	return nil
}

// planNowhere is for a destination whose folder is missing. That shows only when the file is to be written: in check mode, the task that
// makes the folder has not done so either.
func (d delivery) planNowhere(s state) (module.Plan, error) {
	return module.Change(d.contentDiff(s), func(context.Context, module.Host) (module.Result, error) {
		return module.Fail("Destination directory %s does not exist", parentOf(s.path)).With("checksum", d.sha1), nil
	}), nil
}

func parentOf(path string) string {
	i := strings.LastIndexByte(path, '/')
	switch i {
	case -1:
		return "."
	case 0:
		return "/"
	}
	return path[:i]
}

// planAttributes is for a file whose content is already right.
func (d delivery) planAttributes(s state) (module.Plan, error) {
	w, bad := d.want(s, s.there, 0o666, false)
	if bad != nil {
		return module.Done(bad.With("checksum", d.sha1)), nil
	}
	keys := func(s state) module.Result {
		data := value.NewMap("checksum", d.sha1, "dest", s.path, "path", s.path)
		return module.Result{Data: s.there.describe(data)}
	}
	if !w.differs(s.there) {
		return module.Done(keys(s)), nil
	}
	before, after := value.NewMap("path", s.path), value.NewMap("path", s.path)
	w.diff(s.there, before, after)
	return module.Change(sides(before, after), func(ctx context.Context, h module.Host) (module.Result, error) {
		now, err := w.set(ctx, h, s.real)
		if err != nil {
			return answer(module.Result{}, err)
		}
		r := keys(now)
		r.Changed = true
		return r, nil
	}).Predicting(keys(s)), nil
}

// planWrite is for a content that differs or is not there.
func (d delivery) planWrite(s state) (module.Plan, error) {
	target, old := s.path, s.here
	if s.isLink() {
		target, old = s.path, nil
		if d.follow && s.real != "" {
			target, old = s.real, s.there
		}
	}
	w, bad := d.want(s, old, 0o666, false)
	if bad != nil {
		return module.Done(bad.With("checksum", d.sha1)), nil
	}
	return module.Change(d.contentDiff(s), func(ctx context.Context, h module.Host) (module.Result, error) {
		return d.write(ctx, h, s.path, target, w)
	}), nil
}

func (d delivery) write(ctx context.Context, h module.Host, shown, target string, w access) (module.Result, error) {
	body, err := d.open()
	if err != nil {
		return module.Result{}, err
	}
	defer body.Close()
	done, err := writing{path: target, body: body, size: d.size, access: w, backup: d.backup, validate: d.validate,
		mkdir: strings.HasSuffix(d.dest, "/"), unsafe: d.UnsafeWrites}.put(ctx, h)
	if no, ok := err.(rejected); ok {
		return module.Fail("failed to validate").With("exit_status", no.rc).With("stdout", no.stdout).With("stderr", no.stderr).With("checksum", d.sha1), nil
	}
	if err != nil {
		return answer(module.Result{}, err)
	}
	data := value.NewMap("checksum", d.sha1, "dest", shown, "md5sum", d.md5, "src", d.shown)
	if done.backup != "" {
		data.Set("backup_file", done.backup)
	}
	return module.Result{Changed: true, Data: done.here.describe(data)}, nil
}

// contentDiff shows texts; what is not text, or too long, is only named.
func (d delivery) contentDiff(s state) module.Diff {
	diff := module.Diff{After: showable(d.text, d.size), AfterHeader: d.shown}
	if diff.AfterHeader == "" {
		diff.AfterHeader = s.path
	}
	if s.here != nil && s.there != nil {
		diff.Before, diff.BeforeHeader = showable(s.content, s.there.size), s.path
	}
	return diff
}

func showable(text string, size int) string {
	switch {
	case size > diffLimit:
		return "(too large to be shown)\n"
	case strings.ContainsRune(text, 0):
		return "(not text)\n"
	}
	return text
}
