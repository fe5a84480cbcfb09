package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
)

// Keyring is the passwords of a run, the strongest first. A nil Keyring has none. It is safe for concurrent use.
type Keyring struct {
	Options
	secrets []Secret

	mu   sync.Mutex
	keys map[[sha256.Size]byte]keys // by password and salt: deriving takes milliseconds, and values are opened again and again
}

// Options are what ansible.cfg says about opening.
type Options struct {
	Match    bool   // vault_id_match: only secrets are tried whose label is that of the text
	Identity string // vault_identity: the label that a text without one counts as; empty: DefaultID
}

// NewKeyring makes a ring of secrets in the order in which they are tried.
func NewKeyring(o Options, secrets ...Secret) *Keyring {
	if o.Identity == "" {
		o.Identity = DefaultID
	}
	return &Keyring{Options: o, secrets: secrets, keys: map[[sha256.Size]byte]keys{}}
}

// String shows none of the passwords.
func (k *Keyring) String() string { return fmt.Sprintf("%d vault secrets", len(k.Secrets())) }

// GoString shows none of the passwords.
func (k *Keyring) GoString() string { return k.String() }

// Secrets are the secrets of the ring.
func (k *Keyring) Secrets() []Secret {
	if k == nil {
		return nil
	}
	return k.secrets
}

// Open decrypts a vault text.
func (k *Keyring) Open(data []byte) ([]byte, error) {
	plain, _, err := k.OpenWith(data)
	return plain, err
}

// OpenWith decrypts a vault text and tells which secret did it.
func (k *Keyring) OpenWith(data []byte) ([]byte, Secret, error) {
	e, err := Parse(data)
	if err != nil {
		return nil, Secret{}, err
	}
	if e.Cipher != "AES256" {
		return nil, Secret{}, &FormatError{fmt.Sprintf("Cipher '%s' could not be found.", e.Cipher)}
	}
	if len(k.Secrets()) == 0 {
		return nil, Secret{}, ErrNoSecrets
	}
	parts, err := e.parts()
	if err != nil {
		return nil, Secret{}, err
	}
	for _, s := range k.candidates(e.ID) {
		key, err := k.derived(s, parts.salt)
		if err != nil {
			return nil, Secret{}, err
		}
		plain, err := key.open(parts)
		if !errors.Is(err, ErrNoMatch) {
			return plain, s, err
		}
	}
	return nil, Secret{}, ErrNoMatch
}

// candidates are the secrets to try, in the order they were given, which a label does not change.
func (k *Keyring) candidates(id string) []Secret {
	if !k.Match {
		return k.secrets
	}
	if id == "" {
		id = k.Identity
	}
	var out []Secret
	for _, s := range k.secrets {
		if s.ID == id {
			out = append(out, s)
		}
	}
	return out
}

func (k *Keyring) derived(s Secret, salt []byte) (keys, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%d:", len(s.Password))
	h.Write(s.Password)
	h.Write(salt)
	at := [sha256.Size]byte(h.Sum(nil))
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.keys[at]; ok {
		return key, nil
	}
	key, err := derive(s.Password, salt)
	if err == nil {
		k.keys[at] = key
	}
	return key, err
}
