package own

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/words"
)

// style is the convention by which a module wants its arguments.
type style int

const (
	oldStyle     style = iota // the path of a file of name=value words
	wantJSON                  // the path of a JSON file
	jsonReplaced              // JSON in place of a mark within its text
	newPython                 // Python that imports ansible.module_utils
	powershell                // for Windows: refused
	binary                    // not a script: the path of a JSON file
)

const (
	commonMark = "#<<INCLUDE_ANSIBLE_MODULE_COMMON>>"
	jsonMark   = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
)

var (
	importsUtils = regexp.MustCompile(`from +\.{2,} *module_utils.* +import |from +ansible_collections\.[^.]+\.[^.]+\.plugins\.module_utils.* +import |` +
		`import +ansible_collections\.[^.]+\.[^.]+\.plugins\.module_utils|from +ansible\.module_utils.* +import |import +ansible\.module_utils\.`)
	powershellMark = regexp.MustCompile(`(?i)# POWERSHELL_COMMON|#Requires -Module|#Requires -Version|#AnsibleRequires -(OSVersion|PowerShell|CSharpUtil|Wrapper)`)
)

// styleOf tells how a module wants to be called, by what is written in it.
func styleOf(body []byte) style {
	switch {
	case isBinary(body):
		return binary
	case bytes.Contains(body, []byte(commonMark)), importsUtils.Match(body):
		return newPython
	case powershellMark.Match(body):
		return powershell
	case bytes.Contains(body, []byte(jsonMark)):
		return jsonReplaced
	case bytes.Contains(body, []byte("WANT_JSON")):
		return wantJSON
	}
	return oldStyle
}

// isBinary looks for bytes that no text has among the first thousand.
func isBinary(body []byte) bool {
	for _, c := range body[:min(len(body), 1024)] {
		if c < 0x20 && !(c >= 7 && c <= 13 && c != 11) && c != 27 || c == 0x7f {
			return true
		}
	}
	return false
}

// interpreter is what a script's first line names: the program and its arguments; nothing if there is no such line.
func interpreter(body []byte) (program string, args []string) {
	line, _, _ := bytes.Cut(body, []byte("\n"))
	text, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "#!")
	if !ok {
		return "", nil
	}
	parts, err := words.Texts(text)
	if err != nil || len(parts) == 0 {
		return "", nil
	}
	return parts[0], parts[1:]
}
