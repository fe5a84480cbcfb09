// The lines of authorized_keys.

package accounts

import (
	"regexp"
	"slices"
	"strings"
)

// keyTypes are what a line's key can be.
var keyTypes = strings.Fields(`sk-ecdsa-sha2-nistp256@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com
	ecdsa-sha2-nistp256 ecdsa-sha2-nistp256-cert-v01@openssh.com ecdsa-sha2-nistp384 ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521
	ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ssh-ed25519@openssh.com sk-ssh-ed25519-cert-v01@openssh.com ssh-ed25519 ssh-ed25519-cert-v01@openssh.com
	ssh-dss ssh-rsa ssh-xmss@openssh.com ssh-xmss-cert-v01@openssh.com rsa-sha2-256 rsa-sha2-512 ssh-rsa-cert-v01@openssh.com
	rsa-sha2-256-cert-v01@openssh.com rsa-sha2-512-cert-v01@openssh.com ssh-dss-cert-v01@openssh.com`)

// keyLine is a line: a key, or something else that is kept as it is.
type keyLine struct {
	id      string // the key itself, or the text of a line that is none
	typ     string // empty: no key
	options []string
	comment string
	rank    int // where it stands
}

// same tells whether two lines of one key say the same; the order of options does not count.
func (k keyLine) same(other keyLine) bool {
	return k.typ == other.typ && k.comment == other.comment && slices.Equal(slices.Sorted(slices.Values(k.options)), slices.Sorted(slices.Values(other.options)))
}

// parseKey reads a key with its options and its comment.
func parseKey(line string) (keyLine, bool) {
	line = strings.ReplaceAll(line, `\#`, "#")
	words := strings.Fields(line)
	if len(words) > 0 && words[0] == "#" {
		return keyLine{id: line}, true
	}
	at := slices.IndexFunc(words, func(w string) bool { return slices.Contains(keyTypes, w) })
	if at < 0 || at+1 >= len(words) {
		return keyLine{}, false
	}
	return keyLine{id: words[at+1], typ: words[at], options: parseOptions(strings.Join(words[:at], " ")), comment: strings.Join(words[at+2:], " ")}, true
}

var oneOption = regexp.MustCompile(`(?:[^,"']|"[^"]*"|'[^']*')+`)

// parseOptions splits at the commas that stand in no quotes.
func parseOptions(text string) []string { return oneOption.FindAllString(text, -1) }

// keyFile is the lines of a file. Of several lines with the same key the last one stays, as in Ansible.
type keyFile struct{ lines []keyLine }

func parseKeys(text string) *keyFile {
	f := &keyFile{}
	rank := 0
	for line := range strings.Lines(text) {
		k, ok := parseKey(line)
		if !ok {
			k = keyLine{id: line}
		}
		k.rank = rank
		rank++
		if old := f.find(k.id); old != nil {
			*old = k
		} else {
			f.lines = append(f.lines, k)
		}
	}
	return f
}

func (f *keyFile) find(id string) *keyLine {
	for i := range f.lines {
		if f.lines[i].id == id {
			return &f.lines[i]
		}
	}
	return nil
}

func (f *keyFile) remove(id string) bool {
	n := len(f.lines)
	f.lines = slices.DeleteFunc(f.lines, func(k keyLine) bool { return k.id == id })
	return len(f.lines) < n
}

// keepOnly drops every line, comments as well, that is not one of the keys.
func (f *keyFile) keepOnly(ids []string) bool {
	n := len(f.lines)
	f.lines = slices.DeleteFunc(f.lines, func(k keyLine) bool { return !slices.Contains(ids, k.id) })
	return len(f.lines) < n
}

func (f *keyFile) text() string {
	slices.SortStableFunc(f.lines, func(a, b keyLine) int { return a.rank - b.rank })
	var b strings.Builder
	for _, k := range f.lines {
		if k.typ == "" {
			b.WriteString(k.id)
			continue
		}
		if len(k.options) > 0 {
			b.WriteString(strings.Join(k.options, ",") + " ")
		}
		b.WriteString(k.typ + " " + k.id + " " + k.comment + "\n")
	}
	return b.String()
}
