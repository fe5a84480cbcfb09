package module

import (
	"bytes"
	"errors"
	"io"
	"io/fs"

	"github.com/drydock-dev/drydock/engine/vault"
)

// vaultMark is what every vault file begins with.
const vaultMark = "$ANSIBLE_VAULT"

// OpenContent opens a file of the controller that Find returned. With decrypt, what ansible-vault has encrypted is opened with the passwords
// of the run; without, it is handed out as it lies there.
func OpenContent(files fs.FS, name string, decrypt bool) (io.ReadCloser, error) {
	f, err := files.Open(name)
	if err != nil || !decrypt {
		return f, err
	}
	head := make([]byte, len(vaultMark))
	n, err := io.ReadFull(f, head)
	if n < len(head) && err != io.EOF && err != io.ErrUnexpectedEOF { //nolint:errorlint // ReadFull wraps neither
		f.Close()
		return nil, err
	}
	if string(head) != vaultMark {
		return rewound{io.MultiReader(bytes.NewReader(head[:n]), f), f}, nil
	}
	f.Close()
	data, err := fs.ReadFile(files, name) // opens it
	if err == nil && vault.Is(data) {
		err = errors.New("the file is encrypted with ansible-vault and cannot be decrypted here")
	}
	return io.NopCloser(bytes.NewReader(data)), err
}

// IsVault tells whether a file of the controller is encrypted by ansible-vault.
func IsVault(files fs.FS, name string) bool {
	f, err := files.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(vaultMark))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == vaultMark
}

// ReadContent reads a file as OpenContent opens it.
func ReadContent(files fs.FS, name string, decrypt bool) ([]byte, error) {
	f, err := OpenContent(files, name, decrypt)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// rewound is a file of which the first bytes have been looked at.
type rewound struct {
	io.Reader
	io.Closer
}
