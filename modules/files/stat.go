package files

import (
	"context"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// Stat answers what is known of a file.
var Stat = module.Define(module.Spec{
	Name: "ansible.builtin.stat",
	Doc:  "Tell what is known of a file: whether it exists, its type, size, permissions, times and checksum.",
}, planStat)

type statArgs struct {
	Path          string `arg:"path,required,type=path,alias=dest|name" doc:"The file to look at."`
	Follow        bool   `arg:"follow" doc:"Look at what a symbolic link leads to."`
	GetChecksum   bool   `arg:"get_checksum,default=true" doc:"Compute the checksum of a regular file."`
	Algorithm     string `arg:"checksum_algorithm,alias=checksum|checksum_algo,default=sha1,choices=md5|sha1|sha224|sha256|sha384|sha512" doc:"How the checksum is computed."`
	GetMime       bool   `arg:"get_mime,alias=mime|mime_type|mime-type,default=true" doc:"Ask the host's file program, where there is one, what the file holds."`
	GetAttributes bool   `arg:"get_attributes,alias=attr|attributes,default=true" doc:"Ask the host's lsattr, where there is one, for the file's flags."`
}

// statScript is a look, and then the answers of file ($3 is its flag for links) and lsattr, each ended by a NUL.
const statScript = `# stat
export LC_ALL=C` + lookFunction + `say "$(case $3 in ?*) file --mime-type --mime-encoding $3 -- "$1" 2>/dev/null ;; esac)"
say "$(case $4 in ?*) lsattr -vd "$1" 2>/dev/null ;; esac)"
look "$1" "" "" "$2"
`

func planStat(ctx context.Context, v module.View, a statArgs) (module.Plan, error) {
	sum, mime, attr := "", "", ""
	if a.GetChecksum {
		sum = a.Algorithm
	}
	if a.GetMime {
		if mime = "-h"; a.Follow {
			mime = "-L"
		}
	}
	if a.GetAttributes {
		attr = "y"
	}
	out, err := v.Query(ctx, module.Script(statScript, []string{a.Path}, sum, mime, attr))
	if err != nil {
		return module.Plan{}, err
	}
	mimeText, rest, _ := strings.Cut(out.Stdout, "\x00")
	attrText, rest, _ := strings.Cut(rest, "\x00")
	out.Stdout = rest
	s, err := parseLook(out)
	if err != nil {
		return module.Plan{}, err
	}
	return module.Done(module.Result{}.With("stat", a.answer(s, mimeText, attrText))), nil
}

func (a statArgs) answer(s state, mime, attr string) *value.Map {
	n := s.here
	if a.Follow {
		n = s.there
	}
	if n == nil {
		return value.NewMap("exists", false)
	}
	m := n.statKeys(value.NewMap("exists", true, "path", s.path))
	m.Set("readable", strings.Contains(s.may, "r")).Set("writeable", strings.Contains(s.may, "w")).Set("executable", strings.Contains(s.may, "x"))
	m.Set("blocks", n.blocks).Set("block_size", n.blockSize).Set("device_type", n.rdev)
	if n.is(typeLink) {
		m.Set("lnk_source", s.real).Set("lnk_target", s.link)
	}
	if n.owner != "" {
		m.Set("pw_name", n.owner)
	}
	if n.group != "" {
		m.Set("gr_name", n.group)
	}
	if n.is(typeRegular) && s.sum != "" {
		m.Set("checksum", s.sum)
	}
	if a.GetMime {
		kind, charset := parseMime(mime)
		m.Set("mimetype", kind).Set("charset", charset)
	}
	if a.GetAttributes {
		version, flags := parseFlags(attr)
		m.Set("version", version).Set("attributes", flagNames(flags)).Set("attr_flags", flags)
	}
	return m
}

// statKeys sets what stat and find say of a node.
func (n *node) statKeys(m *value.Map) *value.Map {
	bit := func(mask int) bool { return n.mode&mask != 0 }
	m.Set("mode", octal(n.perm())).Set("isdir", n.is(typeDirectory)).Set("ischr", n.is(typeCharacter)).Set("isblk", n.is(typeBlock)).
		Set("isreg", n.is(typeRegular)).Set("isfifo", n.is(typeFIFO)).Set("islnk", n.is(typeLink)).Set("issock", n.is(typeSocket)).
		Set("uid", n.uid).Set("gid", n.gid).Set("size", n.size).Set("inode", n.inode).Set("dev", n.device).Set("nlink", n.links).
		Set("atime", n.atime).Set("mtime", n.mtime).Set("ctime", n.ctime)
	m.Set("wusr", bit(0o200)).Set("rusr", bit(0o400)).Set("xusr", bit(0o100)).Set("wgrp", bit(0o020)).Set("rgrp", bit(0o040)).
		Set("xgrp", bit(0o010)).Set("woth", bit(0o002)).Set("roth", bit(0o004)).Set("xoth", bit(0o001)).
		Set("isuid", bit(0o4000)).Set("isgid", bit(0o2000))
	return m
}

// parseMime reads "PATH: text/plain; charset=us-ascii".
func parseMime(text string) (kind, charset string) {
	i := strings.LastIndex(text, ": ")
	kind, charset, ok := strings.Cut(text[i+1:], "; charset=")
	if i < 0 || !ok {
		return "unknown", "unknown"
	}
	return strings.TrimSpace(kind), strings.TrimSpace(charset)
}

// parseFlags reads "VERSION --------------e------- PATH".
func parseFlags(text string) (version any, flags string) {
	f := strings.Fields(text)
	if len(f) < 3 {
		return nil, ""
	}
	return f[0], strings.ReplaceAll(f[1], "-", "")
}

// flagNames are the words for chattr's letters.
func flagNames(flags string) []any {
	names := map[rune]string{'A': "noatime", 'a': "append", 'c': "compressed", 'C': "nocow", 'd': "nodump", 'D': "dirsync", 'e': "extents",
		'E': "encrypted", 'h': "blocksize", 'i': "immutable", 'I': "indexed", 'j': "journalled", 'N': "inline", 's': "zero", 'S': "synchronous",
		't': "notail", 'T': "blockroot", 'u': "undelete", 'X': "compressedraw", 'Z': "compresseddirty"}
	out := []any{}
	for _, f := range flags {
		if name, ok := names[f]; ok {
			out = append(out, name)
		}
	}
	return out
}
