package tools

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/words"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// Synchronize brings trees of files to a host, or home from it, by rsync.
var Synchronize = module.Define(module.Spec{
	Name: "ansible.posix.synchronize",
	Doc:  "Bring a tree of files to the host, or home from it, by rsync, which both ends must have; what a dry run finds to do is done.",
}, planSynchronize)

type synchronizeArgs struct {
	Src          string   `arg:"src,type=path,required" doc:"Where the files come from: with push on the machine Drydock runs on, with pull on the host."`
	Dest         string   `arg:"dest,type=path,required" doc:"Where they go."`
	Mode         string   `arg:"mode,default=push,choices=pull|push" doc:"Bring to the host, or from it."`
	DestPort     *int     `arg:"dest_port" doc:"The port of SSH; the host's if not given."`
	PrivateKey   *string  `arg:"private_key,type=path" doc:"The private key for SSH; the host's if not given."`
	SetUser      bool     `arg:"set_remote_user,default=yes" doc:"Log in as the user that the task would."`
	UseSSHArgs   bool     `arg:"use_ssh_args,default=no" doc:"Give ssh the arguments that are configured for the connection."`
	Multiplexing bool     `arg:"ssh_connection_multiplexing,default=no" doc:"Let ssh share a connection, where its configuration says so."`
	VerifyHost   bool     `arg:"verify_host,default=no" doc:"Refuse a host whose key is not known."`
	Archive      bool     `arg:"archive,default=yes" doc:"Recurse and keep links, modes, times, owners, groups and devices."`
	Recursive    *bool    `arg:"recursive" doc:"Recurse; as archive says if not given, like the following five."`
	Links        *bool    `arg:"links" doc:"Links stay links."`
	Perms        *bool    `arg:"perms" doc:"Keep modes."`
	Times        *bool    `arg:"times" doc:"Keep times."`
	Owner        *bool    `arg:"owner" doc:"Keep owners."`
	Group        *bool    `arg:"group" doc:"Keep groups."`
	CopyLinks    bool     `arg:"copy_links,default=no" doc:"Bring what links lead to."`
	Dirs         bool     `arg:"dirs,default=no" doc:"Bring directories without what is in them."`
	Checksum     bool     `arg:"checksum,default=no" doc:"Compare files by their sums instead of by time and size."`
	Compress     bool     `arg:"compress,default=yes" doc:"Compress on the way."`
	Delete       bool     `arg:"delete,default=no" doc:"Remove what the source does not have."`
	ExistingOnly bool     `arg:"existing_only,default=no" doc:"Bring nothing that is not there already."`
	DelayUpdates bool     `arg:"delay_updates,default=yes" doc:"Put all files into their places at the end."`
	Partial      bool     `arg:"partial,default=no" doc:"Keep what was brought of a file when it breaks off."`
	LinkDest     []string `arg:"link_dest" doc:"Folders at the destination, to files of which hard links are made where nothing differs."`
	RsyncPath    *string  `arg:"rsync_path" doc:"The rsync of the other end; with become it is run by sudo if not given."`
	RsyncTimeout int      `arg:"rsync_timeout,default=0" doc:"Seconds without a byte after which to give up; 0: never."`
	RsyncOpts    []string `arg:"rsync_opts" doc:"Further options of rsync."`
}

// changedMark begins each line that rsync prints of what differs.
const changedMark = "<<CHANGED>>"

// planSynchronize lets rsync say in a dry run what it would do.
func planSynchronize(ctx context.Context, v module.View, a synchronizeArgs) (module.Plan, error) {
	s, err := a.route(v)
	if err != nil {
		return ended(err)
	}
	dry, err := s.run(ctx, s.query(v), true)
	if err != nil {
		return ended(err)
	}
	if !dry.Changed {
		return module.Done(s.answer(dry, false)), nil
	}
	diff := module.Diff{Prepared: dry.said}
	return module.Change(diff, func(ctx context.Context, h module.Host) (module.Result, error) {
		done, err := s.run(ctx, s.exec(h), false)
		if err != nil {
			return answered(module.Result{}, err)
		}
		return s.answer(done, false), nil
	}).Predicting(s.answer(dry, true)), nil
}

// rsyncRun is what a run of rsync has left.
type rsyncRun struct {
	Changed    bool
	said       string
	rsync, ssh string // where they are
}

// rsyncScript gets $1 source, $2 destination, $3 the rsync, $4 y if ssh is needed, $5 y if its password comes by the input, and the options.
const rsyncScript = `# run rsync
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
rsync=$(command -v "$3") || exit 78
ssh=$(command -v ssh) || [ "$4" != y ] || exit 79
pass=$5
[ "$pass" != y ] || command -v sshpass >/dev/null || exit 80
printf '%s\0%s\0' "$rsync" "$ssh"
src=$1 dest=$2
shift 5
case $pass in y) exec sshpass -d0 "$rsync" "$@" "$src" "$dest" ;; esac
exec "$rsync" "$@" "$src" "$dest"`

// run calls rsync. The password goes by the input: command lines can be read by everybody on the machine.
func (s *syncTask) run(ctx context.Context, ask asker, dry bool) (rsyncRun, error) {
	c := module.Script(rsyncScript, []string{s.src, s.dest}, slices.Concat([]string{s.rsync, flag(s.rsh() != nil), flag(s.password != nil && s.rsh() != nil)}, s.options(dry, "ssh"))...)
	c.AsLogin = s.asLogin
	if s.password != nil && s.rsh() != nil {
		word, err := s.password()
		if err != nil {
			return rsyncRun{}, err
		}
		c.Stdin = strings.NewReader(word + "\n")
	}
	out, err := ask(ctx, c)
	if err != nil {
		return rsyncRun{}, err
	}
	switch fields := strings.SplitN(out.Stdout, "\x00", 3); {
	case out.Rc == 78 && len(fields) < 3:
		return rsyncRun{}, failure{onhost.Missing(s.rsync).Result()}
	case out.Rc == 79 && len(fields) < 3:
		return rsyncRun{}, failure{onhost.Missing("ssh").Result()}
	case out.Rc == 80 && len(fields) < 3:
		return rsyncRun{}, fail("to use rsync connection with passwords, you must install the sshpass program")
	case len(fields) < 3:
		return rsyncRun{}, fail("%s", onhost.Said(out))
	case out.Rc != 0:
		r := rsyncRun{rsync: fields[0], ssh: fields[1]}
		return r, failure{module.Fail("%s", out.Stderr).With("rc", out.Rc).With("cmd", s.shown(r, dry))}
	default:
		changed := strings.Contains(fields[2], changedMark)
		if len(s.LinkDest) > 0 {
			changed = !strings.Contains(fields[2], changedMark+".") // with -vv, what is the same is told of as well
		}
		return rsyncRun{changed, strings.ReplaceAll(fields[2], changedMark, ""), fields[0], fields[1]}, nil
	}
}

// shown is the command line for people.
func (s *syncTask) shown(r rsyncRun, dry bool) string {
	line := r.rsync
	if s.password != nil && s.rsh() != nil {
		line = "sshpass -d0 " + line
	}
	for _, o := range append(s.options(dry, r.ssh), s.src, s.dest) {
		if name, text, ok := strings.Cut(o, "="); ok && strings.HasPrefix(o, "--") {
			line += " " + name + "=" + words.Quote(text)
			continue
		}
		line += " " + words.Quote(o)
	}
	return line
}

func (s *syncTask) answer(r rsyncRun, dry bool) module.Result {
	lines := slices.DeleteFunc(strings.Split(r.said, "\n"), func(l string) bool { return l == "" })
	return module.Result{Changed: r.Changed}.With("msg", r.said).With("rc", 0).With("cmd", s.shown(r, dry)).With("stdout_lines", texts(lines))
}

// options are what rsync is called with before its source and destination. ssh is what to call that program.
func (s *syncTask) options(dry bool, ssh string) []string {
	var out []string
	add := func(on bool, more ...string) {
		if on {
			out = append(out, more...)
		}
	}
	add(s.DelayUpdates, "--delay-updates", "-F")
	add(s.Compress, "--compress")
	add(s.RsyncTimeout != 0, "--timeout="+strconv.Itoa(s.RsyncTimeout))
	add(dry, "--dry-run")
	add(s.Delete, "--delete-after")
	add(s.ExistingOnly, "--existing")
	add(s.Checksum, "--checksum")
	add(s.CopyLinks, "--copy-links")
	add(s.Archive, "--archive")
	for _, o := range []struct {
		name string
		on   *bool
	}{{"recursive", s.Recursive}, {"links", s.Links}, {"perms", s.Perms}, {"times", s.Times}, {"owner", s.Owner}, {"group", s.Group}} {
		add(o.on != nil && !*o.on && s.Archive, "--no-"+o.name)
		add(o.on != nil && *o.on && !s.Archive, "--"+o.name)
	}
	add(s.Dirs, "--dirs")
	if rsh := s.rsh(); rsh != nil {
		line := words.Quote(append([]string{ssh}, rsh...)...)
		if s.sshArgs != "" {
			line += " " + s.sshArgs
		}
		add(true, "--rsh="+line)
	}
	add(s.rsyncPath != "", "--rsync-path="+s.rsyncPath)
	add(true, s.further...)
	add(s.Partial, "--partial")
	add(len(s.LinkDest) > 0, "-H", "-vv")
	for _, l := range s.LinkDest {
		add(true, "--link-dest="+l)
	}
	return append(out, "--out-format="+changedMark+"%i %n%L")
}
