// Package ssh reaches machines over SSH with the habits of OpenSSH's client: its configuration files, options, agent, known
// hosts, jump hosts and messages. One connection carries all commands to a host, each in a session of its own.
//
// Where it differs from OpenSSH, on purpose: nobody is there to be asked, so StrictHostKeyChecking=ask means yes; connections
// are always shared, so ControlMaster and its kin are accepted and have no effect; SendEnv, compression, X11 and GSSAPI are not
// there (the first is accepted silently, since every distribution's ssh_config has it).
//
// Seen with real sshd (OpenSSH 9.2): a session refused over MaxSessions is a rejected channel of reason "connect failed"; a
// session whose client has gone keeps its slot until its command ends; a machine that goes down closes sessions without an exit
// status, or answers 0, at random; after its power is lost nothing comes at all, so only keepalives notice.
package ssh

import (
	"context"
	"net"
	"time"
)

// Checking says what to do about host keys.
type Checking string

// What StrictHostKeyChecking can be. Empty means: as the arguments and configuration files say, and else CheckYes.
const (
	CheckYes       Checking = "yes"        // the key must be known
	CheckAcceptNew Checking = "accept-new" // an unknown key is written down, a changed one refused
	CheckNo        Checking = "no"         // anything goes, with a warning; passwords are not sent to a host whose key has changed
)

// Options say which machine to reach and how. Only Host and Home are required. What is set here wins over Args, which win over
// ConfigFiles, except where noted.
type Options struct {
	Host string // name or address, looked up in the configuration files like the argument of ssh
	Port int    // 0: as configured, or 22
	User string // empty: as configured, or Login
	// PrivateKeyFile is tried before the configured identities; empty: none.
	PrivateKeyFile string
	// Password is called when the server asks for a password; nil: there is none.
	Password func() (string, error)
	// Args are words as on the command line of ssh: -o Key=Value, -J host, -i file ...
	Args []string
	// ConfigFiles are read in this order; nil: ~/.ssh/config and /etc/ssh/ssh_config. An empty list means none.
	ConfigFiles []string
	// KnownHosts replaces the default files of known hosts, for jump hosts as well; Args and ConfigFiles come first.
	KnownHosts      []string
	HostKeyChecking Checking
	// ConnectTimeout is for each hop, from the first packet to the login. Args win over it, it wins over ConfigFiles; 0: 10 seconds.
	ConnectTimeout time.Duration
	// KeepAlive is the default of ServerAliveInterval and ServerAliveCountMax.
	KeepAlive KeepAlive

	Home   string                   // home directory on this side
	Login  string                   // name of the user on this side
	Env    func(name string) string // the environment on this side (SSH_AUTH_SOCK, ${VAR} in paths); nil: empty
	Warn   func(text string)        // told once of each thing that is accepted without effect or looks wrong; nil: nobody
	Shared *Shared                  // what the connections of one run share; nil: this connection shares nothing

	// NetDial opens TCP connections; nil: the network.
	NetDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Ticks makes the clock of the keepalives; nil: the real one. stop ends it.
	Ticks func(every time.Duration) (ticks <-chan time.Time, stop func())
}

// KeepAlive says how a dead peer is noticed: every Interval it is asked for an answer, and given up when Count questions in a
// row had none. The zero value means 5 seconds and 3; a negative interval means never.
type KeepAlive struct {
	Interval time.Duration
	Count    int
}

const (
	defaultConnectTimeout = 10 * time.Second
	defaultAliveInterval  = 5 * time.Second
	defaultAliveCount     = 3
	defaultPort           = 22
)

// complete fills in the defaults.
func (o Options) complete() Options {
	if o.Env == nil {
		o.Env = func(string) string { return "" }
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	if o.NetDial == nil {
		o.NetDial = new(net.Dialer).DialContext
	}
	if o.Ticks == nil {
		o.Ticks = func(every time.Duration) (<-chan time.Time, func()) {
			t := time.NewTicker(every)
			return t.C, t.Stop
		}
	}
	return o
}
