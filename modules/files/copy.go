package files

import (
	"bytes"
	"context"
	"crypto/md5"  //nolint:gosec // a key of Ansible's result, no protection
	"crypto/sha1" //nolint:gosec // as above
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Copy brings files, directories or a text given in the task to the host, or copies within the host.
var Copy = module.Define(module.Spec{
	Name:  "ansible.builtin.copy",
	Doc:   "Copy files, directories or a given text to the host.",
	Needs: "dest is required",
}, marking(planCopy))

type copyArgs struct {
	attributes
	marks
	Src           string  `arg:"src,type=path" doc:"The file or directory to copy, in the content's files directories; on the host with remote_src. A directory that ends in / is copied without itself."`
	Content       any     `arg:"content" doc:"The text that the file is to hold, instead of src; a mapping or list is written as JSON."`
	Dest          string  `arg:"dest,type=path" doc:"Where to put it on the host."`
	RemoteSrc     bool    `arg:"remote_src" doc:"The source is on the host itself."`
	Force         bool    `arg:"force,default=true" doc:"Replace a file that differs; if false, only a missing file is written."`
	Backup        bool    `arg:"backup" doc:"Keep a copy of a file that is replaced."`
	Follow        bool    `arg:"follow" doc:"Write through a symbolic link at dest instead of replacing it."`
	LocalFollow   bool    `arg:"local_follow,default=true" doc:"Copy what links in a directory of the content lead to; if false, they stay links."`
	Validate      string  `arg:"validate" doc:"A command that must succeed before the file comes into place; %s stands for the file."`
	Checksum      string  `arg:"checksum" doc:"The SHA-1 that the source must have."`
	DirectoryMode *string `arg:"directory_mode,type=bits" doc:"The permissions of directories that are made."`
	Decrypt       bool    `arg:"decrypt,default=true" doc:"Sources are decrypted where they are vault files."`
}

func planCopy(ctx context.Context, v module.View, a copyArgs) (module.Plan, error) {
	switch {
	case a.Src == "" && a.Content == nil:
		return module.Done(module.Fail("src (or content) is required")), nil
	case a.Src != "" && a.Content != nil:
		return module.Done(module.Fail("src and content are mutually exclusive")), nil
	case a.Dest == "":
		return module.Done(module.Fail("dest is required")), nil
	case a.RemoteSrc && a.Src != "":
		return planRemoteCopy(ctx, v, a)
	}
	d := delivery{attributes: a.attributes, dest: a.Dest, follow: a.Follow, force: a.Force, backup: a.Backup, validate: a.Validate}
	if a.Content != nil {
		return d.withText(textOf(a.Content)).plan(ctx, v)
	}
	found, err := v.Controller().Find("files", a.Src)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	tree := v.Controller().FS()
	info, err := fs.Stat(tree, found)
	if err != nil {
		return module.Done(module.Fail("could not read %s: %v", a.Src, err)), nil
	}
	if info.IsDir() {
		return planTree(ctx, v, a, found)
	}
	d.name = path.Base(a.Src)
	if d, err = d.withFile(tree, found, a.Decrypt); err != nil {
		return module.Done(module.Fail("could not read %s: %v", a.Src, err)), nil
	}
	if a.Checksum != "" && a.Checksum != d.sha1 {
		return module.Done(module.Fail("Copied file does not match the expected checksum. Transfer failed.").
			With("checksum", d.sha1).With("expected_checksum", a.Checksum)), nil
	}
	d.preserve(info.Mode())
	return d.plan(ctx, v)
}

// preserve takes the mode of the source where it is asked for.
func (d *delivery) preserve(mode fs.FileMode) {
	if d.Mode != nil && *d.Mode == "preserve" {
		m := octal(int(mode.Perm()))
		d.Mode = &m
	}
}

// withFile takes the content from a file of the controller, read once for its sums and again when it is sent; with decrypt
// a vault file is opened.
func (d delivery) withFile(tree fs.FS, name string, decrypt bool) (delivery, error) {
	f, err := module.OpenContent(tree, name, decrypt)
	if err != nil {
		return d, err
	}
	defer f.Close()
	var head bytes.Buffer
	a, b := sha1.New(), md5.New() //nolint:gosec // as above
	n, err := io.Copy(io.MultiWriter(a, b, &limited{&head, diffLimit + 1}), f)
	if err != nil {
		return d, err
	}
	d.shown, d.text, d.size = name, head.String(), int(n)
	d.sha1, d.md5 = hex.EncodeToString(a.Sum(nil)), hex.EncodeToString(b.Sum(nil))
	d.open = func() (io.ReadCloser, error) { return module.OpenContent(tree, name, decrypt) }
	return d, nil
}

// limited keeps only the first bytes it is given.
type limited struct {
	b    *bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.b.Write(p[:n])
	l.left -= n
	return len(p), nil
}

// textOf is the content argument as text: mappings and lists as JSON in Python's spacing, anything else as Python prints it.
func textOf(content any) string {
	switch content.(type) {
	case *value.Map, []any:
		var b strings.Builder
		writeJSON(&b, content)
		return b.String()
	}
	return value.Str(content)
}

func writeJSON(b *strings.Builder, v any) {
	switch x := v.(type) {
	case *value.Map:
		b.WriteByte('{')
		sep := ""
		for k, e := range x.All() {
			b.WriteString(sep)
			writeScalar(b, value.Str(k))
			b.WriteString(": ")
			writeJSON(b, e)
			sep = ", "
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range x {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJSON(b, e)
		}
		b.WriteByte(']')
	case float64:
		b.WriteString(value.FormatFloat(x))
	default:
		writeScalar(b, v)
	}
}

// writeScalar escapes all but ASCII, as Python's json does.
func writeScalar(b *strings.Builder, v any) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		b.WriteString(value.Repr(v))
		return
	}
	for _, r := range strings.TrimSuffix(buf.String(), "\n") {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
}
