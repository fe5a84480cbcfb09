package engine

import (
	"errors"
	"io"
	"os/exec"
	"sync"

	"github.com/drydock-dev/drydock/engine/own"
)

// ownModules finds modules of the content's own: the command line's folders come before those of ansible.cfg.
func (j *Job) ownModules() *own.Library {
	var dirs []string
	for _, dir := range append(append([]string(nil), j.ModulePath...), j.Config.ModulePath...) {
		dirs = append(dirs, j.tree.Abs(dir))
	}
	return own.New(own.Options{
		Files: j.tree, Modules: dirs, Utils: j.Config.ModuleUtilsPath, Collections: j.Config.CollectionsPath, Python: j.Config.InterpreterPython,
	})
}

// ownPlugins finds filter, test and lookup plugins of the content's own, beside its modules.
func (j *Job) ownPlugins() *own.Plugins {
	folders := map[string][]string{"filter": j.Config.FilterPath, "test": j.Config.TestPath, "lookup": j.Config.LookupPath}
	return own.NewPlugins(j.own, folders, j.startPython)
}

// startPython starts a python3 of this machine on a program.
func (j *Job) startPython(program string) (io.ReadWriteCloser, error) {
	if j.Instead != nil {
		return nil, j.Instead.Refuse("a plugin of the content's own, which is a Python program on this machine")
	}
	cmd := exec.Command("python3", "-c", program)
	cmd.Dir = j.Machine.Cwd
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &python{cmd: cmd, Reader: out, WriteCloser: in}, cmd.Start()
}

// python is a process that reads what is written to it and ends when it is closed.
type python struct {
	io.Reader
	io.WriteCloser
	cmd  *exec.Cmd
	once sync.Once
	err  error
}

// Close ends the input, which ends the process, and waits for it.
func (p *python) Close() error {
	p.once.Do(func() { p.err = errors.Join(p.WriteCloser.Close(), p.cmd.Wait()) })
	return p.err
}
