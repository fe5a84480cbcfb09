package conntest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/conn"
)

// testWriteFile tries conn.WriteFile in a directory of its own.
func testWriteFile(t *testing.T, c conn.Connection) {
	_, out, _ := Sh(t, c, "mktemp -d", nil)
	dir := strings.TrimSpace(out)
	defer Sh(t, c, "rm -rf "+conn.Quote(dir), nil)
	Sh(t, c, "cd "+dir+" && echo old >kept && chmod 640 kept && ln -s kept link && ln -s nowhere dangling && mkdir d && ln -s d dirlink && mkfifo pipe", nil)
	binary := string(bytes.Repeat([]byte{0, 1, 0xff, '\n', '\r', '\''}, 50_000))
	for _, w := range []struct {
		what, name, text string
		mode             fs.FileMode
		look, want       string
	}{
		{"a new file has the default mode", "new", "text\n", 0, "umask 022; stat -c %a new; cat new", "644\ntext\n"},
		{"or the given one", "private", "x", 0o600, "stat -c %a private", "600\n"},
		{"with setuid and sticky bit", "suid", "x", 0o755 | fs.ModeSetuid, "stat -c %a suid", "4755\n"},
		{"a file that is there keeps its mode", "kept", "new\n", 0, "stat -c %a kept; cat kept", "640\nnew\n"},
		{"unless another is given", "kept", "newer\n", 0o604, "stat -c %a kept; cat kept", "604\nnewer\n"},
		{"a link is replaced", "link", "not a link\n", 0, "stat -c '%F %a' link; cat link kept", "regular file 644\nnot a link\nnewer\n"},
		{"a dangling one too", "dangling", "x", 0, "stat -c %F dangling; ls nowhere 2>&- || echo none", "regular file\nnone\n"},
		{"and one to a directory", "dirlink", "x", 0, "stat -c %F dirlink; ls d", "regular file\n"},
		{"an empty file", "empty", "", 0, "stat -c '%F %s' empty", "regular empty file 0\n"},
		{"a strange name", "it's $a \"n\nme", "x", 0, "cat it*", "x"},
		{"a name like a flag", "-n", "x", 0, "cat ./-n", "x"},
		{"binary", "binary", binary, 0, "wc -c <binary | tr -d ' '", "300000\n"},
	} {
		if err := conn.WriteFile(t.Context(), c, dir+"/"+w.name, strings.NewReader(w.text), w.mode); err != nil {
			t.Errorf("%s: %v", w.what, err)
			continue
		}
		if _, got, errs := Sh(t, c, "cd "+dir+"; "+w.look, nil); got != w.want {
			t.Errorf("%s: got %q (%s), want %q", w.what, got, errs, w.want)
		}
	}
	for name, want := range map[string]string{"d": "is a directory", "missing/x": "does not exist"} {
		err := conn.WriteFile(t.Context(), c, dir+"/"+name, strings.NewReader("x"), 0)
		var failed *conn.WriteError
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), want) {
			t.Errorf("write %s: got %v, want %q", name, err, want)
		}
	}
	testWriteFileShort(t, c, dir)
	if _, got, _ := Sh(t, c, "cd "+dir+"; ls -a | grep drydock || echo clean", nil); got != "clean\n" {
		t.Errorf("left behind: %s", got)
	}
}

// short says that it is longer than it is, as a transfer that breaks off.
type short struct{ io.Reader }

func (short) Len() int { return 10 }

func testWriteFileShort(t *testing.T, c conn.Connection, dir string) {
	err := conn.WriteFile(t.Context(), c, dir+"/kept", short{strings.NewReader("half")}, 0)
	if err == nil || !strings.Contains(err.Error(), "only 4 of 10 bytes arrived") {
		t.Errorf("a short transfer: got %v", err)
	}
	if _, got, _ := Sh(t, c, "cat "+dir+"/kept", nil); got != "newer\n" {
		t.Errorf("a short transfer changed the file to %q", got)
	}
	if err := conn.WriteFile(t.Context(), c, dir+"/streamed", io.MultiReader(strings.NewReader("a"), strings.NewReader("b")), 0); err != nil {
		t.Errorf("a reader without a size: %v", err)
	}
	Want(t, c, "cat "+dir+"/streamed", nil, 0, "ab", "")
}
