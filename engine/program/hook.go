package program

import (
	"slices"

	"github.com/drydock-dev/drydock/engine/diag"
)

// Hook compiles a file of tasks that stands beside a task of a play without being named in it: the tasks have the keywords of the play, nothing of
// the block or role that the task is in, and no tags of the command line leave them out.
func (c *Compiler) Hook(play *Play, file string) ([]*Block, diag.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := newPass(c)
	file = c.show(c.Tree.Abs(file))
	sc := scope{file: file, dir: play.Dir, over: []string{c.Tree.Abs(file)}}.knowing(play.PlayVars)
	sc.Keywords = play.Keywords
	sc.Tags = append(slices.Clone(play.Tags), "always")
	nodes := p.place(p.tasksFile(file, false, diag.Span{}, sc).nodes, sc)
	if p.ds.HasErrors() || len(nodes) == 0 {
		return nil, p.ds.Sorted()
	}
	return []*Block{{Pos: diag.Pos{File: file, Line: 1}, Keywords: sc.Keywords, Tasks: nodes}}, p.ds.Sorted()
}
