package inventory

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/config"
	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

func said(ds diag.List) []string {
	var out []string
	for _, d := range ds {
		mark := ""
		if d.Severity == diag.Warning {
			mark = "warning: "
		}
		out = append(out, mark+d.Error())
	}
	return out
}

// Every mistake of a file is told, each in its place.
func TestMistakesOfINI(t *testing.T) {
	text := `[web]
h1 a=1 oops "b=2 c
h2 x
h3:
n[1:3
n[a:5]
n[03:5]
[web:chidren]
lost
[web children]
also lost
[db:vars]
key
 = 1
ansible_group_priority=high
[top:children]
web
nowhere extra
weeb
top
[web:children]
top
[all:vars]
t="{{ x"
`
	_, ds := Load([]string{"/i/hosts"}, Options{Tree: tree(map[string]string{"/i/hosts": text}), Lang: jinja.New()})
	want := []string{
		"/i/hosts:2:1: a quote is opened and not closed",
		`/i/hosts:3:4: expected key=value after the name of the host, found "x"`,
		`/i/hosts:4:1: host "h3:" ends in a colon, which is kept for a port`,
		`/i/hosts:5:1: the range of "n[1:3" does not end: there is no ]`,
		`/i/hosts:6:1: "n[a:5]": the ends of a range are two numbers or two letters, not "a" and "5"`,
		`/i/hosts:7:1: "n[03:5]": with leading zeros both ends of a range must have the same length: "03" and "5"`,
		`/i/hosts:8:6: section [web:chidren] is of an unknown kind (did you mean "children"?)`,
		"/i/hosts:10:1: [web children] is no section: there may be no spaces or other signs in its name",
		`/i/hosts:13:1: expected key = value, found "key"`,
		`/i/hosts:14:2: expected key = value, found "= 1"`,
		`/i/hosts:15:1: ansible_group_priority is a number, not "high"`,
		`/i/hosts:18:1: expected the name of a group, found "nowhere extra"`,
		"/i/hosts:20:1: group top cannot be in itself",
		"/i/hosts:22:1: group top cannot be in web: web is in top already",
		`/i/hosts:12:2: section [db:vars] is for a group that is not defined`,
		`/i/hosts:19:1: section [top:children] includes group weeb, which is not defined (did you mean "web"?)`,
	}
	got := said(ds)
	template := -1
	for i, line := range got {
		if strings.HasPrefix(line, "/i/hosts:24:") {
			template = i
		}
	}
	if template < 0 {
		t.Fatalf("the broken template is not told: %q", got)
	}
	got = append(got[:template], got[template+1:]...)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestMistakesOfYAML(t *testing.T) {
	for text, want := range map[string][]string{
		"all:\n  hosts:\n    - h1\n":                                     {"/i/h.yml:3:5: hosts of group all is a mapping, not a list (end each host with a colon: web1:)"},
		"all:\n  hosts:\n    h1: x\n":                                    {"/i/h.yml:3:9: host h1 has variables, which are a mapping, not a single value (write name: value)"},
		"all:\n  hosts:\n    10: \n":                                     {"/i/h.yml:3:5: the name of a host is a text, not 10 (put it in quotes)"},
		"all:\n  hosts:\n    n[3:1:0]:\n":                                {`/i/h.yml:3:5: "n[3:1:0]": the step of a range is a positive number, not "0"`},
		"all:\n  host:\n    h1:\n":                                       {`warning: /i/h.yml:2:3: skipping unexpected key "host" in group all; only vars, children and hosts are valid (did you mean "hosts"?)`},
		"all:\n  children:\n    a:\n      web:\n        hosts: {h1: }\n": {`warning: /i/h.yml:4:7: skipping unexpected key "web" in group a; only vars, children and hosts are valid (a group within a group belongs under children)`},
		"plugin: amazon.aws.aws_ec2\n":                                   {"/i/h.yml:1:9: inventory plugin amazon.aws.aws_ec2 is not built in; constructed and generator are (write its answer to a file: ansible-inventory --list -y --export)"},
		"a:\n  children: {b: {children: {a: }}}\n":                       {"/i/h.yml:2:14: group b cannot be in a: a is in b already"},
		"a:\n  children: {all: }\n":                                      {"/i/h.yml:2:14: group all holds every group and cannot be in a"},
		"- a\n":                                                          nil, // a list: read below
		"web: x\n":                                                       {`warning: /i/h.yml:1:1: skipping "web" as this is not a valid group definition`},
		"2024: {hosts: {h1: }}\n":                                        {"/i/h.yml:1:1: the name of a group is a text, not 2024 (put it in quotes)"},
		"k3s-workers: {hosts: {h1: }}\nx-y: {hosts: {h1: }}\n":           {`warning: /i/h.yml:1:1: group "k3s-workers" has signs in its name that a variable name cannot have ("k3s_workers" would be safe everywhere)`},
		"web: {hosts: {web: }}\n":                                        {"warning: /i/h.yml: found both group and host with same name: web"},
		"all: {vars: [a]}\n":                                             {"/i/h.yml:1:13: vars of group all is a mapping, not a list (write name: value)"},
		"all: {vars: {ansible_group_priority: [1]}}\n":                   {"/i/h.yml:1:38: ansible_group_priority is a number, not [1]"},
		"$ANSIBLE_VAULT;1.1;AES256\n3132\n":                              {"/i/h.yml:1:1: the file is encrypted with ansible-vault and no vault password was given (give it with --vault-password-file FILE, or -J to be asked)"},
	} {
		if want == nil {
			want = []string{"/i/h.yml:1:1: an inventory is a mapping of groups, this is a list (begin it with all:)"}
		}
		_, ds := Load([]string{"/i/h.yml"}, Options{Tree: tree(map[string]string{"/i/h.yml": text})})
		if got := said(ds); !reflect.DeepEqual(got, want) {
			t.Errorf("%q gives\n  %q, want\n  %q", text, got, want)
		}
	}
}

func TestSources(t *testing.T) {
	files := map[string]string{
		"/i/toml.toml": "[web]\n", "/i/bad.toml": "[web\n", "/i/empty/x.txt": "h1\n", "/i/broken": "all:\n  hosts:\n   - a\n  b\n", "/i/ini.yml": "[web]\nh1\n", "/i/plain.yml": "h1\n",
		"/i/word": "h1\n", "/i/text.ini": "h2\n",
	}
	for _, c := range []struct {
		source string
		hosts  string
		want   string // within the first diagnostic
	}{
		{"/i/none", "", "warning: unable to parse /i/none as an inventory source (there is no such file; a list of hosts needs a comma: none,)"},
		{"/etc/ansible/hosts", "", "warning: no inventory was parsed, only implicit localhost is available"},
		{"/i/toml.toml", "", ""},
		{"/i/bad.toml", "", "/i/bad.toml:2:5: the TOML cannot be read"},
		{"/i/empty", "", "warning: unable to parse /i/empty as an inventory source (no file in it is an inventory)"},
		{"/i/broken", "", "/i/broken:"},
		{"/i/plain.yml", "h1", ""},
		{"/i/word", "h1", ""},
		{"/i/text.ini", "h2", ""},
		{"a,b:22", "a b", ""},
	} {
		inv, ds := Load([]string{c.source}, Options{Tree: tree(files)})
		if got := strings.Join(names(inv.Hosts()), " "); got != c.hosts {
			t.Errorf("%s: hosts %s, want %s", c.source, got, c.hosts)
		}
		if got := strings.Join(said(ds), "\n"); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %s, want %s", c.source, got, c.want)
		}
	}
}

func TestUnparsedCanBeAnError(t *testing.T) {
	cfg := config.Default("/")
	cfg.AnyUnparsedIsFailed = true
	if _, ds := Load([]string{"h1,", "/none"}, Options{Tree: tree(nil), Config: cfg}); !ds.HasErrors() {
		t.Error("any_unparsed_is_failed: a missing source is no error")
	}
	cfg = config.Default("/")
	cfg.UnparsedIsFailed = true
	if _, ds := Load([]string{"h1,", "/none"}, Options{Tree: tree(nil), Config: cfg}); ds.HasErrors() {
		t.Errorf("unparsed_is_failed: one source was read, and yet %v", said(ds))
	}
	if _, ds := Load([]string{"/none"}, Options{Tree: tree(nil), Config: cfg}); !ds.HasErrors() {
		t.Error("unparsed_is_failed: nothing was read, and that is no error")
	}
}

func TestGroupNamesCanBeChanged(t *testing.T) {
	cfg := config.Default("/")
	cfg.TransformGroupNames = "silently"
	inv, ds := Load([]string{"/i/h"}, Options{Tree: tree(map[string]string{"/i/h": "[k3s-workers]\nh1\n[a:children]\nk3s-workers\n"}), Config: cfg})
	if inv.Group("k3s_workers") == nil {
		t.Errorf("groups %v, %v", inv.GroupNames(), said(ds))
	}
}

func TestScripts(t *testing.T) {
	for _, c := range []struct{ out, errs, fail, want string }{
		{`{"web": {"hosts": ["h1"]}, "_meta": {"hostvars": {}}}`, "note", "", "warning: /i/s: the inventory script with --list said: note"},
		{"", "boom\n", "exit status 3", "/i/s: the inventory script with --list failed: exit status 3"},
		{"no json", "", "", "/i/s: the inventory script with --list did not print JSON: "},
		{"[]", "", "", "/i/s: the inventory script with --list printed list where an object was expected"},
		{`{"web": {"hosts": "h1"}, "_meta": {"hostvars": {}}}`, "", "", "/i/s: hosts of group web is a list, not str"},
		{`{"web": {"hosts": [1]}, "_meta": {"hostvars": {}}}`, "", "", "/i/s: hosts of group web are names, not 1"},
		{`{"web": {"vars": [1]}, "_meta": {"hostvars": {}}}`, "", "", "/i/s: vars of group web are an object, not list"},
		{`{"_meta": {"hostvars": []}}`, "", "", "/i/s: _meta.hostvars of the script's answer is an object, not list"},
		{`{"a": {"children": ["a"]}, "_meta": {"hostvars": {}}}`, "", "", "/i/s: group a cannot be in itself"},
	} {
		run := func(string, ...string) ([]byte, []byte, error) {
			if c.fail != "" {
				return nil, []byte(c.errs), errors.New(c.fail)
			}
			return []byte(c.out), []byte(c.errs), nil
		}
		_, ds := Load([]string{"/i/s"}, Options{Tree: tree(map[string]string{"/i/s!": "#!/bin/sh\n"}), Script: run})
		if got := strings.Join(said(ds), "\n"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q: %s, want %s", c.out, got, c.want)
		}
	}
	if _, ds := Load([]string{"/i/s"}, Options{Tree: tree(map[string]string{"/i/s!": "#!/bin/sh\n"})}); !ds.HasErrors() {
		t.Error("a script that nobody can run is no error")
	}
	inv, ds := Load([]string{"/i/s"}, Options{Tree: tree(map[string]string{"/i/s!": "[web]\nh1\n"})})
	if len(ds) > 0 || inv.Host("h1") == nil {
		t.Errorf("a text that may be executed: %v", said(ds))
	}
}

// Texts with braces are templates, except where a script says that they are not.
func TestTemplates(t *testing.T) {
	run := func(string, ...string) ([]byte, []byte, error) {
		return []byte(`{"web": {"hosts": ["h1"]}, "_meta": {"hostvars": {"h1": {"t": "{{ 1 }}", "u": {"__ansible_unsafe": "{{ 1 }}"}, "l": ["{{ 1 }}"]}}}}`), nil, nil
	}
	files := map[string]string{"/i/s!": "#!/bin/sh\n", "/i/ini": "h2 t={{x}} l=\"['{{ y }}']\" p=plain\n", "/i/h.yml": "all: {hosts: {h3: {t: '{{ 1 }}', u: !unsafe '{{ 1 }}'}}}\n"}
	inv, ds := Load([]string{"/i/s", "/i/ini", "/i/h.yml"}, Options{Tree: tree(files), Script: run, Lang: jinja.New()})
	if len(ds) > 0 {
		t.Fatal(said(ds))
	}
	is := func(host, name string) bool {
		v, _ := inv.Host(host).Vars().Values.Get(name)
		if list, ok := v.([]any); ok {
			v = list[0]
		}
		_, ok := v.(*jinja.Template)
		return ok
	}
	for _, c := range []struct {
		host, name string
		want       bool
	}{{"h1", "t", true}, {"h1", "u", false}, {"h1", "l", true}, {"h2", "t", true}, {"h2", "l", true}, {"h2", "p", false}, {"h3", "t", true}, {"h3", "u", false}} {
		if is(c.host, c.name) != c.want {
			t.Errorf("%s of %s: template %v, want %v", c.name, c.host, !c.want, c.want)
		}
	}
	ini, _ := inv.Host("h2").Vars().Values.Get("t")
	if at := ini.(*jinja.Template).Pos().String(); at != "/i/ini:1:6" {
		t.Errorf("the template is at %s", at)
	}
}

func TestLocalhost(t *testing.T) {
	inv := parse(t, map[string]string{"/i/h": "h1\n"}, "/i/h")
	h := inv.Host("localhost")
	if h == nil || !h.Implicit || h.Vars().Values.Value("ansible_connection") != "local" || len(h.GroupNames()) != 0 || inv.Host("127.0.0.1") == nil {
		t.Errorf("implicit localhost: %+v", h)
	}
	if len(inv.Hosts()) != 1 || inv.Host("nosuch") != nil {
		t.Errorf("hosts %v", names(inv.Hosts()))
	}
	inv = parse(t, map[string]string{"/i/h": "localhost ansible_connection=ssh\n"}, "/i/h")
	if h := inv.Host("::1"); h == nil || h.Name != "localhost" || h.Implicit {
		t.Errorf("::1 is %+v, want the localhost of the inventory", h)
	}
}

func TestHostOrderAndPlaces(t *testing.T) {
	inv := parse(t, map[string]string{"/i/a/hosts": "[db]\nh3\nh1\n[web]\nh2 v=1\nh1\n", "/i/b.yml": "all: {hosts: {h9: , h1: {v: 2}}}\n"}, "/i/a/hosts", "/i/b.yml")
	if got := strings.Join(names(inv.Hosts()), " "); got != "h9 h1 h3 h2" {
		t.Errorf("order %s", got) // those directly in all come first
	}
	h := inv.Host("h2")
	if h.File != "/i/a/hosts" || h.Dir != "/i/a" || h.Vars().At["v"] != (diag.Pos{File: "/i/a/hosts", Line: 5, Col: 4}) {
		t.Errorf("h2: %+v", h)
	}
	var groups []string
	for _, g := range inv.Host("h1").Groups() {
		groups = append(groups, g.Name)
	}
	if got := strings.Join(groups, " "); got != "db web" {
		t.Errorf("groups of h1: %s", got)
	}
	if got := inv.Sources(); len(got) != 2 {
		t.Errorf("sources %v", got)
	}
}

func TestAddHost(t *testing.T) {
	inv := parse(t, map[string]string{"/i/h": "[web]\nh1 a=1\n"}, "/i/h")
	added, changed := inv.AddHost("new:2222", []string{"web", "fresh"}, value.NewMap("x", 1))
	if !changed || inv.Host("new") != nil || inv.Group("fresh") != nil {
		t.Errorf("the old inventory changed, or the new one did not: %v", changed)
	}
	h := added.Host("new")
	if h == nil || h.Vars().Values.Value("x") != 1 || h.Vars().Values.Value("ansible_port") != 2222 || !reflect.DeepEqual(h.GroupNames(), []any{"fresh", "web"}) {
		t.Errorf("new host %+v", h)
	}
	if got := value.Repr(added.GroupNames()); got != "{'all': ['new', 'h1'], 'ungrouped': [], 'web': ['h1', 'new'], 'fresh': ['new']}" {
		t.Errorf("groups %s", got)
	}
	if _, changed := added.AddHost("new", []string{"web"}, value.NewMap("x", 1)); changed {
		t.Error("adding the same again is a change")
	}
	if _, changed := added.AddHost("new", nil, value.NewMap("x", 2)); !changed {
		t.Error("another value is no change")
	}
}

func TestAddToGroup(t *testing.T) {
	inv := parse(t, map[string]string{"/i/h": "h1\nh2\n"}, "/i/h")
	grouped, changed := inv.AddToGroup("h1", "os_Debian", []string{"linux"})
	if got := value.Repr(grouped.GroupNames()); !changed || got != "{'all': ['h2', 'h1'], 'ungrouped': ['h2'], 'os_Debian': ['h1'], 'linux': ['h1']}" {
		t.Errorf("%v %s", changed, got)
	}
	if _, changed := grouped.AddToGroup("h1", "os_Debian", []string{"linux"}); changed {
		t.Error("doing it again is a change")
	}
	if _, changed := inv.AddToGroup("nosuch", "g", nil); changed {
		t.Error("a host that is not there was grouped")
	}
}

func TestMistakesOfVarFiles(t *testing.T) {
	files := map[string]string{
		"/i/h": "[web]\nh1\n", "/i/group_vars/web.yml": "- a\n", "/i/group_vars/all/secret.yml": "$ANSIBLE_VAULT;1.1;AES256\n3132\n",
		"/i/group_vars/all/ok.yml": "a: 1\n", "/i/host_vars/h1": "a: \"{{ b\n", "/i/group_vars/ungrouped.yml": "t: \"{{ | }}\"\n",
	}
	o := Options{Tree: tree(files), Lang: jinja.New()}
	inv, ds := Load([]string{"/i/h"}, o)
	if len(ds) > 0 {
		t.Fatal(said(ds))
	}
	f, ds := ReadVarFiles(inv, "/i", o)
	if v := f.Group(All); len(v) != 2 || v[1].Locked == nil || v[0].Values.Value("a") != 1 || v[0].At["a"].String() != "/i/group_vars/all/ok.yml:1:1" {
		t.Errorf("group_vars/all: %+v", v)
	}
	all := strings.Join(said(ds.Sorted()), "\n")
	for _, want := range []string{
		"/i/group_vars/ungrouped.yml:1:",
		"/i/group_vars/web.yml:1:1: a file of variables holds a mapping, this is a list (write name: value)",
		"/i/host_vars/h1:1:",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not among\n%s", want, all)
		}
	}
}

func FuzzINI(f *testing.F) {
	for _, s := range []string{"[a]\nh1 x=1\n", "[a:vars]\nx={'a': [1, (2,)]}\n", "[a:children]\nb\n[b]\n", "h[01:03:2] k='v\n", "[::1]:22\n", "x='\\u00'", "[a:vars]\nk=0x\nj=1_\nl=\"\"\"\n", "[a]\n[a:children]\na\nb\n[b:children]\na\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		inv, _ := Load([]string{"/i/hosts.ini"}, Options{Tree: tree(map[string]string{"/i/hosts.ini": text}), Lang: jinja.New()})
		for _, h := range inv.Hosts() {
			if inv.Host(h.Name) != h {
				t.Errorf("%q: host %q cannot be found", text, h.Name)
			}
		}
		for _, g := range inv.Groups() {
			for _, c := range g.Children() {
				if c.Depth <= g.Depth {
					t.Errorf("%q: group %s is as deep as %s, which is in it", text, g.Name, c.Name)
				}
			}
		}
	})
}

// FuzzYAML holds that an inventory in YAML is read or refused, and that what is read can be found again and has no group within itself.
func FuzzYAML(f *testing.F) {
	for _, s := range []string{
		"all:\n  hosts:\n    h[1:3]: {x: 1}\n  children:\n    a: {children: {b: }}\n    b: {vars: {y: '{{ x }}'}}\n",
		"all: {hosts: {h1: , h1: }}\n", "a: {children: {a: }}\n", "a: {hosts: [h1]}\n", "g: {hosts: h1}\n", "all:\n  hosts:\n    ? [a]\n",
		"{\"all\": {\"hosts\": {\"h:22\": null}}}", "a: &a {children: {b: *a}}\n", "plugin: constructed\n", "1: {hosts: {2: }}\n", "x: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		inv, _ := Load([]string{"/i/h.yml"}, Options{Tree: tree(map[string]string{"/i/h.yml": text}), Lang: jinja.New()})
		for _, h := range inv.Hosts() {
			if inv.Host(h.Name) != h {
				t.Errorf("%q: host %q cannot be found", text, h.Name)
			}
		}
		for _, g := range inv.Groups() {
			for _, c := range g.Children() {
				if c.Depth <= g.Depth {
					t.Errorf("%q: group %s is as deep as %s, which is in it", text, g.Name, c.Name)
				}
			}
		}
	})
}
