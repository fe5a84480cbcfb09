package ssh

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	xssh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// knownHosts are the lines of the files of known hosts. The files are read by hand and not by x/crypto's knownhosts.New, which
// gives up a whole file for one line it does not understand and cannot say which kinds of key a host is known by.
type knownHosts struct{ lines []knownLine }

// knownLine is a line that could be read.
type knownLine struct {
	file   string
	number int
	marker string // "", "cert-authority" or "revoked"
	hosts  []string
	key    xssh.PublicKey
}

func (l knownLine) String() string { return fmt.Sprintf("%s:%d", l.file, l.number) }

// readKnownHosts reads the files in order. One that is not there is empty; lines that cannot be read are left out, as
// OpenSSH does.
func readKnownHosts(files []string) (knownHosts, error) {
	var k knownHosts
	for _, f := range files {
		text, err := os.ReadFile(f)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return k, fmt.Errorf("read the known hosts: %w", err)
		}
		for i, line := range bytes.Split(text, []byte("\n")) {
			marker, hosts, key, _, _, err := xssh.ParseKnownHosts(line)
			if err == nil {
				k.lines = append(k.lines, knownLine{file: f, number: i + 1, marker: marker, hosts: hosts, key: key})
			}
		}
	}
	return k, nil
}

// about gives the lines with this marker that match one of the names.
func (k knownHosts) about(marker string, names ...string) []knownLine {
	var out []knownLine
	for _, l := range k.lines {
		if l.marker != marker {
			continue
		}
		for _, n := range names {
			if l.names(n) {
				out = append(out, l)
				break
			}
		}
	}
	return out
}

// names tells whether the line is about name, which is a host or [host]:port.
func (l knownLine) names(name string) bool {
	if len(l.hosts) == 1 && strings.HasPrefix(l.hosts[0], "|1|") {
		return hashedName(l.hosts[0], name)
	}
	return matchList(name, strings.Join(l.hosts, ","))
}

// hashedName compares name with |1|salt|hash.
func hashedName(hashed, name string) bool {
	parts := strings.Split(hashed, "|")
	if len(parts) != 4 {
		return false
	}
	salt, err1 := base64.StdEncoding.DecodeString(parts[2])
	want, err2 := base64.StdEncoding.DecodeString(parts[3])
	if err1 != nil || err2 != nil {
		return false
	}
	mac := hmac.New(sha1.New, salt)
	mac.Write([]byte(strings.ToLower(name)))
	return hmac.Equal(mac.Sum(nil), want)
}

// knownNames are the names a host may stand under: with its port, then without one, as OpenSSH looks.
func knownNames(t target) []string {
	if t.keyName != "" {
		return []string{t.keyName}
	}
	host := strings.ToLower(t.host)
	if t.port == defaultPort {
		return []string{host}
	}
	return []string{"[" + host + "]:" + strconv.Itoa(t.port), host}
}

// remember adds the host's key to the file: under a lock, in one write, unless it got there in the meantime.
func remember(file string, t target, key xssh.PublicKey) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	known, err := readKnownHosts([]string{file})
	if err != nil {
		return err
	}
	name := knownNames(t)[0]
	for _, l := range known.about("", name) {
		if sameKey(l.key, key) {
			return nil
		}
	}
	line := knownhosts.Line([]string{name}, key) + "\n"
	if t.hashKnown {
		line = knownhosts.HashHostname(name) + line[strings.IndexByte(line, ' '):]
	}
	if st, err := f.Stat(); err == nil && st.Size() > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, st.Size()-1); err == nil && last[0] != '\n' {
			line = "\n" + line
		}
	}
	_, err = f.WriteString(line)
	return err
}

func sameKey(a, b xssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }
