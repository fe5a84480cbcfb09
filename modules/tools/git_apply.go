package tools

// Cloning, fetching and switching.

import (
	"context"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// call runs git in a folder; a status other than 0 is the caller's to judge.
func (j *gitJob) call(ctx context.Context, h module.Host, dir string, args ...string) (module.Output, error) {
	return j.script(ctx, h, dir, "git "+args[0], `exec "$git" "$@"`, args...)
}

// script runs a script of ours in a folder, with the environment and umask that git has, and $git. name stands in transcripts.
func (j *gitJob) script(ctx context.Context, h module.Host, dir, name, body string, args ...string) (module.Output, error) {
	mask, _ := umask(j.Umask) // checked before
	return h.Exec(ctx, module.Cmd{Script: "# " + name + "\n" + gitPrelude + body, Args: append([]string{j.git, j.ssh(), mask}, args...), Dir: dir})
}

// must runs git and makes a failure of a status other than 0. said begins its message; empty: git's own words alone.
func (j *gitJob) must(ctx context.Context, h module.Host, dir, said string, args ...string) (module.Output, error) {
	out, err := j.call(ctx, h, dir, args...)
	if err != nil || out.Rc == 0 {
		return out, err
	}
	return out, refused(said, append([]string{j.git}, args...), out)
}

// apply carries the task out.
func (j *gitJob) apply(ctx context.Context, h module.Host, s gitSight) (module.Result, error) {
	r := module.Result{}.With("before", nil)
	if s.there {
		r = r.With("before", s.head).With("after", s.head)
	}
	if s.moves(j.gitArgs) {
		if err := j.relocate(ctx, h, s); err != nil {
			return r, err
		}
		r.Changed = true
		r = r.With("git_dir_before", s.gitDir).With("git_dir_now", j.SeparateGitDir)
	}
	var err error
	switch {
	case !s.there:
		err = j.clone(ctx, h, s)
	case j.Update:
		r, err = j.update(ctx, h, s, r)
	}
	if err == nil && (!s.there || j.Update) {
		r, err = j.arrive(ctx, h, s, r)
	}
	if err == nil && j.Archive != "" {
		var wrote bool
		wrote, err = j.archive(ctx, h)
		r.Changed = r.Changed || wrote
	}
	r.Warnings = j.warnings
	return r, err
}

// relocate moves the repository itself out of the working tree.
func (j *gitJob) relocate(ctx context.Context, h module.Host, s gitSight) error {
	const script = `[ ! -e "$2" ] || { echo "Separate-git-dir path $2 already exists." >&2; exit 1; }
mv "$1" "$2" && printf 'gitdir: %s' "$2" >"$3/.git"`
	out, err := j.script(ctx, h, "", "move a repository", script, s.gitDir, j.SeparateGitDir, j.Dest)
	if err == nil && out.Rc != 0 {
		return fail("%s", strings.TrimSpace(out.Stderr))
	}
	return err
}

func (j *gitJob) clone(ctx context.Context, h module.Host, s gitSight) error {
	parent := path.Dir(j.Dest)
	if out, err := j.script(ctx, h, "", "make the folder above", `mkdir -p "$1"`, parent); err != nil || out.Rc != 0 {
		return orRefused(err, []string{"mkdir", "-p", parent}, out)
	}
	if _, err := j.must(ctx, h, parent, "", j.cloning(s)...); err != nil {
		return err
	}
	if j.Bare && j.Remote != "origin" {
		if _, err := j.must(ctx, h, j.Dest, "", "remote", "add", j.Remote, j.repo); err != nil {
			return err
		}
	}
	if j.Refspec != "" {
		args := []string{"fetch"}
		if j.Depth > 0 {
			args = append(args, "--depth", strconv.Itoa(j.Depth))
		}
		if _, err := j.must(ctx, h, j.Dest, "", append(args, j.Remote, j.Refspec)...); err != nil {
			return err
		}
	}
	if j.VerifyCommit {
		return j.verify(ctx, h)
	}
	return nil
}

func orRefused(err error, argv []string, out module.Output) error {
	if err != nil {
		return err
	}
	return refused("", argv, out)
}

// cloning is the command that clones.
func (j *gitJob) cloning(s gitSight) []string {
	args := []string{"clone"}
	if j.Bare {
		args = append(args, "--bare")
	} else {
		args = append(args, "--origin", j.Remote)
	}
	named := j.Version != "HEAD" && (s.isBranch(j.Version) || s.isTag(j.Version))
	depth := []string{"--depth", strconv.Itoa(j.Depth)}
	switch {
	case j.Depth == 0:
	case j.Version == "HEAD" || j.Refspec != "":
		args = append(args, depth...)
	case named:
		args = append(append(args, depth...), "--branch", j.Version)
	default:
		j.warnings = append(j.warnings, "Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags or in combination with refspec.")
	}
	if j.Reference != "" {
		args = append(args, "--reference", j.Reference)
	}
	if j.SingleBranch {
		args = append(args, "--single-branch")
		if named {
			args = append(args, "--branch", j.Version)
		}
	}
	if j.SeparateGitDir != "" {
		args = append(args, "--separate-git-dir="+j.SeparateGitDir)
	}
	return append(args, j.repo, j.Dest)
}

// update discards what is in the way, sets the remote's address and fetches.
func (j *gitJob) update(ctx context.Context, h module.Host, s gitSight, r module.Result) (module.Result, error) {
	if s.dirty {
		if _, err := j.must(ctx, h, j.Dest, "", "reset", "--hard", "HEAD"); err != nil {
			return r, err
		}
		r.Changed, r.Msg = true, "Local modifications exist in the destination: "+j.Dest
	}
	r = r.With("remote_url_changed", s.otherURL(j.repo))
	if s.url != j.repo {
		if _, err := j.must(ctx, h, j.Dest, "Failed to set a new url "+j.repo+" for "+j.Remote, "remote", "set-url", j.Remote, j.repo); err != nil {
			return r, err
		}
	}
	r.Changed = r.Changed || s.otherURL(j.repo)
	_, err := j.must(ctx, h, j.Dest, "", j.fetching(s)...)
	return r, err
}

// fetching is the command that fetches: with a depth as little as leads to the version.
func (j *gitJob) fetching(s gitSight) []string {
	args, refspecs := []string{"fetch"}, []string(nil)
	if j.Depth > 0 {
		refspecs = j.shallow(s)
	}
	if len(refspecs) > 0 {
		args = append(args, "--depth", strconv.Itoa(j.Depth))
	} else {
		if j.Bare {
			refspecs = []string{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"}
		} else {
			args = append(args, "--tags")
		}
		if j.Refspec != "" {
			refspecs = append(refspecs, j.Refspec)
		}
	}
	if j.Force {
		args = append(args, "--force")
	}
	return append(append(args, j.Remote), refspecs...)
}

// shallow are the refspecs of a fetch with a depth; none for a commit, which cannot be fetched so.
func (j *gitJob) shallow(s gitSight) []string {
	v := j.Version
	switch {
	case j.Refspec != "":
		return []string{j.Refspec}
	case v == "HEAD":
		return []string{s.headBranch}
	case s.isBranch(v):
		tracked := "+refs/heads/" + v + ":refs/remotes/" + j.Remote + "/" + v
		if s.headBranch != v {
			return []string{"+refs/heads/" + v + ":refs/heads/" + v, tracked}
		}
		return []string{tracked}
	case s.isTag(v):
		return []string{"+refs/tags/" + v + ":refs/tags/" + v}
	}
	return nil
}
