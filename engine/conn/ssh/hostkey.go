package ssh

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	xssh "golang.org/x/crypto/ssh"

	"github.com/drydock-dev/drydock/engine/conn"
)

// verifier judges the host key of one hop.
type verifier struct {
	t     target
	known knownHosts
	warn  func(string)
	// changed says that the key is wrong and was let through (CheckNo): then no password is sent.
	changed bool
	// verdict is the error of check, kept because x/crypto wraps it into text of its own.
	verdict error
}

func newVerifier(t target, warn func(string)) (*verifier, error) {
	known, err := readKnownHosts(slices.Concat(t.userKnown, t.globalKnown))
	if err != nil {
		return nil, err
	}
	return &verifier{t: t, known: known, warn: warn}, nil
}

// Host key algorithms by preference, as OpenSSH has them.
var hostKeyOrder = []string{
	xssh.KeyAlgoED25519, xssh.KeyAlgoECDSA256, xssh.KeyAlgoECDSA384, xssh.KeyAlgoECDSA521, xssh.KeyAlgoRSASHA512, xssh.KeyAlgoRSASHA256,
}

var certOrder = []string{
	xssh.CertAlgoED25519v01, xssh.CertAlgoECDSA256v01, xssh.CertAlgoECDSA384v01, xssh.CertAlgoECDSA521v01,
	xssh.CertAlgoRSASHA512v01, xssh.CertAlgoRSASHA256v01,
}

// algorithms asks for the kinds of key by which the host is known first, so that a host known by one key is not taken for a
// stranger because it has others. Certificates are asked for only if somebody may vouch for the host.
func (v *verifier) algorithms() ([]string, error) {
	if v.t.hostKeyAlgos != "" {
		return choose("HostKeyAlgorithms", v.t.hostKeyAlgos, hostKeyOrder, slices.Concat(certOrder, hostKeyOrder, []string{xssh.KeyAlgoRSA}))
	}
	names := knownNames(v.t)
	kinds := map[string]bool{}
	for _, l := range v.known.about("", names...) {
		kinds[l.key.Type()] = true
	}
	var first, rest []string
	if len(v.known.about("cert-authority", names...)) > 0 {
		first = append(first, certOrder...)
	}
	for _, a := range hostKeyOrder {
		if kinds[keyKind(a)] {
			first = append(first, a)
		} else {
			rest = append(rest, a)
		}
	}
	return append(first, rest...), nil
}

// keyKind is the kind of key behind a signature algorithm: RSA keys sign in several ways.
func keyKind(algorithm string) string {
	if strings.HasPrefix(algorithm, "rsa-sha2-") {
		return xssh.KeyAlgoRSA
	}
	return algorithm
}

// check is the callback of the handshake.
func (v *verifier) check(_ string, remote net.Addr, key xssh.PublicKey) error {
	v.verdict = v.judge(remote, key)
	return v.verdict
}

func (v *verifier) judge(remote net.Addr, key xssh.PublicKey) error {
	for _, l := range v.known.about("revoked", append(knownNames(v.t), "*")...) {
		if sameKey(l.key, key) {
			return v.refuse(fmt.Sprintf("the %s is revoked in %s", describe(key), l))
		}
	}
	if cert, ok := key.(*xssh.Certificate); ok {
		if err := v.judgeCertificate(remote, cert); err != nil {
			return v.refuse(err.Error())
		}
		return nil
	}
	var offending *knownLine
	for _, name := range knownNames(v.t) {
		for _, l := range v.known.about("", name) {
			if sameKey(l.key, key) {
				return nil
			}
			if offending == nil && l.key.Type() == key.Type() && name == knownNames(v.t)[0] {
				offending = &l
			}
		}
	}
	if offending != nil {
		return v.judgeChanged(*offending, key)
	}
	return v.judgeNew(key)
}

// judgeCertificate accepts a host certificate of an authority that may vouch for the host.
func (v *verifier) judgeCertificate(remote net.Addr, cert *xssh.Certificate) error {
	authorities := v.known.about("cert-authority", knownNames(v.t)...)
	checker := xssh.CertChecker{
		IsHostAuthority: func(auth xssh.PublicKey, _ string) bool {
			return slices.ContainsFunc(authorities, func(l knownLine) bool { return sameKey(l.key, auth) })
		},
		IsRevoked: func(c *xssh.Certificate) bool {
			return slices.ContainsFunc(v.known.lines, func(l knownLine) bool {
				return l.marker == "revoked" && (sameKey(l.key, c.Key) || sameKey(l.key, c.SignatureKey))
			})
		},
	}
	name := net.JoinHostPort(v.t.keyNameOr(v.t.host), strconv.Itoa(v.t.port))
	return checker.CheckHostKey(name, remote, cert)
}

func (v *verifier) judgeChanged(was knownLine, key xssh.PublicKey) error {
	name := knownNames(v.t)[0]
	text := fmt.Sprintf("remote host identification has changed: the %s that %s shows is not the one in %s (%s); either somebody "+
		"stands between, or the host was installed anew: then remove the old key with: ssh-keygen -f %q -R %q",
		describe(key), v.t, was, xssh.FingerprintSHA256(was.key), was.file, name)
	if v.t.checking == CheckNo {
		v.changed = true
		v.warn(text)
		return nil
	}
	return v.refuse(text)
}

func (v *verifier) judgeNew(key xssh.PublicKey) error {
	if v.t.checking == CheckYes {
		return v.refuse(fmt.Sprintf("no %s key is known for %s, and strict checking was asked for; it shows the %s; if that is its key, "+
			"add it with: %s", kindName(key), v.t, describe(key), keyscan(v.t)))
	}
	if len(v.t.userKnown) == 0 || v.t.userKnown[0] == os.DevNull {
		return nil
	}
	if err := remember(v.t.userKnown[0], v.t, key); err != nil {
		v.warn(fmt.Sprintf("the key of %s could not be added to the known hosts: %v", v.t, err))
	}
	return nil
}

func (v *verifier) refuse(text string) error {
	return &Error{Text: "host key verification failed: " + text, Kinds: []error{conn.ErrHostKey}}
}

func keyscan(t target) string {
	if t.port == defaultPort {
		return "ssh-keyscan " + t.host
	}
	return fmt.Sprintf("ssh-keyscan -p %d %s", t.port, t.host)
}

// describe names a key for a human.
func describe(key xssh.PublicKey) string {
	return kindName(key) + " key " + xssh.FingerprintSHA256(key)
}

func kindName(key xssh.PublicKey) string {
	kind := strings.TrimPrefix(key.Type(), "ssh-")
	if strings.HasPrefix(kind, "ecdsa-") {
		kind = "ecdsa"
	}
	return strings.ToUpper(kind)
}

// choose applies a list of algorithms in OpenSSH's notation: +added -removed ^first, or the whole list, with wildcards.
func choose(option, spec string, defaults, known []string) ([]string, error) {
	pick := func(list string) []string {
		var out []string
		for _, p := range strings.Split(list, ",") {
			for _, a := range known {
				if matchPattern(a, p) && !slices.Contains(out, a) {
					out = append(out, a)
				}
			}
		}
		return out
	}
	var out []string
	switch spec[0] {
	case '+':
		out = append(slices.Clone(defaults), pick(spec[1:])...)
	case '^':
		out = append(pick(spec[1:]), defaults...)
	case '-':
		out = slices.DeleteFunc(slices.Clone(defaults), func(a string) bool { return slices.Contains(pick(spec[1:]), a) })
	default:
		out = pick(spec)
	}
	if len(out) == 0 {
		return nil, errors.New("ssh option " + option + ": none of " + spec + " is supported")
	}
	return unique(out), nil
}

// unique drops what came before.
func unique(list []string) []string {
	var out []string
	for _, a := range list {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}
