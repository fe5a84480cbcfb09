package ansible

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vault"
)

// This file holds the filters vault and unvault, which have a password of their own, and the test vault_encrypted.

func addVault(l *jinja.Language) {
	l.Filters["vault"] = vaultFilter
	l.Filters["unvault"] = unvaultFilter
	l.Tests["vault_encrypted"] = vaultTest
	l.TakesVault("unvault", "vault_encrypted")
}

func vaultFilter(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("secret", "salt", "vault_id", "wrap_object", "vaultid")
	if err != nil {
		return nil, err
	}
	secret, err := vaultSecret(p)
	if err != nil {
		return nil, err
	}
	text, ok := in.(string)
	if !ok {
		return nil, typeError("Can only vault strings, instead we got <class '%s'>.", value.TypeName(in))
	}
	salt, err := p.Text(1, "")
	if err != nil {
		return nil, err
	}
	label, err := vaultLabel(p, 2, 4)
	if err != nil {
		return nil, err
	}
	sealed, err := vault.Seal([]byte(text), secret, label, []byte(salt))
	if err != nil {
		return nil, fmt.Errorf("Unable to encrypt: %w", err) //nolint:staticcheck // Ansible's words
	}
	return string(sealed), nil
}

// unvaultFilter opens a text or an encrypted variable; what is not encrypted, or opened already, comes back as it is.
func unvaultFilter(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("secret", "vault_id", "vaultid")
	if err != nil {
		return nil, err
	}
	secret, err := vaultSecret(p)
	if err != nil {
		return nil, err
	}
	if secret.ID, err = vaultLabel(p, 1, 2); err != nil {
		return nil, err
	}
	text, ok := in.(string)
	if v, isVault := in.(value.Vault); isVault {
		text, ok = v.Cipher, true
	}
	if !ok {
		return nil, typeError("Vault should be in the form of a string, instead we got <class '%s'>.", value.TypeName(in))
	}
	if !vault.Is([]byte(text)) {
		return text, nil
	}
	plain, err := vault.NewKeyring(vault.Options{}, secret).Open([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("Unable to decrypt: %w", err) //nolint:staticcheck // Ansible's words
	}
	return string(plain), nil
}

func vaultSecret(p jinja.Params) (vault.Secret, error) {
	secret, ok := p.Any(0, nil).(string)
	if !ok {
		return vault.Secret{}, typeError("Secret passed is required to be a string, instead we got <class '%s'>.", value.TypeName(p.Any(0, nil)))
	}
	return vault.Secret{Password: vault.Password(secret)}, nil
}

// vaultLabel is vault_id or its old name.
func vaultLabel(p jinja.Params, now, old int) (string, error) {
	if !p.Has(now) && p.Has(old) {
		now = old
	}
	return p.Text(now, "filter_default")
}

// vaultTest tells whether a variable is encrypted, whatever password would open it. A text that merely looks so is not.
func vaultTest(_ *jinja.Call, in any) (any, error) {
	v, ok := in.(value.Vault)
	return ok && vault.Is([]byte(v.Cipher)), nil
}
