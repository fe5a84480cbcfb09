package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/drydock-dev/drydock/engine/conn"
	"github.com/drydock-dev/drydock/engine/conn/local"
	"github.com/drydock-dev/drydock/engine/conn/ssh"
	"github.com/drydock-dev/drydock/engine/event"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/vars"
)

// connector opens connections as a run asks for them.
type connector struct {
	job    *Job
	shared *ssh.Shared
	warn   func(string)
}

func newConnector(j *Job, sink event.Sink) *connector {
	c := &connector{job: j}
	c.warn = func(text string) { _ = sink.Emit(event.Message{Level: "warning", Text: text}) } // a warning that is lost is no reason to stop
	c.shared = ssh.NewShared(c.passphrase())
	return c
}

// passphrase asks the person at the terminal for the passphrase of a key; nil without one.
func (c *connector) passphrase() func(string) (string, error) {
	t := c.job.Machine.Terminal
	if t == nil {
		return nil
	}
	return func(question string) (string, error) { return t.Ask(context.Background(), question, false) }
}

// Connect opens the way to one machine.
func (c *connector) Connect(ctx context.Context, how vars.Connection) (conn.Connection, error) {
	switch how.Kind {
	case "local":
		return &local.Connection{Dir: c.job.Machine.Cwd}, nil
	case "ssh":
		return c.ssh(ctx, how)
	}
	return nil, fmt.Errorf("connection %q is not supported; ssh and local are", how.Kind)
}

func (c *connector) ssh(ctx context.Context, how vars.Connection) (conn.Connection, error) {
	m := c.job.Machine
	o := ssh.Options{
		Host: how.Host, Port: how.Port, User: how.User, PrivateKeyFile: how.KeyFile, Password: how.Password, Args: how.Args,
		ConnectTimeout: time.Duration(how.Timeout) * time.Second, Home: m.Home, Login: m.User, Shared: c.shared, Warn: c.warn,
		Env: func(name string) string {
			v, _ := m.Getenv(name)
			return v
		},
	}
	if !how.HostKeyChecking {
		o.HostKeyChecking = ssh.CheckNo
	}
	return c.persist(ctx, how.Retries, func() (conn.Connection, error) { return ssh.Dial(ctx, o) })
}

// persist dials again, as [ssh_connection] retries asks, where nobody answers; a refused login or key is final. The waits are Ansible's: 0, 1, 3, 7
// seconds and so on, at most 30.
func (c *connector) persist(ctx context.Context, retries int, dial func() (conn.Connection, error)) (conn.Connection, error) {
	clock := c.job.Machine.Clock
	if clock == nil {
		clock = module.RealClock{}
	}
	for try := 0; ; try++ {
		got, err := dial()
		if err == nil {
			return got, nil
		}
		if try >= retries || !errors.Is(err, conn.ErrUnreachable) || errors.Is(err, conn.ErrAuth) || errors.Is(err, conn.ErrHostKey) {
			return nil, err
		}
		wait := min(time.Duration(1<<min(try, 5)-1), 30) * time.Second
		if err := clock.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// connectionDefaults is what ansible.cfg and the command line say about reaching hosts.
func (j *Job) connectionDefaults() vars.ConnectionDefaults {
	return vars.ConnectionDefaults{
		Config: j.Config, Login: j.Machine.User, User: j.Conn.User, KeyFile: j.Conn.KeyFile, Kind: j.Conn.Kind, Timeout: j.Conn.Timeout,
		CommonArgs: j.Conn.CommonArgs, ExtraArgs: j.Conn.ExtraArgs, Password: j.Conn.Password,
		Become: j.Conn.Become, BecomeMethod: j.Conn.BecomeMethod, BecomeUser: j.Conn.BecomeUser, BecomePassword: j.Conn.BecomePassword,
	}
}
