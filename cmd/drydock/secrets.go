package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/vault"
)

// This file finds the passwords of the vault: in files, from scripts, from the person at the terminal.

// vaultFlags are the options by which a command is given vault passwords.
func vaultFlags() []cli.Flag {
	return []cli.Flag{
		list("vault-id", "a vault password with its label: `LABEL@SOURCE`, a file, an executable or prompt"),
		list("vault-password-file", "`FILE` with a vault password, or an executable that prints it", "vault-pass-file"),
		on("ask-vault-password", "ask for the vault password", "J", "ask-vault-pass"),
	}
}

// passwords says where vault passwords come from.
type passwords struct {
	ids    []string // label@source
	files  []string
	ask    bool
	isNew  bool // a prompt asks twice, for a new password
	prompt bool // ask where nothing else is given
}

// promptPlain is the source of -J, whose question does not name the label.
const promptPlain = "prompt_ask_vault_pass"

// givenPasswords are those of a command line and, before them, of the configuration.
func givenPasswords(c *cli.Context, cfg *config.Config) (passwords, error) {
	p := passwords{ids: append(cfg.VaultIdentityList[:len(cfg.VaultIdentityList):len(cfg.VaultIdentityList)], c.StringSlice("vault-id")...)}
	p.files, p.ask = c.StringSlice("vault-password-file"), c.Bool("ask-vault-password")
	if p.ask && len(p.files) > 0 {
		return p, &exit{exitUsage, errors.New("--ask-vault-password and --vault-password-file do not go together; use --vault-id for several passwords")}
	}
	p.ask = p.ask || cfg.AskVaultPass
	if cfg.VaultPasswordFile != "" {
		p.files = append(p.files[:len(p.files):len(p.files)], cfg.VaultPasswordFile)
	}
	return p, nil
}

// keyring collects the passwords of a run; asking happens here, once, before anything is read.
func (a *app) keyring(c *cli.Context, cfg *config.Config, t *terminal) (*vault.Keyring, error) {
	p, err := givenPasswords(c, cfg)
	if err != nil {
		return nil, err
	}
	secrets, err := a.secrets(p, cfg, t)
	return newKeyring(cfg, secrets), err
}

func newKeyring(cfg *config.Config, secrets []vault.Secret) *vault.Keyring {
	return vault.NewKeyring(vault.Options{Match: cfg.VaultIDMatch, Identity: cfg.VaultIdentity}, secrets...)
}

// secrets asks every source in Ansible's order: labelled ones, files, the person. A source that fails is a warning as long as another one
// gives a password; a prompt that fails is the end.
func (a *app) secrets(p passwords, cfg *config.Config, t *terminal) ([]vault.Secret, error) {
	ids := p.ids[:len(p.ids):len(p.ids)]
	for _, f := range p.files {
		ids = append(ids, cfg.VaultIdentity+"@"+f)
	}
	if p.ask || p.prompt && len(ids) == 0 {
		ids = append(ids, cfg.VaultIdentity+"@"+promptPlain)
	}
	var out []vault.Secret
	var last error
	for _, id := range ids {
		label, source, ok := strings.Cut(id, "@")
		if !ok {
			label, source = "", id
		}
		s := vault.Secret{ID: first(label, cfg.VaultIdentity)}
		var err error
		if source == "prompt" || source == promptPlain {
			if s.Password, err = askVault(t, s.ID, source == promptPlain, p.isNew); err != nil {
				return nil, &exit{exitError, err}
			}
		} else if s.Password, err = a.vaultPassword(source, label, newKeyring(cfg, out)); err != nil {
			last = err
			_ = a.tell(diag.List{{Severity: diag.Warning, Summary: err.Error()}}) // a warning never fails
			continue
		}
		out = append(out, s)
	}
	if last != nil && len(out) == 0 {
		return nil, &exit{exitError, last}
	}
	return out, nil
}

// askVault asks for a password, for a new one twice. Without a terminal it takes a line of the input, as Ansible does.
func askVault(t *terminal, label string, plain, isNew bool) (vault.Password, error) {
	prompts := []string{fmt.Sprintf("Vault password (%s): ", label)}
	switch {
	case plain && isNew:
		prompts = []string{"New Vault password: ", "Confirm New Vault password: "}
	case plain:
		prompts = []string{"Vault password: "}
	case isNew:
		prompts = []string{fmt.Sprintf("New vault password (%s): ", label), fmt.Sprintf("Confirm new vault password (%s): ", label)}
	}
	var answer string
	for i, prompt := range prompts {
		text, err := t.secret(prompt)
		switch {
		case errors.Is(err, module.ErrNoTerminal) && text == "":
			return nil, fmt.Errorf("there is no terminal to ask for the vault password (%s) on; give it with --vault-password-file FILE", label)
		case err != nil && !errors.Is(err, module.ErrNoTerminal):
			return nil, err
		}
		text = strings.TrimSpace(text)
		switch {
		case text == "":
			return nil, fmt.Errorf("the vault password (%s) is empty", label)
		case i > 0 && text != answer:
			return nil, errors.New("the passwords do not match")
		}
		answer = text
	}
	return vault.Password(answer), nil
}

// secret asks without showing what is typed; where there is no terminal it reads a line of the input.
func (t *terminal) secret(prompt string) (string, error) {
	if t.present() {
		return t.Ask(context.Background(), prompt, false)
	}
	fmt.Fprint(t.out, prompt)
	text, err := t.line(context.Background())
	fmt.Fprintln(t.out)
	return text, err
}

// vaultPassword reads a password from a file, which may itself be encrypted with a password known before, or from a script.
func (a *app) vaultPassword(name, label string, ring *vault.Keyring) (vault.Password, error) {
	file := a.expand(name)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("the vault password file %s was not found", file)
	case err != nil:
		return nil, fmt.Errorf("the vault password file cannot be read: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("the vault password file %s is a folder", file)
	}
	var word []byte
	if info.Mode()&0o111 != 0 {
		word, err = a.vaultScript(file, label)
	} else {
		word, err = readVaultPassword(file, ring)
	}
	if err == nil && len(word) == 0 {
		err = fmt.Errorf("the vault password in %s is empty", file)
	}
	return word, err
}

func readVaultPassword(file string, ring *vault.Keyring) ([]byte, error) {
	data, err := source.ReadDisk(file)
	if err != nil {
		return nil, fmt.Errorf("the vault password file cannot be read: %w", err)
	}
	data = bytes.TrimSpace(data)
	if vault.Is(data) {
		if data, err = ring.Open(data); err != nil {
			return nil, fmt.Errorf("the vault password file %s is encrypted itself: %w", file, err)
		}
	}
	return bytes.Trim(data, "\r\n"), nil
}

// vaultScript runs an executable that prints a password. One whose name ends in -client is told which label it is asked for.
func (a *app) vaultScript(file, label string) ([]byte, error) {
	cmd := exec.Command(file)
	client := strings.HasSuffix(strings.TrimSuffix(file, filepath.Ext(file)), "-client")
	if client && label != "" {
		cmd.Args = append(cmd.Args, "--vault-id", label)
	}
	var errs bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stderr = a.cwd, a.in, a.err // a script may ask the person itself
	if client {
		cmd.Stderr = &errs
	}
	out, err := cmd.Output()
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed) && client && failed.ExitCode() == 2:
		return nil, fmt.Errorf("the vault password script %s knows no password for the label %s: %s", file, label, strings.TrimSpace(errs.String()))
	case errors.As(err, &failed):
		return nil, fmt.Errorf("the vault password script %s ended with %d: %s", file, failed.ExitCode(), strings.TrimSpace(errs.String()))
	case err != nil:
		return nil, fmt.Errorf("the vault password script %s cannot be run (if it is none, take its executable bit away): %w", file, err)
	}
	return bytes.Trim(out, "\r\n"), nil
}

// expand makes a path of the command line absolute: ~ is the home, $NAME a variable of the environment.
func (a *app) expand(name string) string {
	name = os.Expand(name, func(v string) string {
		text, _ := a.getenv(v)
		return text
	})
	if name == "~" || strings.HasPrefix(name, "~/") {
		name = a.home + name[1:]
	}
	return filepath.Clean(a.at(name))
}
