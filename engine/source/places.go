package source

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// Places maps the bytes of a file that is no YAML (a template) to its lines and columns.
func Places(file, text string) func(offset int) diag.Pos {
	return func(offset int) diag.Pos {
		before := text[:min(offset, len(text))]
		start := strings.LastIndexByte(before, '\n') + 1
		return diag.Pos{File: file, Line: strings.Count(before, "\n") + 1, Col: len([]rune(before[start:])) + 1}
	}
}
