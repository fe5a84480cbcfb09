package accounts_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/accounts"
)

func all() []module.Module {
	return []module.Module{accounts.AuthorizedKey, accounts.Group, accounts.KnownHosts, accounts.User}
}

// notRoot is why tests have a chown of their own that does nothing.
const notRoot = "who is not root cannot give files away"

// hashApart is why passwords are set by a program of their own.
const hashApart = "Ansible gives the hash to useradd and usermod as an argument, which everybody on the host can read; Drydock to chpasswd's input"

// TestAsAnsible holds modules to what Ansible was seen to do.
func TestAsAnsible(t *testing.T) {
	moduletest.Recorded(t, "testdata/machine.json", all(), moduletest.Tolerated{
		"authorized_key: a file of its own":       {Why: notRoot, Differs: []string{"gid", "group", "owner", "uid"}},
		"authorized_key: a link":                  {Why: notRoot, Differs: []string{"gid", "group", "owner", "uid"}},
		"user: another password":                  {Why: hashApart, Differs: []string{"calls is ['chpasswd --encrypted ann:$6$new$hash'], want "}},
		"user: a password locked":                 {Why: hashApart, Differs: []string{"calls is ['chpasswd --encrypted ann:!$6$new$hash'], want "}},
		"user: new with all":                      {Why: hashApart, Differs: []string{"calls is ['useradd -u 3000 -o -Z staff_u -g wheel -G adm -c Some One -d /home/new -s /bin/zsh -e 2023-11-14 -f 3 -m -k /etc/skel -K UMASK=027 -r -K UID_MIN=100 -K UID_MAX=900 new', 'chpasswd --encrypted new:!$6$salt$"}},
		"authorized_key: a link that is followed": {Why: "the link of the test leads below its own root", Differs: []string{"size"}},
	})
}

// TestAFileOfKeysThatCannotBeReadStays: what is not known must not be replaced.
func TestAFileOfKeysThatCannotBeReadStays(t *testing.T) {
	moduletest.Run(t, accounts.AuthorizedKey, []moduletest.Case{
		{Name: "a folder", Files: map[string]string{"keys/": ""}, Args: []any{"user", "root", "key", "ssh-ed25519 AAAA a", "path", "$DIR/keys"}, Fails: "$DIR/keys is no file that can be read"},
	})
}

func TestConform(t *testing.T) { moduletest.Conform(t, module.NewRegistry(all()...)) }
