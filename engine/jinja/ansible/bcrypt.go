package ansible

import (
	"fmt"
	"strings"

	"golang.org/x/crypto/blowfish" //lint:ignore SA1019 bcrypt is made of it, and hashes that others made must come out the same
)

// bcrypt with a salt that is given, for hashes that come out the same in each run.

const (
	bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	bcryptSaltLen  = 22 // characters; 16 bytes
	bcryptPlain    = "OrpheanBeholderScryDoubt"
)

// bcryptHash hashes a password with a salt of 22 characters of bcrypt's own base 64.
func bcryptHash(password, salt, ident string, cost int) (string, error) {
	if cost < 4 || cost > 31 {
		return "", valueError("the rounds of bcrypt must be between 4 and 31")
	}
	if len(salt) != bcryptSaltLen || strings.Trim(salt, bcryptAlphabet) != "" {
		return "", valueError("invalid salt for bcrypt: it must be %d characters of %s", bcryptSaltLen, bcryptAlphabet)
	}
	if strings.Trim(ident, "2abyx") != "" {
		return "", valueError("invalid ident for bcrypt: %s", ident)
	}
	key := append([]byte(password), 0)
	key = key[:min(len(key), 72)]
	raw := bcryptDecode(salt)
	cipher, err := blowfish.NewSaltedCipher(key, raw)
	if err != nil {
		return "", err
	}
	for range uint64(1) << cost {
		blowfish.ExpandKey(key, cipher)
		blowfish.ExpandKey(raw, cipher)
	}
	data := []byte(bcryptPlain)
	for i := 0; i < len(data); i += 8 {
		for range 64 {
			cipher.Encrypt(data[i:i+8], data[i:i+8])
		}
	}
	return fmt.Sprintf("$%s$%02d$%s%s", ident, cost, bcryptEncode(raw), bcryptEncode(data[:23])), nil
}

func bcryptDecode(s string) []byte {
	var out []byte
	bits, n := uint32(0), 0
	for _, c := range []byte(s) {
		bits, n = bits<<6|uint32(strings.IndexByte(bcryptAlphabet, c)), n+6
		if n >= 8 {
			n -= 8
			out = append(out, byte(bits>>n))
		}
	}
	return out
}

func bcryptEncode(data []byte) string {
	var b strings.Builder
	bits, n := uint32(0), 0
	for _, c := range data {
		bits, n = bits<<8|uint32(c), n+8
		for n >= 6 {
			n -= 6
			b.WriteByte(bcryptAlphabet[bits>>n&63])
		}
	}
	if n > 0 {
		b.WriteByte(bcryptAlphabet[bits<<(6-n)&63])
	}
	return b.String()
}
