package ansible

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Filters of community.general that read and write text: INI, CSV, Unicode forms.

func (a *extension) addCommunityText(l *jinja.Language) {
	for name, fn := range map[string]jinja.Func{
		"from_ini": fromINI, "to_ini": toINI, "from_csv": fromCSV, "unicode_normalize": unicodeNormalize,
	} {
		l.Filters["community.general."+name] = fn
	}
}

func unicodeNormalize(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("form")
	if err != nil {
		return nil, err
	}
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	forms := map[any]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}
	form, ok := forms[p.Any(0, "NFC")]
	if !ok {
		return nil, valueError("%s is not a valid form", value.Str(p.Any(0, nil)))
	}
	return form.String(s), nil
}

// fromINI makes a mapping of the sections of an INI text; all have the entries of DEFAULT.
func fromINI(c *jinja.Call, in any) (any, error) {
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	sections, err := iniSections(s, true, false)
	if err != nil {
		return nil, valueError("from_ini failed to parse given string: %s", err)
	}
	out, defaults := &value.Map{}, sections.Value("DEFAULT").(*value.Map)
	for name, entries := range sections.All() {
		if name != "DEFAULT" {
			out.Set(name, defaults.Clone().Merge(entries.(*value.Map)))
		}
	}
	if defaults.Len() > 0 {
		out.Set("DEFAULT", defaults)
	}
	return out, nil
}

func toINI(c *jinja.Call, in any) (any, error) {
	m, ok := jinja.AsMap(in)
	if !ok {
		return nil, typeError("to_ini requires a dict, got %s", value.TypeName(in))
	}
	if m.Len() == 0 {
		return nil, valueError("to_ini received an empty dict. An empty dict cannot be converted")
	}
	names := m.Keys()
	var b strings.Builder
	for _, first := range []bool{true, false} { // DEFAULT comes before all others
		for _, name := range names {
			if (name == "DEFAULT") != first {
				continue
			}
			entries, err := mapping(m.Value(name), "to_ini")
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&b, "[%s]\n", value.Str(name))
			for k, v := range entries.All() {
				text, err := c.Str(v)
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(&b, "%s = %s\n", value.Str(k), strings.ReplaceAll(text, "\n", "\n\t"))
			}
			b.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// fromCSV makes a list of mappings of the rows of a CSV text.
func fromCSV(c *jinja.Call, in any) (any, error) {
	p, err := c.Bind("dialect", "fieldnames", "delimiter", "skipinitialspace", "strict")
	if err != nil {
		return nil, err
	}
	s, err := c.Text(in)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(s, "\uFEFF")))
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, p.Bool(3, false)
	switch p.Any(0, "excel") {
	case "excel", "unix":
	case "excel-tab":
		r.Comma = '\t'
	default:
		return nil, valueError("the dialect '%s' is not supported", value.Str(p.Any(0, nil)))
	}
	if d, given, err := p.OptText(2); err != nil || given && len([]rune(d)) != 1 {
		return nil, firstError(err, valueError("the delimiter of from_csv must be one character"))
	} else if given {
		r.Comma = []rune(d)[0]
	}
	names, _ := value.Items(p.Any(1, nil))
	return csvRows(r, names)
}

// csvRows reads rows; without names the first one has them. What is beyond the names is a list at None, what misses is None.
func csvRows(r *csv.Reader, names []any) (any, error) {
	out := []any{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, valueError("unable to process file: %s", err)
		}
		fields := make([]any, len(row))
		for i, f := range row {
			fields[i] = f
		}
		if names == nil {
			names = fields
			continue
		}
		m := &value.Map{}
		for i, n := range names {
			if i < len(fields) {
				m.Set(n, fields[i])
			}
		}
		if len(fields) > len(names) {
			m.Set(nil, fields[len(names):])
		}
		for i := len(fields); i < len(names); i++ {
			m.Set(names[i], nil)
		}
		out = append(out, m)
	}
}
