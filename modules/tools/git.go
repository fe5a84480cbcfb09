package tools

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Git brings a folder to a version of a repository.
var Git = module.Define(module.Spec{
	Name: "ansible.builtin.git",
	Doc:  "Clone a repository by the git of the host, and keep it at a version.",
}, planGit)

type gitArgs struct {
	Dest             string   `arg:"dest,type=path" doc:"Folder to check out to; may be left out with clone=no."`
	Repo             string   `arg:"repo,required,alias=name" doc:"Address of the repository, as git takes it, or a folder on the host."`
	Version          string   `arg:"version,default=HEAD" doc:"Branch, tag or commit; HEAD is the head of the repository."`
	Remote           string   `arg:"remote,default=origin" doc:"Name of the remote."`
	Refspec          string   `arg:"refspec" doc:"Further refspec to fetch."`
	Reference        string   `arg:"reference" doc:"Folder with a repository to borrow objects from."`
	Force            bool     `arg:"force,default=no" doc:"Discard what was changed in the working tree."`
	Depth            int      `arg:"depth" doc:"How many commits of history to fetch; all if not given."`
	Clone            bool     `arg:"clone,default=yes" doc:"Clone a repository that is not there; no only asks for its version."`
	Update           bool     `arg:"update,default=yes" doc:"Fetch and switch a repository that is there."`
	VerifyCommit     bool     `arg:"verify_commit,default=no" doc:"Check the signature of the commit or tag."`
	GPGAllowlist     []string `arg:"gpg_allowlist,alias=gpg_whitelist" doc:"Fingerprints of keys that may have signed; any trusted key if empty."`
	AcceptHostKey    bool     `arg:"accept_hostkey,default=no" doc:"Trust whatever host key the server shows."`
	AcceptNewHostKey bool     `arg:"accept_newhostkey,default=no" doc:"Trust the host key of a server that is not known yet."`
	KeyFile          string   `arg:"key_file,type=path" doc:"Private key for ssh, on the host."`
	SSHOpts          string   `arg:"ssh_opts" doc:"Further options of ssh."`
	Executable       string   `arg:"executable,type=path" doc:"The git to run; the one on the PATH if not given."`
	Bare             bool     `arg:"bare,default=no" doc:"Make a repository without a working tree."`
	Recursive        bool     `arg:"recursive,default=yes" doc:"Check out submodules too."`
	SingleBranch     bool     `arg:"single_branch,default=no" doc:"Clone only the history of the version."`
	TrackSubmodules  bool     `arg:"track_submodules,default=no" doc:"Take submodules at the head of their master branch."`
	Umask            any      `arg:"umask" doc:"Umask for what is made, octal and quoted."`
	Archive          string   `arg:"archive,type=path" doc:"File to write an archive of the version to: .zip, .tar, .tar.gz, .tgz."`
	ArchivePrefix    string   `arg:"archive_prefix" doc:"What to put before each path in the archive."`
	SeparateGitDir   string   `arg:"separate_git_dir,type=path" doc:"Folder for the repository itself, apart from the working tree."`
}

// formats are what git archive calls the endings of files.
var formats = map[string]string{".zip": "zip", ".gz": "tar.gz", ".tar": "tar", ".tgz": "tgz"}

func (a gitArgs) check() error {
	switch {
	case a.SeparateGitDir != "" && a.Bare:
		return fail("parameters are mutually exclusive: separate_git_dir|bare")
	case a.AcceptHostKey && a.AcceptNewHostKey:
		return fail("parameters are mutually exclusive: accept_hostkey|accept_newhostkey")
	case a.ArchivePrefix != "" && a.Archive == "":
		return fail("missing parameter(s) required by 'archive_prefix': archive")
	case a.Dest == "" && a.Clone:
		return fail("the destination directory must be specified unless clone=no")
	case a.Archive != "" && formats[path.Ext(a.Archive)] == "":
		return failure{module.Fail("Unable to get file extension from archive file name : %s", a.Archive).
			With("details", "Please specify archive as filename with extension. File extension can be one of ['tar', 'tar.gz', 'zip', 'tgz']")}
	}
	_, err := umask(a.Umask)
	return err
}

// umask reads the argument umask; empty: not given.
func umask(raw any) (string, error) {
	switch x := raw.(type) {
	case nil:
		return "", nil
	case string:
		if _, err := strconv.ParseUint(x, 8, 12); err != nil {
			return "", fail("umask must be an octal integer")
		}
		return x, nil
	}
	return "", fail("umask must be defined as a quoted octal integer")
}

// ssh are the options that git's ssh is to have.
func (a gitArgs) ssh() string {
	o := a.SSHOpts
	if !strings.Contains(o, "-o StrictHostKeyChecking=no") && !strings.Contains(o, "-o StrictHostKeyChecking=accept-new") {
		if a.AcceptHostKey {
			o += " -o StrictHostKeyChecking=no"
		}
		if a.AcceptNewHostKey {
			o += " -o StrictHostKeyChecking=accept-new"
		}
	}
	if !strings.Contains(o, "BatchMode=yes") {
		o += " -o BatchMode=yes"
	}
	if a.KeyFile != "" {
		o += " -i " + a.KeyFile
		if !strings.Contains(o, "IdentitiesOnly=yes") {
			o += " -o IdentitiesOnly=yes"
		}
	}
	return " " + strings.TrimSpace(o)
}

// gitJob is one task of git on its way.
type gitJob struct {
	gitArgs
	git      string // the program, once it is known
	repo     string // the address as git is to have it
	warnings []string
}

func planGit(ctx context.Context, v module.View, a gitArgs) (module.Plan, error) {
	if err := a.check(); err != nil {
		return ended(err)
	}
	j := &gitJob{gitArgs: a}
	s, err := j.look(ctx, v.Query)
	if err != nil {
		return ended(err)
	}
	if s.moves(a) && s.gitDir == "" {
		return ended(fail("Current repo does not have a valid reference to a separate Git dir or it refers to the invalid path"))
	}
	apply := func(ctx context.Context, h module.Host) (module.Result, error) {
		return answered(j.apply(ctx, h, s))
	}
	switch {
	case !s.there && !a.Clone:
		target, err := s.wanted(a.Version)
		if err != nil {
			return ended(err)
		}
		return module.Done(module.Result{Changed: true}.With("before", nil).With("after", target)), nil
	case !s.there:
		target, err := s.wanted(a.Version)
		if err != nil {
			return ended(err)
		}
		d := module.Diff{Prepared: ">> Newly checked out " + target}
		return module.Change(d, apply).Predicting(module.Result{}.With("before", nil).With("after", target)), nil
	case !a.Update:
		return j.planKept(s, apply), nil
	}
	return j.planUpdate(s, apply)
}

// planKept is for a repository that is not to be updated.
func (j *gitJob) planKept(s gitSight, apply module.Apply) module.Plan {
	r := module.Result{}.With("before", s.head).With("after", s.head)
	if j.Archive != "" && !s.archived || s.moves(j.gitArgs) {
		return module.Change(j.extras(s, module.Diff{}), apply).Predicting(r)
	}
	return module.Done(r)
}

func (j *gitJob) planUpdate(s gitSight, apply module.Apply) (module.Plan, error) {
	r := module.Result{}.With("before", s.head)
	if s.dirty && !j.Force {
		bad := module.Fail("Local modifications exist in the destination: %s (force=no).", j.Dest)
		bad.Data = r.Data
		return module.Done(bad), nil
	}
	target, err := s.wanted(j.Version)
	if err != nil {
		return ended(err)
	}
	r = r.With("after", target).With("remote_url_changed", s.otherURL(j.repo))
	var d module.Diff
	if !sameCommit(s.head, target) {
		d.Prepared = fmt.Sprintf(">> %s..%s\n", s.head, target)
	}
	changes := d.Prepared != "" || s.dirty || s.otherURL(j.repo) || s.moves(j.gitArgs) || j.Recursive && s.submodules == "differ" ||
		j.Archive != "" && !s.archived
	switch {
	case changes:
		return module.Change(j.extras(s, d), apply).Predicting(r), nil
	case !s.switched(j.gitArgs):
		return module.Change(d, apply).Predicting(r).Quietly(), nil
	}
	return module.Done(r), nil
}

// extras adds to a diff what will change besides the commit.
func (j *gitJob) extras(s gitSight, d module.Diff) module.Diff {
	add := func(wanted bool, format string, args ...any) {
		if wanted {
			d.Prepared += ">> " + fmt.Sprintf(format, args...) + "\n"
		}
	}
	add(s.dirty && j.Update, "Local modifications in %s are discarded", j.Dest)
	add(s.otherURL(j.repo) && j.Update, "%s is %s instead of %s", j.Remote, masked(j.repo), masked(s.url))
	add(s.moves(j.gitArgs), "%s moves to %s", s.gitDir, j.SeparateGitDir)
	add(j.Recursive && j.Update && s.submodules == "differ", "Submodules are updated")
	add(j.Archive != "" && !s.archived, "%s is written", j.Archive)
	return d
}

// sameCommit tells whether two names mean one commit; the wanted one may be short.
func sameCommit(full, wanted string) bool {
	return full == wanted || len(wanted) >= 7 && isHex(wanted) && strings.HasPrefix(full, strings.ToLower(wanted))
}

func isHex(s string) bool { return strings.Trim(strings.ToLower(s), "0123456789abcdef") == "" }
