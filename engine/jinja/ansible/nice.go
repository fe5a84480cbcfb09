package ansible

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// NiceYAML prints a task's result as Ansible's callback_result_format = yaml does, for eyes and not for parsers: on lines of its
// own, indented, texts of several lines as blocks.
func NiceYAML(v any) string {
	o := yamlOptions{indent: 4, width: 80, sortKeys: true, flow: blockFlow, blockTexts: true}
	text, err := o.dump(v)
	if err != nil {
		return value.Repr(v)
	}
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		if strings.TrimSpace(l) != "" {
			lines[i] = "    " + l
		}
	}
	return strings.Join(lines, "")
}
