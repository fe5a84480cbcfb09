package own_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/own"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// pipes is a process as a pair of pipes.
type pipes struct {
	io.Reader
	io.WriteCloser
}

func startPython(program string) (io.ReadWriteCloser, error) {
	cmd := exec.Command("python3", "-c", program)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return pipes{out, in}, cmd.Start()
}

func pluginsIn(t *testing.T, files map[string]string, start func(string) (io.ReadWriteCloser, error)) *own.Plugins {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		full := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	l := own.New(own.Options{Files: source.NewTree(dir, source.Disk())})
	l.Add(dir)
	p := own.NewPlugins(l, nil, start)
	t.Cleanup(p.Close)
	return p
}

const mapper = `
class FilterModule:
    def filters(self):
        return {'double': lambda x, by=2: x * by, 'dies': lambda x: __import__('os')._exit(3), 'kinds': lambda x: [b'b', (1, 2), {3}, None]}
`

func TestPluginsWithoutPython(t *testing.T) {
	t.Parallel()
	p := pluginsIn(t, map[string]string{"filter_plugins/m.py": mapper}, func(string) (io.ReadWriteCloser, error) { return nil, errors.New("not found") })
	_, why, ok := p.Find("filter", "double")
	if ok || !strings.Contains(why, "filter_plugins/m.py may have it: plugins in Python need a python3 on this machine: not found") {
		t.Errorf("%v, %q", ok, why)
	}
	if _, why, ok := p.Find("test", "double"); ok || why != "" {
		t.Errorf("of a kind that has no files: %v, %q", ok, why)
	}
}

func TestPluginsAreStartedOnlyWhenWanted(t *testing.T) {
	t.Parallel()
	p := pluginsIn(t, map[string]string{"filter_plugins/README.md": "none"}, func(string) (io.ReadWriteCloser, error) {
		t.Error("a process was started for nothing")
		return nil, errors.New("no")
	})
	if _, _, ok := p.Find("filter", "double"); ok {
		t.Error("a filter was found that nobody has")
	}
}

func TestPluginCalls(t *testing.T) {
	t.Parallel()
	python(t)
	p := pluginsIn(t, map[string]string{"filter_plugins/m.py": mapper, "filter_plugins/broken.py": "import nothing_of_this_name"}, startPython)
	double, _, ok := p.Find("filter", "double")
	if !ok {
		t.Fatal("double is not found")
	}
	call := func(fn jinja.Func, in any, args ...any) (any, error) {
		return fn(&jinja.Call{Args: args}, in)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			if got, err := call(double, i, 3); err != nil || got != 3*i {
				t.Errorf("%d is %v, %v", i, got, err)
			}
		})
	}
	wg.Wait()
	kinds, _, _ := p.Find("filter", "kinds")
	if got, err := call(kinds, 1); err != nil || value.Repr(got) != "['b', [1, 2], [3], None]" {
		t.Errorf("kinds are %s, %v", value.Repr(got), err)
	}
	if _, err := call(double, value.NewMap("a", 1)); err == nil || !strings.Contains(err.Error(), "The filter plugin 'double' failed: unsupported operand") {
		t.Errorf("an error is %v", err)
	}
	if _, why, ok := p.Find("filter", "nowhere"); ok || !strings.Contains(why, "broken.py may have it: No module named 'nothing_of_this_name'") {
		t.Errorf("a file that cannot be loaded: %v, %q", ok, why)
	}
	dies, _, _ := p.Find("filter", "dies")
	if _, err := call(dies, 1); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("a process that ends: %v", err)
	}
	if got, err := call(double, "a"); err != nil || got != "aa" {
		t.Errorf("after it: %v, %v", got, err)
	}
}
