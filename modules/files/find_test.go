package files

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// foundBy lists the paths below Dir that find answers, in its order.
func foundBy(t *testing.T, h *moduletest.Host, args ...any) (string, *value.Map) {
	t.Helper()
	p, err := Find.Plan(context.Background(), h.View(), value.NewMap(append([]any{"paths", h.Dir}, args...)...))
	if err != nil {
		t.Fatal(err)
	}
	r := p.Result()
	if r.Failed {
		t.Fatal(r.Msg)
	}
	var names []string
	for _, f := range r.Data.Value("files").([]any) {
		rel, err := filepath.Rel(h.Dir, value.Str(f.(*value.Map).Value("path")))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, rel)
	}
	return strings.Join(names, " "), r.Data
}

func TestFind(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"f.txt": "hi\nthere\n", "big": "0600:" + strings.Repeat("x", 3000), "d/a.log": "x", "d/e/b.log": "y", "d/.hid": "h", "l": "-> f.txt"})
	old := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(filepath.Join(h.Dir, "d/a.log"), old, old); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []any
		want string // sorted
	}{
		{nil, "big f.txt"},
		{[]any{"recurse", true}, "big d/a.log d/e/b.log f.txt"},
		{[]any{"recurse", true, "depth", 2}, "big d/a.log f.txt"},
		{[]any{"patterns", "*.log,*.txt", "recurse", true}, "d/a.log d/e/b.log f.txt"},
		{[]any{"patterns", "^[ab].*log$", "use_regex", true, "recurse", true}, "d/a.log d/e/b.log"},
		{[]any{"patterns", "[!b].log", "recurse", true}, "d/a.log"},
		{[]any{"excludes", "*.log", "recurse", true}, "big f.txt"},
		{[]any{"file_type", "directory", "recurse", true}, "d d/e"},
		{[]any{"file_type", "link"}, "l"},
		{[]any{"file_type", "any"}, "big d f.txt l"},
		{[]any{"hidden", true, "recurse", true, "patterns", ".*"}, "d/.hid"},
		{[]any{"age", "1d", "recurse", true}, "d/a.log"},
		{[]any{"age", "-1d", "recurse", true, "patterns", "*.log"}, "d/e/b.log"},
		{[]any{"size", "1k"}, "big"},
		{[]any{"size", "-1k"}, "f.txt"},
		{[]any{"mode", "0600"}, "big"},
		{[]any{"mode", "u=rw"}, "big"},
		{[]any{"mode", "0040", "exact_mode", false}, "f.txt"},
		{[]any{"contains", "th.*"}, "f.txt"},
		{[]any{"contains", "here"}, ""},
		{[]any{"contains", "here", "read_whole_file", true}, "f.txt"},
	} {
		got, data := foundBy(t, h, c.args...)
		if sorted := sortedWords(got); sorted != c.want || data.Value("matched") != len(strings.Fields(got)) {
			t.Errorf("%v found %s, want %s", c.args, sorted, c.want)
		}
	}
}

func sortedWords(s string) string {
	words := strings.Fields(s)
	for i := range words {
		for j := i; j > 0 && words[j] < words[j-1]; j-- {
			words[j], words[j-1] = words[j-1], words[j]
		}
	}
	return strings.Join(words, " ")
}

func TestFindAnswers(t *testing.T) {
	h := moduletest.NewHost(t)
	moduletest.Put(t, h.Dir, map[string]string{"d/e/f": "a\n", "d/g": "a\n", "h": "a\n"})
	names, data := foundBy(t, h, "recurse", true, "get_checksum", true)
	if path.Dir(strings.Fields(names)[0]) != "." {
		t.Errorf("what stands above does not come first: %s", names)
	}
	f := data.Value("files").([]any)[0].(*value.Map)
	if f.Value("checksum") != sha1OfA || f.Value("isreg") != true || f.Value("mode") != "0644" || f.Has("block_size") {
		t.Errorf("a file is %s", value.Repr(f))
	}
	if data.Value("examined") != 5 || data.Value("msg") != "All paths examined" || value.Repr(data.Value("skipped_paths")) != "{}" {
		t.Errorf("answered %s", value.Repr(data))
	}
	if _, data = foundBy(t, h, "recurse", true, "limit", 1); data.Value("matched") != 1 || data.Value("msg") != "Limit of matches reached" {
		t.Errorf("with a limit: %s", value.Repr(data))
	}
	moduletest.Run(t, Find, []moduletest.Case{
		{Name: "no directory", Args: []any{"paths", "$DIR/none"}, Want: map[string]any{"matched": 0, "examined": 0, "msg": "Not all paths examined, check warnings for details",
			"skipped_paths": value.NewMap("$DIR/none", "'$DIR/none' is not a directory")}},
		{Name: "two paths", Files: map[string]string{"a b/x": "", "~c/y": ""}, Args: []any{"paths", []any{"$DIR/a b", "~/~c"}}, Want: map[string]any{"matched": 2, "files.0.path": "$DIR/a b/x"}},
		{Name: "no age", Args: []any{"paths", "/", "age", "x"}, Fails: "failed to process age", Want: map[string]any{"age": "x"}},
		{Name: "no size", Args: []any{"paths", "/", "size", "x"}, Fails: "failed to process size"},
		{Name: "no expression", Args: []any{"paths", "/", "patterns", "(", "use_regex", true}, Fails: "invalid regular expression"},
	})
}

func TestSlurp(t *testing.T) {
	moduletest.Run(t, Slurp, []moduletest.Case{
		{Name: "bytes", Files: map[string]string{"f": "a\x00\xff\n"}, Args: []any{"src", "$DIR/f"}, Want: map[string]any{"content": "YQD/Cg==", "encoding": "base64", "source": "$DIR/f", "changed": false}},
		{Name: "empty", Files: map[string]string{"f": ""}, Args: []any{"path", "$DIR/f"}, Want: map[string]any{"content": ""}},
		{Name: "missing", Args: []any{"src", "$DIR/f"}, Fails: "File not found: $DIR/f"},
		{Name: "directory", Args: []any{"src", "$DIR"}, Fails: "Source is a directory and must be a file: $DIR"},
	})
}

func TestTempFile(t *testing.T) {
	for _, c := range []struct {
		args  []any
		state string
		mode  string
		name  string
	}{
		{nil, "file", "0600", "ansible.*"},
		{[]any{"state", "directory", "prefix", "a b", "suffix", ".x"}, "directory", "0700", "a b????????.x"},
	} {
		h := moduletest.NewHost(t)
		p, err := TempFile.Plan(context.Background(), h.View(), value.NewMap(append([]any{"path", h.Dir}, c.args...)...))
		if err != nil {
			t.Fatal(err)
		}
		r, err := p.Apply()(context.Background(), h)
		if err != nil || !r.Changed || r.Data.Value("state") != c.state || r.Data.Value("mode") != c.mode {
			t.Errorf("%+v, %v", r, err)
		}
		made, _ := filepath.Glob(filepath.Join(h.Dir, "*"))
		if ok, _ := path.Match(c.name, filepath.Base(value.Str(r.Data.Value("path")))); !ok || len(made) != 1 || made[0] != r.Data.Value("path") {
			t.Errorf("answered %v and made %v", r.Data.Value("path"), made)
		}
	}
}

func TestTempFileWhereNoneCanBe(t *testing.T) {
	h := moduletest.NewHost(t)
	p, err := TempFile.Plan(context.Background(), h.View(), value.NewMap("path", "/none"))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := p.Apply()(context.Background(), h); err != nil || !r.Failed || !strings.Contains(r.Msg, "could not make a temporary file") {
		t.Errorf("%+v, %v", r, err)
	}
}
