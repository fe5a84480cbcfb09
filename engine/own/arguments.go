package own

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/engine/words"
)

// version is what modules are told of the Ansible that calls them.
const version = "2.19.11"

// arguments are the task's, and what Ansible's protocol adds to them; dir is a folder that the module may use until it ends.
func (c *call) arguments(args *value.Map, dir string) *value.Map {
	out := args.Clone()
	special := []any{"fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"}
	for _, kv := range []struct {
		name string
		v    any
	}{
		{"check_mode", c.check}, {"no_log", c.task.NoLog}, {"debug", false}, {"diff", c.task.Diff}, {"verbosity", c.task.Verbosity},
		{"version", version}, {"module_name", c.task.Action}, {"syslog_facility", c.variable("ansible_syslog_facility", "LOG_USER")},
		{"selinux_special_fs", special}, {"socket", nil}, {"shell_executable", orText(c.task.Shell, "/bin/sh")},
		{"keep_remote_files", c.task.KeepFiles}, {"tmpdir", dir + "/"}, {"remote_tmp", c.task.RemoteTmp}, {"ignore_unknown_opts", false},
		{"target_log_info", nil}, {"tracebacks_for", []any{}},
	} {
		out.Set("_ansible_"+kv.name, kv.v)
	}
	return out
}

func (c *call) variable(name, otherwise string) any {
	if v, ok := c.task.Var(name); ok && v != nil {
		return v
	}
	return otherwise
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// pairs are arguments as modules of the oldest kind read them: name=value, each quoted for a shell.
func pairs(args *value.Map) string {
	var b strings.Builder
	for k, v := range args.All() {
		fmt.Fprintf(&b, "%s=%s ", value.Str(k), words.Quote(text(v)))
	}
	return b.String()
}

// text is a value as Python prints it.
func text(v any) string {
	if v == nil {
		return "None"
	}
	return value.Str(v)
}

// toJSON writes a value as Python does: a blank after each comma and colon, ASCII alone. Shell modules are known to look for the blanks.
func toJSON(v any) string {
	var b strings.Builder
	writeJSON(&b, v)
	return b.String()
}

func writeJSON(b *strings.Builder, v any) {
	switch x := v.(type) {
	case string:
		writeText(b, x)
	case []any:
		b.WriteByte('[')
		for i, item := range x {
			separate(b, i)
			writeJSON(b, item)
		}
		b.WriteByte(']')
	case *value.Map:
		b.WriteByte('{')
		i := 0
		for k, item := range x.All() {
			separate(b, i)
			i++
			writeText(b, value.Str(k))
			b.WriteString(": ")
			writeJSON(b, item)
		}
		b.WriteByte('}')
	case float64:
		b.WriteString(value.Repr(x))
	default:
		data, err := json.Marshal(x)
		if err != nil { // a kind of value that JSON does not have: its text
			writeText(b, value.Str(x))
			return
		}
		b.Write(data)
	}
}

func separate(b *strings.Builder, i int) {
	if i > 0 {
		b.WriteString(", ")
	}
}

func writeText(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r >= 0x20 && r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b.WriteString(`\u` + hex4(high) + `\u` + hex4(low))
		default:
			b.WriteString(`\u` + hex4(r))
		}
	}
	b.WriteByte('"')
}

func hex4(r rune) string {
	s := strconv.FormatInt(int64(r), 16)
	return strings.Repeat("0", 4-len(s)) + s
}
