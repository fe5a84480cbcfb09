package linux

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/drydock-dev/drydock/engine/twin/disk"
)

const timeForm = "2006-01-02 15:04:05.000000000 -0700"

func stat(p *process) int {
	o, ok := p.options("Lfc:t", "dereference=L", "file-system=f", "format=c", "printf=c", "terse=t")
	if !ok {
		return 1
	}
	if o.has('t') || !o.has('c') && o.has('f') {
		return p.refuse("without a format")
	}
	end := "\n"
	for _, a := range p.args {
		if strings.HasPrefix(a, "--printf") {
			end = ""
		}
	}
	code := 0
	for _, name := range o.rest {
		i, err := p.view().Lstat(name)
		if o.has('L') || o.has('f') {
			i, err = p.view().Stat(name)
		}
		if err != nil {
			code = p.complain("cannot statx '%s': %s", name, said(err))
			continue
		}
		form := o.value('c', defaultStat(i))
		if end == "" {
			form, _ = unescape(form, false)
		}
		text, bad := p.fill(form, name, i, o.has('f'))
		if bad != "" {
			return p.refuse("-c " + bad)
		}
		p.print(text + end)
	}
	return code
}

func defaultStat(i disk.Info) string {
	name := "%n"
	if i.Kind() == disk.Symlink {
		name = "%N"
	}
	return "  File: " + name + "\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: 8,1\tInode: %-11i Links: %h\n" +
		"Access: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: -"
}

// fill puts what it knows of a file into a format. bad is a directive that it does not know.
func (p *process) fill(form, name string, i disk.Info, system bool) (text, bad string) {
	var b strings.Builder
	for k := 0; k < len(form); k++ {
		if form[k] != '%' || k+1 == len(form) {
			b.WriteByte(form[k])
			continue
		}
		end := k + 1
		for end < len(form)-1 && strings.IndexByte("-0123456789.#+ ", form[end]) >= 0 {
			end++
		}
		width, c := form[k+1:end], form[end]
		k = end
		if c == '%' {
			b.WriteByte('%')
			continue
		}
		value, ok := p.field(c, name, i)
		if system {
			value, ok = p.systemField(c)
		}
		if !ok {
			return "", "%" + string(c)
		}
		b.WriteString(padded(width, value))
	}
	return b.String(), ""
}

func padded(width, value string) string {
	if width == "" {
		return value
	}
	if strings.HasPrefix(width, "0") {
		n, _ := strconv.Atoi(width)
		return strings.Repeat("0", max(0, n-len(value))) + value
	}
	return fmt.Sprintf("%"+width+"s", value)
}

//house:dispatch
func (p *process) field(c byte, name string, i disk.Info) (string, bool) {
	seconds := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	switch c {
	case 'a':
		return strconv.FormatUint(uint64(i.Perm()), 8), true
	case 'A':
		return shownMode(i.Mask), true
	case 'b':
		return strconv.FormatInt(blocks(i), 10), true
	case 'B':
		return "512", true
	case 'd':
		return "2049", true
	case 'D':
		return "801", true
	case 'f':
		return strconv.FormatUint(uint64(i.Mask), 16), true
	case 'F':
		return kindName(i), true
	case 'g':
		return strconv.Itoa(i.GID), true
	case 'G':
		return or(p.groupName(i.GID), "UNKNOWN"), true
	case 'h':
		return strconv.Itoa(i.Links), true
	case 'i':
		return strconv.FormatUint(i.Ino, 10), true
	case 'm':
		return "/", true
	case 'n':
		return name, true
	case 'N':
		if i.Kind() == disk.Symlink {
			return "'" + name + "' -> '" + i.Target + "'", true
		}
		return "'" + name + "'", true
	case 'o':
		return "4096", true
	case 's':
		if i.Kind() == disk.Symlink {
			return strconv.Itoa(len(i.Target)), true
		}
		return strconv.FormatInt(i.Length, 10), true
	case 't':
		return strconv.FormatUint(uint64(i.Device>>8), 16), true
	case 'T':
		return strconv.FormatUint(uint64(i.Device&0xff), 16), true
	case 'u':
		return strconv.Itoa(i.UID), true
	case 'U':
		return or(p.userName(i.UID), "UNKNOWN"), true
	case 'w':
		return "-", true
	case 'W':
		return "0", true
	case 'x':
		return i.Atime.UTC().Format(timeForm), true
	case 'X':
		return seconds(i.Atime), true
	case 'y':
		return i.Mtime.UTC().Format(timeForm), true
	case 'Y':
		return seconds(i.Mtime), true
	case 'z':
		return i.Ctime.UTC().Format(timeForm), true
	case 'Z':
		return seconds(i.Ctime), true
	}
	return "", false
}

func kindName(i disk.Info) string {
	if i.Kind() == disk.Regular && i.Length == 0 {
		return "regular empty file"
	}
	return map[uint32]string{disk.Regular: "regular file", disk.Directory: "directory", disk.Symlink: "symbolic link", disk.Pipe: "fifo",
		disk.Character: "character special file", disk.Block: "block special file", disk.Socket: "socket"}[i.Kind()]
}

// fileKind is file --mime-type --mime-encoding.
func fileKind(p *process) int {
	o, ok := p.options("bhLi", "mime-type=i", "mime-encoding=i", "mime=i", "brief=b", "no-dereference=h", "dereference=L")
	if !ok {
		return 1
	}
	if !o.has('i') {
		return p.refuse("without --mime-type")
	}
	for _, name := range o.rest {
		kind := p.mime(name, o.has('L'))
		if !o.has('b') {
			kind = name + ": " + kind
		}
		p.print(kind + "\n")
	}
	return 0
}

func (p *process) mime(name string, follow bool) string {
	i, err := p.view().Lstat(name)
	if follow {
		i, err = p.view().Stat(name)
	}
	switch {
	case err != nil:
		return "cannot open `" + name + "' (" + said(err) + ")"
	case i.Kind() != disk.Regular:
		return map[uint32]string{disk.Directory: "inode/directory", disk.Symlink: "inode/symlink", disk.Pipe: "inode/fifo", disk.Socket: "inode/socket",
			disk.Block: "inode/blockdevice", disk.Character: "inode/chardevice"}[i.Kind()] + "; charset=binary"
	}
	data, _ := p.view().ReadFile(name) // who may not read it learns of an empty one
	switch {
	case len(data) == 0:
		return "inode/x-empty; charset=binary"
	case strings.HasPrefix(string(data), "\x7fELF"):
		return "application/x-pie-executable; charset=binary"
	case strings.ContainsRune(string(data), 0) || !utf8.Valid(data):
		return "application/octet-stream; charset=binary"
	case strings.HasPrefix(string(data), "#!/bin/sh"), strings.HasPrefix(string(data), "#!/bin/bash"):
		return "text/x-shellscript; charset=us-ascii"
	}
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return "text/plain; charset=utf-8"
		}
	}
	return "text/plain; charset=us-ascii"
}

// lsattr shows the flags of files, which are those of any file on ext4.
func lsattr(p *process) int {
	o, ok := p.options("vdRa")
	if !ok {
		return 1
	}
	if o.has('R') {
		return p.refuse("-R")
	}
	code := 0
	for _, name := range o.rest {
		i, err := p.view().Lstat(name)
		switch {
		case err != nil:
			code = p.complain("%s while trying to stat %s", said(err), name)
			continue
		case i.Kind() != disk.Regular && !i.IsDir():
			code = p.complain("Operation not supported While reading flags on %s", name)
			continue
		case o.has('v'):
			p.printf("%d ", uint32(i.Ino*2654435761))
		}
		p.print("--------------e------- " + name + "\n")
	}
	return code
}

// systemField is of the file system that a file lies on.
func (p *process) systemField(c byte) (string, bool) {
	size, free := p.disk.Space()
	switch c {
	case 'S', 's':
		return "4096", true
	case 'b':
		return strconv.FormatInt(size/4096, 10), true
	case 'f', 'a':
		return strconv.FormatInt(free/4096, 10), true
	case 'c':
		return "1310720", true
	case 'd':
		return "1200000", true
	case 'T':
		return "ext2/ext3", true
	case 't':
		return "ef53", true
	case 'l':
		return "255", true
	}
	return "", false
}
