package tools

import (
	"os/exec"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestOpenSSHKeypair(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("this machine has no ssh-keygen")
	}
	keygen := func(args string) func(h *moduletest.Host) {
		return func(h *moduletest.Host) {
			if _, err := h.Exec(t.Context(), module.Cmd{Shell: "ssh-keygen -q -f " + h.Dir + "/k -N '' " + args}); err != nil {
				t.Fatal(err)
			}
		}
	}
	moduletest.Run(t, OpenSSHKeypair, []moduletest.Case{
		{Name: "new", Plan: module.KindChange, Args: []any{"path", "$DIR/k", "type", "ed25519", "comment", "a b"},
			Want: map[string]any{"size": 256, "type": "ed25519", "filename": "$DIR/k", "comment": "a b"}},
		{Name: "there", Set: keygen("-t ed25519 -C c"), Args: []any{"path", "$DIR/k", "type", "ed25519"}, Want: map[string]any{"changed": false, "comment": "c"}},
		{Name: "other type", Plan: module.KindChange, Set: keygen("-t ed25519"), Args: []any{"path", "$DIR/k", "type", "ecdsa", "mode", "0640"},
			Want: map[string]any{"size": 256, "type": "ecdsa"}},
		{Name: "other type, never", Set: keygen("-t ed25519"), Args: []any{"path", "$DIR/k", "type", "ecdsa", "regenerate", "never"}},
		{Name: "other type, fail", Set: keygen("-t ed25519"), Args: []any{"path", "$DIR/k", "type", "ecdsa", "regenerate", "fail"}, Fails: "Key has wrong type and/or size."},
		{Name: "other comment", Plan: module.KindChange, Set: keygen("-t ed25519 -C old"), Args: []any{"path", "$DIR/k", "type", "ed25519", "comment", "new"},
			Want: map[string]any{"comment": "new"}},
		{Name: "lost public key", Plan: module.KindChange, Args: []any{"path", "$DIR/k", "type", "ed25519"}, Set: func(h *moduletest.Host) {
			keygen("-t ed25519 -C c")(h)
			if _, err := h.Exec(t.Context(), module.Cmd{Argv: []string{"rm", h.Dir + "/k.pub"}}); err != nil {
				t.Fatal(err)
			}
		}, Want: map[string]any{"comment": "c"}},
		{Name: "cannot be made, keeps the old", Plan: module.KindChange, Files: map[string]string{"k": "0600:no key\n", "k.pub": "old\n"},
			Args: []any{"path", "$DIR/k", "type", "rsa1", "force", true}, Fails: "rsa1", After: map[string]string{"k": "0600:no key\n", "k.pub": "old\n"}},
		{Name: "broken", Files: map[string]string{"k": "0600:no key\n"}, Args: []any{"path", "$DIR/k"}, Fails: "Unable to read the key."},
		{Name: "broken, anew", Plan: module.KindChange, Files: map[string]string{"k": "0600:no key\n"},
			Args: []any{"path", "$DIR/k", "type", "ed25519", "regenerate", "full_idempotence"}},
		{Name: "absent", Plan: module.KindChange, Set: keygen("-t ed25519"), Args: []any{"path", "$DIR/k", "state", "absent"}, After: map[string]string{"k!": "", "k.pub!": ""}},
		{Name: "absent already", Args: []any{"path", "$DIR/k", "state", "absent"}},
		{Name: "small", Args: []any{"path", "$DIR/k", "size", 512}, Fails: "For RSA keys, the minimum size is 1024 bits"},
		{Name: "no folder", Args: []any{"path", "$DIR/d/k"}, Fails: "does not exist or the file is not a directory"},
		{Name: "folder", Files: map[string]string{"k/": ""}, Args: []any{"path", "$DIR/k"}, Fails: "is a directory"},
	})
}
