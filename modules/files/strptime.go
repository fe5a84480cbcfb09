package files

import (
	"fmt"
	"strings"
	"time"
)

// strptime reads a time in a form of Python's, of the directives that make a date and a time of day.
func strptime(text, form string) (time.Time, error) {
	layouts := map[byte]string{'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'j': "002", 'b': "Jan", 'B': "January",
		'I': "03", 'p': "PM", '%': "%"}
	var layout strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] != '%' || i+1 == len(form) {
			layout.WriteByte(form[i])
			continue
		}
		i++
		part, ok := layouts[form[i]]
		if !ok {
			return time.Time{}, fmt.Errorf("the form %s has a directive that is not known: %%%c", form, form[i])
		}
		layout.WriteString(part)
	}
	t, err := time.Parse(layout.String(), text)
	if err != nil {
		return t, fmt.Errorf("the time %s does not have the form %s", text, form)
	}
	return t, nil
}
