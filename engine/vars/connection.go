package vars

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/words"
)

// Connection says how a host is reached, and as whom its commands run.
type Connection struct {
	Name            string                 // of the host in the inventory; says nothing of how it is reached
	Kind            string                 // ssh or local
	Host            string                 // name or address
	Port            int                    // 0: as ssh is configured
	User            string                 // empty: as ssh is configured
	Password        func() (string, error) // nil: there is none
	KeyFile         string
	Args            []string // words for ssh, as on its command line
	HostKeyChecking bool
	Timeout         int // seconds
	Retries         int // how often connecting is tried again

	Become         bool
	BecomeMethod   string
	BecomeUser     string
	BecomePassword func() (string, error) // nil: there is none
	BecomeFlags    string                 // empty: the method's own
	BecomeExe      string                 // empty: the method's own
	Executable     string                 // the shell
}

// Key is equal for two connections that can be one.
func (c Connection) Key() string {
	if c.Kind == "local" {
		return c.Kind
	}
	parts := append([]string{c.Kind, c.Host, strconv.Itoa(c.Port), c.User, c.KeyFile, strconv.FormatBool(c.HostKeyChecking)}, c.Args...)
	return strings.Join(parts, "\x00")
}

// ConnectionKeywords are what a task says about its connection, evaluated; nil: it says nothing.
type ConnectionKeywords struct {
	Host string // the inventory name of the host, or of the one that the task is delegated to

	Connection, RemoteUser, Port                             any
	Become, BecomeUser, BecomeMethod, BecomeFlags, BecomeExe any
}

// ConnectionDefaults are what the command line and the configuration say about all connections.
type ConnectionDefaults struct {
	Config *config.Config // nil: Ansible's defaults
	Login  string         // the user that Drydock runs as; empty: unknown

	User, KeyFile, Kind      string
	Timeout                  int // seconds, 0: not given
	CommonArgs, ExtraArgs    string
	Password, BecomePassword func() (string, error) // nil: not asked for
	Become                   bool
	BecomeMethod, BecomeUser string
}

// ResolveConnection works out the connection of a host. Variables of the host are the strongest, then the keywords of the task, the command
// line, the environment and ansible.cfg.
func ResolveConnection(env jinja.Env, k ConnectionKeywords, d ConnectionDefaults) (Connection, error) {
	if d.Config == nil {
		d.Config = config.Default("/")
	}
	r := &resolver{env: env, k: k, d: d, cfg: d.Config}
	c := Connection{Name: k.Host, Kind: r.kind()}
	r.login(&c)
	r.ssh(&c)
	r.become(&c)
	if r.err != nil {
		return Connection{}, fmt.Errorf("the connection of %s: %w", k.Host, r.err)
	}
	return c, nil
}

// resolver asks the sources of settings in their order and keeps the first error.
type resolver struct {
	env jinja.Env
	k   ConnectionKeywords
	d   ConnectionDefaults
	cfg *config.Config
	err error
}

func (r *resolver) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// variable returns the value of the last of some variables that is set, and its name.
func (r *resolver) variable(names ...string) (val any, name string) {
	for _, n := range names {
		raw, ok, err := r.env.Lookup(n)
		if err == nil && ok {
			raw, err = jinja.Resolve(raw, r.env)
		}
		if err != nil {
			r.fail("%s: %w", n, err)
			continue
		}
		if _, omitted := raw.(value.Omit); ok && !omitted && raw != nil {
			val, name = raw, n
		}
	}
	return val, name
}

// text is a setting that is a text: a variable, a keyword, or the first of some others that is not empty.
func (r *resolver) text(names []string, keyword any, others ...string) string {
	if v, _ := r.variable(names...); v != nil {
		return value.Str(v)
	}
	if said(keyword) {
		return value.Str(keyword)
	}
	for _, s := range others {
		if s != "" {
			return s
		}
	}
	return ""
}

func said(keyword any) bool {
	_, omitted := keyword.(value.Omit)
	return keyword != nil && !omitted
}

// number is a setting that is a whole number.
func (r *resolver) number(names []string, keyword any, others ...int) int {
	v, name := r.variable(names...)
	if v == nil && said(keyword) {
		v, name = keyword, "the keyword of the task"
	}
	switch x := v.(type) {
	case nil:
		for _, n := range others {
			if n != 0 {
				return n
			}
		}
		return 0
	case int:
		return x
	case string:
		if n, err := strconv.Atoi(strings.TrimSpace(x)); err == nil {
			return n
		}
	}
	r.fail("%s is a whole number, not %s", name, value.Repr(v))
	return 0
}

// truth is a setting that is yes or no.
func (r *resolver) truth(names []string, keyword any, otherwise bool) bool {
	v, _ := r.variable(names...)
	if v == nil && said(keyword) {
		v = keyword
	}
	switch x := v.(type) {
	case nil:
		return otherwise
	case bool:
		return x
	}
	switch strings.ToLower(value.Str(v)) {
	case "y", "yes", "on", "1", "true", "t", "1.0":
		return true
	}
	return false
}

// password is a password from a variable, else the one that was asked for.
func (r *resolver) password(names []string, asked func() (string, error), configured string) func() (string, error) {
	v, _ := r.variable(names...)
	switch {
	case v != nil:
		configured = value.Str(v)
	case asked != nil:
		return asked
	}
	if configured == "" {
		return nil
	}
	return func() (string, error) { return configured, nil }
}

// kinds are the names of connections, as far as Drydock has them.
var kinds = map[string]string{"ssh": "ssh", "smart": "ssh", "paramiko": "ssh", "paramiko_ssh": "ssh", "local": "local"}

func (r *resolver) kind() string {
	name := r.text([]string{"ansible_connection"}, r.k.Connection, r.d.Kind, r.cfg.Transport)
	kind, ok := kinds[strings.TrimPrefix(name, "ansible.builtin.")]
	if !ok {
		r.fail("connection %q is not supported; ssh and local are", name)
	}
	return kind
}

// login is where to connect and as whom.
func (r *resolver) login(c *Connection) {
	c.Host = r.text([]string{"ansible_host", "ansible_ssh_host"}, nil, r.k.Host)
	c.Port = r.number([]string{"ansible_port", "ansible_ssh_port"}, r.k.Port, r.cfg.RemotePort)
	c.User = r.text([]string{"ansible_user", "ansible_ssh_user"}, r.k.RemoteUser, r.d.User, r.cfg.RemoteUser)
	c.Password = r.password([]string{"ansible_password", "ansible_ssh_pass", "ansible_ssh_password"}, r.d.Password, "")
	c.KeyFile = r.text([]string{"ansible_private_key_file", "ansible_ssh_private_key_file"}, nil, r.d.KeyFile, r.cfg.PrivateKeyFile)
	c.Timeout = r.number([]string{"ansible_timeout", "ansible_ssh_timeout"}, nil, r.d.Timeout, r.cfg.Timeout)
	c.Executable = r.text([]string{"ansible_shell_executable"}, nil, r.cfg.Executable)
	switch shell := r.text([]string{"ansible_shell_type"}, nil); shell {
	case "", "sh", "bash", "dash", "ksh", "zsh", "ash":
	default:
		r.fail("ansible_shell_type %q is not supported; hosts are spoken to through a POSIX shell", shell)
	}
}

// ssh is what concerns SSH alone.
func (r *resolver) ssh(c *Connection) {
	if c.Kind != "ssh" {
		return
	}
	c.HostKeyChecking = r.truth([]string{"ansible_host_key_checking", "ansible_ssh_host_key_checking"}, nil, r.cfg.HostKeyChecking)
	c.Retries = r.number([]string{"ansible_ssh_retries"}, nil, r.cfg.SSHRetries)
	for _, source := range []struct {
		name   string
		others []string
	}{
		{"ansible_ssh_args", []string{r.cfg.SSHArgs}},
		{"ansible_ssh_common_args", []string{r.d.CommonArgs, r.cfg.SSHCommonArgs}},
		{"ansible_ssh_extra_args", []string{r.d.ExtraArgs, r.cfg.SSHExtraArgs}},
	} {
		line := r.text([]string{source.name}, nil, source.others...)
		list, err := words.Texts(line)
		if err != nil {
			r.fail("%s %q: %w", source.name, line, err)
		}
		c.Args = append(c.Args, list...)
	}
}

// become is whether and how commands run as another user.
func (r *resolver) become(c *Connection) {
	c.Become = r.truth([]string{"ansible_become"}, r.k.Become, r.d.Become || r.cfg.Become)
	if !c.Become {
		return
	}
	c.BecomeMethod = strings.TrimPrefix(r.text([]string{"ansible_become_method"}, r.k.BecomeMethod, r.d.BecomeMethod, r.cfg.BecomeMethod), "ansible.builtin.")
	c.BecomeMethod = strings.TrimPrefix(c.BecomeMethod, "community.general.")
	own := func(setting string) []string { // sudo_flags beside become_flags; the method's own name is the stronger
		return []string{"ansible_become_" + setting, "ansible_" + c.BecomeMethod + "_" + setting}
	}
	flags := ""
	if r.cfg.BecomeFlags != nil {
		flags = *r.cfg.BecomeFlags
	}
	c.BecomeUser = r.text(own("user"), r.k.BecomeUser, r.d.BecomeUser, r.cfg.BecomeUser)
	c.BecomeFlags = r.text(own("flags"), r.k.BecomeFlags, flags)
	c.BecomeExe = r.text(own("exe"), r.k.BecomeExe, r.cfg.BecomeExe)
	names := []string{"ansible_become_password", "ansible_become_pass", "ansible_" + c.BecomeMethod + "_pass"}
	c.BecomePassword = r.password(names, r.d.BecomePassword, r.cfg.BecomePassword)
	switch c.BecomeMethod {
	case "sudo", "su", "doas":
	default:
		r.fail("become_method %q is not supported; sudo, su and doas are", c.BecomeMethod)
	}
	user := c.User
	if c.Kind == "local" {
		user = r.d.Login
	}
	if user == c.BecomeUser && !r.cfg.BecomeSameUser {
		c.Become = false // as this user already
	}
}
