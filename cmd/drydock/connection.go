package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine"
	"github.com/drydock-dev/drydock/engine/config"
)

// connection is what the command line says about reaching hosts. Passwords are asked for here, once, before the run.
func (a *app) connection(c *cli.Context, cfg *config.Config, t *terminal) (engine.Connection, error) {
	conn := engine.Connection{
		User: c.String("user"), KeyFile: c.String("private-key"), Kind: c.String("connection"),
		CommonArgs: c.String("ssh-common-args"), ExtraArgs: c.String("ssh-extra-args"),
		Become: c.Bool("become"), BecomeMethod: c.String("become-method"), BecomeUser: c.String("become-user"),
	}
	var err error
	conn.Password, err = a.password(first(c.String("connection-password-file"), cfg.PasswordFile),
		c.Bool("ask-pass") || cfg.AskPass, "SSH password: ", t)
	if err != nil {
		return conn, err
	}
	conn.BecomePassword, err = a.password(first(c.String("become-password-file"), cfg.BecomePasswordFile),
		c.Bool("ask-become-pass") || cfg.BecomeAskPass, "BECOME password: ", t)
	return conn, err
}

// password reads a password from a file, or asks for it; nil if there is neither.
func (a *app) password(file string, ask bool, prompt string, t *terminal) (func() (string, error), error) {
	switch {
	case file != "":
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, &exit{exitError, fmt.Errorf("read the password file: %w", err)}
		}
		line, _, _ := strings.Cut(string(data), "\n")
		return func() (string, error) { return strings.TrimSuffix(line, "\r"), nil }, nil
	case ask:
		return sync.OnceValues(func() (string, error) { return t.Ask(context.Background(), prompt, false) }), nil
	}
	return nil, nil
}

func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
