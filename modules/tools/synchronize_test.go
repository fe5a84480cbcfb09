package tools

import (
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/engine/value"
)

// fakeRsync copies a file to a file, where they differ and it is no dry run; between machines it only says that it did.
const fakeRsync = `dry=
for a; do
	case $a in --dry-run) dry=y ;; --fail) echo "rsync error" >&2; exit 23 ;; esac
	src=$dest dest=$a
done
case $src$dest in *:*) echo "<<CHANGED>><f+++++++++ a"; exit ;; esac
cmp -s "$src" "$dest" && exit
echo "<<CHANGED>>>f+++++++++ a"
[ -n "$dry" ] || cp "$src" "$dest"`

// reach gives a test's task a way to its host.
func reach(w module.Way) func(h *moduletest.Host) {
	return func(h *moduletest.Host) {
		w := w
		w.Here, w.Names = h, []string{"web", w.Host}
		w.File = func(name string) string { return "/play/files/" + name }
		h.Control.Services[module.WayKey{}] = &w
		h.Control.Services[module.TaskKey{}] = &module.Task{Var: func(string) (any, bool) { return h.Dir + "/.bin/rsync", true }}
	}
}

func TestSynchronize(t *testing.T) {
	local := func(h *moduletest.Host) {
		h.Command(t, "rsync", strings.TrimPrefix(fakeRsync, "\n"))
		reach(module.Way{Kind: "local"})(h)
	}
	moduletest.Run(t, Synchronize, []moduletest.Case{
		{Name: "bring", Set: local, Plan: module.KindChange, Files: map[string]string{"a": "x"}, Args: []any{"src", "$DIR/a", "dest", "$DIR/b"},
			Diff: &module.Diff{Prepared: ">f+++++++++ a\n"}, After: map[string]string{"b": "x"},
			Want: map[string]any{"msg": ">f+++++++++ a\n", "rc": 0, "stdout_lines": []any{">f+++++++++ a"}}},
		{Name: "nothing differs", Set: local, Files: map[string]string{"a": "x", "b": "x"}, Args: []any{"src", "$DIR/a", "dest", "$DIR/b"},
			Want: map[string]any{"msg": "", "rc": 0, "stdout_lines": []any{}}},
		{Name: "rsync fails", Set: local, Args: []any{"src", "$DIR/a", "dest", "$DIR/b", "rsync_opts", []any{"--fail"}}, Want: map[string]any{"rc": 23}, Fails: "rsync error"},
		{Name: "two daemons", Set: local, Args: []any{"src", "rsync://a/b", "dest", "rsync://c/d"}, Trips: -1, Fails: "either src or dest must be a localhost"},
		{Name: "links into itself", Set: local, Args: []any{"src", "/srv/x", "dest", "/y/q", "link_dest", []any{"/y"}}, Trips: -1,
			Fails: "Hardlinking into a subdirectory of the source would cause recursion. /y and /y/q"},
	})
}

// The commands are those of Ansible for the same inventory and tasks (ansible.posix with ansible-core 2.19.11), but for
// the last, which needs a second machine.
func TestSynchronizeCallsRsyncAsAnsibleDoes(t *testing.T) {
	one := module.Way{Kind: "ssh", Host: "192.0.2.7", Port: 2222, User: "me", KeyFile: "/k/id"}
	sudo := one
	sudo.Become, sudo.BecomeMethod, sudo.BecomeUser = true, "sudo", "root"
	two, six, self, port, abroad := one, one, one, one, one
	two.Kind, two.DelegateTo, two.KeyFile = "local", "localhost", ""
	six.Host, six.User, six.Port, six.KeyFile = "2001:db8::1", "u", 0, ""
	self.Host, self.Port = "127.0.0.1", 0
	port.Host, port.Port, port.Args = "127.0.0.1", 2223, []string{"-o", "ProxyCommand=nc %h %p"}
	abroad.DelegateTo = "db"
	const begin, unknown, end = "--delay-updates -F --compress --archive ", "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null' ", "--out-format='<<CHANGED>>%i %n%L' "
	for _, c := range []struct {
		way  module.Way
		args []any
		want string
	}{
		{one, []any{"src", "tree", "dest", "/srv/x"}, begin + "--rsh='SSH -S none -i /k/id -o Port=2222 " + unknown + end + "/play/files/tree me@192.0.2.7:/srv/x"},
		{one, []any{"src", "tree/", "dest", "/srv/a b", "delete", true, "rsync_opts", []any{"--exclude=.git", "--chmod=D755 -x"}, "compress", false, "verify_host", true, "ssh_connection_multiplexing", true},
			"--delay-updates -F --delete-after --archive --rsh='SSH -i /k/id -o Port=2222' --exclude=.git --chmod=D755 -x " + end + "/play/files/tree/ 'me@192.0.2.7:/srv/a b'"},
		{two, []any{"src", "/srv/x", "dest", "here/", "mode", "pull", "archive", false, "recursive", true, "times", true, "owner", false},
			"--delay-updates -F --compress --recursive --times --rsh='SSH -S none -o Port=2222 " + unknown + end + "me@192.0.2.7:/srv/x /play/files/here/"},
		{sudo, []any{"src", "/srv/x", "dest", "/y", "set_remote_user", false, "dest_port", 77, "private_key", "/k2", "links", false, "perms", true, "delay_updates", false, "dirs", true,
			"checksum", true, "existing_only", true, "copy_links", true, "partial", true, "rsync_timeout", 9},
			"--compress --timeout=9 --existing --checksum --copy-links --archive --no-links --dirs --rsh='SSH -S none -i /k2 -o Port=77 " + unknown +
				"--rsync-path='sudo -u root rsync' --partial " + end + "/srv/x 192.0.2.7:/y"},
		{sudo, []any{"src", "/srv/x", "dest", "/y", "rsync_path", "/opt/rsync"}, begin + "--rsh='SSH -S none -i /k/id -o Port=2222 " + unknown + "--rsync-path=/opt/rsync " + end + "/srv/x me@192.0.2.7:/y"},
		{six, []any{"src", "/srv/x", "dest", "/y"}, begin + "--rsh='SSH -S none " + unknown + end + "/srv/x '[u@2001:db8::1]:/y'"},
		{self, []any{"src", "/srv/x", "dest", "/y"}, begin + end + "/srv/x /y"},
		{port, []any{"src", "/srv/x", "dest", "/y", "use_ssh_args", true}, begin + "--rsh='SSH -S none -i /k/id -o Port=2223 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null " +
			`-o '"'"'ProxyCommand=nc %h %p'"'"'' ` + end + "/srv/x me@127.0.0.1:/y"},
		{one, []any{"src", "rsync://mirror/x", "dest", "/y"}, begin + end + "rsync://mirror/x me@192.0.2.7:/y"},
		{one, []any{"src", "/srv/x", "dest", "/y", "link_dest", []any{"/z"}}, begin + "--rsh='SSH -S none -i /k/id -o Port=2222 " + unknown + "-H -vv --link-dest=/z " + end + "/srv/x me@192.0.2.7:/y"},
		{abroad, []any{"src", "/srv/x", "dest", "/y"}, begin + "--rsh='SSH -S none -i /k/id -o Port=2222 " + unknown + end + "/srv/x me@192.0.2.7:/y"},
	} {
		h := moduletest.NewHost(t)
		h.Command(t, "rsync", fakeRsync)
		h.Command(t, "ssh", "exit 1")
		reach(c.way)(h)
		plan, err := Synchronize.Plan(t.Context(), h.View(), value.NewMap(c.args...))
		if err != nil {
			t.Fatal(err)
		}
		r := plan.Result()
		if apply := plan.Apply(); apply != nil {
			if r, err = apply(t.Context(), h); err != nil {
				t.Fatal(err)
			}
		}
		got := strings.ReplaceAll(strings.TrimPrefix(value.Str(r.Data.Value("cmd")), h.Dir+"/.bin/rsync "), h.Dir+"/.bin/ssh", "SSH")
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", value.Repr(value.NewMap(c.args...)), got, c.want)
		}
	}
}

// A password goes to sshpass by its input, and is on no command line.
func TestSynchronizeTellsNobodyThePassword(t *testing.T) {
	h := moduletest.NewHost(t)
	h.Command(t, "rsync", fakeRsync)
	h.Command(t, "ssh", "exit 1")
	h.Command(t, "sshpass", `read -r word; [ "$1 $word" = "-d0 s3cret" ] || exit 5; shift; exec "$@"`)
	reach(module.Way{Kind: "ssh", Host: "192.0.2.7", Password: func() (string, error) { return "s3cret", nil }})(h)
	plan, err := Synchronize.Plan(t.Context(), h.View(), value.NewMap("src", "/a", "dest", "/b"))
	if err != nil || plan.Kind() != module.KindChange {
		t.Fatalf("%v: %s", err, plan.Result().Msg)
	}
	for _, c := range h.Calls() {
		if strings.Contains(c.Line, "s3cret") {
			t.Errorf("the password is on a command line: %s", c.Line)
		}
	}
}
