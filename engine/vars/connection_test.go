package vars

import (
	"reflect"
	"testing"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/value"
)

// facing is an environment of a few variables.
type facing struct{ vars *value.Map }

func (f *facing) Lookup(name string) (any, bool, error) {
	v, ok := f.vars.Get(name)
	return v, ok, nil
}

func resolve(t *testing.T, vars *value.Map, k ConnectionKeywords, d ConnectionDefaults) Connection {
	t.Helper()
	k.Host = "h1"
	c, err := ResolveConnection(&facing{vars}, k, d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func secret(s string) func() (string, error) { return func() (string, error) { return s, nil } }

func TestConnectionDefaults(t *testing.T) {
	c := resolve(t, nil, ConnectionKeywords{}, ConnectionDefaults{})
	want := Connection{
		Name: "h1", Kind: "ssh", Host: "h1", HostKeyChecking: true, Timeout: 10, Executable: "/bin/sh",
		Args: []string{"-C", "-o", "ControlMaster=auto", "-o", "ControlPersist=60s"},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v\nwant %+v", c, want)
	}
}

// Each setting is given from weak to strong: configuration, command line, keyword, variable.
func TestConnectionPrecedence(t *testing.T) {
	cfg := config.Default("/")
	cfg.RemoteUser, cfg.RemotePort, cfg.PrivateKeyFile, cfg.Timeout, cfg.SSHArgs, cfg.SSHCommonArgs = "cfg", 1, "/cfg", 11, "-C", "-o A=cfg"
	cfg.Become, cfg.BecomeMethod, cfg.BecomeUser, cfg.HostKeyChecking, cfg.SSHRetries = true, "su", "cfgroot", false, 2
	d := ConnectionDefaults{Config: cfg}
	c := resolve(t, nil, ConnectionKeywords{}, d)
	want := Connection{
		Name: "h1", Kind: "ssh", Host: "h1", Port: 1, User: "cfg", KeyFile: "/cfg", Timeout: 11, Args: []string{"-C", "-o", "A=cfg"}, Retries: 2,
		Become: true, BecomeMethod: "su", BecomeUser: "cfgroot", Executable: "/bin/sh",
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("configuration: %+v\nwant %+v", c, want)
	}

	d.User, d.KeyFile, d.Timeout, d.CommonArgs, d.ExtraArgs, d.BecomeMethod, d.BecomeUser = "cli", "/cli", 12, "-o 'A=c l i'", "-v", "doas", "cliroot"
	c = resolve(t, nil, ConnectionKeywords{}, d)
	if c.User != "cli" || c.KeyFile != "/cli" || c.Timeout != 12 || c.BecomeMethod != "doas" || c.BecomeUser != "cliroot" ||
		!reflect.DeepEqual(c.Args, []string{"-C", "-o", "A=c l i", "-v"}) {
		t.Errorf("command line: %+v", c)
	}

	k := ConnectionKeywords{RemoteUser: "kw", Port: "2222", BecomeUser: "kwroot", BecomeMethod: "sudo", BecomeFlags: "-H", BecomeExe: "/kw", Connection: value.Omit{}}
	c = resolve(t, nil, k, d)
	if c.User != "kw" || c.Port != 2222 || c.BecomeUser != "kwroot" || c.BecomeMethod != "sudo" || c.BecomeFlags != "-H" || c.BecomeExe != "/kw" || c.Kind != "ssh" {
		t.Errorf("keywords: %+v", c)
	}

	vars := value.NewMap("ansible_host", "10.0.0.1", "ansible_user", "v", "ansible_ssh_user", "v2", "ansible_port", 22, "ansible_ssh_private_key_file", "~/k",
		"ansible_ssh_common_args", "", "ansible_host_key_checking", "yes", "ansible_ssh_timeout", "3", "ansible_become_user", "vroot", "ansible_sudo_flags", "-S",
		"ansible_shell_executable", "/bin/ash", "ansible_ssh_retries", 5, "ansible_remote_tmp", nil)
	c = resolve(t, vars, k, d)
	want = Connection{
		Name: "h1", Kind: "ssh", Host: "10.0.0.1", Port: 22, User: "v2", KeyFile: "~/k", Timeout: 3, Args: []string{"-C", "-v"}, HostKeyChecking: true, Retries: 5,
		Become: true, BecomeMethod: "sudo", BecomeUser: "vroot", BecomeFlags: "-S", BecomeExe: "/kw", Executable: "/bin/ash",
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("variables: %+v\nwant %+v", c, want)
	}
}

func TestBecomeSwitch(t *testing.T) {
	for _, c := range []struct {
		name string
		vars *value.Map
		k    ConnectionKeywords
		d    ConnectionDefaults
		want bool
	}{
		{"nobody asks", nil, ConnectionKeywords{}, ConnectionDefaults{}, false},
		{"command line", nil, ConnectionKeywords{}, ConnectionDefaults{Become: true}, true},
		{"keyword against the command line", nil, ConnectionKeywords{Become: false}, ConnectionDefaults{Become: true}, false},
		{"variable against the keyword", value.NewMap("ansible_become", "yes"), ConnectionKeywords{Become: false}, ConnectionDefaults{}, true},
		{"variable says no", value.NewMap("ansible_become", false), ConnectionKeywords{Become: true}, ConnectionDefaults{}, false},
		{"logged in as that user", value.NewMap("ansible_user", "root"), ConnectionKeywords{Become: true}, ConnectionDefaults{}, false},
		{"local, as that user", nil, ConnectionKeywords{Become: true, Connection: "local"}, ConnectionDefaults{Login: "root"}, false},
		{"local, as another", nil, ConnectionKeywords{Become: true, Connection: "local"}, ConnectionDefaults{Login: "me", User: "root"}, true},
	} {
		if got := resolve(t, c.vars, c.k, c.d); got.Become != c.want {
			t.Errorf("%s: %v, want %v", c.name, got.Become, c.want)
		}
	}
}

func TestPasswords(t *testing.T) {
	read := func(f func() (string, error)) string {
		if f == nil {
			return "none"
		}
		s, err := f()
		if err != nil {
			return err.Error()
		}
		return s
	}
	cfg := config.Default("/")
	cfg.BecomePassword = "from the environment"
	asked := ConnectionDefaults{Password: secret("asked"), BecomePassword: secret("asked too")}
	for _, c := range []struct {
		name          string
		vars          *value.Map
		d             ConnectionDefaults
		login, become string
	}{
		{"none", nil, ConnectionDefaults{}, "none", "none"},
		{"configured", nil, ConnectionDefaults{Config: cfg}, "none", "from the environment"},
		{"asked for", nil, asked, "asked", "asked too"},
		{"variables", value.NewMap("ansible_password", "a", "ansible_ssh_pass", "b", "ansible_become_pass", "c", "ansible_sudo_pass", "d"), asked, "b", "d"},
		{"a number", value.NewMap("ansible_password", 1234), ConnectionDefaults{}, "1234", "none"},
		{"empty", value.NewMap("ansible_password", "", "ansible_become_password", ""), asked, "none", "none"},
	} {
		got := resolve(t, c.vars, ConnectionKeywords{Become: true}, c.d)
		if read(got.Password) != c.login || read(got.BecomePassword) != c.become {
			t.Errorf("%s: %s and %s, want %s and %s", c.name, read(got.Password), read(got.BecomePassword), c.login, c.become)
		}
	}
}

func TestConnectionKinds(t *testing.T) {
	for kind, want := range map[string]string{"ssh": "ssh", "smart": "ssh", "paramiko": "ssh", "ansible.builtin.ssh": "ssh", "local": "local", "ansible.builtin.local": "local"} {
		if c := resolve(t, value.NewMap("ansible_connection", kind), ConnectionKeywords{}, ConnectionDefaults{}); c.Kind != want {
			t.Errorf("%s: %s, want %s", kind, c.Kind, want)
		}
	}
	for _, c := range []struct {
		vars *value.Map
		want string
	}{
		{value.NewMap("ansible_connection", "docker"), `the connection of h1: connection "docker" is not supported; ssh and local are`},
		{value.NewMap("ansible_port", "x"), "the connection of h1: ansible_port is a whole number, not 'x'"},
		{value.NewMap("ansible_shell_type", "powershell"), `the connection of h1: ansible_shell_type "powershell" is not supported; hosts are spoken to through a POSIX shell`},
		{value.NewMap("ansible_ssh_common_args", `-o "x`), `the connection of h1: ansible_ssh_common_args "-o \"x": a quote is opened and not closed`},
		{value.NewMap("ansible_become", true, "ansible_become_method", "runas"), `the connection of h1: become_method "runas" is not supported; sudo, su and doas are`},
	} {
		_, err := ResolveConnection(&facing{c.vars}, ConnectionKeywords{Host: "h1"}, ConnectionDefaults{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// One connection serves all tasks of a host, whoever they become; another user or way is another connection.
func TestKey(t *testing.T) {
	base := Connection{Kind: "ssh", Host: "h1", User: "u", Args: []string{"-C"}, Password: secret("x")}
	same, other := base, base
	same.Become, same.BecomeUser, same.Timeout, same.Password = true, "root", 99, secret("y")
	other.User = "v"
	if base.Key() != same.Key() {
		t.Error("become makes another connection")
	}
	if base.Key() == other.Key() {
		t.Error("two users share a connection")
	}
	if (Connection{Kind: "local", Host: "a"}).Key() != (Connection{Kind: "local", Host: "b"}).Key() {
		t.Error("the machine itself is reached in two ways")
	}
}
