// Package config reads Ansible's configuration: the ansible.cfg that Ansible would pick and the ANSIBLE_* environment,
// which is stronger. What comes out is one struct of typed settings; what Drydock does not carry out is said with its
// line, never passed over in silence.
package config

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
)

// Machine is what Load may see of the machine that it runs on.
type Machine struct {
	Getenv   func(name string) (string, bool)
	Cwd      string // absolute
	Home     string // what ~ stands for
	ReadFile func(path string) ([]byte, error)
	Stat     func(path string) (fs.FileInfo, error)
}

// Config is every setting that Drydock knows what to do with, at Ansible's defaults where nothing was said.
// Paths are absolute. The field comments name the key of ansible.cfg where it is not the field's name in small letters.
type Config struct {
	File string // the ansible.cfg in use; empty: none

	Inventory       []string
	RolesPath       []string
	CollectionsPath []string
	ModulePath      []string // library
	ModuleUtilsPath []string // module_utils
	FilterPath      []string // filter_plugins
	TestPath        []string // test_plugins
	LookupPath      []string // lookup_plugins

	Transport         string // the connection: ssh, local, smart
	RemoteUser        string
	RemotePort        int // 0: not set
	PrivateKeyFile    string
	HostKeyChecking   bool
	Timeout           int // seconds
	SSHArgs           string
	SSHCommonArgs     string
	SSHExtraArgs      string
	SSHRetries        int
	AskPass           bool
	PasswordFile      string // connection_password_file
	Executable        string // the shell on the hosts
	RemoteTmp         string
	KeepRemoteFiles   bool
	InterpreterPython string
	LocalTmp          string

	Become             bool
	BecomeMethod       string
	BecomeUser         string
	BecomeExe          string
	BecomeFlags        *string // nil: the method's own
	BecomeAskPass      bool
	BecomePasswordFile string
	BecomePassword     string // from the environment or [sudo_become_plugin] password
	BecomeSameUser     bool   // become_allow_same_user

	Forks                   int
	Strategy                string
	Gathering               string // implicit, explicit, smart
	GatherSubset            []string
	GatherTimeout           int // seconds, 0: not set
	FactPath                string
	FactCaching             string // memory or jsonfile
	FactCachingConnection   string // the folder
	FactCachingPrefix       string
	FactCachingTimeout      int  // seconds, 0: facts never grow old
	InjectFacts             bool // inject_facts_as_vars
	AnyErrorsFatal          bool
	ForceHandlers           bool
	ErrorOnMissingHandler   bool
	PrivateRoleVars         bool // see PrivateRoles
	TaskTimeout             int  // seconds, 0: none
	AsyncDir                string
	TaskDebugger            bool // enable_task_debugger
	DebuggerIgnoresErrors   bool // task_debugger_ignore_errors
	PollInterval            int  // seconds
	NoLog                   bool
	HashBehaviour           string // replace or merge
	AllowBrokenConditionals bool
	InvalidTaskAttrFailed   bool // invalid_task_attribute_failed
	DuplicateKey            string
	RunTags                 []string
	SkipTags                []string
	DiffAlways              bool
	RetryFiles              bool   // retry_files_enabled
	RetryPath               string // retry_files_save_path; empty: beside the playbook
	DiffContext             int
	MaxDiffSize             int
	AnsibleManaged          string
	AskVaultPass            bool
	VaultPasswordFile       string
	VaultIdentity           string // the label of a password without one
	VaultIdentityList       []string
	VaultIDMatch            bool
	VaultEncryptIdentity    string
	VaultEncryptSalt        string

	StdoutCallback      string
	ResultFormat        string // callback_result_format: json or yaml
	CallbacksEnabled    []string
	DisplaySkippedHosts bool
	DisplayOKHosts      bool
	DisplayFailedStderr bool
	DisplayTaskArgs     bool // display_args_to_stdout
	ShowCustomStats     bool
	ShowPerHostStart    bool
	ShowTaskPath        bool // show_task_path_on_failure
	CheckModeMarkers    bool
	NoColor             bool
	ForceColor          bool
	LogPath             string
	Verbosity           int
	VerboseToStderr     bool
	DeprecationWarnings bool
	SystemWarnings      bool
	CommandWarnings     bool
	LocalhostWarning    bool

	HostPatternMismatch string // warning, error, ignore
	UnparsedIsFailed    bool   // [inventory] unparsed_is_failed: no source at all could be read
	AnyUnparsedIsFailed bool   // [inventory] any_unparsed_is_failed
	UnparsedWarning     bool   // [inventory] inventory_unparsed_warning
	IgnoreExtensions    []string
	IgnorePatterns      []string
	YAMLExtensions      []string // yaml_valid_extensions
	TransformGroupNames string   // force_valid_group_names: never, ignore, always, silently
	ScriptStderr        bool     // [inventory_plugin_script] always_show_stderr
	InventoryPlugins    []string // [inventory] enable_plugins
	InventoryExport     bool     // [inventory] export: ansible-inventory --list as with --export

	origins map[any]Origin    // by pointer to the field
	byName  map[string]Origin // by Ansible's name of the setting
	all     []Setting
}

// Setting is one thing that can be configured, as it came out.
type Setting struct {
	Name   string // Ansible's, e.g. DEFAULT_FORKS
	Origin Origin
	Value  any // nil, bool, int, string or []string; a password is nil
}

// Settings lists all that Ansible knows and Drydock carries out or reads, sorted by name.
func (c *Config) Settings() []Setting {
	out := slices.Clone(c.all)
	slices.SortFunc(out, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Origin says where the value of a setting came from.
type Origin struct {
	Kind string   // "default", "file" or "environment"
	Name string   // the key or the variable
	Pos  diag.Pos // of a key in the file
}

// String gives "default", "environment ANSIBLE_FORKS" or "ansible.cfg:4".
func (o Origin) String() string {
	switch o.Kind {
	case "file":
		return o.Pos.String()
	case "environment":
		return "environment " + o.Name
	}
	return "default"
}

// Origin tells where a setting came from, by Ansible's name for it, e.g. DEFAULT_FORKS; ok is false for an unknown name.
func (c *Config) Origin(name string) (o Origin, ok bool) {
	o, ok = c.byName[name]
	return o, ok
}

// IsSet tells whether file or environment said anything about a setting, given by a pointer to its field:
// c.IsSet(&c.RemoteUser).
func (c *Config) IsSet(field any) bool {
	o, ok := c.origins[field]
	return ok && o.Kind != "default"
}

// PrivateRoles is what was said of the variables of roles; nil: nothing, so that those of plays and imports are seen outside, and those of
// included ones are not.
func (c *Config) PrivateRoles() *bool {
	if !c.IsSet(&c.PrivateRoleVars) {
		return nil
	}
	return &c.PrivateRoleVars
}

// Default is the configuration of a machine on which nobody configured anything.
func Default(home string) *Config {
	c, _ := Load(Machine{
		Getenv:   func(string) (string, bool) { return "", false },
		Cwd:      "/",
		Home:     home,
		ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
		Stat:     func(string) (fs.FileInfo, error) { return nil, fs.ErrNotExist },
	})
	return c
}

// Load reads the configuration that holds on m. Errors are those that stop Ansible too: an ansible.cfg that cannot be
// parsed, a value of the wrong type. Everything known but not carried out, and everything unknown, is a warning.
func Load(m Machine) (*Config, diag.List) {
	l := &loader{
		machine: m,
		config:  &Config{origins: map[any]Origin{}, byName: map[string]Origin{}},
		used:    map[string]bool{},
	}
	l.config.File = l.find()
	if l.config.File != "" {
		data, err := m.ReadFile(l.config.File)
		if err != nil {
			l.diags.Addf(diag.Span{Pos: diag.Pos{File: l.config.File}}, "cannot read the configuration: %v", err)
		}
		l.file = parseINI(l.config.File, string(data), &l.diags)
	}
	for _, s := range settings {
		l.apply(s)
	}
	l.unknown()
	return l.config, l.diags
}
