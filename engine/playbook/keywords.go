package playbook

import "strings"

// This file holds the grammar as data: each keyword of ansible-core, the kind of its value and where it may stand.

type kind int

const (
	anything kind = iota
	boolean
	integer
	number    // a number, or a percentage
	text      // a single value
	words     // a list of single values, or one, or several with commas
	mapping   // a mapping
	mappings  // a mapping, or a list of mappings
	condition // an expression, a boolean, or a list of those
	list
	nodes // tasks and blocks
	roles
)

// late tells whether Ansible converts a value of the kind only when its task is reached.
func (k kind) late() bool { return k == boolean || k == integer || k == number || k == condition }

type place int

const (
	inPlay place = 1 << iota
	inBlock
	inTask
	inHandler
	inRole
	inImport  // import_playbook
	inInclude // include_tasks, include_role
)

const (
	onTasks = inTask | inHandler
	onNodes = inBlock | onTasks
	onAll   = inPlay | onNodes | inRole
)

type keyword struct {
	kind  kind
	where place
}

var keywords = map[string]keyword{
	"name":        {text, onAll | inImport | inInclude},
	"vars":        {mappings, onAll | inImport | inInclude},
	"tags":        {words, onAll | inImport | inInclude},
	"when":        {condition, onNodes | inRole | inImport | inInclude},
	"collections": {words, onAll | inInclude},
	"debugger":    {text, onAll | inInclude},
	"no_log":      {boolean, onAll | inInclude},
	"run_once":    {boolean, onAll | inInclude},
	"timeout":     {integer, onAll | inInclude},

	"ignore_errors":      {boolean, onAll | inInclude},
	"ignore_unreachable": {boolean, onAll},
	"any_errors_fatal":   {boolean, onAll},
	"check_mode":         {boolean, onAll},
	"diff":               {boolean, onAll},
	"throttle":           {integer, onAll},
	"environment":        {mappings, onAll},
	"module_defaults":    {mappings, onAll},
	"connection":         {text, onAll},
	"port":               {integer, onAll},
	"remote_user":        {text, onAll},
	"become":             {boolean, onAll},
	"become_user":        {text, onAll},
	"become_method":      {text, onAll},
	"become_flags":       {text, onAll},
	"become_exe":         {text, onAll},
	"delegate_to":        {text, onNodes | inRole},
	"delegate_facts":     {boolean, onNodes | inRole},
	"notify":             {words, onNodes},

	"hosts":               {words, inPlay},
	"gather_facts":        {boolean, inPlay},
	"gather_subset":       {words, inPlay},
	"gather_timeout":      {integer, inPlay},
	"fact_path":           {text, inPlay},
	"vars_files":          {anything, inPlay},
	"vars_prompt":         {list, inPlay},
	"force_handlers":      {boolean, inPlay},
	"max_fail_percentage": {number, inPlay},
	"serial":              {anything, inPlay},
	"strategy":            {text, inPlay},
	"order":               {text, inPlay},
	"roles":               {roles, inPlay},
	"pre_tasks":           {nodes, inPlay},
	"tasks":               {nodes, inPlay},
	"post_tasks":          {nodes, inPlay},
	"handlers":            {nodes, inPlay},

	"block":  {nodes, inBlock},
	"rescue": {nodes, inBlock},
	"always": {nodes, inBlock},

	"action":       {anything, onTasks},
	"local_action": {anything, onTasks},
	"args":         {mapping, onTasks | inInclude},
	"loop":         {anything, onTasks | inInclude},
	"loop_control": {mapping, onTasks | inInclude},
	"register":     {text, onTasks | inInclude},
	"until":        {condition, onTasks},
	"retries":      {integer, onTasks},
	"delay":        {number, onTasks},
	"changed_when": {condition, onTasks},
	"failed_when":  {condition, onTasks},
	"async":        {integer, onTasks},
	"poll":         {integer, onTasks},
	"listen":       {words, inHandler | inInclude},
}

// removed are keywords that Ansible once had, with what is written today.
var removed = map[string]string{
	"sudo":                 "write become: true",
	"sudo_user":            "write become_user",
	"su":                   "write become: true and become_method: su",
	"su_user":              "write become_user and become_method: su",
	"always_run":           "write check_mode: false",
	"static":               "write import_tasks for a static include, include_tasks for a dynamic one",
	"first_available_file": "write with_first_found",
	"accelerate":           "leave it out",
	"include":              "write include_tasks or import_tasks, in a list of plays import_playbook",
}

// named lists the keywords that may stand at a place: for suggestions.
func named(where place) []string {
	var out []string
	for name, k := range keywords {
		if k.where&where != 0 {
			out = append(out, name)
		}
	}
	return out
}

// TaskKeywords lists the keywords of tasks.
func TaskKeywords() []string { return named(inTask) }

// Directive returns the plain name of an action that the engine itself carries out — meta, include_tasks, import_tasks, include_role,
// import_role, import_playbook, include — and "" for a module.
func Directive(action string) string {
	name := strings.TrimPrefix(strings.TrimPrefix(action, "ansible.builtin."), "ansible.legacy.")
	switch name {
	case "meta", "include_tasks", "import_tasks", "include_role", "import_role", "import_playbook", "include":
		return name
	}
	return ""
}
