package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// This file holds the cryptography: keys by PBKDF2, AES-256 in counter mode over padded blocks, and an HMAC over the cipher text.

const (
	rounds  = 10_000
	keySize = 32
)

// keys are what a password and a salt give.
type keys struct{ cipher, mac, counter []byte }

func derive(password, salt []byte) (keys, error) {
	k, err := pbkdf2.Key(sha256.New, string(password), salt, rounds, 2*keySize+aes.BlockSize)
	if err != nil {
		return keys{}, fmt.Errorf("derive the vault key: %w", err)
	}
	return keys{cipher: k[:keySize], mac: k[keySize : 2*keySize], counter: k[2*keySize:]}, nil
}

// crypt applies the key stream, which is its own inverse.
func (k keys) crypt(data []byte) ([]byte, error) {
	block, err := aes.NewCipher(k.cipher)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(data))
	cipher.NewCTR(block, k.counter).XORKeyStream(out, data)
	return out, nil
}

func (k keys) sum(data []byte) []byte {
	m := hmac.New(sha256.New, k.mac)
	m.Write(data)
	return m.Sum(nil)
}

// open decrypts; ErrNoMatch if the password is another.
func (k keys) open(s sealed) ([]byte, error) {
	if !hmac.Equal(k.sum(s.cipher), s.mac) {
		return nil, ErrNoMatch
	}
	padded, err := k.crypt(s.cipher)
	if err != nil {
		return nil, err
	}
	return unpad(padded)
}

// Seal encrypts plain with a secret and labels it id; without a salt a random one is taken.
func Seal(plain []byte, with Secret, id string, salt []byte) ([]byte, error) {
	if Is(plain) {
		return nil, ErrEncrypted
	}
	if len(with.Password) == 0 {
		return nil, errors.New("the vault password is empty")
	}
	if len(salt) == 0 {
		salt = make([]byte, 32)
		if _, err := rand.Read(salt); err != nil {
			return nil, err
		}
	}
	k, err := derive(with.Password, salt)
	if err != nil {
		return nil, err
	}
	text, err := k.crypt(pad(plain))
	if err != nil {
		return nil, err
	}
	return sealed{salt: salt, mac: k.sum(text), cipher: text}.text(id), nil
}

// pad fills the last block as PKCS #7 does: n bytes of value n.
func pad(plain []byte) []byte {
	n := aes.BlockSize - len(plain)%aes.BlockSize
	return append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
}

func unpad(padded []byte) ([]byte, error) {
	broken := &FormatError{"Vault padding error."}
	if len(padded) == 0 || len(padded)%aes.BlockSize != 0 {
		return nil, broken
	}
	n := int(padded[len(padded)-1])
	if n == 0 || n > aes.BlockSize || !bytes.HasSuffix(padded, bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, broken
	}
	return padded[:len(padded)-n], nil
}
