// Users where busybox keeps them (Alpine, Buildroot): adduser, deluser, delgroup, chpasswd.

package accounts

import "slices"

func (u user) addByBusybox(d *deeds) {
	argv := []string{"adduser", "-D"}
	add := func(flag string, v *string) {
		if v != nil {
			argv = append(argv, flag, *v)
		}
	}
	if u.UID != nil {
		argv = append(argv, "-u", itoa(*u.UID))
	}
	add("-G", u.Group)
	add("-g", u.Comment)
	add("-h", u.Home)
	add("-s", u.Shell)
	if !u.CreateHome {
		argv = append(argv, "-H")
	}
	add("-k", u.Skeleton)
	if u.Umask != nil {
		argv = append(argv, "-K", "UMASK="+*u.Umask)
	}
	if u.System {
		argv = append(argv, "-S")
	}
	d.do(append(append(argv, u.bounds()...), u.Name)...)
	if u.Password != nil {
		u.chpasswd(d, *u.Password)
	}
	for _, g := range u.others() {
		d.do("adduser", u.Name, g)
	}
	d.regroup, d.groups, d.primary = len(u.others()) > 0, u.others(), true
}

// changeByBusybox can change groups and password only.
func (u user) changeByBusybox(d *deeds, s userSight) {
	var want []string
	for _, g := range u.others() {
		if name := s.asked[g].name; s.asked[g].gid != s.user.gid && !slices.Contains(want, name) {
			want = append(want, name)
		}
	}
	if len(u.others()) > 0 {
		missing, surplus := without(want, s.member), without(s.member, want)
		if u.Append {
			surplus = nil
		}
		for _, g := range missing {
			d.do("adduser", u.Name, g)
		}
		for _, g := range surplus {
			d.do("delgroup", u.Name, g)
		}
		d.regroup, d.groups = len(missing)+len(surplus) > 0, want
	}
	if u.UpdatePassword == "always" && u.Password != nil && *u.Password != s.user.password {
		u.chpasswd(d, *u.Password)
	}
}
