package ansible

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// charClasses are the names of characters that a password may be made of.
var charClasses = map[string]string{
	"ascii_letters":   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
	"ascii_uppercase": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"digits":          "0123456789",
	"hexdigits":       "0123456789abcdefABCDEF",
	"octdigits":       "01234567",
	"punctuation":     "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~",
	"whitespace":      " \t\n\r\v\f",
}

// passwordOptions are the options of the password lookup.
var passwordOptions = map[string]bool{"length": true, "encrypt": true, "chars": true, "ident": true, "seed": true}

// saltSize is how many characters of salt a kind of hash has.
func saltSize(kind string) int {
	switch kind {
	case "bcrypt", "blowfish":
		return bcryptSaltLen
	case "md5", "md5_crypt":
		return 8
	}
	return 16
}

const maxPassword = 10_000

// passwordLookup reads a password from a file, or makes one and writes it there. The file /dev/null keeps none.
func (a *extension) passwordLookup(c *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		words, o := inline(c, t)
		for k := range o.c.Kwargs.All() {
			if !passwordOptions[value.Str(k)] {
				return nil, valueError("unrecognized parameter(s) given to password lookup: %s", value.Str(k))
			}
		}
		s, err := a.password(c, strings.Join(words, " "), &o)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (a *extension) password(c *jinja.Call, name string, o *options) (string, error) {
	file := a.candidates(c, "", name)
	if len(file) == 0 {
		return "", valueError("the password lookup needs the path of a file")
	}
	where := file[len(file)-1]
	plain, salt, err := a.storedPassword(where)
	if err != nil {
		return "", err
	}
	changed := plain == ""
	if changed {
		if plain, err = a.newPassword(o); err != nil {
			return "", err
		}
	}
	kind := o.text("encrypt", "")
	if kind != "" && salt == "" {
		salt, changed = a.saltOf(cryptOptions{}, saltSize(kind)), true
	}
	if changed && where != "/dev/null" {
		text := plain
		if salt != "" {
			text += " salt=" + salt
		}
		if a.WriteFile == nil {
			return "", valueError("the password cannot be kept in %s", where)
		}
		if err := a.WriteFile(where, []byte(text+"\n"), 0o600); err != nil {
			return "", err
		}
	}
	if kind == "" {
		return plain, nil
	}
	return a.crypt(plain, cryptOptions{kind: kind, salt: salt, ident: o.text("ident", "")})
}

// storedPassword reads a file that an earlier run wrote.
func (a *extension) storedPassword(where string) (plain, salt string, err error) {
	if where == "/dev/null" || a.ReadFile == nil {
		return "", "", nil
	}
	data, err := a.ReadFile(where)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	text := strings.TrimRight(string(data), " \t\r\n")
	if i := strings.LastIndex(text, " salt="); i >= 0 {
		salt, _, _ = strings.Cut(text[i+len(" salt="):], " ident=")
		text = text[:i]
	}
	return text, salt, err
}

func (a *extension) newPassword(o *options) (string, error) {
	length := o.number("length", 20)
	if o.err != nil {
		return "", o.err
	}
	if length > maxPassword {
		return "", value.Errorf(value.Limit, "a password of %d characters is too long", length)
	}
	below, err := a.chance(o.c.Kwargs.Value("seed"))
	if err != nil {
		return "", err
	}
	chars := []rune(passwordChars(o.c.Kwargs.Value("chars")))
	if len(chars) == 0 {
		return "", valueError("there are no characters to make a password of")
	}
	out := make([]rune, max(length, 0))
	for i := range out {
		out[i] = chars[below(len(chars))]
	}
	return string(out), nil
}

// passwordChars are the characters that the option chars stands for: names of classes and characters themselves.
func passwordChars(v any) string {
	parts := []string{"ascii_letters", "digits", ".,:-_"}
	if s, ok := v.(string); ok && s != "" {
		parts = nil
		if strings.Contains(s, ",,") {
			parts = []string{","}
		}
		parts = append(parts, splitAny(strings.ReplaceAll(s, ",,", ","), ",")...)
	} else if items, ok := value.Items(v); ok && len(items) > 0 {
		parts = nil
		for _, it := range items {
			parts = append(parts, value.Str(it))
		}
	}
	var b strings.Builder
	for _, p := range parts {
		if class, ok := charClasses[p]; ok {
			p = class
		}
		b.WriteString(p)
	}
	return strings.NewReplacer(`"`, "", "'", "").Replace(b.String())
}
