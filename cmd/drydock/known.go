package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// Called as ansible-playbook, Drydock gives a mistake the name that Ansible has for it: scripts look for those sentences, and so do
// people who search. What Drydock says of it stays below.

// knownMistake is a mistake in our words, as Ansible words it ($1 … are what the pattern caught), and whether Ansible ends with 1 for it
// instead of 4.
type knownMistake struct {
	ours    string
	theirs  string
	general bool
}

// knownMistakes are recorded from ansible-core 2.19.11.
var knownMistakes = []knownMistake{
	{`^"(.+)" is not a keyword of a play$`, "'$1' is not a valid attribute for a Play", false},
	{`^"(.+)" is not a keyword of a block$`, "'$1' is not a valid attribute for a Block", false},
	{`^"(.+)" is not a keyword of include_tasks$`, "'$1' is not a valid attribute for a TaskInclude", false},
	{`^"(.+)" is not a keyword of include_role$`, "'$1' is not a valid attribute for a IncludeRole", false},
	{`^"(.+)" is neither a keyword of a task nor a module$`, "conflicting action statements: $1", false},
	{`^a task has one action, this one has (.+) and (.+)$`, "conflicting action statements: $1, $2", false},
	{`^the task does nothing: no module is named in it$`, "no module/action detected in task.", false},
	{`^there is no module "(.+)"$`, "couldn't resolve module/action '$1'. This often indicates a misspelling, missing collection, or incorrect module path.", false},
	{`^"(.+)" cannot be the name of a variable$`, "Invalid variable name '$1'.", false},
	{`^vars wants a mapping, this is .*$`, "Vars must be specified as a dictionary.", false},
	{`^args wants a mapping, this is .*$`, "The value of the task `args` keyword is invalid.", false},
	{`^a playbook is a list of plays, this is (.+)$`, "A playbook must be a list of plays, got $1 instead", false},
	{`^a playbook must contain at least one play, this file is empty$`, "Empty playbook, nothing to do", false},
	{`^a playbook must contain at least one play, this list is empty$`, "A playbook must contain at least one play", false},
	{`^hosts is empty$`, "Hosts list cannot be empty. Please check your playbook", false},
	{`^the play has no hosts$`, "The field 'hosts' is required but was not set.", false},
	{`^the YAML cannot be read: (.+)$`, "YAML parsing failed: $1", false},
	{`^a play is a mapping, this is .*$`, "playbook entries must be either valid plays or 'import_playbook' statements", false},
	{`^(tasks|pre_tasks|post_tasks|handlers) is a list, this is a single value: (.+)$`, "A malformed block was encountered while loading $1: $2 should be a list or None", false},
	{`^(tasks|pre_tasks|post_tasks|handlers) is a list, this is (.+)$`, "A malformed block was encountered while loading $1: it should be a list or None but is $2", false},
	{`^(block|rescue|always) is a list, this is (a single value|.+?)(?:: .+)?$`, "A malformed block was encountered while loading $1: it should be a list but was $2", false},
	{`^a task is a mapping, this is (.+)$`, "A malformed block was encountered while loading a block: it should be a dict but was $1", false},
	{`^roles is a list, this is (.+)$`, "A malformed role declaration was encountered: it should be a list but was $1", false},
	{`^the role has no name$`, "role definitions must contain a role name", true},
	{`^there is no role "(.+,.*)"$`, "Invalid old style role requirement: $1", true},
	{`^there is no role "(.+)"$`, "the role '$1' was not found", true},
	{`^a prompt is a mapping with a name and a prompt$`, "Invalid vars_prompt data structure, missing 'name' key", false},
	{`^(with_.+) has no value$`, "you must specify a value when using $1", true},
	{`^include no longer exists$`, "The 'ansible.builtin.include' action plugin has been removed. Use include_tasks or import_tasks instead.", true},
	{`^(import_tasks|include_tasks|import_role|include_role) has no (?:key|argument) "(.+)"$`, "Invalid options for $1: $2", false},
	{`^(include_role|import_role) names no role$`, "'name' is a required field for $1.", false},
	{`^(import_tasks|import_role) cannot be looped over$`, "You cannot use loops on '$1' statements.", false},
	{`^a role cannot be a handler$`, "Using 'include_role' as a handler is not supported.", false},
	{`^end_role stands outside of a role$`, "Cannot execute 'end_role' from outside of a role", false},
	{`^end_role cannot be a handler$`, "Cannot execute 'end_role' from a handler", false},
	{`^there is no file "?(.+?)"?$`, "Unable to retrieve file contents. Could not find or access '$1' on the Ansible Controller.", true},
}

// inAnsiblesWords names the mistakes of a list as Ansible does.
func inAnsiblesWords(ds diag.List) diag.List {
	if !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return d.Severity == diag.Error || d.Twice }) {
		return ds
	}
	out := make(diag.List, len(ds))
	patterns := make([]*regexp.Regexp, len(knownMistakes)) // made here: a run without mistakes does not pay for them
	for i, k := range knownMistakes {
		patterns[i] = regexp.MustCompile(k.ours)
	}
	for i, d := range ds {
		out[i] = d
		if key, ok := strings.CutSuffix(d.Summary, " is written twice; the last one counts"); ok && d.Twice {
			out[i].Summary = fmt.Sprintf("Found duplicate mapping key '%s'.", strings.Trim(key[len("key "):], `"`))
			out[i].Notes = append([]string{d.Summary}, d.Notes...)
		}
		if d.Severity != diag.Error {
			continue
		}
		for j, k := range knownMistakes {
			m := patterns[j].FindStringSubmatchIndex(d.Summary)
			if m == nil {
				continue
			}
			out[i].Summary = string(patterns[j].ExpandString(nil, k.theirs, d.Summary, m))
			out[i].Notes = append([]string{d.Summary}, d.Notes...)
			out[i].Missing = d.Missing || k.general
			break
		}
	}
	return out
}
