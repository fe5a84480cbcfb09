// Package vault reads and writes what ansible-vault encrypts: the envelope of text around it, the AES-256 inside, and a ring of
// passwords of which one opens it.
//
// It knows nothing of files, prompts or playbooks: bytes go in and bytes come out. Who asks for passwords stands in cmd, who opens
// files in source, who opens single values in jinja.
package vault

import (
	"bytes"
	"errors"
)

// DefaultID is the label of a password that was given none.
const DefaultID = "default"

// Why something cannot be opened. The words are Ansible's, which content compares.
var (
	// ErrNoSecrets: nobody gave a password.
	ErrNoSecrets = errors.New("Attempting to decrypt but no vault secrets found.") //nolint:staticcheck // Ansible's words
	// ErrNoMatch: passwords were given and none of them fits.
	ErrNoMatch = errors.New("Decryption failed (no vault secrets were found that could decrypt).") //nolint:staticcheck // Ansible's words
	// ErrPlain: the input is no vault text.
	ErrPlain = errors.New("Input is not vault encrypted data.") //nolint:staticcheck // Ansible's words
	// ErrEncrypted: what is to be encrypted is vault text already.
	ErrEncrypted = errors.New("input is already encrypted")
)

// FormatError says what is broken in a vault text; no password would mend it.
type FormatError struct{ Why string }

func (e *FormatError) Error() string { return e.Why }

const header = "$ANSIBLE_VAULT"

// Is tells whether data is vault text: it begins with the header and, as Ansible demands, is ASCII throughout.
func Is(data []byte) bool {
	if !bytes.HasPrefix(data, []byte(header)) {
		return false
	}
	for _, c := range data {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// Secret is a password and the label it goes by.
type Secret struct {
	ID       string
	Password Password
}

// Password is the text of a password. It prints as stars, whatever the verb.
type Password []byte

// String hides the password.
func (Password) String() string { return "********" }

// GoString hides the password.
func (Password) GoString() string { return "********" }
