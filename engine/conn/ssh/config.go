package ssh

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kevinburke/ssh_config"
)

// settings are the values that hold for one host, by keyword in lower case, the first wins.
type settings struct {
	alias  string // as the host was called
	values map[string][]string
	warn   func(string)
	o      Options
}

func newSettings(o Options, alias string) *settings {
	return &settings{alias: alias, values: map[string][]string{}, warn: o.Warn, o: o}
}

func (s *settings) add(key, value string) {
	key, _ = keyword(key)
	if rival, ok := rivals[key]; ok && len(s.values[rival]) > 0 {
		return
	}
	if _, there := s.values[key]; there && !multi[key] {
		return
	}
	s.values[key] = append(s.values[key], value)
}

// rivals exclude each other: the one that is seen first wins.
var rivals = map[string]string{"proxyjump": "proxycommand", "proxycommand": "proxyjump"}

// one gives the value of a keyword, or "".
func (s *settings) one(key string) string {
	if v := s.values[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (s *settings) yes(key string, otherwise bool) bool {
	switch strings.ToLower(s.one(key)) {
	case "yes", "true", "on":
		return true
	case "no", "false", "off":
		return false
	}
	return otherwise
}

// readFiles takes the configuration files in. A file that is not there is no error if it is a default one.
func (s *settings) readFiles(files []string, mustExist bool) error {
	for _, f := range files {
		err := s.readFile(f, 0)
		if os.IsNotExist(err) && !mustExist {
			continue
		}
		if err != nil {
			return fmt.Errorf("read the ssh configuration: %w", err)
		}
	}
	return nil
}

const maxIncludes = 16 // as deep as OpenSSH goes

// Words that stand for the lines that we judge ourselves, because ssh_config refuses them or cannot know the state so far.
const (
	matchWord   = "DrydockMatch"
	includeWord = "DrydockInclude"
)

// readFile takes one file in; depth counts the Include lines on the way to it.
func (s *settings) readFile(name string, depth int) error {
	if depth > maxIncludes {
		return fmt.Errorf("%s: includes are nested too deeply", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	prepared, lines := prepare(string(text))
	c, err := ssh_config.DecodeBytes([]byte(prepared))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, block := range c.Hosts {
		if !block.Matches(s.alias) {
			continue
		}
		if err := s.readBlock(name, block, lines, depth); err != nil {
			return err
		}
	}
	return nil
}

// readBlock takes in what stands under one Host or Match line.
func (s *settings) readBlock(name string, block *ssh_config.Host, lines []int, depth int) error {
	for _, n := range block.Nodes {
		kv, ok := n.(*ssh_config.KV)
		if !ok {
			continue
		}
		at := fmt.Sprintf("%s:%d", name, lines[min(kv.Pos().Line, len(lines))-1])
		switch kv.Key {
		case matchWord:
			if !s.matches(kv.Value, at) {
				return nil
			}
		case includeWord:
			if err := s.include(name, kv.Value, depth); err != nil {
				return err
			}
		default:
			if _, warning := keyword(kv.Key); warning != "" {
				s.warn(at + ": " + warning)
			}
			s.add(kv.Key, kv.Value)
		}
	}
	return nil
}

// include reads the files that an Include line names.
func (s *settings) include(from, value string, depth int) error {
	for _, pattern := range fields(value) {
		pattern = s.expandHome(pattern)
		if !filepath.IsAbs(pattern) {
			dir := filepath.Join(s.o.Home, ".ssh")
			if strings.HasPrefix(from, "/etc/ssh/") {
				dir = "/etc/ssh"
			}
			pattern = filepath.Join(dir, pattern)
		}
		found, err := filepath.Glob(pattern)
		if err != nil {
			return fmt.Errorf("%s: Include %s: %w", from, pattern, err)
		}
		for _, f := range found {
			if err := s.readFile(f, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepare makes a text that ssh_config reads without judging Match and Include by itself: a Match line becomes a block for all
// hosts that begins with its condition. lines[i] is the line in the original of line i+1 of the result.
func prepare(text string) (prepared string, lines []int) {
	var b strings.Builder
	write := func(line string, from int) {
		b.WriteString(line)
		b.WriteByte('\n')
		lines = append(lines, from)
	}
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		key, value := splitLine(line)
		switch strings.ToLower(key) {
		case "match":
			write("Host *", i+1)
			write(matchWord+" "+value, i+1)
		case "include":
			write(includeWord+" "+value, i+1)
		case "host":
			write("Host "+strings.Join(fields(value), " "), i+1)
		default:
			write(line, i+1)
		}
	}
	return b.String(), lines
}

// splitLine takes a line apart into keyword and value, which "=" or blanks may separate.
func splitLine(line string) (key, value string) {
	line = strings.TrimSpace(line)
	end := strings.IndexAny(line, "= \t")
	if end < 0 || strings.HasPrefix(line, "#") {
		return "", ""
	}
	value = strings.TrimLeft(line[end:], " \t")
	return line[:end], strings.TrimSpace(strings.TrimPrefix(value, "="))
}
