package ssh

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseArgs(t *testing.T) {
	for _, c := range []struct {
		words string // separated by |
		want  string
	}{
		{"-o|User=bob|-oPort=99|-o|HostName = h", "User=bob Port=99 HostName=h"},
		{"-o|ProxyCommand=ssh -W %h:%p -q gw|-C", "ProxyCommand=ssh -W %h:%p -q gw"},
		{"-o|ProxyCommand ssh gw nc %h 22", "ProxyCommand=ssh gw nc %h 22"},
		{`-o|IdentityFile="/a b/c"`, "IdentityFile=/a b/c"},
		{"-i|key|-p|2222|-l|root|-J|a,b|-4", "IdentityFile=key Port=2222 User=root ProxyJump=a,b AddressFamily=inet"},
		{"-AqTp22", "ForwardAgent=yes Port=22"},
		{"-S|/tmp/x|-o|ControlMaster=auto", "ControlMaster=auto"},
		{"-o|NoSuchThing=1", "NoSuchThing=1 !unknown ssh option NoSuchThing"},
		{"-o|LocalForward=1", "LocalForward=1 !the ssh option LocalForward has no effect here"},
		{"-o|Port", "!ssh option without a value: Port"},
		{"-Z|x", "!unknown ssh flag -Z"},
		{"host", "?host"},
	} {
		a := parseArgs(strings.Split(c.words, "|"))
		var got []string
		for _, p := range a.set {
			got = append(got, p.key+"="+p.value)
		}
		for _, w := range a.warnings {
			got = append(got, "!"+w)
		}
		for _, r := range a.rest {
			got = append(got, "?"+r)
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.words, g, c.want)
		}
	}
}

// home makes a home directory with these files below .ssh.
func home(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, ".ssh", name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const sample = `
# first value wins
Port=2201
Include conf.d/*.conf missing.conf
Host	web1 web2  # two
	HostName %h.example.org
	User deploy
	IdentityFile ~/.ssh/%r_key
	IdentityFile "${KEYS}/second key"
	ProxyJump bastion:2222,root@inner
Host !web1 web*
	HostKeyAlias not-one
Match host web1.example.org user deploy
	ServerAliveInterval 7
Match originalhost web2 exec "true"
	ServerAliveInterval 8
Match !host *.example.org
	ConnectTimeout 1m
Host db
	ProxyCommand nc -X connect %h %p via %r
	ProxyJump never
	StrictHostKeyChecking accept-new
	UserKnownHostsFile ~/a /dev/null
	ForwardX11 no
	WhatIsThis yes
Match all
	User last
	Port 9
`

func resolved(t *testing.T, host string, change func(*Options)) (target, []string) {
	t.Helper()
	dir := home(t, map[string]string{"config": sample, "conf.d/a.conf": "Host inc*\n User included\nMatch user included\n Port 7\nHost *\n HashKnownHosts yes\n"})
	var warnings []string
	o := Options{Host: host, Home: dir, Login: "me", ConfigFiles: []string{dir + "/.ssh/config", dir + "/none"},
		Env:  func(n string) string { return map[string]string{"KEYS": "/keys", "SSH_AUTH_SOCK": "/sock"}[n] },
		Warn: func(w string) { warnings = append(warnings, strings.ReplaceAll(w, dir, "~")) }}
	if change != nil {
		change(&o)
	}
	got, err := resolve(o.complete())
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []*[]string{&got.identities, &got.userKnown} {
		for i, p := range *list {
			(*list)[i] = strings.ReplaceAll(p, dir, "~")
		}
	}
	return got, warnings
}

func TestResolve(t *testing.T) {
	w1, warnings := resolved(t, "web1", nil)
	got := fmt.Sprintln(w1.host, w1.user, w1.port, w1.identities, w1.jump, w1.keyName, w1.alive.Interval, w1.connectTimeout, w1.hashKnown, w1.agent)
	want := fmt.Sprintln("web1.example.org", "deploy", 2201, []string{"~/.ssh/deploy_key", "/keys/second key"}, []string{"bastion:2222", "root@inner"},
		"", 7*time.Second, defaultConnectTimeout, true, "/sock")
	if got != want {
		t.Errorf("web1:\n got %swant %s", got, want)
	}
	if len(warnings) != 0 {
		t.Errorf("web1 warns: %q", warnings)
	}
	w2, warnings := resolved(t, "web2", nil)
	if w2.keyName != "not-one" || w2.alive.Interval != defaultAliveInterval {
		t.Errorf("web2: alias %q, interval %v", w2.keyName, w2.alive.Interval)
	}
	if want := []string{"~/.ssh/config:15: the condition Match exec is not understood; the block is left out"}; !slices.Equal(warnings, want) {
		t.Errorf("web2 warns %q, want %q", warnings, want)
	}
	db, warnings := resolved(t, "db", nil)
	got = fmt.Sprintln(db.host, db.user, db.proxyCommand, db.jump, db.checking, db.userKnown, db.globalKnown, db.connectTimeout)
	want = fmt.Sprintln("db", "last", "nc -X connect db 2201 via last", []string(nil), CheckAcceptNew, []string{"~/a", "/dev/null"},
		[]string{"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"}, time.Minute)
	if got != want {
		t.Errorf("db:\n got %swant %s", got, want)
	}
	if want := []string{"~/.ssh/config:25: unknown ssh option WhatIsThis"}; !slices.Equal(warnings, want) {
		t.Errorf("db warns %q, want %q", warnings, want)
	}
	if inc, _ := resolved(t, "inc1", nil); inc.user != "included" || inc.port != 2201 {
		t.Errorf("inc1: %s, port %d", inc.user, inc.port)
	}
}

func TestResolveOrder(t *testing.T) {
	got, _ := resolved(t, "web1", func(o *Options) {
		o.User, o.PrivateKeyFile = "explicit", "/k"
		o.Args = []string{"-o", "User=args", "-p", "77", "-o", "ConnectTimeout=3", "-o", "PubkeyAcceptedKeyTypes=+ssh-rsa", "-o", "ProxyCommand=none"}
		o.ConnectTimeout, o.HostKeyChecking = 5*time.Second, CheckNo
	})
	if got.user != "explicit" || got.port != 77 || got.connectTimeout != 3*time.Second || got.checking != CheckNo || got.pubkeyAlgos != "+ssh-rsa" {
		t.Errorf("got %+v", got)
	}
	if got.jump != nil || got.proxyCommand != "" {
		t.Errorf("ProxyCommand=none leaves %v %q", got.jump, got.proxyCommand)
	}
	if want := []string{"/k", "~/.ssh/explicit_key", "/keys/second key"}; !slices.Equal(got.identities, want) {
		t.Errorf("identities %q, want %q", got.identities, want)
	}
	got, _ = resolved(t, "web1", func(o *Options) { o.Args = []string{"-F", "none"} })
	if got.host != "web1" || got.user != "me" || got.port != 22 {
		t.Errorf("-F none: %+v", got)
	}
	if want := []string{"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"}; !slices.Equal(got.identities, want) {
		t.Errorf("default identities %q", got.identities)
	}
}

func TestResolveMistakes(t *testing.T) {
	for arg, want := range map[string]string{
		"Port=ssh": "is not a port", "Port=70000": "is not a port", "ConnectTimeout=soon": "is not a time",
		"ServerAliveCountMax=few": "is not a number", "StrictHostKeyChecking=perhaps": "is none of",
	} {
		_, err := resolve(Options{Host: "h", ConfigFiles: []string{}, Args: []string{"-o", arg}}.complete())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", arg, err, want)
		}
	}
	if _, err := resolve(Options{Host: "h", Args: []string{"-F", "/no/such/file"}}.complete()); err == nil {
		t.Error("a missing -F file is no error")
	}
	dir := home(t, map[string]string{"config": "Include config\n"})
	if _, err := resolve(Options{Host: "h", Home: dir, ConfigFiles: []string{dir + "/.ssh/config"}}.complete()); err == nil || !strings.Contains(err.Error(), "nested too deeply") {
		t.Errorf("a file that includes itself: %v", err)
	}
}

func TestChoose(t *testing.T) {
	defaults, known := []string{"a1", "a2", "b1"}, []string{"a1", "a2", "b1", "old"}
	for spec, want := range map[string][]string{
		"b1,a1": {"b1", "a1"}, "+old": {"a1", "a2", "b1", "old"}, "-a*": {"b1"}, "^old,b1": {"old", "b1", "a1", "a2"}, "x,a2": {"a2"},
	} {
		if got, err := choose("X", spec, defaults, known); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v, want %v", spec, got, err, want)
		}
	}
	if got, err := choose("Ciphers", "none-such", defaults, known); err == nil {
		t.Errorf("none-such gave %v", got)
	}
}

func TestNativeProxy(t *testing.T) {
	for command, want := range map[string]string{
		"ssh -W %h:%p -q user@gw":                           "user@gw [-W db:5 -q]",
		"ssh -o StrictHostKeyChecking=no -W %h:%p gw -p 22": "gw [-o StrictHostKeyChecking=no -W db:5 -p 22]",
		"/usr/bin/ssh -W [%h]:%p gw":                        "",
		"ssh gw nc %h %p":                                   "",
		"ssh -W other:22 gw":                                "",
		"ssh -W %h:%p gw | tee log":                         "",
		"ssh -W %h:%p -o LocalForward=x gw":                 "",
		"nc %h %p":                                          "",
		"sh -c 'ssh gw'":                                    "",
	} {
		s := newSettings(Options{}.complete(), "db")
		got := ""
		if hop, args, ok := nativeProxy(target{host: "db", port: 5, proxyCommand: s.expand(target{host: "db", port: 5}, command)}); ok {
			got = fmt.Sprintf("%s %v", hop, args)
		}
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", command, got, want)
		}
	}
}
