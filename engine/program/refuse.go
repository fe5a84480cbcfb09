package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/source"
)

// This file holds what Ansible can do and Drydock does not carry out yet: it is refused at load, by name, where it is written.

// choices are keywords of which only some values are carried out.
var choices = map[string][]string{
	"strategy":      {"linear", "free", "host_pinned", "debug"},
	"debugger":      {"always", "never", "on_failed", "on_unreachable", "on_skipped"},
	"become_method": {"sudo", "su", "doas"},
	"connection":    {"ssh", "local", "smart", "paramiko", "paramiko_ssh"},
	"order":         {"inventory", "sorted", "reverse_sorted", "reverse_inventory", "shuffle"},
}

func (lw *lowering) unsupported(keys playbook.Keywords) {
	if lw.Late {
		return
	}
	for _, kw := range keys {
		switch {
		case playbook.IsTemplate(kw.Value) || kw.Value.IsNull():
		case choices[kw.Name] != nil:
			lw.choice(kw)
		}
	}
}

func (lw *lowering) choice(kw playbook.Keyword) {
	known := choices[kw.Name]
	word := kw.Value.Text
	if i := strings.LastIndexByte(word, '.'); i >= 0 {
		word = word[i+1:]
	}
	if kw.Value.Kind != source.Scalar || slices.Contains(known, word) || word == "" {
		return
	}
	hint := "Drydock has " + strings.Join(known, ", ")
	if near := diag.Nearest(word, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	lw.lacks("keyword "+kw.Name+": "+word, kw.Value.Span(), hint, "%s %q is not supported", kw.Name, kw.Value.Text)
}
