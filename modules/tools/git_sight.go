package tools

// What a host has of a repository, and what the repository itself offers.

import (
	"context"
	_ "embed"
	"path"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// gitPrelude is before every command of git: $1 git or empty, $2 options of ssh, $3 umask or empty.
const gitPrelude = `export LC_ALL=C LANGUAGE=C
git=$1
case $git in "") git=$(PATH=$PATH:/sbin:/usr/sbin:/usr/local/sbin; command -v git) || { echo "$PATH" >&2; exit 78; } ;; esac
export GIT_SSH_COMMAND="${GIT_SSH:-${GIT_SSH_COMMAND:-ssh}}$2"
case $3 in ?*) umask "$3" ;; esac
shift 3
`

//go:embed git_look.sh
var gitLook string

// gitSight is what one look has found.
type gitSight struct {
	dest, repo string // as the host's shell has filled them in
	there      bool   // there is a repository in the folder
	gitDir     string // where it is; empty with a broken .git file
	head       string // the commit that is checked out
	branch     string // the branch it is on; empty: none
	headBranch string // the branch that HEAD means
	dirty      bool
	url        string
	submodules string // empty: none; same; differ
	archived   bool   // the archive is already right
	separate   string // separate_git_dir without links
	local      string // the commit that the version is here, if it is one
	refs       []ref  // what the repository offers
	refused    string // why it offers nothing
	asked      string // the command that asked it
}

type ref struct{ commit, name string }

// look asks in one round trip.
func (j *gitJob) look(ctx context.Context, ask asker) (gitSight, error) {
	mask, _ := umask(j.Umask) // checked before
	cmd := module.Script("# look at a repository\n"+"dest=$1 repo=$2 executable=$3 separate=$4 archive=$5\nshift 5\nset -- \"$executable\" \"$@\"\n"+gitPrelude+gitLook,
		[]string{j.Dest, j.Repo, j.Executable, j.SeparateGitDir, j.Archive},
		j.ssh(), mask, j.Version, j.Remote, flag(j.Bare), flag(j.Update), formats[path.Ext(j.Archive)], j.ArchivePrefix, flag(j.TrackSubmodules))
	out, err := ask(ctx, cmd)
	if err != nil {
		return gitSight{}, err
	}
	if out.Rc == 78 {
		return gitSight{}, fail("Failed to find required executable \"git\" in paths: %s", strings.TrimSpace(out.Stderr))
	}
	if out.Rc != 0 {
		return gitSight{}, refused("", []string{"git"}, out)
	}
	return j.parse(module.Sections(out.Stdout)), nil
}

func (j *gitJob) parse(found map[string]string) gitSight {
	one := func(name string) string { return strings.TrimRight(found[name], "\n") }
	s := gitSight{
		dest: one("dest"), repo: one("repo"), gitDir: one("gitdir"), there: one("there") == "y", head: one("head"), branch: one("branch"),
		headBranch: one("headbranch"), url: one("url"), submodules: one("submodules"), archived: one("archived") == "y",
		separate: one("separate"), local: one("local"), refused: one("refused"), asked: one("asked"),
	}
	for _, l := range module.Lines(found["status"]) {
		s.dirty = s.dirty || !strings.HasPrefix(l, "??")
	}
	for _, l := range module.Lines(found["refs"]) {
		if commit, name, ok := strings.Cut(l, "\t"); ok && len(commit) >= 40 {
			s.refs = append(s.refs, ref{commit, name})
		}
	}
	j.git, j.repo, j.Dest, j.Archive = one("git"), s.repo, s.dest, one("archive")
	if s.separate != "" {
		j.SeparateGitDir = s.separate
	}
	return s
}

// offered is the commit of a ref that the repository has.
func (s gitSight) offered(name string) string {
	for _, r := range s.refs {
		if r.name == name {
			return r.commit
		}
	}
	return ""
}

// isBranch and isTag tell what a version is to the repository.
func (s gitSight) isBranch(version string) bool { return s.offered("refs/heads/"+version) != "" }
func (s gitSight) isTag(version string) bool    { return s.offered("refs/tags/"+version) != "" }

// wanted is the commit of a version, asked of the repository; one that it does not know as branch or tag is taken for a commit itself.
func (s gitSight) wanted(version string) (string, error) {
	if s.refused != "" {
		return "", refused("", []string{s.asked}, module.Output{Rc: 128, Stderr: s.refused})
	}
	names := []string{"refs/heads/" + version, "refs/tags/" + version + "^{}", "refs/tags/" + version}
	if version == "HEAD" {
		names = []string{"HEAD"}
		if s.headBranch != "" {
			names = []string{"refs/heads/" + s.headBranch}
		}
	}
	for _, n := range names {
		if commit := s.offered(n); commit != "" {
			return commit, nil
		}
	}
	if version == "HEAD" {
		return "", fail("Could not determine remote revision for %s", version)
	}
	if s.local != "" && strings.HasPrefix(s.local, strings.ToLower(version)) {
		return s.local, nil
	}
	return version, nil
}

// otherURL tells whether the remote is another repository than wanted.
func (s gitSight) otherURL(repo string) bool {
	return s.there && s.url != "" && s.url != repo && path.Clean(s.url) != path.Clean(repo)
}

// moves tells whether the repository itself is to go to another folder.
func (s gitSight) moves(a gitArgs) bool {
	return s.there && a.SeparateGitDir != "" && s.gitDir != s.separate
}

// switched tells whether what is checked out is the version by name as well as by commit.
func (s gitSight) switched(a gitArgs) bool {
	switch {
	case a.Bare:
		return true
	case a.Version == "HEAD":
		return s.branch == s.headBranch
	case s.isBranch(a.Version):
		return s.branch == a.Version
	}
	return true
}
