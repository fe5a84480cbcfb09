package ansible

import (
	"encoding/csv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

// Lookups in tables: CSV and INI files.

func (a *extension) addTableLookups(l *jinja.Language) {
	l.Lookups["csvfile"] = a.csvLookup
	l.Lookups["ini"] = a.iniLookup
}

// inline gives the options that are written into a term the first say, and returns its words.
func inline(c *jinja.Call, term any) (words []string, o options) {
	words, pairs := keyValues(value.Str(term))
	inner := *c
	inner.Kwargs = c.Kwargs.Clone().Merge(pairs)
	return words, options{c: &inner}
}

func (a *extension) csvLookup(c *jinja.Call, in any) (any, error) {
	if len(in.([]any)) == 0 {
		return nil, valueError("Search key is required but was not found")
	}
	out := []any{}
	for _, t := range in.([]any) {
		words, o := inline(c, t)
		if len(words) == 0 {
			return nil, valueError("Search key is required but was not found")
		}
		text, err := a.read(c, "files", o.text("file", "ansible.csv"))
		if err != nil {
			return nil, err
		}
		v, err := csvCell(text, strings.Join(words, " "), &o)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out = append(out, v)
		}
	}
	return out, nil
}

// csvCell is the cell of the first row with a key.
func csvCell(text, key string, o *options) (any, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	switch d := o.text("delimiter", "TAB"); d {
	case "TAB", "\t", "t":
		r.Comma = '\t'
	default:
		r.Comma = []rune(d)[0]
	}
	col, keyCol := o.number("col", 1), o.number("keycol", 0)
	if o.err != nil {
		return nil, o.err
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, valueError("csvfile: %s", err)
	}
	for _, row := range rows {
		if keyCol < len(row) && row[keyCol] == key {
			if col >= len(row) {
				return nil, value.Errorf(value.IndexError, "csvfile: the row of %s has no column %d", value.Repr(key), col)
			}
			return row[col], nil
		}
	}
	return o.c.Kwargs.Value("default"), nil
}

func (a *extension) iniLookup(c *jinja.Call, in any) (any, error) {
	out := []any{}
	for _, t := range in.([]any) {
		words, o := inline(c, t)
		text, err := a.read(c, "files", o.text("file", "ansible.ini"))
		if err != nil {
			return nil, err
		}
		section := o.text("section", "global")
		if o.text("type", "ini") == "properties" {
			section, text = "java_properties", "[java_properties]\n"+text
		}
		entries, err := iniSection(text, section, o.on("case_sensitive", false), o.on("allow_no_value", false) || o.on("allow_none", false))
		if err != nil {
			return nil, err
		}
		key := strings.Join(words, " ")
		if o.on("re", false) {
			more, err := a.iniMatches(entries, key)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
			continue
		}
		if !o.on("case_sensitive", false) {
			key = strings.ToLower(key)
		}
		v, ok := entries.Get(key)
		if !ok {
			if v = o.c.Kwargs.Value("default"); v == nil {
				v = ""
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func (a *extension) iniMatches(entries *value.Map, pattern string) ([]any, error) {
	re, err := a.patterns.compile(`\A(?:`+pattern+`)`, false, false)
	if err != nil {
		return nil, err
	}
	var out []any
	for k, v := range entries.All() {
		ok, err := re.MatchString(value.Str(k))
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, v)
		}
	}
	return out, nil
}

// iniSection are the keys and values of a section, with those of DEFAULT below them.
func iniSection(text, section string, caseSensitive, allowNone bool) (*value.Map, error) {
	sections, err := iniSections(text, caseSensitive, allowNone)
	if err != nil {
		return nil, err
	}
	entries, ok := sections.Value(section).(*value.Map)
	if !ok {
		return nil, valueError("no section %s", value.Repr(section))
	}
	return sections.Value("DEFAULT").(*value.Map).Clone().Merge(entries), nil
}

// iniSections reads an INI text as Python's configparser does. There is always a DEFAULT.
func iniSections(text string, caseSensitive, allowNone bool) (*value.Map, error) {
	sections := value.NewMap("DEFAULT", &value.Map{})
	var now *value.Map
	last := ""
	for n, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case (line[0] == ' ' || line[0] == '\t') && last != "":
			now.Set(last, value.Str(now.Value(last))+"\n"+trimmed)
		case trimmed[0] == '[' && strings.HasSuffix(trimmed, "]"):
			name := trimmed[1 : len(trimmed)-1]
			if !sections.Has(name) {
				sections.Set(name, &value.Map{})
			}
			now, last = sections.Value(name).(*value.Map), ""
		case now == nil:
			return nil, valueError("the file contains no section headers: line %d: %s", n+1, value.Repr(line))
		default:
			key, val, hasValue := cutEither(trimmed, "=:")
			if !hasValue && !allowNone {
				return nil, valueError("the file contains parsing errors: line %d: %s", n+1, value.Repr(line))
			}
			last = strings.TrimSpace(key)
			if !caseSensitive {
				last = strings.ToLower(last)
			}
			if now.Set(last, strings.TrimSpace(val)); !hasValue {
				now.Set(last, nil)
				last = ""
			}
		}
	}
	return sections, nil
}

// cutEither cuts a text at the first of some marks.
func cutEither(s, marks string) (before, after string, found bool) {
	i := strings.IndexAny(s, marks)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
