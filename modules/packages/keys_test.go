package packages

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

const shownKey = "pub:-:255:22:F1A2CAC2823112FA:1:::-:"

// A file of the one who runs the task is found by gpg, and then by apt-key.
func TestAptKeyOfAHome(t *testing.T) {
	moduletest.Run(t, AptKey, []moduletest.Case{{
		Name: "a file", Files: map[string]string{"key.asc": "key\n"},
		Set: func(h *moduletest.Host) {
			h.Command(t, "gpg", `cat "$2" >/dev/null && echo `+shownKey)
			h.Command(t, "apt-key", `case "$1 $2" in
"--keyring $HOME/ring") shift 2 ;;
*) echo "no keyring: $*" >&2; exit 1 ;;
esac
case $1 in add) cat "$2" >"$HOME/trusted" ;; adv) [ ! -e "$HOME/trusted" ] || echo `+shownKey+` ;; esac`)
		},
		Args: []any{"file", "~/key.asc", "keyring", "~/ring"}, Plan: module.KindChange,
		Want: map[string]any{"changed": true, "key_id": "F1A2CAC2823112FA"}, After: map[string]string{"trusted": "key\n"},
	}, {
		Name: "what is trusted cannot be listed afterwards",
		Set: func(h *moduletest.Host) {
			h.Command(t, "gpg", "echo "+shownKey)
			h.Command(t, "apt-key", `case $1 in add) cat >"$HOME/added" ;; adv) [ ! -e "$HOME/added" ] ;; esac`)
		},
		Args: []any{"data", "key"}, Plan: module.KindChange, Fails: "Unable to list public keys", Repeats: "it failed",
	}, {
		Name: "a key server that answers the third time",
		Set: func(h *moduletest.Host) {
			h.Command(t, "gpg", "exit 2")
			h.Command(t, "apt-key", `case "$*" in
*--recv*) echo "$*" >>"$HOME/asked"; [ "$(wc -l <"$HOME/asked")" -eq 3 ] ;;
*) [ ! -e "$HOME/asked" ] || echo `+shownKey+` ;;
esac`)
		},
		Args: []any{"id", "F1A2CAC2823112FA", "keyserver", "k.example"}, Plan: module.KindChange,
		After: map[string]string{"asked": strings.Repeat("adv --no-tty --keyserver k.example --recv F1A2CAC2823112FA\n", 3)},
	}})
}

// Ansible takes the key as it is written: no home is filled in.
func TestRPMKeyIsTakenAsWritten(t *testing.T) {
	moduletest.Run(t, RPMKey, []moduletest.Case{{
		Name: "a home", Files: map[string]string{"key": "key\n"},
		Set: func(h *moduletest.Host) {
			h.Command(t, "gpg", "echo "+shownKey)
			h.Command(t, "rpm", "exit 1")
		},
		Args: []any{"key", "~/key"}, Fails: "Not a valid key ~/key",
	}})
}
