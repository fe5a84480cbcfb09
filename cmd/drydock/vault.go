package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/vault"
)

// This file holds `drydock vault`, which is ansible-vault: what each action does with whole files. encrypt_string and the editor have
// files of their own.

func (a *app) vaultVerb() verb {
	output := text("output", "write to this `FILE`, - for the screen")
	label := text("encrypt-vault-id", "`LABEL` of the password to encrypt with, where several are given")
	action := func(name, args, usage string, run func(*vaultCall) error, flags ...cli.Flag) verb {
		return verb{
			name: "vault " + name, args: args, usage: usage, flags: slices.Concat(flags, vaultFlags(), []cli.Flag{on("verbose", "accepted", "v")}),
			run: func(_ context.Context, c *cli.Context) error { return a.vault(name, c, run) },
		}
	}
	return verb{
		name: "vault", args: "ACTION ...", usage: "encrypt, decrypt and edit files as ansible-vault does",
		actions: []verb{
			action("create", "FILE", "open the editor for a new file and encrypt it", (*vaultCall).create, label,
				on("skip-tty-check", "open the editor without a terminal, too")),
			action("decrypt", "[FILE...]", "decrypt files, or the input", (*vaultCall).decrypt, output),
			action("edit", "FILE...", "open the editor for encrypted files", (*vaultCall).edit, label),
			action("encrypt", "[FILE...]", "encrypt files, or the input", (*vaultCall).encrypt, output, label),
			action("encrypt_string", "[TEXT...]", "encrypt texts for use as values", (*vaultCall).encryptString, output, label,
				on("prompt", "ask for the text", "p"), on("show-input", "show the text while it is typed"),
				list("name", "`NAME` of the variable (again for the next text)", "n"), text("stdin-name", "`NAME` of the variable for the input")),
			action("rekey", "FILE...", "encrypt files with another password", (*vaultCall).rekey, label,
				text("new-vault-id", "the new password: `LABEL@SOURCE`"), text("new-vault-password-file", "`FILE` with the new password")),
			action("view", "FILE...", "show encrypted files", (*vaultCall).view),
		},
	}
}

// vaultCall is one call of an action.
type vaultCall struct {
	*app
	c      *cli.Context
	cfg    *config.Config
	t      *terminal
	ring   *vault.Keyring // what opens
	secret vault.Secret   // what encrypts
}

// vault collects the passwords that an action needs and carries it out.
func (a *app) vault(name string, c *cli.Context, run func(*vaultCall) error) error {
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return err
	}
	v := &vaultCall{app: a, c: c, cfg: cfg, t: newTerminal(a.streams)}
	if err := v.check(name); err != nil {
		return &exit{exitOptions, err}
	}
	p, err := givenPasswords(c, cfg)
	if err != nil {
		return err
	}
	p.prompt, p.isNew = true, slices.Contains([]string{"create", "encrypt", "encrypt_string"}, name)
	secrets, err := a.secrets(p, cfg, v.t)
	if err != nil {
		return err
	}
	v.ring = newKeyring(cfg, secrets)
	if p.isNew {
		if v.secret, err = v.best(secrets); err != nil {
			return err
		}
	}
	return run(v)
}

// check refuses options that contradict each other.
func (v *vaultCall) check(name string) error {
	for _, id := range v.c.StringSlice("vault-id") {
		if strings.Contains(id, ";") {
			return fmt.Errorf("%q is no vault id: a label may not hold a semicolon", id)
		}
	}
	args := v.c.Args().Slice()
	switch {
	case name != "encrypt_string" && v.c.String("output") != "" && len(args) > 1:
		return errors.New("--output takes the result of one file, and several are named")
	case name == "create" && len(args) != 1:
		return errors.New("create takes the name of one file")
	case name == "create" && !v.tty && !v.c.Bool("skip-tty-check"):
		return errors.New("the editor needs a terminal; --skip-tty-check opens it nevertheless")
	case name == "encrypt_string" && v.c.Bool("prompt") && (slices.Contains(args, "-") || v.c.String("stdin-name") != ""):
		return errors.New("--prompt and reading the input do not go together")
	}
	return nil
}

// best picks the secret to encrypt with: that of --encrypt-vault-id, else the only one.
func (v *vaultCall) best(secrets []vault.Secret) (vault.Secret, error) {
	label := first(v.c.String("encrypt-vault-id"), v.cfg.VaultEncryptIdentity)
	var labels []string
	for _, s := range secrets {
		if s.ID == label {
			return s, nil
		}
		labels = append(labels, s.ID)
	}
	switch {
	case label != "":
		return vault.Secret{}, &exit{exitError, fmt.Errorf("--encrypt-vault-id %s: no such label among %s", label, strings.Join(labels, ", "))}
	case len(secrets) > 1:
		return vault.Secret{}, &exit{exitOptions, fmt.Errorf("several passwords are given (%s); pick one with --encrypt-vault-id", strings.Join(labels, ", "))}
	}
	return secrets[0], nil
}

func (v *vaultCall) seal(plain []byte, with vault.Secret, label string) ([]byte, error) {
	return vault.Seal(plain, with, label, []byte(v.cfg.VaultEncryptSalt))
}

// files are the arguments; none mean the input.
func (v *vaultCall) files() []string {
	if v.c.NArg() == 0 {
		return []string{"-"}
	}
	return v.c.Args().Slice()
}

// convert makes new content of every file before the first is written, so that a file that fails leaves all as they were.
func (v *vaultCall) convert(files []string, change func(data []byte) ([]byte, error)) error {
	results := make([][]byte, len(files))
	for i, name := range files {
		data, err := v.read(name)
		if err != nil {
			return err
		}
		if results[i], err = change(data); err != nil {
			return v.wrong(name, data, err)
		}
	}
	for i, name := range files {
		if err := v.write(first(v.c.String("output"), name), results[i]); err != nil {
			return err
		}
	}
	return nil
}

// wrong says of which file something is wrong, and what would mend it.
func (v *vaultCall) wrong(name string, data []byte, err error) error {
	if !errors.Is(err, vault.ErrNoMatch) {
		return fmt.Errorf("%s: %w", name, err)
	}
	label := ""
	if e, broken := vault.Parse(data); broken == nil && e.ID != "" {
		label = fmt.Sprintf(" (its label is %s)", e.ID)
	}
	return fmt.Errorf("%s: %w None of the passwords given is the one it was encrypted with%s", name, err, label)
}

func (v *vaultCall) encrypt() error {
	err := v.convert(v.files(), func(data []byte) ([]byte, error) { return v.seal(data, v.secret, v.secret.ID) })
	return v.done("Encryption successful", err)
}

func (v *vaultCall) decrypt() error {
	return v.done("Decryption successful", v.convert(v.files(), v.ring.Open))
}

// done tells a person at a terminal that it worked.
func (v *vaultCall) done(message string, err error) error {
	if err == nil && v.tty {
		fmt.Fprintln(v.err, message)
	}
	return err
}

func (v *vaultCall) view() error {
	for _, name := range v.c.Args().Slice() {
		data, err := v.read(name)
		if err != nil {
			return err
		}
		plain, err := v.ring.Open(data)
		if err != nil {
			return v.wrong(name, data, err)
		}
		if err := v.page(string(plain)); err != nil {
			return err
		}
	}
	return nil
}

// page shows a text: at a terminal through the pager.
func (v *vaultCall) page(text string) error {
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	pager := first(v.variable("PAGER"), v.variable("ANSIBLE_PAGER"), "less")
	if v.tty && pager != "cat" {
		cmd := exec.Command("/bin/sh", "-c", pager)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), v.out, v.err
		if err := cmd.Run(); err == nil {
			return nil
		}
	}
	_, err := fmt.Fprint(v.out, text)
	return err
}

func (v *vaultCall) variable(name string) string {
	text, _ := v.getenv(name)
	return text
}

// rekey opens files with the old passwords and encrypts them with the new one.
func (v *vaultCall) rekey() error {
	p := passwords{ask: v.c.Bool("ask-vault-password") || v.cfg.AskVaultPass, isNew: true, prompt: true}
	id, file := v.c.String("new-vault-id"), v.c.String("new-vault-password-file")
	switch {
	case id != "" && file != "":
		return &exit{exitUsage, errors.New("--new-vault-id and --new-vault-password-file do not go together")}
	case id != "":
		p.ids = []string{id}
	}
	label := first(v.c.String("encrypt-vault-id"), v.cfg.VaultEncryptIdentity)
	if label != "" {
		p.ids = append(append([]string{}, v.cfg.VaultIdentityList...), p.ids...)
	}
	for _, f := range []string{file, v.cfg.VaultPasswordFile} {
		if f != "" {
			p.files = append(p.files, f)
		}
	}
	secrets, err := v.secrets(p, v.cfg, v.t)
	if err != nil {
		return err
	}
	secret := secrets[0]
	if label != "" {
		if secret, err = v.best(secrets); err != nil {
			return err
		}
	}
	err = v.convert(v.c.Args().Slice(), func(data []byte) ([]byte, error) {
		plain, err := v.ring.Open(data)
		if err != nil {
			return nil, err
		}
		return v.seal(plain, secret, secret.ID)
	})
	if err == nil {
		fmt.Fprintln(v.err, "Rekey successful")
	}
	return err
}
