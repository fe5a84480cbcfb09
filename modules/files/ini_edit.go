package files

// The edit of ini_file: a pure function of text.

import (
	"regexp"
	"slices"
	"strings"
)

// iniEdit is an INI file in three parts: what stands before the section, the section with its heading, and the rest.
type iniEdit struct {
	iniArgs
	conditions            []iniCondition
	before, section, rest []string
	found                 bool
	touched               []bool // lines of the section that already say what they are to say
	values                []string
	msg                   string
}

// heading is the line that stands for the one before the first section, which has none.
const heading = "\x00"

func newIniEdit(a iniArgs, conditions []iniCondition, text string) *iniEdit {
	e := &iniEdit{iniArgs: a, conditions: conditions, msg: "OK"}
	for _, v := range a.Values {
		if !slices.Contains(e.values, v) {
			e.values = append(e.values, v)
		}
	}
	all := lines(strings.TrimPrefix(text, "\ufeff"))
	if len(all) == 0 {
		all = []string{"\n"}
	}
	if last := &all[len(all)-1]; !strings.HasSuffix(*last, "\n") {
		*last += "\n"
	}
	e.split(append([]string{heading}, all...))
	return e
}

// split finds the section: the first of its name that has the values it is to be known by.
func (e *iniEdit) split(all []string) {
	name := regexp.MustCompile(`^\[\s*` + regexp.QuoteMeta(strings.TrimSpace(e.Section)) + `\s*]`)
	for start, l := range all {
		if e.Section == "" && start > 0 || e.Section != "" && !name.MatchString(l) {
			continue
		}
		end := start + 1
		for end < len(all) && !strings.HasPrefix(all[end], "[") {
			end++
		}
		if e.known(all[start:end]) {
			e.before, e.section, e.rest, e.found = all[:start:start], slices.Clone(all[start:end]), all[end:], true
			e.touched = make([]bool, len(e.section))
			return
		}
	}
	e.rest = all
}

// known tells whether a section has the values it is to be known by.
func (e *iniEdit) known(section []string) bool {
	for _, c := range e.conditions {
		if !slices.ContainsFunc(section, func(l string) bool {
			m := iniLine(c.option, true).FindStringSubmatch(bare(l))
			return m != nil && (len(c.values) == 0 || slices.Contains(c.values, m[2]))
		}) {
			return false
		}
	}
	return true
}

// iniLine matches a line of an option; its groups are the mark of a comment and the value.
func iniLine(option string, inactive bool) *regexp.Regexp {
	mark := `()`
	if inactive {
		mark = `[ \t]*([#;]?)`
	}
	return regexp.MustCompile(`^` + mark + `[ \t]*` + regexp.QuoteMeta(option) + `[ \t]*(?:=|$)[ \t]*(.*)`)
}

// run edits and returns the file and what was done.
func (e *iniEdit) run() (string, string) {
	switch {
	case e.State == "absent":
		e.remove()
	case !e.found:
		e.addSection()
	default:
		if e.Option != "" {
			e.update()
		}
		if e.Exclusive && !e.AllowNoValue {
			e.override()
		}
		e.insert()
	}
	all := slices.Concat(e.before, e.section, e.rest)
	if len(all) > 0 && all[0] == heading {
		all = all[1:]
	}
	return strings.Join(all, ""), e.msg
}

func (e *iniEdit) line(option, val string) string {
	if e.NoExtraSpaces {
		return option + "=" + val + "\n"
	}
	return option + " = " + val + "\n"
}

func (e *iniEdit) match(i int) []string {
	return iniLine(e.Option, e.ModifyInactive).FindStringSubmatch(bare(e.section[i]))
}

// set makes a line of the section say what it is to say.
func (e *iniEdit) set(i int, newLine string) {
	e.touched[i] = true
	differs := e.section[i] != newLine
	if e.IgnoreSpaces {
		anyMark := iniLine(e.Option, true)
		was, is := anyMark.FindStringSubmatch(bare(e.section[i])), anyMark.FindStringSubmatch(bare(newLine))
		if was != nil && is != nil && was[1] == "" {
			differs = was[2] != is[2]
		}
	}
	if differs {
		e.section[i], e.msg = newLine, "option changed"
	}
}

// update is the first step: lines that have one of the values keep it.
func (e *iniEdit) update() {
	for i := range e.section {
		m := e.match(i)
		if m == nil {
			continue
		}
		at := slices.Index(e.values, m[2])
		switch {
		case at >= 0 && m[2] == "" && e.AllowNoValue:
			e.set(i, e.Option+"\n")
			e.values = slices.Delete(e.values, at, at+1)
		case at >= 0:
			e.set(i, e.line(e.Option, m[2]))
			e.values = slices.Delete(e.values, at, at+1)
		case len(e.values) == 0 && e.AllowNoValue:
			e.set(i, e.Option+"\n")
			return
		}
	}
}

// override is the second step: other lines of the option get the values that are left, or go.
func (e *iniEdit) override() {
	if e.Option == "" {
		return
	}
	for i := range e.section {
		if len(e.values) == 0 {
			break
		}
		if !e.touched[i] && e.match(i) != nil {
			e.set(i, e.line(e.Option, e.values[0]))
			e.values = e.values[1:]
		}
	}
	for i := len(e.section) - 1; i > 0; i-- {
		if !e.touched[i] && e.match(i) != nil {
			e.section, e.touched = slices.Delete(e.section, i, i+1), slices.Delete(e.touched, i, i+1)
			e.msg = "option changed"
		}
	}
}

var blankOrComment = regexp.MustCompile(`^[ \t]*([#;].*)?$`)

// insert is the last step: what is still missing comes behind the last line of the section that says anything.
func (e *iniEdit) insert() {
	if e.Option == "" {
		return
	}
	at := len(e.section)
	for at > 0 && blankOrComment.MatchString(bare(e.section[at-1])) {
		at--
	}
	if at == 0 {
		return
	}
	var add []string
	for _, v := range e.values {
		add = append(add, e.line(e.Option, v))
	}
	bareThere := slices.ContainsFunc(e.section, func(l string) bool { return l == e.Option+"\n" })
	if len(e.values) == 0 && e.AllowNoValue && len(e.Values) == 0 && !bareThere {
		add = []string{e.Option + "\n"}
	}
	if len(add) > 0 {
		e.section, e.msg = slices.Insert(e.section, at, add...), "option added"
	}
}

func (e *iniEdit) remove() {
	if !e.found {
		return
	}
	if e.Option == "" {
		keep := e.section[:0]
		if e.section[0] == heading {
			keep = []string{heading}
		}
		e.section, e.msg = keep, "section removed"
		return
	}
	active := iniLine(e.Option, false)
	kept := slices.DeleteFunc(slices.Clone(e.section), func(l string) bool {
		m := active.FindStringSubmatch(bare(l))
		return m != nil && (e.Exclusive || slices.Contains(e.values, m[2]))
	})
	if len(kept) < len(e.section) {
		e.section, e.msg = kept, "option changed"
	}
}

// addSection puts the section at the end, with the values it is to be known by.
func (e *iniEdit) addSection() {
	e.rest = append(slices.Clone(e.rest), "["+e.Section+"]\n")
	e.msg = "section and option added"
	for _, c := range e.conditions {
		switch {
		case c.option != e.Option && len(c.values) > 0:
			for _, v := range c.values {
				e.rest = append(e.rest, e.line(c.option, v))
			}
		case c.option != e.Option && e.AllowNoValue:
			e.rest = append(e.rest, c.option+"\n")
		case c.option == e.Option && !e.Exclusive:
			for _, v := range c.values {
				if !slices.Contains(e.values, v) {
					e.values = append(e.values, v)
				}
			}
		}
	}
	switch {
	case e.Option != "" && len(e.values) > 0:
		for _, v := range e.values {
			e.rest = append(e.rest, e.line(e.Option, v))
		}
	case e.Option != "" && e.AllowNoValue:
		e.rest = append(e.rest, e.Option+"\n")
	default:
		e.msg = "only section added"
	}
}
