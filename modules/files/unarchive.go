package files

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// Unarchive unpacks an archive on the host, with the host's tar or unzip.
var Unarchive = module.Define(module.Spec{
	Name:  "ansible.builtin.unarchive",
	Doc:   "Unpack a tar or zip archive into a directory of the host.",
	Lacks: lacks("io_buffer_size"),
}, planUnarchive)

type unarchiveArgs struct {
	attributes
	Src       string   `arg:"src,required,type=path" doc:"The archive, in the content's files directories; with remote_src a file of the host or an address."`
	Dest      string   `arg:"dest,required,type=path" doc:"The directory to unpack into; it must be there."`
	RemoteSrc bool     `arg:"remote_src" doc:"The archive is on the host, or at an address."`
	Copy      bool     `arg:"copy,default=true" doc:"The opposite of remote_src, in its old form."`
	Creates   string   `arg:"creates,type=path" doc:"A path; when it exists nothing is unpacked."`
	Exclude   []string `arg:"exclude" doc:"What to leave out."`
	Include   []string `arg:"include" doc:"What to unpack; all if not given."`
	ExtraOpts []string `arg:"extra_opts" doc:"Further options for tar or unzip."`
	KeepNewer bool     `arg:"keep_newer" doc:"Do not replace files that are newer than those in the archive."`
	ListFiles bool     `arg:"list_files" doc:"Answer the names in the archive."`
	Validate  bool     `arg:"validate_certs,default=true" doc:"Refuse certificates that cannot be verified, for an archive at an address."`
	Decrypt   bool     `arg:"decrypt,default=true" doc:"An archive of the content is decrypted where it is a vault file."`
}

// archive is where the bytes come from: a file of the host, or a stream that is sent to it.
type archive struct {
	onHost string
	open   func() (io.ReadCloser, error)
	kind   string // of a stream, by its first bytes; a file of the host is looked at there
}

// handler is the name of a kind of archive in Ansible's result. Kinds are named by tar's option for them.
func handler(kind string) string {
	return map[string]string{"-z": "TgzArchive", "-j": "TarBzipArchive", "-J": "TarXzArchive", "--zstd": "TarZstdArchive", "tar": "TarArchive", "zip": "ZipArchive"}[kind]
}

// kindOf recognises an archive by its first bytes.
func kindOf(head []byte) string {
	for _, magic := range []struct{ prefix, kind string }{{"\x1f\x8b", "-z"}, {"BZh", "-j"}, {"\xfd7zXZ", "-J"}, {"\x28\xb5\x2f\xfd", "--zstd"}, {"PK\x03\x04", "zip"}} {
		if bytes.HasPrefix(head, []byte(magic.prefix)) {
			return magic.kind
		}
	}
	return "tar"
}

// archiveScript compares the archive $2, or its input, with the directory $1. Each part of the answer ends in a NUL: the kind, whether
// differences could be told, what tar said, and a look at the directory. $3 kind of a stream, $4 and $5 owner and group, then options.
const archiveScript = `# look into an archive
export LC_ALL=C` + lookFunction + `dest=$1 src=$2 kind=$3 owner=$4 group=$5
shift 5
if [ -n "$src" ]; then
	[ -f "$src" ] || { say missing; say; say; look "$dest"; exit 0; }
	case $(od -An -tx1 -N6 "$src" | tr -d ' \n') in
	1f8b*) kind=-z ;; 425a68*) kind=-j ;; fd377a585a*) kind=-J ;; 28b52ffd*) kind=--zstd ;; 504b0304*) kind=zip ;; *) kind=tar ;;
	esac
fi
say "$kind"
z=$kind
case $kind in tar) z= ;; esac
case $kind in
zip)
	if [ -n "$src" ] && [ -d "$dest" ]; then
		say y
		unzip -Z1 "$src" 2>&1 | while IFS= read -r f; do
			echo "$f"
			case $f in
			*/) [ -d "$dest/$f" ] || echo "$f: Contents differ" ;;
			*) unzip -p "$src" "$f" 2>/dev/null | cmp -s - "$dest/$f" || echo "$f: Contents differ" ;;
			esac
		done
	else
		say
	fi ;;
*)
	if [ -d "$dest" ] && tar --version 2>/dev/null | grep -q GNU; then
		say y
		# Only root can give files away, so only for root the owner is a difference.
		tar --diff -v $z -f "${src:--}" -C "$dest" "$@" 2>&1 | { [ "$(id -u)" = 0 ] && cat || grep -v ': [UG]id differs$'; }
	else
		say
		tar -t $z -f "${src:--}" 2>&1
	fi ;;
esac
printf '\0'
look "$dest" "$owner" "$group"
`

// unpackScript unpacks the archive $2, or its input, into $1; $3 is the kind, then options.
const unpackScript = `# unpack an archive
export LC_ALL=C
dest=$1 src=$2 kind=$3
shift 3
z=$kind
case $kind in
tar) z= ;;
zip)
	if [ -z "$src" ]; then
		src=$(mktemp) || exit 1
		trap 'rm -f "$src"' EXIT
		cat >"$src" || exit 1
	fi
	unzip -o "$@" "$src" -d "$dest"
	exit ;;
esac
tar -x $z -f "${src:--}" -C "$dest" "$@"
`

func planUnarchive(ctx context.Context, v module.View, a unarchiveArgs) (module.Plan, error) {
	if len(a.Include) > 0 && len(a.Exclude) > 0 {
		return module.Done(module.Fail("include and exclude are mutually exclusive")), nil
	}
	if a.Creates != "" {
		s, err := look(ctx, v, question{path: a.Creates})
		if err != nil {
			return module.Plan{}, err
		}
		if s.here != nil {
			return module.Done(module.Result{Skipped: true, Msg: "skipped, since " + s.path + " exists"}), nil
		}
	}
	from, err := a.archive(ctx, v)
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	seen, err := a.compare(ctx, v, from)
	if err != nil {
		return module.Plan{}, err
	}
	switch {
	case seen.kind == "missing":
		return module.Done(module.Fail("Source '%s' does not exist", a.Src)), nil
	case !seen.isDir():
		return module.Done(module.Fail("dest '%s' must be an existing dir", seen.path)), nil
	case len(seen.names) == 0 && seen.differ && (seen.kind != "zip" || from.onHost != ""):
		return module.Done(module.Fail("Failed to find handler for %q: %s", a.Src, seen.text)), nil
	}
	return a.settle(ctx, v, from, seen)
}

// archive finds out where the archive comes from.
func (a unarchiveArgs) archive(ctx context.Context, v module.View) (archive, error) {
	switch {
	case strings.Contains(a.Src, "://"):
		r := request{URL: a.Src, Validate: a.Validate, Agent: "ansible-httpget"}
		client, err := r.client(ctx, v, 10*time.Minute, "")
		if err != nil {
			return archive{}, err
		}
		return streamed(func() (io.ReadCloser, error) {
			resp, err := r.send(ctx, client, http.MethodGet, nil, nil)
			if err == nil && resp.StatusCode != http.StatusOK {
				err = fmt.Errorf("failure downloading %s, %s", a.Src, resp.Status)
			}
			if err != nil {
				return nil, err
			}
			return resp.Body, nil
		})
	case a.RemoteSrc || !a.Copy:
		return archive{onHost: a.Src}, nil
	}
	found, err := v.Controller().Find("files", a.Src)
	if err != nil {
		return archive{}, err
	}
	return streamed(func() (io.ReadCloser, error) { return module.OpenContent(v.Controller().FS(), found, a.Decrypt) })
}

// streamed looks at the first bytes of a stream.
func streamed(open func() (io.ReadCloser, error)) (archive, error) {
	r, err := open()
	if err != nil {
		return archive{}, err
	}
	defer r.Close()
	head, _ := bufio.NewReader(r).Peek(6) // a shorter one is no archive, which tar will say
	return archive{open: open, kind: kindOf(head)}, nil
}

// unpacked is what archiveScript has seen.
type unpacked struct {
	state
	kind   string
	names  []string
	differ bool
	text   string
}

// compare asks the host's tar what differs.
func (a unarchiveArgs) compare(ctx context.Context, v module.View, from archive) (unpacked, error) {
	cmd := module.Script(archiveScript, []string{a.Dest, from.onHost}, append([]string{from.kind, nameOnly(a.Owner), nameOnly(a.Group)}, a.options(false)...)...)
	if from.open != nil {
		body, err := from.open()
		if err != nil {
			return unpacked{}, err
		}
		defer body.Close()
		cmd.Stdin = body
	}
	out, err := v.Query(ctx, cmd)
	if err != nil {
		return unpacked{}, err
	}
	f := strings.SplitN(out.Stdout, "\x00", 4)
	if len(f) != 4 {
		return unpacked{}, fmt.Errorf("the archive could not be looked into: %s", strings.TrimSpace(out.Stderr))
	}
	out.Stdout = f[3]
	s, err := parseLook(out)
	u := unpacked{state: s, kind: f[0], text: strings.TrimSpace(f[2])}
	u.names, u.differ = a.judge(f[2])
	u.differ = u.differ || f[1] == ""
	return u, err
}

var (
	difference = regexp.MustCompile(`^(?:.*: (Mode|Mod time|Uid|Gid|Size|Contents|Symlink|File type|Device number|Not linked to|Type)\b.*differs?|.*: Not linked to .*)$`)
	complaint  = regexp.MustCompile(`^(?:\S*/)?(?:tar|gzip|bzip2|xz|zstd|unzip)\b[^:]*: `)
)

// judge sorts what tar --diff -v printed into names and differences. Owner and mode do not count where the task sets them.
func (a unarchiveArgs) judge(text string) (names []string, differ bool) {
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		m := difference.FindStringSubmatch(line)
		switch {
		case line == "" || strings.HasSuffix(line, ": : Warning: Cannot stat: No such file or directory"):
			// A name that options have stripped to nothing is not unpacked.
		case m == nil && !complaint.MatchString(line):
			names = append(names, line)
		case m != nil && (m[1] == "Uid" && a.Owner != "" || m[1] == "Gid" && a.Group != "" || m[1] == "Mode" && a.Mode != nil):
		default:
			differ = true
		}
	}
	return names, differ
}

// options are those for tar or unzip, for the comparison or the extraction.
func (a unarchiveArgs) options(extract bool) []string {
	opts := append([]string(nil), a.ExtraOpts...)
	if len(opts) > 0 {
		opts = append([]string{"--show-transformed-names"}, opts...)
	}
	if a.KeepNewer && extract {
		opts = append(opts, "--keep-newer-files")
	}
	for _, e := range a.Exclude {
		opts = append(opts, "--exclude="+e)
	}
	return append(opts, a.Include...)
}
