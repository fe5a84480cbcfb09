package ansible

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// Password hashes as crypt(3) writes them: $1$ (MD5), $5$ (SHA-256), $6$ (SHA-512) and $2b$ (bcrypt).

// cryptOptions say how a password is hashed; zero values are the usual ones.
type cryptOptions struct {
	kind, salt, ident string
	saltSize, rounds  int
}

const (
	cryptAlphabet  = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	maxCryptRounds = 10_000_000
	maxBcryptCost  = 18 // some seconds
)

func (a *extension) crypt(password string, o cryptOptions) (string, error) {
	if o.rounds > maxCryptRounds {
		return "", value.Errorf(value.Limit, "%d rounds of hashing are too many", o.rounds)
	}
	if strings.Trim(o.salt, cryptAlphabet) != "" {
		return "", valueError("invalid characters in the salt of %s", o.kind)
	}
	if size := map[byte]int{'s': 16, 'm': 8}[(o.kind + " ")[0]]; size > 0 && max(len(o.salt), o.saltSize) > size {
		return "", valueError("a salt of %s has at most %d characters", o.kind, size)
	}
	switch o.kind {
	case "sha512", "sha512_crypt":
		return shaCrypt(password, a.saltOf(o, 16), "$6$", roundsOf(o, 656000), sha512.New, sha512Order), nil
	case "sha256", "sha256_crypt":
		return shaCrypt(password, a.saltOf(o, 16), "$5$", roundsOf(o, 535000), sha256.New, sha256Order), nil
	case "md5", "md5_crypt":
		return md5Crypt(password, a.saltOf(o, 8)), nil
	case "blowfish", "bcrypt":
		ident := o.ident
		if ident == "" {
			ident = "2b"
		}
		if o.salt == "" {
			o.salt = a.saltOf(cryptOptions{}, bcryptSaltLen)
		}
		cost := o.rounds
		if cost == 0 {
			cost = 12
		}
		if cost > maxBcryptCost {
			return "", value.Errorf(value.Limit, "2**%d rounds of hashing are too many", cost)
		}
		return bcryptHash(password, o.salt, ident, cost)
	}
	return "", valueError("%s is not in the list of supported passlib algorithms: md5, blowfish, sha256, sha512", o.kind)
}

func roundsOf(o cryptOptions, usual int) int {
	if o.rounds == 0 {
		return usual
	}
	return o.rounds
}

func (a *extension) saltOf(o cryptOptions, size int) string {
	if o.salt != "" {
		return o.salt[:min(len(o.salt), size)]
	}
	if o.saltSize > 0 {
		size = min(size, o.saltSize)
	}
	b := make([]byte, size)
	for i := range b {
		b[i] = cryptAlphabet[a.rand(len(cryptAlphabet))]
	}
	return string(b)
}

// The order in which the bytes of a digest are written, three at a time.
var (
	sha512Order = []int{
		0, 21, 42, 22, 43, 1, 44, 2, 23, 3, 24, 45, 25, 46, 4, 47, 5, 26, 6, 27, 48, 28, 49, 7, 50, 8, 29, 9, 30, 51, 31, 52, 10,
		53, 11, 32, 12, 33, 54, 34, 55, 13, 56, 14, 35, 15, 36, 57, 37, 58, 16, 59, 17, 38, 18, 39, 60, 40, 61, 19, 62, 20, 41, -1, -1, 63,
	}
	sha256Order = []int{
		0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14, 15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28, 8, 9, 19, 29, -1, 31, 30,
	}
	md5Order = []int{0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, -1, -1, 11}
)

// cryptBase64 writes bytes in crypt's own base 64; -1 in the order stands for no byte.
func cryptBase64(sum []byte, order []int) string {
	var b strings.Builder
	for i := 0; i < len(order); i += 3 {
		v, n := 0, 1
		for _, j := range order[i : i+3] {
			v <<= 8
			if j >= 0 {
				v |= int(sum[j])
				n++
			}
		}
		for ; n > 0; n-- {
			b.WriteByte(cryptAlphabet[v&63])
			v >>= 6
		}
	}
	return b.String()
}

// shaCrypt follows the public specification of SHA-crypt.
func shaCrypt(password, salt, prefix string, rounds int, fn func() hash.Hash, order []int) string {
	if rounds < 1000 {
		rounds = 1000
	}
	digest := func(write func(h hash.Hash)) []byte {
		h := fn()
		write(h)
		return h.Sum(nil)
	}
	pw := []byte(password)
	b := digest(func(h hash.Hash) { h.Write([]byte(password + salt + password)) })
	a := digest(func(h hash.Hash) {
		h.Write([]byte(password + salt))
		h.Write(stretch(b, len(pw)))
		for n := len(pw); n > 0; n >>= 1 {
			if n&1 == 1 {
				h.Write(b)
			} else {
				h.Write(pw)
			}
		}
	})
	p := stretch(digest(func(h hash.Hash) {
		for range pw {
			h.Write(pw)
		}
	}), len(pw))
	s := stretch(digest(func(h hash.Hash) {
		for range 16 + int(a[0]) {
			h.Write([]byte(salt))
		}
	}), len(salt))
	for i := range rounds {
		a = digest(func(h hash.Hash) { mixRound(h, i, a, p, s) })
	}
	note := ""
	if rounds != 5000 {
		note = fmt.Sprintf("rounds=%d$", rounds)
	}
	return prefix + note + salt + "$" + cryptBase64(a, order)
}

// mixRound is one round: what goes in depends on the round's number.
func mixRound(h hash.Hash, i int, last, password, salt []byte) {
	first, second := last, password
	if i%2 == 1 {
		first, second = password, last
	}
	h.Write(first)
	if i%3 != 0 {
		h.Write(salt)
	}
	if i%7 != 0 {
		h.Write(password)
	}
	h.Write(second)
}

// stretch repeats bytes up to a length.
func stretch(b []byte, n int) []byte {
	out := make([]byte, 0, n+len(b))
	for len(out) < n {
		out = append(out, b...)
	}
	return out[:n]
}

// md5Crypt is the old scheme of $1$.
func md5Crypt(password, salt string) string {
	pw := []byte(password)
	b := md5.Sum([]byte(password + salt + password))
	h := md5.New()
	h.Write([]byte(password + "$1$" + salt))
	h.Write(stretch(b[:], len(pw)))
	for n := len(pw); n > 0; n >>= 1 {
		if n&1 == 1 {
			h.Write([]byte{0})
		} else {
			h.Write(pw[:1])
		}
	}
	sum := h.Sum(nil)
	for i := range 1000 {
		h := md5.New()
		mixRound(h, i, sum, pw, []byte(salt))
		sum = h.Sum(nil)
	}
	return "$1$" + salt + "$" + cryptBase64(sum, md5Order)
}
