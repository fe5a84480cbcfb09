package linux

// useradd, usermod, userdel, groupadd, groupmod, groupdel: lines of /etc/passwd, /etc/shadow and /etc/group.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rewrite changes the lines of a file: each is given as its fields, and left out where keep is false; more are put at the end.
func (p *process) rewrite(file string, edit func(fields []string) (keep bool), more ...string) int {
	var b strings.Builder
	for _, f := range p.colons(file) {
		if edit(f) {
			b.WriteString(strings.Join(f, ":") + "\n")
		}
	}
	for _, line := range more {
		b.WriteString(line + "\n")
	}
	i, _ := p.view().Stat(file)
	if err := p.view().WriteFile(file, []byte(b.String()), or32(i.Perm(), 0o644)); err != nil {
		return p.complain("cannot open %s", file)
	}
	return 0
}

func or32(a, b uint32) uint32 {
	if a != 0 {
		return a
	}
	return b
}

func same([]string) bool { return true }

// freeID is the first number that no line of a file has.
func (p *process) freeID(file string, system bool) int {
	id := 1000
	if system {
		id = 900
	}
	for slices.ContainsFunc(p.colons(file), func(f []string) bool { return len(f) > 2 && f[2] == strconv.Itoa(id) }) {
		id++
	}
	return id
}

func (p *process) onlyRoot(file string) bool {
	if p.who.uid != 0 {
		p.complain("Permission denied.\n%s: cannot lock %s; try again later.", p.name(), file)
	}
	return p.who.uid == 0
}

func groupadd(p *process) int {
	o, ok := p.options("g:orf", "gid=g", "non-unique=o", "system=r", "force=f")
	if !ok || len(o.rest) != 1 {
		return 2
	}
	if !p.onlyRoot("/etc/group") {
		return 10
	}
	if p.lineOf("/etc/group", o.rest[0]) != nil {
		if o.has('f') {
			return 0
		}
		p.complain("group '%s' already exists", o.rest[0])
		return 9
	}
	gid := o.value('g', strconv.Itoa(p.freeID("/etc/group", o.has('r'))))
	return p.rewrite("/etc/group", same, o.rest[0]+":x:"+gid+":")
}

// lineOf are the fields of the line of a name.
func (p *process) lineOf(file, name string) []string {
	for _, f := range p.colons(file) {
		if f[0] == name {
			return f
		}
	}
	return nil
}

func groupmod(p *process) int {
	o, ok := p.options("g:on:", "gid=g", "non-unique=o", "new-name=n")
	if !ok || len(o.rest) != 1 {
		return 2
	}
	if !p.onlyRoot("/etc/group") {
		return 10
	}
	if p.lineOf("/etc/group", o.rest[0]) == nil {
		p.complain("group '%s' does not exist", o.rest[0])
		return 6
	}
	return p.rewrite("/etc/group", func(f []string) bool {
		if f[0] == o.rest[0] {
			f[0], f[2] = o.value('n', f[0]), o.value('g', f[2])
		}
		return true
	})
}

func groupdel(p *process) int {
	o, ok := p.options("f")
	if !ok || len(o.rest) != 1 {
		return 2
	}
	if !p.onlyRoot("/etc/group") {
		return 10
	}
	if p.lineOf("/etc/group", o.rest[0]) == nil {
		p.complain("group '%s' does not exist", o.rest[0])
		return 6
	}
	return p.rewrite("/etc/group", func(f []string) bool { return f[0] != o.rest[0] })
}

const userOptions = "u:og:G:c:d:s:p:mMNrkK:e:f:aUl:L"

func userLong() []string {
	return strings.Fields("uid=u non-unique=o gid=g groups=G comment=c home=d home-dir=d shell=s password=p create-home=m no-create-home=M no-user-group=N system=r " +
		"expiredate=e inactive=f append=a user-group=U move-home=m login=l lock=L")
}

func useradd(p *process) int {
	o, ok := p.options(userOptions, userLong()...)
	if !ok || len(o.rest) != 1 {
		return 2
	}
	if !p.onlyRoot("/etc/passwd") {
		return 1
	}
	name := o.rest[0]
	if p.lineOf("/etc/passwd", name) != nil {
		p.complain("user '%s' already exists", name)
		return 9
	}
	uid := o.value('u', strconv.Itoa(p.freeID("/etc/passwd", o.has('r'))))
	gid, ok := p.primaryGroup(o, name, uid)
	if !ok {
		p.complain("group '%s' does not exist", o.value('g', ""))
		return 6
	}
	home := o.value('d', "/home/"+name)
	line := fmt.Sprintf("%s:x:%s:%d:%s:%s:%s", name, uid, gid, o.value('c', ""), home, o.value('s', "/bin/sh"))
	p.rewrite("/etc/passwd", same, line)
	p.rewrite("/etc/shadow", same, name+":"+o.value('p', "!")+":20000:0:99999:7::"+o.value('e', "")+":")
	if code := p.join(name, o, false); code != 0 {
		return code
	}
	if o.has('m') && !o.has('M') {
		n, _ := strconv.Atoi(uid)
		return p.makeHome(home, n, gid)
	}
	return 0
}

// primaryGroup is the group of -g, else one of the user's name, which is made.
func (p *process) primaryGroup(o *options, name, uid string) (int, bool) {
	if o.has('g') {
		return p.groupID(o.value('g', ""))
	}
	if o.has('N') {
		return 100, true
	}
	if f := p.lineOf("/etc/group", name); f != nil {
		return p.groupID(name)
	}
	p.rewrite("/etc/group", same, name+":x:"+uid+":")
	return p.groupID(name)
}

// join makes the user a member of the groups of -G and, unless append is set, of no other.
func (p *process) join(name string, o *options, add bool) int {
	if !o.has('G') {
		return 0
	}
	var wanted []string
	for _, g := range strings.Split(o.value('G', ""), ",") {
		if g == "" {
			continue
		}
		id, ok := p.groupID(g)
		if !ok || p.groupName(id) == "" {
			p.complain("group '%s' does not exist", g)
			return 6
		}
		wanted = append(wanted, p.groupName(id))
	}
	return p.rewrite("/etc/group", func(f []string) bool {
		if len(f) < 4 {
			return true
		}
		members := slices.DeleteFunc(strings.Split(f[3], ","), func(m string) bool { return m == "" })
		is := slices.Contains(members, name)
		want := slices.Contains(wanted, f[0])
		switch {
		case want && !is:
			members = append(members, name)
		case is && !want && !add:
			members = slices.DeleteFunc(members, func(m string) bool { return m == name })
		}
		f[3] = strings.Join(members, ",")
		return true
	})
}

func (p *process) makeHome(home string, uid, gid int) int {
	v := p.view()
	if v.Exists(home) {
		return 0
	}
	err := v.MkdirAll(home, 0o755)
	if err == nil {
		err = v.Chmod(home, 0o755)
	}
	if err == nil {
		err = v.Chown(home, uid, gid, true)
	}
	if err != nil {
		p.complain("cannot create directory %s", home)
		return 12
	}
	return 0
}

// chpasswd sets passwords by the hashes that it reads: NAME:HASH a line.
func chpasswd(p *process) int {
	o, ok := p.options("e", "encrypted=e")
	if !ok {
		return 1
	}
	if !o.has('e') {
		return p.refuse("without --encrypted")
	}
	if !p.onlyRoot("/etc/shadow") {
		return 1
	}
	hashes := map[string]string{}
	for _, line := range linesOf(p.input()) {
		name, hash, _ := strings.Cut(line, ":")
		hashes[name] = hash
	}
	return p.rewrite("/etc/shadow", func(f []string) bool {
		if hash, ok := hashes[f[0]]; ok && len(f) > 1 {
			f[1] = hash
		}
		return true
	})
}

const usermodHelp = `Usage: usermod [options] LOGIN

Options:
  -a, --append                  append the user to the supplemental GROUPS
  -c, --comment COMMENT         new value of the GECOS field
  -d, --home HOME_DIR           new home directory for the user account
  -g, --gid GROUP               force use GROUP as new primary group
  -G, --groups GROUPS           new list of supplementary GROUPS
  -p, --password PASSWORD       use encrypted password for the new password
  -s, --shell SHELL             new login shell for the user account
  -u, --uid UID                 new UID for the user account
`

func usermod(p *process) int {
	if len(p.args) == 2 && p.args[1] == "--help" {
		p.print(usermodHelp)
		return 0
	}
	o, ok := p.options(userOptions, userLong()...)
	if !ok || len(o.rest) != 1 {
		return 2
	}
	if !p.onlyRoot("/etc/passwd") {
		return 1
	}
	name := o.rest[0]
	if p.lineOf("/etc/passwd", name) == nil {
		p.complain("user '%s' does not exist", name)
		return 6
	}
	if o.has('l') {
		return p.refuse("-l")
	}
	p.rewrite("/etc/passwd", func(f []string) bool {
		if f[0] != name {
			return true
		}
		if g, ok := p.groupID(o.value('g', f[3])); ok {
			f[3] = strconv.Itoa(g)
		}
		old := f[5]
		f[2], f[4], f[5], f[6] = o.value('u', f[2]), o.value('c', f[4]), o.value('d', f[5]), o.value('s', f[6])
		if o.has('m') && old != f[5] {
			_ = p.view().Rename(old, f[5]) // as the real one: a home that is missing stays so
		}
		return true
	})
	p.rewrite("/etc/shadow", func(f []string) bool {
		if f[0] == name && len(f) > 7 {
			f[1], f[7] = o.value('p', f[1]), o.value('e', f[7])
			if o.has('L') && !strings.HasPrefix(f[1], "!") {
				f[1] = "!" + f[1]
			}
		}
		return true
	})
	return p.join(name, o, o.has('a'))
}

func userdel(p *process) int {
	o, ok := p.options("rf", "remove=r", "force=f")
	if !ok || len(o.rest) != 1 {
		return 2
	}
	if !p.onlyRoot("/etc/passwd") {
		return 1
	}
	name := o.rest[0]
	line := p.lineOf("/etc/passwd", name)
	if line == nil {
		p.complain("user '%s' does not exist", name)
		return 6
	}
	gone := func(f []string) bool { return f[0] != name }
	p.rewrite("/etc/passwd", gone)
	p.rewrite("/etc/shadow", gone)
	p.join(name, &options{given: map[byte][]string{'G': {""}}}, false)
	p.rewrite("/etc/group", func(f []string) bool { return f[0] != name || len(f) > 3 && f[3] != "" })
	if o.has('r') {
		_ = p.view().RemoveAll(line[5]) // a home that is missing is no error
	}
	return 0
}
