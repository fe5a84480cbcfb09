package files

import (
	"context"
	"errors"
	"fmt"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// IniFile keeps options in the sections of an INI file.
var IniFile = module.Define(module.Spec{
	Name: "community.general.ini_file",
	Doc:  "Keep options in the sections of an INI file, or remove them.",
}, markingAt(planIniFile))

type iniArgs struct {
	attributes
	marks
	Path             string   `arg:"path,required,type=path,alias=dest" doc:"The file."`
	Section          string   `arg:"section" doc:"The section; empty means what stands before the first one."`
	SectionHasValues []any    `arg:"section_has_values,elements=dict" doc:"Of several sections of that name, the one with these options: option, and value or values."`
	Option           string   `arg:"option" doc:"The option; without it the whole section is meant."`
	Value            *string  `arg:"value" doc:"The option's value."`
	Values           []string `arg:"values" doc:"Values of an option that stands there several times."`
	Backup           bool     `arg:"backup,default=no" doc:"Keep a copy of the file as it was."`
	State            string   `arg:"state,default=present,choices=absent|present" doc:"Whether the option is to be there."`
	Exclusive        bool     `arg:"exclusive,default=yes" doc:"Whether these are the option's only values; with state absent, whether all its values go."`
	NoExtraSpaces    bool     `arg:"no_extra_spaces,default=no" doc:"Write no spaces around the equals sign."`
	IgnoreSpaces     bool     `arg:"ignore_spaces,default=no" doc:"Leave a line alone that differs in spaces only."`
	AllowNoValue     bool     `arg:"allow_no_value,default=no" doc:"Allow an option without a value."`
	ModifyInactive   bool     `arg:"modify_inactive_option,default=yes" doc:"Make use of a line that is commented out."`
	Create           bool     `arg:"create,default=yes" doc:"Make the file, and the folders above it, if it is not there."`
	Follow           bool     `arg:"follow,default=no" doc:"Has no effect: what a link leads to is edited."`
}

func (a iniArgs) markedPath() string { return a.Path }

// iniCondition is an option that a section must have, with one of the values if there are any.
type iniCondition struct {
	option string
	values []string
}

func (a iniArgs) conditions() ([]iniCondition, error) {
	var out []iniCondition
	for _, raw := range a.SectionHasValues {
		m, _ := raw.(*value.Map)
		for k := range m.All() {
			if k != "option" && k != "value" && k != "values" {
				return nil, fmt.Errorf("unsupported parameters: section_has_values.%s; it has option, value, values", value.Str(k))
			}
		}
		if m.Value("option") == nil {
			return nil, errors.New("missing required arguments: option found in section_has_values")
		}
		c := iniCondition{option: value.Str(m.Value("option"))}
		if v := m.Value("value"); v != nil {
			c.values = []string{value.Str(v)}
		}
		list, _ := m.Value("values").([]any)
		for _, v := range list {
			c.values = append(c.values, value.Str(v))
		}
		out = append(out, c)
	}
	return out, nil
}

func planIniFile(ctx context.Context, v module.View, a iniArgs) (module.Plan, error) {
	conditions, err := a.conditions()
	switch {
	case err != nil:
		return module.Done(module.Fail("%v", err)), nil
	case a.Value != nil && a.Values != nil:
		return module.Done(module.Fail("parameters are mutually exclusive: value|values")), nil
	case a.State == "present" && !a.AllowNoValue && a.Value == nil && len(a.Values) == 0:
		return module.Done(module.Fail("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.")), nil
	}
	if a.Value != nil {
		a.Values = []string{*a.Value}
	}
	msg := "OK"
	e := editing{attributes: a.attributes, path: a.Path, create: a.Create, backup: a.Backup, suffix: " (content)",
		missing: func(path string) module.Result {
			return module.Fail("Destination %s does not exist!", path).With("rc", 257)
		},
		keys: func(backup string, r module.Result) module.Result {
			r = r.With("msg", msg).With("path", a.Path)
			if backup != "" {
				r = r.With("backup_file", backup)
			}
			return r
		},
	}
	return e.plan(ctx, v, func(text string, _ bool) (edited, error) {
		ed := newIniEdit(a, conditions, text)
		text, msg = ed.run()
		return edited{text: text, msg: msg}, nil
	})
}
