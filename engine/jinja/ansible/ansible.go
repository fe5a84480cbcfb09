// Package ansible adds to the template language what Ansible adds to Jinja: its filters, tests, lookups and globals, with the
// address filters of ansible.utils and a few of community.general.
//
// Whatever touches the world — files, commands, the clock, chance — comes in through IO.
package ansible

import (
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/drydock-dev/drydock/engine/jinja"
)

// IO is what filters and lookups need of the controller. A nil function is something they may not do: they say so.
type IO struct {
	ReadFile  func(path string) ([]byte, error)                      // vault files opened
	ReadRaw   func(path string) ([]byte, error)                      // vault files as they are; nil: ReadFile
	WriteFile func(path string, data []byte, mode fs.FileMode) error // for the password lookup
	Stat      func(path string) (fs.FileInfo, error)
	Lstat     func(path string) (fs.FileInfo, error)
	ReadDir   func(path string) ([]fs.DirEntry, error)
	Glob      func(pattern string) ([]string, error)
	EvalLinks func(path string) (string, error) // a path without symbolic links
	Getenv    func(name string) (string, bool)
	Home      func(user string) (string, error) // "" is whoever runs this
	Getwd     func() (string, error)
	Pipe      func(command string) (stdout string, rc int, err error) // a shell command on the controller
	HTTP      func(r Request) (body []byte, status int, err error)    // for the url lookup
	Resolve   func(name, kind string) ([]string, error)               // DNS
	Config    func(key string) (v any, origin string, ok bool)        // a setting by Ansible's name of it, and where it came from
	Now       func() time.Time
}

// Request is what the url lookup asks for.
type Request struct {
	URL            string
	Headers        map[string]string
	User, Password string
	Agent          string
	Timeout        time.Duration
	Follow         bool // redirects
	NoVerify       bool // whatever certificate the server shows is good
	NoProxy        bool
	NoCache        bool
	CAPath         string
	UnixSocket     string
}

// Extend adds Ansible's names to a Language that was not used yet.
func Extend(l *jinja.Language, io IO) {
	if io.ReadRaw == nil {
		io.ReadRaw = io.ReadFile
	}
	if io.Now == nil {
		io.Now = time.Now
	}
	a := &extension{IO: io, lang: l, rand: rand.IntN}
	if l.Load == nil {
		l.Load = a.load
	}
	l.NamesPlugins = true
	a.addTypeFilters(l)
	a.addDataFilters(l)
	a.addSetFilters(l)
	a.addTextFilters(l)
	a.addPathFilters(l)
	a.addRegexFilters(l)
	a.addHashFilters(l)
	a.addMathFilters(l)
	a.addRandomFilters(l)
	a.addTimeFilters(l)
	a.addIPFilters(l)
	a.addCommunityFilters(l)
	a.addTests(l)
	a.addFileTests(l)
	a.addLookups(l)
	addVault(l)
}

// extension is what the filters, tests and lookups share.
type extension struct {
	IO
	lang     *jinja.Language
	rand     func(n int) int
	patterns patterns
}
