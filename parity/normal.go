package parity

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// This file takes out of events what need not agree.

// volatile are the keys of results that differ between any two runs or machines; the recordings leave most of them out.
var volatile = keys(`start end delta invocation stdout_lines stderr_lines warnings deprecations exception atime mtime ctime inode dev version
	attributes attr_flags charset mimetype ansible_job_id results_file started block_size device_type blocks nlink src md5sum backup_file
	diff ansible_included_var_files erased`)

// beside are keys that say nothing about behaviour and that one of the two tells: since 2.21 there are changed_when_result, which repeats
// changed, and stat's disk_usage_bytes; include and reason
// are how 2.19 words the failure of an include; failed_when_suppressed_exception holds an object of Python.
var beside = keys("failed_when_suppressed_exception include reason disk_usage_bytes changed_when_result discovered_interpreter_python")

// ofRoot are keys that depend on who runs the suite. The recordings were made by root.
var ofRoot = keys("uid gid owner group pw_name gr_name")

// temporary are the names of temporary files.
var temporary = regexp.MustCompile(`/ansible\.[A-Za-z0-9_]{8}`)

func keys(s string) map[string]bool {
	m := map[string]bool{}
	for _, k := range strings.Fields(s) {
		m[k] = true
	}
	return m
}

func leftOut(key string) bool {
	return volatile[key] || beside[key] || strings.HasPrefix(key, "_ansible") || os.Getuid() != 0 && ofRoot[key]
}

// normal takes out of an event what need not agree.
func normal(m map[string]any) Event {
	e := Event(clean(m).(map[string]any))
	result, _ := e["result"].(map[string]any)
	if result == nil {
		return e
	}
	switch action, _ := e["action"].(string); action[strings.LastIndexByte(action, '.')+1:] {
	case "find": // in the order in which its file system keeps folders
		if files, ok := result["files"].([]any); ok {
			slices.SortFunc(files, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	case "setup", "gather_facts":
		if _, ok := result["ansible_facts"]; ok { // no two machines have the same
			result["ansible_facts"] = "facts"
		}
		if _, ok := result["ansible_facts_keys"]; ok {
			delete(result, "ansible_facts_keys")
			result["ansible_facts"] = "facts"
		}
	}
	return e
}

func clean(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, val := range x {
			if leftOut(k) || k == "size" && x["state"] == "directory" { // the size of a folder is its file system's business
				continue
			}
			if facts, ok := val.(map[string]any); ok && k == "ansible_facts" && (len(facts) > 20 || len(clean(facts).(map[string]any)) == 0) {
				if len(facts) > 20 {
					out[k] = "facts"
				}
				continue
			}
			out[k] = clean(val)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = clean(x[i])
		}
		return out
	}
	return v
}
