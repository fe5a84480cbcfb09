package ssh

import (
	"path"
	"strings"
)

// matches judges the conditions of a Match line by what is known so far. A condition that we cannot judge is a warning, and
// the block is left out.
func (s *settings) matches(condition, at string) bool {
	words := fields(condition)
	if len(words) == 0 {
		s.warn(at + ": Match without a condition")
		return false
	}
	for i := 0; i < len(words); i++ {
		name, negated := strings.CutPrefix(strings.ToLower(words[i]), "!")
		if name == "all" {
			continue
		}
		subject, known := s.matchSubject(name)
		if !known || i+1 >= len(words) {
			s.warn(at + ": the condition Match " + name + " is not understood; the block is left out")
			return false
		}
		i++
		if matchList(subject, words[i]) == negated {
			return false
		}
	}
	return true
}

// matchSubject is what a condition looks at.
func (s *settings) matchSubject(name string) (subject string, known bool) {
	switch name {
	case "host":
		return s.hostname(), true
	case "originalhost":
		return s.alias, true
	case "user":
		return s.user(), true
	case "localuser":
		return s.o.Login, true
	}
	return "", false
}

func (s *settings) hostname() string {
	if h := s.one("hostname"); h != "" {
		return strings.ReplaceAll(strings.ReplaceAll(h, "%%", "%"), "%h", s.alias)
	}
	return s.alias
}

func (s *settings) user() string {
	if u := s.one("user"); u != "" {
		return u
	}
	return s.o.Login
}

// matchList tells whether a name is matched by a list of patterns with commas between them. A pattern after "!" that matches
// forbids the match. Both known_hosts and Match have such lists.
func matchList(name, list string) bool {
	found := false
	for _, p := range strings.Split(list, ",") {
		p, negated := strings.CutPrefix(p, "!")
		if !matchPattern(name, p) {
			continue
		}
		if negated {
			return false
		}
		found = true
	}
	return found
}

// matchPattern knows * and ? only; what path.Match knows besides is taken literally.
func matchPattern(name, pattern string) bool {
	literal := strings.NewReplacer(`\`, `\\`, "[", `\[`, "/", "\x00")
	ok, err := path.Match(literal.Replace(strings.ToLower(pattern)), strings.ReplaceAll(strings.ToLower(name), "/", "\x00"))
	return ok && err == nil
}
