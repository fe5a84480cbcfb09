package linux

// Reading a script of sed.

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// sedAddress says which lines: a number, the last, those that match.
type sedAddress struct {
	line int // 0 with first~step: first
	step int
	last bool
	re   *regexp.Regexp
	plus int // as the second: so many lines more
	set  bool
}

// sedCommand is a command of a script.
type sedCommand struct {
	from, to sedAddress
	negate   bool
	name     byte
	re       *regexp.Regexp // of s
	with     string         // the replacement, the text of a, i, c, a label, a file
	global   bool
	print    bool
	nth      int
	to0      []byte // of y
	to1      []byte
	block    []*sedCommand // of {
	active   bool          // within a range
	until    int
	quit     int
}

// sedParser reads a script.
type sedParser struct {
	text     string
	at       int
	extended bool
	lastRE   *regexp.Regexp
}

func (s *sedParser) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *sedParser) skip(set string) {
	for s.at < len(s.text) && strings.IndexByte(set, s.text[s.at]) >= 0 {
		s.at++
	}
}

// commands reads up to the end, or up to the brace that ends a block.
func (s *sedParser) commands(inside bool) ([]*sedCommand, error) {
	var out []*sedCommand
	for {
		s.skip(" \t\n;")
		switch c := s.peek(); {
		case c == 0 && inside:
			return nil, errors.New("unmatched `{'")
		case c == 0:
			return out, nil
		case c == '}' && inside:
			s.at++
			return out, nil
		case c == '#':
			for s.at < len(s.text) && s.text[s.at] != '\n' {
				s.at++
			}
			continue
		}
		c, err := s.command()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
}

func (s *sedParser) command() (*sedCommand, error) {
	c := &sedCommand{}
	var err error
	if c.from, err = s.address(); err != nil {
		return nil, err
	}
	s.skip(" \t")
	if c.from.set && s.peek() == ',' {
		s.at++
		s.skip(" \t")
		if c.to, err = s.address(); err != nil {
			return nil, err
		}
		if !c.to.set {
			return nil, errors.New("unexpected `,'")
		}
	}
	s.skip(" \t")
	for s.peek() == '!' {
		c.negate = true
		s.at++
		s.skip(" \t")
	}
	c.name = s.peek()
	s.at++
	return c, s.arguments(c)
}

func (s *sedParser) arguments(c *sedCommand) (err error) {
	switch c.name {
	case '{':
		c.block, err = s.commands(true)
		return err
	case 's':
		return s.substitution(c)
	case 'y':
		return s.transliteration(c)
	case 'a', 'i', 'c':
		c.with = s.lines()
		return nil
	case ':', 'b', 't', 'T':
		s.skip(" \t")
		end := strings.IndexAny(s.text[s.at:], "\n;}")
		if end < 0 || c.name == ':' && s.text[s.at+end] == '}' {
			end = len(s.text) - s.at
		}
		c.with = strings.TrimSpace(s.text[s.at : s.at+end])
		s.at += end
		return nil
	case 'r', 'w':
		end := strings.IndexByte(s.text[s.at:], '\n')
		if end < 0 {
			end = len(s.text) - s.at
		}
		c.with = strings.TrimSpace(s.text[s.at : s.at+end])
		s.at += end
		return nil
	case 'q', 'Q':
		s.skip(" \t")
		from := s.at
		s.skip("0123456789")
		c.quit, _ = strconv.Atoi(s.text[from:s.at])
		return nil
	case 'd', 'D', 'p', 'P', 'n', 'N', 'g', 'G', 'h', 'H', 'x', '=', 'l', 'z':
		return nil
	case 0:
		return errors.New("missing command")
	}
	return fmt.Errorf("unknown command: `%c'", c.name)
}

func (s *sedParser) address() (a sedAddress, err error) {
	c := s.peek()
	switch {
	case c >= '0' && c <= '9':
		a.line = s.number()
		if s.peek() == '~' {
			s.at++
			a.step = s.number()
		}
	case c == '$':
		s.at++
		a.last = true
	case c == '+':
		s.at++
		a.plus = s.number()
	case c == '/' || c == '\\':
		if c == '\\' {
			s.at++
			c = s.peek()
		}
		s.at++
		text, ok := s.until(c, true)
		if !ok {
			return a, errors.New("unterminated address regex")
		}
		fold := s.peek() == 'I'
		if fold {
			s.at++
		}
		a.re, err = s.regex(text, fold)
	default:
		return a, nil
	}
	a.set = true
	return a, err
}

func (s *sedParser) number() int {
	from := s.at
	s.skip("0123456789")
	n, _ := strconv.Atoi(s.text[from:s.at])
	return n
}

// until reads to a delimiter that is not escaped and steps over it. In a pattern, one within brackets does not count.
func (s *sedParser) until(delimiter byte, pattern bool) (string, bool) {
	var b strings.Builder
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '\\' && s.at+1 < len(s.text):
			if s.text[s.at+1] == delimiter {
				if pattern && strings.IndexByte(special, delimiter) >= 0 {
					b.WriteByte('\\')
				}
				b.WriteByte(delimiter)
			} else {
				b.WriteString(s.text[s.at : s.at+2])
			}
			s.at += 2
			continue
		case c == delimiter:
			s.at++
			return b.String(), true
		case c == '[' && pattern:
			if _, n := bracketClass(s.text[s.at:]); n > 0 {
				b.WriteString(s.text[s.at : s.at+n])
				s.at += n
				continue
			}
		}
		b.WriteByte(c)
		s.at++
	}
	return "", false
}

func (s *sedParser) regex(text string, fold bool) (*regexp.Regexp, error) {
	if text == "" {
		return s.lastRE, nil
	}
	re, err := compileRegex(text, s.extended, fold)
	s.lastRE = re
	return re, err
}

func (s *sedParser) substitution(c *sedCommand) error {
	d := s.peek()
	s.at++
	pattern, ok := s.until(d, true)
	if !ok {
		return errors.New("unterminated `s' command")
	}
	if c.with, ok = s.until(d, false); !ok {
		return errors.New("unterminated `s' command")
	}
	fold := false
	for {
		switch f := s.peek(); {
		case f == 'g':
			c.global = true
		case f == 'p':
			c.print = true
		case f == 'i' || f == 'I':
			fold = true
		case f >= '1' && f <= '9':
			c.nth = s.number()
			continue
		default:
			var err error
			c.re, err = s.regex(pattern, fold)
			return err
		}
		s.at++
	}
}

func (s *sedParser) transliteration(c *sedCommand) error {
	d := s.peek()
	s.at++
	from, ok := s.until(d, false)
	to, ok2 := s.until(d, false)
	a, _ := unescape(from, false)
	b, _ := unescape(to, false)
	if !ok || !ok2 || len(a) != len(b) {
		return errors.New("strings for `y' command are different lengths")
	}
	c.to0, c.to1 = []byte(a), []byte(b)
	return nil
}

// lines reads the text of a, i and c: the rest of the line, and further lines after a backslash.
func (s *sedParser) lines() string {
	s.skip(" \t")
	if strings.HasPrefix(s.text[s.at:], "\\\n") {
		s.at += 2
	} else if s.peek() == '\\' {
		s.at++
	}
	var b strings.Builder
	for s.at < len(s.text) && s.text[s.at] != '\n' {
		if s.text[s.at] == '\\' && s.at+1 < len(s.text) {
			s.at++
		}
		b.WriteByte(s.text[s.at])
		s.at++
	}
	return b.String() + "\n"
}
