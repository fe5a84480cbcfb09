package ansible

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
	"unicode/utf16"

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
	"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
}

func sum(fn func() hash.Hash, s string) string {
	h := fn()
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil))
}

func digest(fn func() hash.Hash) jinja.Func {
	return func(c *jinja.Call, in any) (any, error) {
		s, err := c.Str(in)
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
	s, err := c.Str(in)
	return sum(fn, s), err
}

func b64Params(c *jinja.Call) (encoding string, urlSafe bool, err error) {
	p, err := c.Bind("encoding", "urlsafe")
	if err != nil {
		return "", false, err
	}
	encoding, err = p.Text(0, "utf-8")
	return strings.ToLower(strings.ReplaceAll(encoding, "_", "-")), p.Bool(1, false), err
}

func b64encode(c *jinja.Call, in any) (any, error) {
	encoding, urlSafe, err := b64Params(c)
	if err != nil {
		return nil, err
	}
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	data := []byte(s)
	if strings.HasPrefix(encoding, "utf-16") {
		data = utf16Bytes(s, encoding == "utf-16")
	}
	if urlSafe {
		return base64.URLEncoding.EncodeToString(data), nil
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

// utf16Bytes is a text in UTF-16, the low byte first, with or without the mark that says so.
func utf16Bytes(s string, mark bool) []byte {
	var out []byte
	if mark {
		out = append(out, 0xff, 0xfe)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
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
	if strings.HasPrefix(encoding, "utf-16") {
		return fromUTF16(data), nil
	}
	return strings.ToValidUTF8(string(data), "\uFFFD"), nil
}

func fromUTF16(data []byte) string {
	big := len(data) > 1 && data[0] == 0xfe && data[1] == 0xff
	var units []uint16
	for i := 0; i+1 < len(data); i += 2 {
		u := uint16(data[i]) | uint16(data[i+1])<<8
		if big {
			u = u>>8 | u<<8
		}
		if i > 0 || u != 0xfeff {
			units = append(units, u)
		}
	}
	return string(utf16.Decode(units))
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
		return nil, err
	}
	s, err := c.Str(in)
	if err != nil {
		return nil, err
	}
	base, err := hex.DecodeString(strings.NewReplacer("-", "", "{", "", "}", "", "urn:uuid:", "").Replace(namespace))
	if err != nil || len(base) != 16 {
		return nil, valueError("invalid value '%s' for 'namespace': badly formed hexadecimal UUID string", namespace)
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
	rounds, err4 := p.OptInt(3, 0)
	ident, _, err5 := p.OptText(4)
	if err := firstError(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	return a.crypt(s, cryptOptions{kind: kind, salt: salt, saltSize: size, rounds: rounds, ident: ident})
}
