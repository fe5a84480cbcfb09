package ssh

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"

	xssh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// keyring gathers the keys that one hop is offered.
type keyring struct {
	t      target
	shared *Shared
	pause  func(func()) // runs a function that may wait for a person
	note   func(text string)
	warn   func(text string)
}

// signers are the keys in the order they are offered: those asked for by name, whether the agent or a file holds them; the
// agent's others; the default files. OpenSSH offers the agent's others before asked-for files, and is then turned away by
// servers that count; this order cannot be worse.
func (k keyring) signers() (list []xssh.Signer, done func()) {
	inAgent, done := k.fromAgent()
	var files []xssh.Signer
	for _, path := range k.t.identities {
		files = append(files, k.fromFile(path, inAgent)...)
	}
	if k.t.givenKeys {
		list = append(list, files...)
	}
	if !k.t.identitiesOnly {
		list = append(list, inAgent...)
	}
	if !k.t.givenKeys {
		list = append(list, files...)
	}
	list = append(k.certified(append(list, inAgent...)), list...)
	return k.accepted(uniqueKeys(list)), done
}

// fromAgent asks the agent for its keys. done closes the connection to it, which signing needs.
func (k keyring) fromAgent() (list []xssh.Signer, done func()) {
	if k.t.agent == "" {
		return nil, func() {}
	}
	c, err := net.Dial("unix", k.t.agent)
	if err != nil {
		k.note("the agent does not answer")
		return nil, func() {}
	}
	list, err = agent.NewClient(c).Signers()
	if err != nil {
		k.note("the agent gives no keys: " + err.Error())
	}
	return list, func() { _ = c.Close() } // a socket that was only asked
}

// fromFile reads a private key, and the certificate beside it. A key that the agent holds is used there, unlocked.
func (k keyring) fromFile(path string, inAgent []xssh.Signer) []xssh.Signer {
	if public, err := readPublic(path + ".pub"); err == nil {
		if i := slices.IndexFunc(inAgent, func(s xssh.Signer) bool { return sameKey(s.PublicKey(), public) }); i >= 0 {
			return k.withCertificate(path+"-cert.pub", inAgent[i])
		}
	}
	signer, err := k.read(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if k.t.givenKeys {
			k.warn(fmt.Sprintf("identity file %s not accessible: no such file", path))
		}
		return nil
	case err != nil:
		k.note(err.Error())
		return nil
	}
	return k.withCertificate(path+"-cert.pub", signer)
}

// read reads a private key file; a locked one gives a signer that asks when it is to sign.
func (k keyring) read(path string) (xssh.Signer, error) {
	if st, err := os.Stat(path); err == nil && st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("permissions %04o for %s are too open, the key is ignored", st.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	signer, err := xssh.ParsePrivateKey(text)
	var locked *xssh.PassphraseMissingError
	if !errors.As(err, &locked) {
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", path, err)
		}
		return signer, nil
	}
	if k.shared.prompt == nil {
		return nil, fmt.Errorf("key %s is locked by a passphrase, and nobody can be asked for it", path)
	}
	key := k.shared.key(path, func() *lockedKey {
		public := locked.PublicKey
		if public == nil { // an old PEM file does not tell what it is
			public, _ = readPublic(path + ".pub")
		}
		return &lockedKey{path: path, text: text, prompt: k.shared.prompt, public: public}
	})
	if key.public == nil {
		k.pause(func() { signer, err = key.unlock() })
		return signer, err
	}
	return waiting{key, k.pause, k.note}, nil
}

// withCertificate puts the certificate of a file, if there is one, before the bare key.
func (k keyring) withCertificate(path string, signer xssh.Signer) []xssh.Signer {
	public, err := readPublic(path)
	if err != nil {
		return []xssh.Signer{signer}
	}
	if cert, ok := public.(*xssh.Certificate); ok {
		if s, err := xssh.NewCertSigner(cert, signer); err == nil {
			return []xssh.Signer{s, signer}
		}
	}
	k.note("certificate " + path + " does not belong to its key")
	return []xssh.Signer{signer}
}

// certified makes signers of the files of CertificateFile and whichever key they belong to.
func (k keyring) certified(keys []xssh.Signer) []xssh.Signer {
	var out []xssh.Signer
	for _, path := range k.t.certificates {
		public, err := readPublic(path)
		if err != nil {
			k.warn(fmt.Sprintf("certificate file %s not accessible: %v", path, err))
			continue
		}
		cert, ok := public.(*xssh.Certificate)
		if !ok {
			k.warn("certificate file " + path + " holds no certificate")
			continue
		}
		for _, s := range keys {
			if c, err := xssh.NewCertSigner(cert, s); err == nil && sameKey(cert.Key, s.PublicKey()) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// accepted applies PubkeyAcceptedAlgorithms.
func (k keyring) accepted(list []xssh.Signer) []xssh.Signer {
	if k.t.pubkeyAlgos == "" {
		return list
	}
	all := slices.Concat(certOrder, hostKeyOrder, []string{xssh.KeyAlgoRSA, xssh.KeyAlgoSKED25519, xssh.KeyAlgoSKECDSA256})
	allowed, err := choose("PubkeyAcceptedAlgorithms", k.t.pubkeyAlgos, slices.Concat(certOrder, hostKeyOrder), all)
	if err != nil {
		k.warn(err.Error())
		return list
	}
	var out []xssh.Signer
	for _, s := range list {
		own := slices.DeleteFunc(slices.Clone(allowed), func(a string) bool { return keyKind(a) != s.PublicKey().Type() })
		as, ok := s.(xssh.AlgorithmSigner)
		if !ok || len(own) == 0 {
			continue
		}
		if m, err := xssh.NewSignerWithAlgorithms(as, own); err == nil {
			out = append(out, m)
		}
	}
	return out
}

func uniqueKeys(list []xssh.Signer) []xssh.Signer {
	var out []xssh.Signer
	for _, s := range list {
		if !slices.ContainsFunc(out, func(o xssh.Signer) bool { return sameKey(o.PublicKey(), s.PublicKey()) }) {
			out = append(out, s)
		}
	}
	return out
}

func readPublic(path string) (xssh.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, _, _, _, err := xssh.ParseAuthorizedKey(bytes.TrimSpace(text))
	return key, err
}

// lockedKey is a private key behind a passphrase. It is unlocked when it first signs, once for the whole run; a person who
// could not open it is not asked again.
type lockedKey struct {
	path   string
	text   []byte
	public xssh.PublicKey
	prompt func(question string) (string, error)

	mu     sync.Mutex
	signer xssh.Signer
	err    error
}

const passphraseTries = 3

func (k *lockedKey) unlock() (xssh.Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for try := 0; k.signer == nil && k.err == nil; try++ {
		if try == passphraseTries {
			k.err = fmt.Errorf("key %s was not unlocked: wrong passphrase", k.path)
			break
		}
		phrase, err := k.prompt(fmt.Sprintf("Enter passphrase for key '%s': ", k.path))
		if err != nil {
			k.err = fmt.Errorf("key %s was not unlocked: %w", k.path, err)
			break
		}
		signer, err := xssh.ParsePrivateKeyWithPassphrase(k.text, []byte(phrase))
		if err != nil && !errors.Is(err, x509.IncorrectPasswordError) {
			k.err = fmt.Errorf("key %s: %w", k.path, err)
		}
		if err == nil {
			k.signer = signer
		}
	}
	return k.signer, k.err
}

// waiting is a locked key within one handshake, whose time limit stands still while a person is asked.
type waiting struct {
	*lockedKey
	pause func(func())
	note  func(text string)
}

func (w waiting) PublicKey() xssh.PublicKey { return w.public }

func (w waiting) Sign(rand io.Reader, data []byte) (*xssh.Signature, error) {
	return w.SignWithAlgorithm(rand, data, "")
}

// SignWithAlgorithm signs; an empty algorithm means the key's own.
func (w waiting) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*xssh.Signature, error) {
	var signer xssh.Signer
	var err error
	w.pause(func() { signer, err = w.unlock() })
	if err != nil {
		w.note(err.Error())
		return nil, err
	}
	if as, ok := signer.(xssh.AlgorithmSigner); ok && algorithm != "" {
		return as.SignWithAlgorithm(rand, data, algorithm)
	}
	return signer.Sign(rand, data)
}
