package ansible

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

func (a *extension) addHashFilters(l *jinja.Language) {
	l.Filters["hash"] = hashFilter
	l.Filters["md5"] = digest(md5.New)
	l.Filters["sha1"] = digest(sha1.New)
	l.Filters["checksum"] = digest(sha1.New)
	l.Filters["b64encode"] = b64encode
	l.Filters["b64decode"] = b64decode
	l.Filters["to_uuid"] = toUUID
	l.Filters["password_hash"] = a.passwordHash
}

var hashes = map[string]func() hash.Hash{
	"sha3_224": func() hash.Hash { return sha3.New224() }, "sha3_256": func() hash.Hash { return sha3.New256() },
	"sha3_384": func() hash.Hash { return sha3.New384() }, "sha3_512": func() hash.Hash { return sha3.New512() },
	"blake2b": func() hash.Hash { h, _ := blake2b.New512(nil); return h }, "blake2s": func() hash.Hash { h, _ := blake2s.New256(nil); return h },
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

func sum(fn func() hash.Hash, s string) string {
	h := fn()
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil))
}

func digest(fn func() hash.Hash) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		s, err := textOrBytes(c, in)
		return sum(fn, s), err
	}
}

func hashFilter(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("hashtype")
	if err != nil {
		return nil, err
	}
	name, err := p.Text(0, "sha1")
	if err != nil {
		return nil, err
	}
	fn := hashes[strings.ToLower(name)]
	if fn == nil {
		return nil, valueError("unsupported hash type %s", name)
	}
	s, err := textOrBytes(c, in)
	return sum(fn, s), err
}

func b64Params(c *jinja.Call) (encoding string, urlSafe bool, err error) {
	p, err := c.Bind("encoding", "urlsafe")
	if err != nil {
		return "", false, err
	}
	encoding, err = p.Text(0, "utf-8")
	return encoding, p.Bool(1, false), err
}

func b64encode(c *jinja.Call, in any) (any, error) {
	encoding, urlSafe, err := b64Params(c)
	if err != nil {
		return nil, err
	}
	s, err := textOrBytes(c, in)
	if err != nil {
		return nil, err
	}
	data, err := jinja.Encode(s, encoding, "")
	if err != nil {
		return nil, err
	}
	if urlSafe {
		return base64.URLEncoding.EncodeToString(data), nil
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

func b64decode(c *jinja.Call, in any) (any, error) {
	encoding, urlSafe, err := b64Params(c)
	if err != nil {
		return nil, err
	}
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	alphabet := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	code := base64.RawStdEncoding
	if urlSafe {
		alphabet, code = strings.NewReplacer("+", "-", "/", "_").Replace(alphabet), base64.RawURLEncoding
	}
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(alphabet, r) {
			return r
		}
		return -1
	}, s)
	trimmed := strings.TrimRight(clean, "=")
	if len(clean)%4 != 0 && len(trimmed)%4 != 0 {
		return nil, valueError("b64decode: incorrect padding")
	}
	data, err := code.DecodeString(trimmed)
	if err != nil {
		return nil, valueError("b64decode: %s", err)
	}
	return jinja.Decode(data, encoding, false)
}

// ansibleNamespace is the namespace of the UUIDs that Ansible makes of texts.
const ansibleNamespace = "361E6D51-FAEC-444A-9079-341386DA8E2E"

func toUUID(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("namespace")
	if err != nil {
		return nil, err
	}
	namespace, err := p.Text(0, ansibleNamespace)
	if err != nil {
		return nil, typeError("Invalid value '%s' for 'namespace': it is no text", value.Str(p.Any(0, nil)))
	}
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	base, err := hex.DecodeString(strings.NewReplacer("-", "", "{", "", "}", "", "urn:uuid:", "").Replace(namespace))
	if err != nil || len(base) != 16 {
		return nil, valueError("Invalid value '%s' for 'namespace': badly formed hexadecimal UUID string", namespace)
	}
	h := sha1.Sum(append(base, s...))
	h[6] = h[6]&0x0f | 0x50
	h[8] = h[8]&0x3f | 0x80
	x := hex.EncodeToString(h[:16])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:], nil
}

func (a *extension) passwordHash(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("hashtype", "salt", "salt_size", "rounds", "ident")
	if err != nil {
		return nil, err
	}
	s, ok := in.(string)
	if !ok {
		return nil, typeError("password_hash needs a str, not %s", value.TypeName(in))
	}
	kind, err1 := p.Text(0, "sha512")
	salt, _, err2 := p.OptText(1)
	size, err3 := p.OptInt(2, 0)
	if err3 != nil {
		err3 = typeError("salt_size must be an integer")
	}
	rounds, err4 := p.OptInt(3, 0)
	ident, _, err5 := p.OptText(4)
	if err := firstError(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	return a.crypt(s, cryptOptions{kind: kind, salt: salt, saltSize: size, rounds: rounds, ident: ident})
}

// textOrBytes is the text of a value; bytes are taken as they are.
func textOrBytes(c *jinja.Call, v any) (string, error) {
	if b, ok := jinja.Bytes(v); ok {
		return b, nil
	}
	return c.Str(v)
}
