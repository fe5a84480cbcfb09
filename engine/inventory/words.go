package inventory

import (
	"errors"
	"strings"
)

// word is one word of a line and the byte at which it begins.
type word struct {
	text string
	at   int
}

// splitWords splits a line as a POSIX shell would: quotes hold words together and vanish, a backslash protects the next character (in double
// quotes only a quote or a backslash), # begins a comment, even within a word, as in Python's shlex.
func splitWords(line string) ([]word, error) {
	s := wordSplitter{start: -1}
	for i := 0; i < len(line); i++ {
		if stop := s.take(line[i], i); stop {
			break
		}
	}
	switch {
	case s.quote != 0:
		return nil, errors.New("a quote is opened and not closed")
	case s.escaped:
		return nil, errors.New("nothing follows the backslash")
	}
	s.end()
	return s.words, nil
}

type wordSplitter struct {
	words   []word
	current strings.Builder
	start   int  // of the current word, -1: between words
	quote   byte // the open quote, 0: none
	escaped bool
}

// take reads one byte and tells whether a comment begins there.
func (s *wordSplitter) take(c byte, at int) (comment bool) {
	switch {
	case s.escaped:
		if s.quote == '"' && c != '"' && c != '\\' {
			s.current.WriteByte('\\')
		}
		s.current.WriteByte(c)
		s.escaped = false
	case c == '\\' && s.quote != '\'':
		s.begin(at)
		s.escaped = true
	case s.quote != 0 && c == s.quote:
		s.quote = 0
	case s.quote != 0:
		s.current.WriteByte(c)
	case c == '"' || c == '\'':
		s.begin(at)
		s.quote = c
	case c == '#':
		return true
	case c == ' ' || c == '\t' || c == '\r':
		s.end()
	default:
		s.begin(at)
		s.current.WriteByte(c)
	}
	return false
}

func (s *wordSplitter) begin(at int) {
	if s.start < 0 {
		s.start = at
	}
}

func (s *wordSplitter) end() {
	if s.start < 0 {
		return
	}
	s.words = append(s.words, word{text: s.current.String(), at: s.start})
	s.current.Reset()
	s.start = -1
}
