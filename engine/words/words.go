// Package words splits a line into words as a POSIX shell does, says where each begins, and quotes words for such a line.
package words

import (
	"errors"
	"strings"
)

// Word is one word of a line and the byte at which it begins.
type Word struct {
	Text string
	At   int
}

// Comments says whether # begins a comment.
type Comments bool

// What # means.
const (
	Comment   Comments = true // the rest of the line is left out, even from within a word, as Python's shlex has it
	NoComment Comments = false
)

// Split splits a line: quotes hold words together and vanish, a backslash protects the next character (in double quotes
// only a quote or a backslash).
func Split(line string, comments Comments) ([]Word, error) {
	s := splitter{start: -1, comments: bool(comments)}
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

type splitter struct {
	words    []Word
	comments bool
	current  strings.Builder
	start    int  // of the current word, -1: between words
	quote    byte // the open quote, 0: none
	escaped  bool
}

// take reads one byte and tells whether a comment begins there.
func (s *splitter) take(c byte, at int) (comment bool) {
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
	case c == '#' && s.comments:
		return true
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		s.end()
	default:
		s.begin(at)
		s.current.WriteByte(c)
	}
	return false
}

func (s *splitter) begin(at int) {
	if s.start < 0 {
		s.start = at
	}
}

func (s *splitter) end() {
	if s.start < 0 {
		return
	}
	s.words = append(s.words, Word{Text: s.current.String(), At: s.start})
	s.current.Reset()
	s.start = -1
}

// Texts is Split without the places and with # as any other character: the words of a command line.
func Texts(line string) ([]string, error) {
	words, err := Split(line, NoComment)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return out, nil
}
