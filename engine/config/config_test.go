package config

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/drydock-dev/drydock/engine/diag"
)

// machine is a Machine of some files and variables; its current directory is /proj/site and its home /home/u.
func machine(files map[string]string, env map[string]string) Machine {
	tree := fstest.MapFS{"work/site": {Mode: fs.ModeDir | 0o755}}
	for name, text := range files {
		tree[strings.TrimPrefix(name, "/")] = &fstest.MapFile{Data: []byte(text), Mode: 0o644, ModTime: time.Unix(0, 0)}
	}
	return Machine{
		Getenv:   func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Cwd:      "/proj/site",
		Home:     "/home/u",
		ReadFile: func(p string) ([]byte, error) { return fs.ReadFile(tree, strings.TrimPrefix(p, "/")) },
		Stat:     func(p string) (fs.FileInfo, error) { return fs.Stat(tree, strings.TrimPrefix(p, "/")) },
	}
}

func messages(ds diag.List) []string {
	var out []string
	for _, d := range ds {
		out = append(out, d.Error())
	}
	return out
}

func TestDefaults(t *testing.T) {
	c, ds := Load(machine(nil, nil))
	if len(ds) > 0 {
		t.Fatalf("a machine without configuration gives %v", messages(ds))
	}
	if c.File != "" || c.Forks != 5 || c.Timeout != 10 || !c.HostKeyChecking || c.BecomeMethod != "sudo" || c.BecomeFlags != nil || c.Gathering != "implicit" {
		t.Errorf("defaults: %+v", c)
	}
	want := []string{"/home/u/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"}
	if !reflect.DeepEqual(c.RolesPath, want) {
		t.Errorf("roles path %v, want %v", c.RolesPath, want)
	}
	if got := Default("/home/u"); !reflect.DeepEqual(got.RolesPath, want) || got.IsSet(&got.Forks) {
		t.Errorf("Default: %+v", got)
	}
}

func TestSearchOrder(t *testing.T) {
	file := func(n string) string { return "[defaults]\nforks = " + n + "\n" }
	all := map[string]string{"/proj/site/ansible.cfg": file("2"), "/home/u/.ansible.cfg": file("3"), "/etc/ansible/ansible.cfg": file("4"), "/opt/x/ansible.cfg": file("1")}
	for _, c := range []struct {
		name  string
		env   map[string]string
		drop  []string
		forks int
	}{
		{"variable names a file", map[string]string{"ANSIBLE_CONFIG": "/opt/x/ansible.cfg"}, nil, 1},
		{"variable names a folder", map[string]string{"ANSIBLE_CONFIG": "/opt/x"}, nil, 1},
		{"variable names nothing", map[string]string{"ANSIBLE_CONFIG": "/opt/none.cfg"}, nil, 2},
		{"relative variable", map[string]string{"ANSIBLE_CONFIG": "../../opt/x"}, nil, 1},
		{"current directory", nil, nil, 2},
		{"home", nil, []string{"/proj/site/ansible.cfg"}, 3},
		{"system", nil, []string{"/proj/site/ansible.cfg", "/home/u/.ansible.cfg"}, 4},
	} {
		files := map[string]string{}
		for k, v := range all {
			files[k] = v
		}
		for _, k := range c.drop {
			delete(files, k)
		}
		got, ds := Load(machine(files, c.env))
		if got.Forks != c.forks || len(ds) > 0 {
			t.Errorf("%s: forks %d from %s, want %d; %v", c.name, got.Forks, got.File, c.forks, messages(ds))
		}
	}
}

func TestWorldWritableDirectoryIsNotTrusted(t *testing.T) {
	m := machine(map[string]string{"/proj/site/ansible.cfg": "[defaults]\nforks = 50\n"}, nil)
	stat := m.Stat
	m.Stat = func(p string) (fs.FileInfo, error) {
		if p == m.Cwd {
			return fs.Stat(fstest.MapFS{"d": {Mode: fs.ModeDir | 0o777}}, "d")
		}
		return stat(p)
	}
	c, ds := Load(m)
	if c.Forks != 5 || c.File != "" {
		t.Errorf("the file was read: %+v", c)
	}
	if len(ds) != 1 || ds[0].Severity != diag.Warning || !strings.Contains(ds[0].Summary, "everybody may write") {
		t.Errorf("diagnostics %v", messages(ds))
	}
}

func TestValues(t *testing.T) {
	cfg := `# a comment
[defaults]
inventory = hosts.yml, ~/more , $SITE/inv ; a comment
roles_path=roles:/abs:${SITE}/r:{{CWD}}/here
remote_user = "deploy"
host_key_checking = False
forks: 12
private_key_file = keys/id
callbacks_enabled = timer, 'profile_tasks'
  , cgroup
log_path = $NOTSET/log
display_skipped_hosts = no
force_handlers = True
interpreter_python = auto_silent
[ssh_connection]
ssh_args = -o ControlMaster=auto -o "ProxyCommand ssh -W %h:%p jump"
pipelining = True
retries = 3
[privilege_escalation]
become = true
become_flags = -H
`
	m := machine(map[string]string{"/etc/ansible/ansible.cfg": cfg}, map[string]string{"SITE": "/srv/site", "ANSIBLE_FORKS": "33", "NO_COLOR": "1", "ANSIBLE_TIMEOUT": ""})
	c, ds := Load(m)
	if len(ds) > 0 {
		t.Errorf("diagnostics %v", messages(ds))
	}
	check := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", what, got, want)
		}
	}
	check("inventory", c.Inventory, []string{"/etc/ansible/hosts.yml", "/home/u/more", "/srv/site/inv"})
	check("roles_path", c.RolesPath, []string{"/etc/ansible/roles", "/abs", "/srv/site/r", "/proj/site/here"})
	check("remote_user", c.RemoteUser, "deploy")
	check("host_key_checking", c.HostKeyChecking, false)
	check("forks", c.Forks, 33)
	check("timeout", c.Timeout, 10)
	check("private_key_file", c.PrivateKeyFile, "/etc/ansible/keys/id")
	check("callbacks_enabled", c.CallbacksEnabled, []string{"timer", "profile_tasks", "cgroup"})
	check("log_path", c.LogPath, "/etc/ansible/$NOTSET/log")
	check("display_skipped_hosts", c.DisplaySkippedHosts, false)
	check("force_handlers", c.ForceHandlers, true)
	check("ssh_args", c.SSHArgs, `-o ControlMaster=auto -o "ProxyCommand ssh -W %h:%p jump"`)
	check("retries", c.SSHRetries, 3)
	check("become", c.Become, true)
	check("become_flags", *c.BecomeFlags, "-H")
	check("no colour", c.NoColor, true)
	check("set", []bool{c.IsSet(&c.RemoteUser), c.IsSet(&c.RemotePort)}, []bool{true, false})
	forks, _ := c.Origin("DEFAULT_FORKS")
	user, _ := c.Origin("DEFAULT_REMOTE_USER")
	port, _ := c.Origin("DEFAULT_REMOTE_PORT")
	check("origins", []string{forks.String(), user.String(), port.String()}, []string{"environment ANSIBLE_FORKS", "/etc/ansible/ansible.cfg:5:1", "default"})
}

func TestDiagnostics(t *testing.T) {
	const at = "/proj/site/ansible.cfg:"
	for _, c := range []struct {
		cfg  string
		env  map[string]string
		want []string
		bad  bool // an error, not a warning
	}{
		{cfg: "[defaults]\nfork = 5\n", want: []string{at + `2:1: Ansible has no setting fork in [defaults]; it is ignored (did you mean "forks"?)`}},
		{cfg: "[defaults]\nbecome = true\n", want: []string{at + `2:1: Ansible has no setting become in [defaults]; it is ignored (it belongs to [privilege_escalation])`}},
		{cfg: "[default]\nforks = 5\n", want: []string{at + `2:1: Ansible has no setting forks in [default]; it is ignored (it belongs to [defaults])`}},
		{cfg: "[defaults]\ncache_plugins = ./library\n", want: []string{at + "2:1: [defaults] cache_plugins is not supported: Drydock runs no Python plugins"}},
		{cfg: "[defaults]\nfact_caching = memory\nretry_files_enabled = False\nstdout_callback = yaml\n"},
		{cfg: "[defaults]\nfact_caching = redis\n", want: []string{at + "2:1: [defaults] fact_caching is not supported: facts are kept in memory, or as jsonfile"}},
		{cfg: "[defaults]\nhash_behaviour = merged\n", want: []string{at + `2:1: [defaults] hash_behaviour: "merged" is not one of replace, merge (did you mean "merge"?)`}, bad: true},
		{cfg: "[defaults]\nforks = many\n", want: []string{at + `2:1: [defaults] forks: "many" is not a whole number`}, bad: true},
		{cfg: "[defaults]\nnocolor = maybe\n", want: []string{at + `2:1: [defaults] nocolor: "maybe" is neither true nor false and counts as false`}},
		{cfg: "[defaults]\ncallback_whitelist = timer\n", want: []string{at + "2:1: callback_whitelist is an old name (write callbacks_enabled)"}},
		{cfg: "[callback_log_plays]\nlog_folder = /tmp\n", want: []string{at + "1:1: section [callback_log_plays] is not supported: it configures a plugin, and Drydock runs no Python plugins"}},
		{cfg: "[galaxy]\nserver = x\n[colors]\nok = blue\n[paramiko_connection]\nhost_key_auto_add = true\n"},
		{cfg: "forks = 5\n", want: []string{at + "1:1: key forks stands before any section (begin the file with [defaults])"}, bad: true},
		{cfg: "[defaults\n", want: []string{at + "1:1: the name of the section does not end: there is no ]"}, bad: true},
		{cfg: "[defaults]\nnonsense\n", want: []string{at + `2:1: expected key = value or [section], found "nonsense"`}, bad: true},
		{cfg: "[defaults]\nforks=1\nforks=2\n", want: []string{at + "3:1: key forks is there twice in [defaults]; the first is in line 2"}, bad: true},
		{env: map[string]string{"ANSIBLE_FORKS": "x"}, want: []string{`environment variable ANSIBLE_FORKS: "x" is not a whole number`}, bad: true},
		{env: map[string]string{"ANSIBLE_CALLBACK_PLUGINS": "/p"}, want: []string{"environment variable ANSIBLE_CALLBACK_PLUGINS is not supported: Drydock runs no Python plugins"}},
		{cfg: "[defaults]\njinja2_extensions = jinja2.ext.do,jinja2.ext.loopcontrols\n"},
		{cfg: "[defaults]\njinja2_extensions = jinja2.ext.do, my.ext\n", want: []string{at + "2:1: [defaults] jinja2_extensions is not supported: of the Jinja extensions only do and loopcontrols are built in, not my.ext"}},
		{cfg: "[inventory]\nenable_plugins = host_list, yaml, amazon.aws.aws_ec2\n", want: []string{at + "2:1: [inventory] enable_plugins is not supported: there is no inventory plugin amazon.aws.aws_ec2"}},
	} {
		files := map[string]string{}
		if c.cfg != "" {
			files["/proj/site/ansible.cfg"] = c.cfg
		}
		_, ds := Load(machine(files, c.env))
		if got := messages(ds); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q %v gives\n  %q\nwant\n  %q", c.cfg, c.env, got, c.want)
		}
		if ds.HasErrors() != c.bad {
			t.Errorf("%q %v: errors %v, want %v", c.cfg, c.env, ds.HasErrors(), c.bad)
		}
	}
}

// Every setting has one owner: no key stands in two of them, and every default can be read.
func TestSettingsAreConsistent(t *testing.T) {
	keys, names := map[string]string{}, map[string]bool{}
	for _, s := range settings {
		if names[s.name] {
			t.Errorf("setting %s is there twice", s.name)
		}
		names[s.name] = true
		for _, k := range s.keys {
			if other, ok := keys[k]; ok {
				t.Errorf("key %s belongs to %s and %s", k, other, s.name)
			}
			keys[k] = s.name
		}
	}
}

// FuzzConfig holds that any ansible.cfg is read or refused, and that what is refused or warned about has a place in it.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{
		"[defaults]\nforks = 3\n", "forks=3\n", "[defaults\n", "[defaults]\nforks = x ; y\n  more\n", "[a]\n[a]\nk\n", "[defaults]\nroles_path = ~/a:$HOME/b:{{CWD}}\n",
		"[defaults]\ninventory = a, 'b, c'\n", "[ssh_connection]\nssh_args = '-o A=\"b c\"'\nretries = 1e9\n", "\xef\xbb\xbf[defaults]\n", "[defaults]\nhash_behaviour = other\nfrks: 1\n", "=\n", "[]\n=x\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ds := Load(machine(map[string]string{"/proj/site/ansible.cfg": text}, nil))
		if c == nil || c.Forks < 0 && !ds.HasErrors() {
			t.Fatalf("%q: %+v", text, c)
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, d := range ds {
			if d.Span.File != "" && d.Span.Line > lines {
				t.Errorf("%q: %v lies behind its end", text, d)
			}
		}
	})
}
