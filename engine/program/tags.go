package program

import "slices"

// Selected tells whether a task with these tags runs under --tags and --skip-tags. Without --tags everything but what is tagged never is
// meant; all, tagged and untagged are words for many, and always runs unless it is skipped by name.
func Selected(tags, only, skip []string) bool {
	return wanted(tags, only) && !skipped(tags, skip)
}

func wanted(tags, only []string) bool {
	if len(only) == 0 {
		only = []string{"all"}
	}
	never := slices.Contains(tags, "never")
	switch {
	case slices.Contains(tags, "always"), meet(tags, only):
		return true
	case slices.Contains(only, "all"):
		return !never
	case slices.Contains(only, "tagged"):
		return tagged(tags) && !never
	case slices.Contains(only, "untagged"):
		return !tagged(tags)
	}
	return false
}

func skipped(tags, skip []string) bool {
	switch {
	case meet(tags, skip):
		return true
	case slices.Contains(skip, "all"):
		return !slices.Contains(tags, "always")
	case slices.Contains(skip, "tagged"):
		return tagged(tags)
	case slices.Contains(skip, "untagged"):
		return !tagged(tags)
	}
	return false
}

// tagged tells whether there are tags; the tag untagged, alone, is none.
func tagged(tags []string) bool {
	return slices.ContainsFunc(tags, func(s string) bool { return s != "untagged" })
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
