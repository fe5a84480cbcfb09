package source

import (
	"errors"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/vault"
)

// LockedError is a file that ansible-vault has encrypted and that cannot be opened.
type LockedError struct {
	Path  string
	Label string // of the password that the file names; empty: none
	Err   error  // vault.ErrNoSecrets, vault.ErrNoMatch or a *vault.FormatError
}

func newLocked(path string, data []byte, why error) *LockedError {
	e := &LockedError{Path: path, Err: why}
	if env, err := vault.Parse(data); err == nil {
		e.Label = env.ID
	}
	return e
}

// Error is in Ansible's words, with the file.
func (e *LockedError) Error() string { return e.Err.Error() + " " + e.Path }

// Unwrap gives the reason.
func (e *LockedError) Unwrap() error { return e.Err }

// Diagnostic says which file it is, why it stays shut and what would open it.
func (e *LockedError) Diagnostic() diag.Diagnostic {
	d := diag.Diagnostic{Span: diag.Span{Pos: diag.Pos{File: e.Path, Line: 1, Col: 1}, Len: len("$ANSIBLE_VAULT")}, Missing: true, Locked: true}
	d.Summary, d.Hint = Locked(e.Err, "file", e.Label)
	return d
}

// Locked words why vault text cannot be opened and what would mend it; what is "file" or "value", label the one in its header.
func Locked(why error, what, label string) (summary, hint string) {
	give := "--vault-id " + label + "@FILE"
	if label == "" {
		give = "--vault-password-file FILE"
	}
	switch {
	case errors.Is(why, vault.ErrNoSecrets):
		return "the " + what + " is encrypted with ansible-vault and no vault password was given", "give it with " + give + ", or -J to be asked"
	case errors.Is(why, vault.ErrNoMatch):
		return "none of the vault passwords opens this " + what, "the one it was encrypted with is missing: " + give
	}
	return "the " + what + " begins as vault text and is damaged: " + why.Error(), "no password opens it; restore it from where it is whole"
}

// Unreadable makes a diagnostic of ReadFile's error: of a vault file that stays shut its own, of any other summary at a place.
func Unreadable(err error, at diag.Span, summary string) diag.Diagnostic {
	var locked *LockedError
	if errors.As(err, &locked) {
		return locked.Diagnostic()
	}
	return diag.Diagnostic{Summary: summary, Span: at}
}
