package files

import "testing"

func TestNewMode(t *testing.T) {
	for _, c := range []struct {
		arg  string
		old  int
		dir  bool
		want int
	}{
		{"0644", 0, false, 0o644}, {"644", 0o777, false, 0o644}, {"0o755", 0, false, 0o755}, {"01777", 0, true, 0o1777},
		{"u+x", 0o644, false, 0o744}, {"u+x,g-r", 0o600, false, 0o700}, {"g-w,o-rwx", 0o777, false, 0o750}, {"a+x", 0o644, false, 0o755},
		{"+x", 0o644, false, 0o755}, {"+w", 0o444, false, 0o644}, {"=rw", 0o777, false, 0o644}, {"o=", 0o777, false, 0o770},
		{"u=rwX,g=,o=", 0o644, false, 0o600}, {"u=rwX,g=,o=", 0o755, true, 0o700}, {"u=rwX,go=rX", 0o700, false, 0o755},
		{"u=rwX,go=rX", 0o600, true, 0o755}, {"g=u", 0o640, false, 0o660}, {"o=g-w", 0o660, false, 0o664}, {"u+s", 0o755, false, 0o4755},
		{"g+s", 0o755, true, 0o2755}, {"o+t", 0o777, true, 0o1777}, {"u=rwx", 0o4755, false, 0o755}, {"ug=rw,o=r", 0o777, false, 0o664},
		{"u=rw+x", 0o0, false, 0o700},
	} {
		got, err := newMode(c.arg, c.old, c.dir, 0o022)
		if err != nil || got != c.want {
			t.Errorf("%s on %04o is %04o, %v; want %04o", c.arg, c.old, got, err, c.want)
		}
	}
	for _, bad := range []string{"abc", "u+k", "0999", "", "ua+x", "-1"} {
		if got, err := newMode(bad, 0o644, false, 0o022); err == nil {
			t.Errorf("%q is %04o", bad, got)
		}
	}
}
