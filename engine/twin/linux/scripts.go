package linux

// Reading scripts. The interpreter behaves like bash in a few places where /bin/sh does not; what can be made right in the syntax tree is made
// right here, once for each script.

import (
	"bufio"
	"io"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// Names of variables of ours in the shells. They are not exported.
const (
	varPID       = "__twin_pid"
	varUmask     = "__twin_umask"
	varNoClobber = "__twin_noclobber"
	varJobs      = "__twin_jobs"
	varLastJob   = "__twin_last_job"
	varJob       = "__twin_job_" // and the process id: the interpreter's name of the job
	varThisJob   = "__twin_this_job"
)

// clobber before the name of a file says that >| has opened it.
const clobber = "\x01clobber:"

// script is a parsed script with the names of the functions that it declares. It is never changed.
type script struct {
	stmts []*syntax.Stmt
	last  []syntax.Comment
	funcs map[string]bool

	bash    bool
	refused []string // what the interpreter does not do
}

// Scripts keeps scripts that were parsed, since a run sends the same ones over and over. The zero Scripts is ready, for many hosts at once.
type Scripts struct {
	mu   sync.Mutex
	kept map[scriptKey]*script
	free sync.Pool // of *bufio.Writer
}

// writer buffers the output of a program; done takes it back.
func (s *Scripts) writer(to io.Writer) *bufio.Writer {
	if w, ok := s.free.Get().(*bufio.Writer); ok {
		w.Reset(to)
		return w
	}
	return bufio.NewWriter(to)
}

func (s *Scripts) done(w *bufio.Writer) {
	w.Reset(nil)
	s.free.Put(w)
}

// scriptKey is a text in one of two languages.
type scriptKey struct {
	text string
	bash bool
}

const (
	keepFrom = 200 // bytes; shorter scripts are parsed as quickly as found
	keepMost = 400 // scripts
)

// parse reads a script of bash or of dash, or finds it.
func (s *Scripts) parse(text string, bash bool) (*script, error) {
	if len(text) < keepFrom {
		return parseScript(text, bash)
	}
	key := scriptKey{text, bash}
	s.mu.Lock()
	got, ok := s.kept[key]
	s.mu.Unlock()
	if ok {
		return got, nil
	}
	got, err := parseScript(text, bash)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil || len(s.kept) >= keepMost {
		s.kept = map[scriptKey]*script{}
	}
	s.kept[key] = got
	return got, nil
}

func parseScript(text string, bash bool) (*script, error) {
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, err
	}
	s := &script{stmts: file.Stmts, last: file.Last, funcs: map[string]bool{}, bash: bash}
	if !bash {
		if err := onlyBash(file); err != nil {
			return nil, err
		}
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		if f, ok := n.(*syntax.FuncDecl); ok {
			s.funcs[f.Name.Value] = true
		}
		return true
	})
	syntax.Walk(file, func(n syntax.Node) bool {
		s.amend(n)
		return true
	})
	s.stmts = s.withJobs(file.Stmts)
	return s, nil
}

// amend changes what the interpreter would do otherwise than /bin/sh:
// $$ is the process id here and $! that of a job here, not of the Go program; the last command of a pipe runs in a shell of its own.
func (s *script) amend(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.ParamExp:
		switch n.Param.Value {
		case "$":
			n.Param = &syntax.Lit{ValuePos: n.Param.ValuePos, ValueEnd: n.Param.ValueEnd, Value: varPID}
		case "!":
			n.Param = &syntax.Lit{ValuePos: n.Param.ValuePos, ValueEnd: n.Param.ValueEnd, Value: varLastJob}
		}
	case *syntax.BinaryCmd:
		if (n.Op == syntax.Pipe || n.Op == syntax.PipeAll) && !s.harmless(n.Y) {
			n.Y = &syntax.Stmt{Position: n.Y.Position, Cmd: &syntax.Subshell{Lparen: n.Y.Position, Rparen: n.Y.Position, Stmts: []*syntax.Stmt{n.Y}}}
		}
	case *syntax.Stmt:
		if _, ok := n.Cmd.(*syntax.TestClause); ok && !s.bash {
			n.Cmd = call(n.Position, "[[").Cmd
		}
	case *syntax.Redirect:
		if n.N != nil && n.N.Value > "2" {
			s.refused = append(s.refused, "a redirection of "+n.N.Value)
		}
		if n.Op == syntax.RdrClob {
			n.Op = syntax.RdrOut
			n.Word = &syntax.Word{Parts: append([]syntax.WordPart{&syntax.Lit{Value: clobber}}, n.Word.Parts...)}
		}
	case *syntax.Block:
		n.Stmts = s.withJobs(n.Stmts)
	case *syntax.Subshell:
		n.Stmts = s.ownJobs(n.Stmts)
	case *syntax.CmdSubst:
		n.Stmts = s.ownJobs(n.Stmts)
	case *syntax.IfClause:
		n.Then = s.withJobs(n.Then)
	case *syntax.WhileClause:
		n.Do = s.withJobs(n.Do)
	case *syntax.ForClause:
		n.Do = s.withJobs(n.Do)
	}
}

// onlyBash finds what bash knows and dash does not, and says of it what dash says.
func onlyBash(file *syntax.File) (err error) {
	syntax.Walk(file, func(n syntax.Node) bool {
		text := ""
		switch n := n.(type) {
		case *syntax.ArrayExpr, *syntax.ProcSubst:
			text = `"(" unexpected`
		case *syntax.FuncDecl:
			if n.RsrvWord && n.Parens {
				text = `"(" unexpected`
			}
		case *syntax.Redirect:
			if n.Op == syntax.WordHdoc {
				text = "redirection unexpected"
			}
		}
		if text != "" && err == nil {
			err = syntax.ParseError{Pos: n.Pos(), Text: text}
		}
		return err == nil
	})
	return err
}

// harmless tells whether a command leaves the shell as it is, so that it needs none of its own.
func (s *script) harmless(st *syntax.Stmt) bool {
	c, ok := st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return false
	}
	switch name := c.Args[0].Lit(); name {
	case "":
		return false
	case "echo", "printf", "test", "[":
		return true
	default:
		return !interp.IsBuiltin(name) && !s.funcs[name]
	}
}

// withJobs puts before each background command a call that gives it a process id, and tells the id to the command.
func (s *script) withJobs(stmts []*syntax.Stmt) []*syntax.Stmt {
	var out []*syntax.Stmt
	for i, st := range stmts {
		if !st.Background {
			if out != nil {
				out = append(out, st)
			}
			continue
		}
		if out == nil {
			out = append(out, stmts[:i]...)
		}
		inner := *st
		inner.Background = false
		own := &syntax.Stmt{Position: st.Position, Cmd: &syntax.Subshell{Lparen: st.Position, Rparen: st.Position, Stmts: []*syntax.Stmt{&inner}}}
		job := &syntax.Stmt{Position: st.Position, Background: true, Semicolon: st.Semicolon, Cmd: &syntax.Block{Lbrace: st.Position,
			Rbrace: st.Position, Stmts: []*syntax.Stmt{call(st.Position, "builtin:job"), own, call(st.Position, "builtin:jobend")}}}
		out = append(out, call(st.Position, "builtin:newjob"), job)
	}
	if out == nil {
		return stmts
	}
	return out
}

// ownJobs is withJobs for the commands of a subshell, which counts its jobs anew.
func (s *script) ownJobs(stmts []*syntax.Stmt) []*syntax.Stmt {
	with := s.withJobs(stmts)
	if len(with) == len(stmts) {
		return stmts
	}
	return append([]*syntax.Stmt{call(stmts[0].Position, "builtin:subshell")}, with...)
}

// call is a statement that calls a program of ours.
func call(at syntax.Pos, name string) *syntax.Stmt {
	lit := &syntax.Lit{ValuePos: at, ValueEnd: at, Value: name}
	return &syntax.Stmt{Position: at, Cmd: &syntax.CallExpr{Args: []*syntax.Word{{Parts: []syntax.WordPart{lit}}}}}
}
