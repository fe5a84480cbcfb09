package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/value"
)

func (a *app) configVerb() verb {
	return verb{
		name: "config", usage: "show what ansible.cfg and the environment say (ansible-config)",
		actions: []verb{
			{name: "config dump", usage: "every setting, its value and where it came from", run: a.configDump,
				flags: []cli.Flag{&cli.BoolFlag{Name: "only-changed", Usage: "leave out what is as it is by default"},
					&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "say which ansible.cfg is read"}}},
			{name: "config view", usage: "the ansible.cfg in use", run: a.configView},
		},
	}
}

// configDump prints NAME(origin) = value, as ansible-config does. Passwords are not printed.
func (a *app) configDump(_ context.Context, c *cli.Context) error {
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return err
	}
	if c.Bool("verbose") {
		fmt.Fprintln(a.out, configUsed(cfg))
	}
	for _, s := range cfg.Settings() {
		if s.Origin.Kind == "default" && c.Bool("only-changed") {
			continue
		}
		fmt.Fprintf(a.out, "%s(%s) = %s\n", s.Name, configOrigin(s.Origin), shownSetting(s.Value))
	}
	return nil
}

func configUsed(cfg *config.Config) string {
	if cfg.File == "" {
		return "No config file found; using defaults"
	}
	return "Using " + cfg.File + " as config file"
}

func configOrigin(o config.Origin) string {
	switch o.Kind {
	case "file":
		return o.Pos.String()
	case "environment":
		return "env: " + o.Name
	}
	return o.Kind
}

// shownSetting writes a value as Ansible does: nothing is None, lists as Python has them.
func shownSetting(v any) string {
	if s, ok := v.(string); ok && s == "" {
		return "None"
	}
	return value.Str(value.From(v))
}

// configView prints the ansible.cfg that counts.
func (a *app) configView(_ context.Context, c *cli.Context) error {
	cfg, ds := a.config()
	if err := a.tell(ds); err != nil {
		return err
	}
	if cfg.File == "" {
		return &exit{exitError, fmt.Errorf("there is no ansible.cfg here, in the home folder or in /etc/ansible, and ANSIBLE_CONFIG names none")}
	}
	data, err := a.readContent(cfg.File)
	if err != nil {
		return &exit{exitError, err}
	}
	_, err = a.out.Write(data)
	return err
}
