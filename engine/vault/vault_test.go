package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func secret(id, password string) Secret { return Secret{ID: id, Password: Password(password)} }

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTextsOfAnsibleVaultOpen(t *testing.T) {
	t.Parallel()
	ring := NewKeyring(Options{}, secret("other", "no"), secret(DefaultID, "first"), secret("prod", "sec ond"))
	for _, name := range []string{"yaml", "empty", "binary", "block", "utf8", "labelled", "salted"} {
		text := read(t, name+".vault")
		plain, by, err := ring.OpenWith(text)
		if err != nil || !bytes.Equal(plain, read(t, name+".plain")) {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
		if want := map[bool]string{true: "prod", false: DefaultID}[name == "labelled"]; by.ID != want {
			t.Errorf("%s: opened by %q, want %q", name, by.ID, want)
		}
		if _, err := ring.Open(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))); err != nil {
			t.Errorf("%s with the line ends of Windows: %v", name, err)
		}
	}
}

// With the same salt the same text comes out as of ansible-vault: the two formats are one.
func TestSealWritesWhatAnsibleVaultWrites(t *testing.T) {
	t.Parallel()
	got, err := Seal(read(t, "salted.plain"), secret("", "first"), DefaultID, []byte("pepper"))
	if err != nil || !bytes.Equal(got, read(t, "salted.vault")) {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	s := secret("prod", "pass word")
	for _, n := range []int{0, 1, 15, 16, 17, 4096} {
		plain := bytes.Repeat([]byte{'x'}, n)
		text, err := Seal(plain, s, "prod", nil)
		if err != nil || !bytes.HasPrefix(text, []byte("$ANSIBLE_VAULT;1.2;AES256;prod\n")) {
			t.Fatalf("%d bytes: %.40s, %v", n, text, err)
		}
		again, err := Seal(plain, s, "prod", nil)
		if err != nil || bytes.Equal(text, again) {
			t.Errorf("%d bytes: the salt is no random one", n)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if len(line) > 80 {
				t.Errorf("%d bytes: a line of %d", n, len(line))
			}
		}
		if got, err := NewKeyring(Options{}, s).Open(text); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: got %d, %v", n, len(got), err)
		}
	}
	text, _ := Seal(nil, s, "", nil)
	if _, err := Seal(text, s, "", nil); !errors.Is(err, ErrEncrypted) {
		t.Errorf("encrypted twice: %v", err)
	}
	if _, err := Seal(nil, secret("", ""), "", nil); err == nil {
		t.Error("encrypted without a password")
	}
}

func TestWhichSecretsAreTried(t *testing.T) {
	t.Parallel()
	plain, labelled := read(t, "yaml.vault"), read(t, "labelled.vault")
	first, second := secret(DefaultID, "first"), secret("prod", "sec ond")
	for name, c := range map[string]struct {
		ring *Keyring
		text []byte
		want error
	}{
		"no ring":                       {nil, plain, ErrNoSecrets},
		"no secrets":                    {NewKeyring(Options{}), plain, ErrNoSecrets},
		"a wrong one":                   {NewKeyring(Options{}, second), plain, ErrNoMatch},
		"a right one among wrong":       {NewKeyring(Options{}, second, secret("x", "y"), first), plain, nil},
		"another label":                 {NewKeyring(Options{}, secret("dev", "sec ond")), labelled, nil},
		"another label must match":      {NewKeyring(Options{Match: true}, secret("dev", "sec ond")), labelled, ErrNoMatch},
		"the label must match and does": {NewKeyring(Options{Match: true}, first, second), labelled, nil},
		"no label counts as default":    {NewKeyring(Options{Match: true}, first), plain, nil},
		"no label counts as configured": {NewKeyring(Options{Match: true, Identity: "home"}, secret("home", "first")), plain, nil},
		"default is not configured":     {NewKeyring(Options{Match: true, Identity: "home"}, first), plain, ErrNoMatch},
	} {
		if _, err := c.ring.Open(c.text); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestBrokenTexts(t *testing.T) {
	t.Parallel()
	ring := NewKeyring(Options{}, secret("", "first"))
	whole := string(read(t, "yaml.vault"))
	other := "30" // another last digit of the cipher
	if strings.HasSuffix(whole, other+"\n") {
		other = "31"
	}
	for name, c := range map[string]struct{ text, want string }{
		"no vault":       {"hello", "not vault encrypted"},
		"not ASCII":      {"$ANSIBLE_VAULT;1.1;AES256\nü", "not vault encrypted"},
		"header alone":   {"$ANSIBLE_VAULT", "envelope"},
		"no body":        {"$ANSIBLE_VAULT;1.1;AES256\n", "vaulttext format"},
		"another cipher": {"$ANSIBLE_VAULT;1.0;AES\n3031", "Cipher 'AES'"},
		"not hex":        {"$ANSIBLE_VAULT;1.1;AES256\nzz", "unhexlify error: Non-hexadecimal digit found"},
		"odd hex":        {"$ANSIBLE_VAULT;1.1;AES256\n303", "unhexlify error: Odd-length string"},
		"cut off":        {whole[:len(whole)-9], "unhexlify"},
		"changed":        {whole[:len(whole)-3] + other + "\n", "no vault secrets were found that could decrypt"},
	} {
		if plain, err := ring.Open([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || plain != nil {
			t.Errorf("%s: got %q, %v", name, plain, err)
		}
	}
}

func TestPasswordsDoNotPrint(t *testing.T) {
	t.Parallel()
	s := secret("id", "sesame-open")
	if text := fmt.Sprintf("%v %+v %#v %s %v %#v", s, s, s, s.Password, NewKeyring(Options{}, s), NewKeyring(Options{}, s)); strings.Contains(text, "sesame") ||
		strings.Contains(text, "115") {
		t.Errorf("a password shows in %s", text)
	}
}

// FuzzOpen holds that whatever is called a vault text is opened or refused, and that what was sealed comes back.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"yaml", "labelled", "salted"} {
		data, err := os.ReadFile(filepath.Join("testdata", name+".vault"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("$ANSIBLE_VAULT;1.2;AES256;a;b\n3031"))
	ring := NewKeyring(Options{}, secret("", "first"))
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := ring.Open(data)
		if (err == nil) != (plain != nil) && len(plain) > 0 {
			t.Fatalf("%q and %v", plain, err)
		}
		if Is(data) {
			return
		}
		text, err := Seal(data, ring.Secrets()[0], "x", []byte("salt"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ring.Open(text); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%q came back as %q, %v", data, got, err)
		}
	})
}
