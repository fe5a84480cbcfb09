package diag

import (
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/go-multierror"
)

// List collects the diagnostics of a pass. The zero List is empty and ready.
type List []Diagnostic

// Addf adds an error at a place.
func (l *List) Addf(at Span, format string, args ...any) {
	*l = append(*l, Diagnostic{Summary: fmt.Sprintf(format, args...), Span: at})
}

// Warnf adds a warning at a place.
func (l *List) Warnf(at Span, format string, args ...any) {
	*l = append(*l, Diagnostic{Severity: Warning, Summary: fmt.Sprintf(format, args...), Span: at})
}

// Add adds diagnostics as they are.
func (l *List) Add(ds ...Diagnostic) { *l = append(*l, ds...) }

// HasErrors tells whether one of the diagnostics is an error.
func (l List) HasErrors() bool {
	for _, d := range l {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Sorted returns the list by file, line and column, without repetitions.
func (l List) Sorted() List {
	out := append(List(nil), l...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].Span, out[j].Span
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Col < b.Col
	})
	kept := out[:0]
	for i, d := range out {
		if i > 0 && d.Summary == out[i-1].Summary && d.Span == out[i-1].Span {
			continue
		}
		kept = append(kept, d)
	}
	return kept
}

// Err is nil without errors, else one *multierror.Error that holds every error of the list (warnings are left out).
func (l List) Err() error {
	var all *multierror.Error
	for _, d := range l.Sorted() {
		if d.Severity == Error {
			all = multierror.Append(all, d)
		}
	}
	if all == nil {
		return nil
	}
	all.ErrorFormat = format
	return all
}

func format(errs []error) string {
	lines := make([]string, len(errs))
	for i, e := range errs {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}
