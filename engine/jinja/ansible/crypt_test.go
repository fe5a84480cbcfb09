package ansible

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// TestCrypt compares with what openssl passwd and crypt(3) print.
func TestCrypt(t *testing.T) {
	a := &extension{rand: func(int) int { return 3 }}
	long := "a much longer password than the digest has bytes, to be sure of the loops"
	for want, o := range map[string]struct {
		password string
		cryptOptions
	}{
		"$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1":              {"secret", cryptOptions{kind: "sha512", salt: "saltsalt", rounds: 5000}},
		"$6$abcdefgh$QtHseiuxOY5D6bpoHl29M4S5LmwCDyqoThseOIMQWCZ7o7ga3VV12ZM84ktlBYnnXb9VN4o8vgBslT1S1UJmd.":              {long, cryptOptions{kind: "sha512", salt: "abcdefgh", rounds: 5000}},
		"$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA":                                                         {"secret", cryptOptions{kind: "sha256", salt: "saltsalt", rounds: 5000}},
		"$5$abcdefgh$KDM8O0mXFC0.Isb8XPFGnBYsY546Ce9M.52yol592G8":                                                         {long, cryptOptions{kind: "sha256", salt: "abcdefgh", rounds: 5000}},
		"$1$saltsalt$9xy1btjgzLYfb7hivXtC//":                                                                              {"secret", cryptOptions{kind: "md5", salt: "saltsalt"}},
		"$1$abcdefgh$bV66MUXh8uiXlbLwTNhQ1.":                                                                              {long, cryptOptions{kind: "md5", salt: "abcdefgh"}},
		"$6$rounds=10000$saltsalt$WowrPBpEDVlCoruBosYlrZycTCx3//TyDHYqEhX9DUHHt0XTztUqzQDDUuvUGRA8aUe9p55hcAxeGcu58sm3u.": {"secret", cryptOptions{kind: "sha512", salt: "saltsalt", rounds: 10000}},
	} {
		if got, err := a.crypt(o.password, o.cryptOptions); err != nil || got != want {
			t.Errorf("%v:\n got %s, %v\nwant %s", o.cryptOptions, got, err, want)
		}
	}
	got, err := a.crypt("secret", cryptOptions{kind: "blowfish", rounds: 4})
	if err != nil || !strings.HasPrefix(got, "$2b$04$") || bcrypt.CompareHashAndPassword([]byte(got), []byte("secret")) != nil {
		t.Errorf("bcrypt: got %s, %v", got, err)
	}
	if got, _ := a.crypt("secret", cryptOptions{kind: "sha512", rounds: 5000}); !strings.HasPrefix(got, "$6$1111111111111111$") {
		t.Errorf("a salt of our own: got %s", got)
	}
	for _, o := range []cryptOptions{{kind: "rot13"}, {kind: "sha512", rounds: 1 << 30}, {kind: "bcrypt", salt: "x"}} {
		if got, err := a.crypt("secret", o); err == nil {
			t.Errorf("%v: no error but %s", o, got)
		}
	}
}
