package module

// IsLocal tells whether a host is the machine that Drydock runs on, for views that know it (a method Local() bool): files that a task
// names are then those of the content.
func IsLocal(v View) bool {
	l, ok := v.(interface{ Local() bool })
	return ok && l.Local()
}
