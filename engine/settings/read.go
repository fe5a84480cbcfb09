package settings

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/window"
)

type (
	node    = *source.Node
	seconds = time.Duration
)

// field declares a key of a mapping that becomes a T.
type field[T any] struct {
	name, form, fallback, doc string
	host                      bool
	sub                       []Entry // the keys of its own
	read                      func(r *reader, n node, into *T)
}

// reader collects the mistakes of a file, or of a variable.
type reader struct {
	ds       *diag.List
	variable string // the name of the variable that is read; empty: a file is
}

func (r *reader) add(n node, summary, hint string) {
	if r.variable != "" {
		summary = "variable " + r.variable + ": " + summary
	}
	r.ds.Add(diag.Diagnostic{Summary: summary, Span: n.Span(), Hint: hint})
}

// mapping reads a mapping by its fields. A key that none of them declares is a mistake.
func mapping[T any](r *reader, n node, what string, fields []field[T], into *T) {
	if n.Kind != source.Mapping {
		r.add(n, fmt.Sprintf("%s is a mapping, this is %s", what, n.Kind), "")
		return
	}
	var names []string
	for _, f := range fields {
		names = append(names, f.name)
	}
	for _, p := range n.Pairs {
		i := slices.Index(names, p.Key.Text)
		if i < 0 {
			hint := "it has " + strings.Join(names, ", ")
			if near := diag.Nearest(p.Key.Text, names); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			r.add(p.Key, fmt.Sprintf("%s has no key %q", what, p.Key.Text), hint)
			continue
		}
		if p.Value.IsNull() {
			r.add(p.Key, fmt.Sprintf("%s says nothing", p.Key.Text), "leave it out, or give it a value: "+fields[i].form)
			continue
		}
		fields[i].read(r, p.Value, into)
	}
}

// word is the text of a single value; false: it is none, which has been told.
func (r *reader) word(n node) (string, bool) {
	switch {
	case n.Kind != source.Scalar || n.IsNull():
		r.add(n, "a single value is wanted, this is "+n.Kind.String(), "")
	case n.Tag == source.TagVault:
		r.add(n, "this file is read before vault passwords are, so nothing in it can be encrypted", "")
	case strings.Contains(n.Text, "{{"):
		r.add(n, "nothing in this file is a template", "write the value; what differs by host is a variable with the prefix "+HostVar)
	default:
		return n.Text, true
	}
	return "", false
}

func text[T any](at func(*T) *string) func(*reader, node, *T) {
	return func(r *reader, n node, into *T) {
		if w, ok := r.word(n); ok && w == "" {
			r.add(n, "this is empty", "")
		} else if ok {
			*at(into) = w
		}
	}
}

func choice[T any](at func(*T) *string, choices ...string) func(*reader, node, *T) {
	return func(r *reader, n node, into *T) {
		w, ok := r.word(n)
		if n.Tag == source.TagBool && w != "" && slices.Contains(choices, strings.ToLower(w)) {
			w = strings.ToLower(w) // off without quotes is a boolean in YAML
		}
		switch {
		case !ok:
		case slices.Contains(choices, w):
			*at(into) = w
		default:
			hint := "it is " + strings.Join(choices, ", ")
			if near := diag.Nearest(w, choices); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			r.add(n, fmt.Sprintf("%q is none of its values", w), hint)
		}
	}
}

func truth[T any](at func(*T) *bool) func(*reader, node, *T) {
	return func(r *reader, n node, into *T) {
		w, ok := r.word(n)
		if !ok {
			return
		}
		v, err := n.Plain()
		b, isBool := v.(bool)
		if err != nil || !isBool {
			r.add(n, fmt.Sprintf("%q is neither true nor false", w), "")
			return
		}
		*at(into) = b
	}
}

func count[T any](least int, at func(*T) *int) func(*reader, node, *T) {
	return func(r *reader, n node, into *T) {
		w, ok := r.word(n)
		if !ok {
			return
		}
		i, err := strconv.Atoi(w)
		if err != nil || i < least {
			r.add(n, fmt.Sprintf("%q is no whole number from %d on", w, least), "")
			return
		}
		*at(into) = i
	}
}

// duration is seconds, or a number with its unit: 90, 90s, 30m, 2h.
func duration[T any](at func(*T) *time.Duration) func(*reader, node, *T) {
	return func(r *reader, n node, into *T) {
		w, ok := r.word(n)
		if !ok {
			return
		}
		d, err := time.ParseDuration(w)
		if s, bad := strconv.ParseUint(w, 10, 31); bad == nil {
			d, err = time.Duration(s)*time.Second, nil
		}
		if err != nil || d < 0 {
			r.add(n, fmt.Sprintf("%q is no duration", w), "write seconds, or 90s, 30m, 2h")
			return
		}
		*at(into) = d
	}
}

// list is a list of single values; one alone is a list of it.
func list[T any](at func(*T) *[]string) func(*reader, node, *T) {
	return func(r *reader, n node, into *T) {
		items := n.Items
		if n.Kind != source.Sequence {
			items = []node{n}
		}
		var out []string
		for _, item := range items {
			if w, ok := r.word(item); ok {
				out = append(out, w)
			}
		}
		*at(into) = out
	}
}

func windows(r *reader, n node, s *Settings) {
	items := n.Items
	if n.Kind != source.Sequence {
		items = []node{n}
	}
	s.Windows = nil
	for _, item := range items {
		w := window.Window{End: 24 * 60}
		before := len(*r.ds)
		mapping(r, item, "a window", windowKeys(), &w)
		if len(*r.ds) == before && w.Start == w.End {
			r.add(item, "the window ends when it begins", "for a whole day write start: \"00:00\" and end: \"24:00\"")
		}
		s.Windows = append(s.Windows, w)
	}
}

func days(r *reader, n node, w *window.Window) {
	items := n.Items
	if n.Kind != source.Sequence {
		items = []node{n}
	}
	for _, item := range items {
		text, ok := r.word(item)
		if !ok {
			continue
		}
		d, err := window.ParseDays(text)
		if err != nil {
			r.add(item, err.Error(), "")
		}
		w.Days |= d
	}
}

// clock reads a time of day. Without quotes YAML reads 22:00 as the number 1320, in minutes as it happens: a variable arrives as that.
func clock(at func(*window.Window) *window.Clock) func(*reader, node, *window.Window) {
	return func(r *reader, n node, w *window.Window) {
		text, ok := r.word(n)
		if !ok {
			return
		}
		c, err := window.ParseClock(text)
		if minutes, bad := strconv.Atoi(text); r.variable != "" && bad == nil && minutes >= 60 && minutes <= 24*60 {
			c, err = window.Clock(minutes), nil
		}
		if err != nil {
			r.add(n, err.Error(), "")
			return
		}
		*at(w) = c
	}
}

func zone(r *reader, n node, w *window.Window) {
	name, ok := r.word(n)
	if !ok {
		return
	}
	z, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		r.add(n, fmt.Sprintf("there is no time zone %q", name), "write a name of the tz database, such as Europe/Berlin")
		return
	}
	w.Zone = z
}

func address(r *reader, n node, p *Prometheus) {
	w, ok := r.word(n)
	if !ok {
		return
	}
	u, err := url.Parse(w)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		// The line is not shown: it may hold a password.
		r.ds.Add(diag.Diagnostic{Summary: fmt.Sprintf("the URL in line %d is none that begins with http:// or https://", n.Pos.Line), Span: diag.Span{Pos: diag.Pos{File: n.Pos.File}}})
		return
	}
	p.URL = u
}

func filter(r *reader, n node, p *Prometheus) {
	w, ok := r.word(n)
	if !ok {
		return
	}
	re, err := regexp.Compile(w)
	if err != nil {
		r.add(n, "the expression cannot be read: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), "")
		return
	}
	p.Filter = re
}
