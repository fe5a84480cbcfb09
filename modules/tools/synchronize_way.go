// Where rsync runs, between which ends, and by which ssh. rsync makes a connection of its own, from the machine Drydock runs on or from the one
// that the task is delegated to, to the host of the task.

package tools

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/words"
)

// syncTask is a task of synchronize with its ends decided.
type syncTask struct {
	synchronizeArgs
	way       *module.Way
	onHost    bool // rsync runs on the machine that the task acts on
	asLogin   bool // as its connection's user: become is for the other end
	src, dest string
	rsync     string // to run
	rsyncPath string // of the other end
	port      int    // 0: none is said
	key       string
	further   []string // rsync_opts, in words
	sshArgs   string
	password  func() (string, error)
}

// here are the names of the machine that rsync runs on.
var here = []string{"127.0.0.1", "localhost", "::1"}

// query is how the machine that rsync runs on is asked.
func (s *syncTask) query(v module.View) asker {
	if s.onHost {
		return v.Query
	}
	return s.way.Here.Query
}

// exec is how it acts.
func (s *syncTask) exec(h module.Host) asker {
	if s.onHost {
		return h.Exec
	}
	return s.way.Here.Exec
}

// route decides on the ends.
func (a synchronizeArgs) route(v module.View) (*syncTask, error) {
	s := &syncTask{synchronizeArgs: a, src: a.Src, dest: a.Dest, rsync: "rsync"}
	got, err := v.Controller().Service(module.WayKey{})
	if err != nil {
		return nil, err
	}
	s.way = got.(*module.Way)
	remote := s.way.Kind != "local"
	self := s.way.DelegateTo != "" && slices.Contains(s.way.Names, s.way.DelegateTo)
	s.onHost = !remote || s.way.DelegateTo != ""
	if a.RsyncPath != nil {
		s.rsyncPath = *a.RsyncPath
	}
	if t, err := v.Controller().Service(module.TaskKey{}); err == nil {
		if name, ok := t.(*module.Task).Var("ansible_rsync_path"); ok && name != "" {
			s.rsync = fmt.Sprint(name)
		}
	}
	if oneEnd := s.way.DelegateTo == "" && !remote || self; oneEnd {
		s.src, s.dest = s.local(a.Src), s.local(a.Dest)
	} else {
		s.between(remote && s.way.DelegateTo != "")
	}
	return s, s.check()
}

// between sets the ends where one is another machine than the one rsync runs on, which is abroad where the task is delegated to a remote host.
func (s *syncTask) between(abroad bool) {
	s.asLogin = true
	user := ""
	if s.SetUser {
		user = s.way.User
	}
	s.key, s.port, s.password = s.way.KeyFile, s.way.Port, s.way.Password
	if s.PrivateKey != nil {
		s.key = *s.PrivateKey
	}
	if s.DestPort != nil {
		s.port = *s.DestPort
	}
	if s.UseSSHArgs && s.way.Kind == "ssh" {
		s.sshArgs = words.Quote(s.way.Args...)
	}
	there := func(at string) string {
		if slices.Contains(here, s.way.Host) && s.way.Port == 0 && !abroad {
			return s.local(at) // the machine itself, by the port that everybody has
		}
		return target(s.way.Host, at, user)
	}
	if s.Mode == "pull" {
		s.src, s.dest = there(s.Src), s.local(s.Dest)
	} else {
		s.src, s.dest = s.local(s.Src), there(s.Dest)
	}
	if s.way.Become && s.rsyncPath == "" && s.way.BecomeMethod == "sudo" {
		s.rsyncPath = "sudo rsync"
		if s.way.BecomeUser != "" {
			s.rsyncPath = "sudo -u " + s.way.BecomeUser + " rsync"
		}
	}
}

// check takes rsync's own options apart and refuses what cannot be.
func (s *syncTask) check() error {
	for _, o := range s.RsyncOpts {
		split, err := module.SplitWords(o)
		if err != nil {
			return fail("rsync_opts: %v", err)
		}
		s.further = append(s.further, split...)
	}
	if strings.HasPrefix(s.src, "rsync://") && strings.HasPrefix(s.dest, "rsync://") {
		return failure{module.Fail("either src or dest must be a localhost").With("rc", 1)}
	}
	for i, l := range s.LinkDest {
		s.LinkDest[i] = path.Clean(l)
		if strings.HasPrefix(path.Clean(path.Dir(s.dest)), s.LinkDest[i]) {
			return fail("Hardlinking into a subdirectory of the source would cause recursion. %s and %s", path.Clean(path.Dir(s.dest)), s.dest)
		}
	}
	return nil
}

// rsh are the words of ssh, which rsync calls; nil: it needs none.
func (s *syncTask) rsh() []string {
	daemon := strings.HasPrefix(s.src, "rsync://") || strings.HasPrefix(s.dest, "rsync://")
	own := slices.ContainsFunc(s.RsyncOpts, func(o string) bool { return strings.Contains(o, "--rsh") })
	if daemon || own || !strings.Contains(s.src+s.dest, ":") {
		return nil
	}
	out := []string{}
	if !s.Multiplexing {
		out = append(out, "-S", "none")
	}
	if s.key != "" {
		out = append(out, "-i", s.key)
	}
	if s.port != 0 {
		out = append(out, "-o", "Port="+strconv.Itoa(s.port))
	}
	if !s.VerifyHost {
		out = append(out, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
	}
	return out
}

// local makes a path of the machine that rsync runs on absolute: one that is not is of the content.
func (s *syncTask) local(at string) string {
	if strings.Contains(at, ":") || strings.HasPrefix(at, "/") || strings.HasPrefix(at, "~") {
		return at
	}
	found := s.way.File(at)
	if strings.HasSuffix(at, "/") && !strings.HasSuffix(found, "/") {
		found += "/"
	}
	return found
}

// target is a path of another machine, as rsync has it. A path that names its machine itself keeps it.
func target(host, at, user string) string {
	if strings.HasPrefix(at, "rsync://") {
		return at
	}
	if user != "" {
		user += "@"
	}
	switch {
	case strings.Contains(host, ":"):
		return "[" + user + host + "]:" + at
	case !strings.Contains(at, ":"):
		return user + host + ":" + at
	case !strings.Contains(at, "@"):
		return user + at
	}
	return at
}
