package engine

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/vault"
)

// unvault opens a value that was written after !vault, when something uses it.
func (j *Job) unvault(v value.Vault) (string, error) {
	text, err := j.Vault.Open([]byte(v.Cipher))
	if err == nil {
		return string(text), nil
	}
	label := ""
	if env, broken := vault.Parse([]byte(v.Cipher)); broken == nil {
		label = env.ID
	}
	summary, hint := source.Locked(err, "value", label)
	return "", fmt.Errorf("Attempt to use undecryptable variable: %w (%s: %s; %s)", err, v.Where, summary, hint) //nolint:staticcheck // Ansible's words
}
