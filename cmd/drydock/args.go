package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// arrange puts a command line into the form that the flag package reads: every flag before the first other word, -vvv as three flags,
// -bK as two, --limit shortened as far as it is unique. ansible-playbook takes its options anywhere, and so do we.
func arrange(args []string, flags []cli.Flag) ([]string, error) {
	takes := map[string]bool{} // by name: whether a value follows
	for _, f := range flags {
		_, isBool := f.(*cli.BoolFlag)
		for _, n := range f.Names() {
			takes[n] = !isBool
		}
	}
	var opts, rest []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return append(append(append(opts, "--"), rest...), args[i+1:]...), nil
		case strings.HasPrefix(a, "--"):
			words, used, err := long(a[2:], args[i+1:], takes)
			if err != nil {
				return nil, err
			}
			opts = append(opts, words...)
			i += used
		case len(a) > 1 && a[0] == '-':
			words, used, err := short(a[1:], args[i+1:], takes)
			if err != nil {
				return nil, err
			}
			opts = append(opts, words...)
			i += used
		default:
			rest = append(rest, a)
		}
	}
	return append(append(opts, "--"), rest...), nil
}

// long reads --name, --name=value and --name value.
func long(a string, next []string, takes map[string]bool) (words []string, used int, err error) {
	name, val, has := strings.Cut(a, "=")
	full, err := complete(name, takes)
	if err != nil {
		return nil, 0, err
	}
	switch {
	case !takes[full] && has:
		return nil, 0, fmt.Errorf("option --%s takes no value", full)
	case !takes[full]:
		return []string{"--" + full}, 0, nil
	case has:
		return []string{"--" + full + "=" + val}, 0, nil
	case len(next) == 0:
		return nil, 0, fmt.Errorf("option --%s needs a value", full)
	}
	return []string{"--" + full + "=" + next[0]}, 1, nil
}

// complete finds the flag that a name means: itself, or the only one that begins so.
func complete(name string, takes map[string]bool) (string, error) {
	if _, ok := takes[name]; ok && len(name) > 1 {
		return name, nil
	}
	var found []string
	for n := range takes {
		if len(n) > 1 && strings.HasPrefix(n, name) {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("there is no option --%s; see --help", name)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("option --%s is not clear: it may mean --%s", name, strings.Join(sorted(found), " or --"))
}

// short reads -b, -bK, -ihosts and -i hosts.
func short(a string, next []string, takes map[string]bool) (words []string, used int, err error) {
	for i := 0; i < len(a); i++ {
		name := a[i : i+1]
		value, ok := takes[name]
		if !ok {
			return nil, 0, fmt.Errorf("there is no option -%s; see --help", name)
		}
		if !value {
			words = append(words, "-"+name)
			continue
		}
		if val := strings.TrimPrefix(a[i+1:], "="); val != "" {
			return append(words, "-"+name+"="+val), 0, nil
		}
		if len(next) == 0 {
			return nil, 0, fmt.Errorf("option -%s needs a value", name)
		}
		return append(words, "-"+name+"="+next[0]), 1, nil
	}
	return words, 0, nil
}
