//go:build !unix

package journal

// lock does nothing where files cannot be locked.
func lock(string, Origin) (unlock func(), err error) { return func() {}, nil }

func holder(string) string { return "" }

func held(string) bool { return false }
