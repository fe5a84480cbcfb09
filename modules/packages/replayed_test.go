package packages

import (
	"os"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

// TestPacmanAsAnsible replays what community.general did with the pacman of testdata/pacman.sh: its results, and every call that changes something.
func TestPacmanAsAnsible(t *testing.T) {
	fake, err := os.ReadFile("testdata/pacman.sh")
	if err != nil {
		t.Fatal(err)
	}
	moduletest.Replayed{
		File: "testdata/pacman.json", Modules: []module.Module{Pacman},
		Set: func(h *moduletest.Host) {
			h.Env = []string{"PACMAN_STATE=" + h.Dir + "/pac"}
			h.Command(t, "pacman", string(fake))
		},
		Ignore: []string{"cmd"}, Writes: true,
	}.Run(t)
}

func TestPacmanNamesTheOptionsItCannotSplit(t *testing.T) {
	update := true
	if got := (pacmanArgs{UpdateCache: &update, UpdateExtraArgs: "'x"}).fault(); !strings.HasPrefix(got, "update_cache_extra_args: ") {
		t.Errorf("it says %q", got)
	}
}

func TestAptSources(t *testing.T) {
	for _, c := range []struct{ line, file, shown string }{
		{"deb [arch=amd64 signed-by=/x.gpg]  https://user:pw@download.example.com/linux/debian bookworm stable", "download_example_com_linux_debian.list",
			"deb [arch=amd64 signed-by=/x.gpg] https://user:pw@download.example.com/linux/debian bookworm stable\n"},
		{"ppa:owner/name_jammy", "ppa_owner_name_jammy.list", "ppa:owner/name_jammy\n"},
		{"# deb  http://a.example/x  y # why", "a_example_x.list", "# deb http://a.example/x y # why\n"},
	} {
		l := parseSource(c.line)
		if got := (aptRepositoryArgs{}).fileFor(l.source); got != c.file {
			t.Errorf("%s goes to %s, want %s", c.line, got, c.file)
		}
		if l.String() != c.shown {
			t.Errorf("%s is written %q, want %q", c.line, l.String(), c.shown)
		}
	}
	if got := ppaLine("deadsnakes", "jammy"); got != "deb https://ppa.launchpadcontent.net/deadsnakes/ppa/ubuntu jammy main" {
		t.Errorf("the line of a ppa is %s", got)
	}
}

func TestAptSourcesEdit(t *testing.T) {
	s := sourcesSight{folder: "/d", files: []sourceFile{
		{path: "/d/a.list", lines: []sourceLine{parseSource("# deb http://a x"), parseSource("deb http://b x")}},
	}}
	for _, c := range []struct{ state, source, want string }{
		{"present", "deb http://a x", "/d/a.list: deb http://a x|deb http://b x|"},
		{"present", "deb http://c x", "/d/a.list: # deb http://a x|deb http://b x|/d/c.list: deb http://c x|"},
		{"absent", "deb http://b x", "/d/a.list: # deb http://a x|"},
		{"absent", "deb http://a x", "/d/a.list: # deb http://a x|deb http://b x|"},
	} {
		got := ""
		for _, f := range s.edit(aptRepositoryArgs{State: c.state}, c.source, "") {
			got += f.path + ": "
			for _, l := range f.lines {
				text := l.String()
				got += text[:len(text)-1] + "|"
			}
		}
		if got != c.want {
			t.Errorf("%s %s: %s, want %s", c.state, c.source, got, c.want)
		}
	}
}

func TestDeb822Text(t *testing.T) {
	key := "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----"
	weak, off, future := true, false, 5
	a := deb822Args{Name: "My Repo_x", URIs: []string{"https://a.example/"}, Suites: []string{"stable"}, Components: []string{"x", "y"},
		Types: []string{"deb"}, AllowWeak: &weak, Enabled: &off, DateMaxFuture: &future}
	want := "Allow-Weak: yes\nComponents: x y\nDate-Max-Future: 5\nEnabled: no\nX-Repolib-Name: My Repo_x\n" +
		"Signed-By:\n    -----BEGIN PGP PUBLIC KEY BLOCK-----\n    .\n    abc\n    -----END PGP PUBLIC KEY BLOCK-----\n" +
		"Suites: stable\nTypes: deb\nURIs: https://a.example/\n"
	if got := a.text(key); got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	if got := a.dest(); got != "/etc/apt/sources.list.d/my-repo-x.sources" {
		t.Errorf("it goes to %s", got)
	}
}

func TestAptKeyIdentifiers(t *testing.T) {
	const listed = "pub   rsa4096/7EA0A9C3F273FCD8 2017-02-22 [SCEA]\nsub   rsa4096/F273FCD80000AAAA 2017-02-22 [S]\npub   rsa1024/1111111111111111 2001-01-01 [SC] [expired: 2002-01-01]\n" +
		"pub:-:255:22:F1A2CAC2823112FA:1795607524:::-:\n"
	for _, c := range []struct {
		id, state string
		kind      module.Kind
		failed    bool
	}{
		{"0x7ea0a9c3f273fcd8", "present", module.KindDone, false},
		{"9DC858229FC7DD38854AE2D87EA0A9C3F273FCD8", "present", module.KindDone, false},
		{"F273FCD8", "present", module.KindDone, false},
		{"1111111111111111", "present", module.KindChange, false},
		{"F1A2CAC2823112FA", "absent", module.KindChange, false},
		{"DEADBEEF", "absent", module.KindDone, false},
		{"F273FCD", "present", module.KindDone, true},
		{"nothex!!", "present", module.KindDone, true},
	} {
		p := aptKeyArgs{ID: c.id, State: c.state}.plan("", listed)
		if p.Kind() != c.kind || p.Result().Failed != c.failed {
			t.Errorf("%s %s: plan %v, %+v", c.state, c.id, p.Kind(), p.Result())
		}
	}
}

func TestRPMKeyPlans(t *testing.T) {
	const shown = "pub:-:255:22:F1A2CAC2823112FA:1:::-:\nfpr:::::::::BF86D6A5BA1525DF7D4026B2F1A2CAC2823112FA:\n"
	for _, c := range []struct {
		name, state, trusted string
		file                 bool
		prints               []string
		kind                 module.Kind
		failed               bool
	}{
		{"there", "present", shown, true, nil, module.KindDone, false},
		{"new", "present", "", true, []string{"bf86 d6a5 ba15 25df 7d40 26b2 f1a2 cac2 8231 12fa"}, module.KindChange, false},
		{"other fingerprint", "present", "", true, []string{"00"}, module.KindDone, true},
		{"no file", "present", "", false, nil, module.KindDone, true},
		{"remove", "absent", shown, false, nil, module.KindChange, false},
		{"remove none", "absent", "", false, nil, module.KindDone, false},
	} {
		p := rpmKeyArgs{Key: "/k", State: c.state, Fingerprint: c.prints}.plan("F1A2CAC2823112FA", c.file, shown, c.trusted, nil)
		if p.Kind() != c.kind || p.Result().Failed != c.failed {
			t.Errorf("%s: plan %v, %+v", c.name, p.Kind(), p.Result())
		}
	}
}
