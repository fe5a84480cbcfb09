package tools

// From fetched objects to the version: checkout, submodules, signature, archive.

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// arrive switches to the version and completes the result.
func (j *gitJob) arrive(ctx context.Context, h module.Host, s gitSight, r module.Result) (module.Result, error) {
	if !j.Bare {
		if err := j.checkout(ctx, h, s); err != nil {
			return r, err
		}
	}
	if j.Recursive && !j.Bare {
		updated, err := j.submodules(ctx, h)
		if err != nil {
			return r, err
		}
		if updated {
			r.Changed = true
			r = r.With("submodules_changed", true)
		}
	}
	now, err := j.must(ctx, h, j.Dest, "", "rev-parse", "HEAD")
	if err != nil {
		return r, err
	}
	after := now.Line()
	r = r.With("after", after)
	switch {
	case !s.there:
		r.Changed, r.Diff = true, &module.Diff{Prepared: ">> Newly checked out " + after}
	case s.head != after:
		r.Changed = true
		r.Diff, err = j.diff(ctx, h, s.head, after)
	case r.Changed:
		r.Diff = &module.Diff{}
	}
	return r, err
}

func (j *gitJob) diff(ctx context.Context, h module.Host, before, after string) (*module.Diff, error) {
	out, err := j.call(ctx, h, j.Dest, "diff", before, after)
	span := before + " and " + after
	switch {
	case err != nil:
		return nil, err
	case out.Rc == 0 && out.Stdout != "":
		return &module.Diff{Prepared: out.Stdout}, nil
	case out.Rc == 0:
		return &module.Diff{Prepared: ">> No visual differences between " + span}, nil
	case out.Stderr != "":
		return &module.Diff{Prepared: ">> Failed to get proper diff between " + span + ":\n>> " + out.Stderr}, nil
	}
	return &module.Diff{Prepared: ">> Failed to get proper diff between " + span}, nil
}

// checkout switches the working tree to the version. A branch ends where the remote's does.
func (j *gitJob) checkout(ctx context.Context, h module.Host, s gitSight) error {
	refusal := "Failed to checkout " + j.Version
	branch := j.Version
	if j.Version == "HEAD" {
		branch = s.headBranch
		if branch == "" { // a fresh clone is on it
			out, err := j.must(ctx, h, j.Dest, "", "rev-parse", "--abbrev-ref", "HEAD")
			if err != nil {
				return err
			}
			branch = out.Line()
		}
		refusal = "Failed to checkout branch " + branch
	} else if !s.isBranch(j.Version) {
		_, err := j.must(ctx, h, j.Dest, refusal, "checkout", "--force", j.Version)
		return j.verified(ctx, h, err)
	}
	local, err := j.call(ctx, h, j.Dest, "rev-parse", "-q", "--verify", "refs/heads/"+branch)
	if err != nil {
		return err
	}
	if local.Rc != 0 && j.Version != "HEAD" && j.Depth > 0 {
		_, err := j.must(ctx, h, j.Dest, "Failed to fetch branch from remote: "+branch, "fetch", "--depth="+strconv.Itoa(j.Depth), j.Remote,
			"+refs/heads/"+branch+":refs/heads/"+branch, "+refs/heads/"+branch+":refs/remotes/"+j.Remote+"/"+branch)
		if err != nil {
			return err
		}
		local.Rc = 0
	}
	if local.Rc != 0 && j.Version != "HEAD" {
		_, err := j.must(ctx, h, j.Dest, refusal, "checkout", "--track", "-b", branch, j.Remote+"/"+branch)
		return j.verified(ctx, h, err)
	}
	if _, err := j.must(ctx, h, j.Dest, "Failed to checkout branch "+branch, "checkout", "--force", branch); err != nil {
		return err
	}
	_, err = j.must(ctx, h, j.Dest, refusal, "reset", "--hard", j.Remote+"/"+branch, "--")
	return j.verified(ctx, h, err)
}

// verified checks the signature after a checkout that went well.
func (j *gitJob) verified(ctx context.Context, h module.Host, err error) error {
	if err != nil || !j.VerifyCommit {
		return err
	}
	return j.verify(ctx, h)
}

func (j *gitJob) verify(ctx context.Context, h module.Host) error {
	kind, err := j.call(ctx, h, j.Dest, "cat-file", "-t", "refs/tags/"+j.Version)
	if err != nil {
		return err
	}
	args := []string{"verify-commit", j.Version}
	if kind.Line() == "tag" {
		args[0] = "verify-tag"
	}
	if len(j.GPGAllowlist) > 0 {
		args = append(args, "--raw")
	}
	out, err := j.must(ctx, h, j.Dest, `Failed to verify GPG signature of commit/tag "`+j.Version+`"`, args...)
	if err != nil || len(j.GPGAllowlist) == 0 {
		return err
	}
	if key := signer(out.Stderr); !slices.Contains(j.GPGAllowlist, key) {
		return failure{module.Fail(`The gpg_allowlist does not include the public key "%s" for this commit`, key).
			With("rc", out.Rc).With("stdout", out.Stdout).With("stderr", out.Stderr)}
	}
	return nil
}

// signer is the fingerprint of the primary key that made a signature, from gpg's status lines.
func signer(status string) string {
	for _, l := range module.Lines(status) {
		f := strings.Fields(l)
		if len(f) < 3 || f[1] != "VALIDSIG" {
			continue
		}
		if len(f) >= 12 {
			return f[11]
		}
		return f[2]
	}
	return ""
}

// stateOfSubmodules prints new where one is not checked out, else whether one differs from what it should be.
const stateOfSubmodules = `track=$1 remote=$2
[ -e .gitmodules ] || exit 0
IFS='
'
for p in $("$git" config -f .gitmodules --get-regexp '\.path$' | sed 's/^submodule\..*\.path //'); do [ -e "$p/.git" ] || { echo differ; exit 0; }; done
case $track in ?*)
	begin=$("$git" submodule foreach "$git" rev-parse HEAD) && "$git" submodule foreach "$git" fetch >/dev/null || exit 1
	after=$("$git" submodule foreach "$git" rev-parse "$remote/master") || exit 1
	[ "$begin" = "$after" ] || echo differ
	exit 0 ;;
esac
"$git" submodule foreach "$git" fetch >/dev/null || exit 1
"$git" submodule status | grep -q '^[^ ]' && echo differ
exit 0`

// submodules brings them where they belong, and tells whether that was needed.
func (j *gitJob) submodules(ctx context.Context, h module.Host) (bool, error) {
	out, err := j.script(ctx, h, j.Dest, "look at submodules", stateOfSubmodules, flag(j.TrackSubmodules), j.Remote)
	if err != nil || out.Rc != 0 {
		return false, orRefused(err, []string{j.git, "submodule", "foreach"}, out)
	}
	if out.Line() != "differ" {
		return false, nil
	}
	if _, err := j.must(ctx, h, j.Dest, "", "submodule", "sync"); err != nil {
		return false, err
	}
	args := []string{"submodule", "update", "--init", "--recursive"}
	if j.TrackSubmodules {
		args = append(args, "--remote")
	}
	if j.Force {
		args = append(args, "--force")
	}
	out, err = j.call(ctx, h, j.Dest, args...)
	if err == nil && out.Rc != 0 {
		err = fail("Failed to init/update submodules: %s", out.Stdout+out.Stderr)
	}
	return true, err
}

// archive writes the archive if it is not already right.
func (j *gitJob) archive(ctx context.Context, h module.Host) (bool, error) {
	const script = `to=$1
shift
t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' EXIT
"$git" "$@" >"$t/archive" || exit 1
cmp -s "$t/archive" "$to" && exit 0
if [ -e "$to" ]; then mv "$t/archive" "$to"; else cat "$t/archive" >"$to"; fi && echo wrote`
	args := []string{j.Archive, "archive", "--format", formats[path.Ext(j.Archive)]}
	if j.ArchivePrefix != "" {
		args = append(args, "--prefix", j.ArchivePrefix)
	}
	out, err := j.script(ctx, h, j.Dest, "write an archive", script, append(args, j.Version)...)
	if err != nil {
		return false, err
	}
	if out.Rc != 0 {
		return false, failure{module.Fail("Failed to perform archive operation").With("details",
			"Git archive command failed to create archive "+j.Archive+" using "+j.Dest+" directory.Error: "+out.Stderr)}
	}
	return out.Line() == "wrote", nil
}
