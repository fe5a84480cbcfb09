package config

import "strings"

// The settings that Ansible knows and Drydock does not read: harmless ones, which are passed over in silence, and ones whose
// loss a user must hear of.

var inertSettings = join(refusedSettings, harmless(harmlessKeys))

var refusedSettings = []setting{
	{name: "DEFAULT_ACTION_PLUGIN_PATH", keys: []string{"defaults.action_plugins"}, env: []string{"ANSIBLE_ACTION_PLUGINS"}, refuse: always(noPlugins)},
	{name: "DEFAULT_CALLBACK_PLUGIN_PATH", keys: []string{"defaults.callback_plugins"}, env: []string{"ANSIBLE_CALLBACK_PLUGINS"}, refuse: always(noPlugins)},
	{name: "DEFAULT_CONNECTION_PLUGIN_PATH", keys: []string{"defaults.connection_plugins"}, env: []string{"ANSIBLE_CONNECTION_PLUGINS"}, refuse: always(noPlugins)},
	{name: "DEFAULT_INVENTORY_PLUGIN_PATH", keys: []string{"defaults.inventory_plugins"}, env: []string{"ANSIBLE_INVENTORY_PLUGINS"}, refuse: always(noPlugins)},
	{name: "DEFAULT_VARS_PLUGIN_PATH", keys: []string{"defaults.vars_plugins"}, env: []string{"ANSIBLE_VARS_PLUGINS"}, refuse: always(noPlugins)},
	{name: "DEFAULT_STRATEGY_PLUGIN_PATH", keys: []string{"defaults.strategy_plugins"}, env: []string{"ANSIBLE_STRATEGY_PLUGINS"}, refuse: always(noPlugins)},
	{name: "DEFAULT_CACHE_PLUGIN_PATH", keys: []string{"defaults.cache_plugins"}, env: []string{"ANSIBLE_CACHE_PLUGINS"}, refuse: always(noPlugins)},
	{name: "BECOME_PLUGIN_PATH", keys: []string{"defaults.become_plugins"}, env: []string{"ANSIBLE_BECOME_PLUGINS"}, refuse: always(noPlugins)},
	{name: "VARIABLE_PLUGINS_ENABLED", keys: []string{"defaults.vars_plugins_enabled"}, env: []string{"ANSIBLE_VARS_ENABLED"}, refuse: unless(noPlugins, "host_group_vars")},
	{name: "CACHE_PLUGIN", keys: []string{"defaults.fact_caching"}, env: []string{"ANSIBLE_CACHE_PLUGIN"}, field: func(c *Config) any { return &c.FactCaching }, initial: "memory",
		refuse: unless(noCache, "memory", "ansible.builtin.memory", "jsonfile", "ansible.builtin.jsonfile")},
	{name: "CACHE_PLUGIN_CONNECTION", keys: []string{"defaults.fact_caching_connection"}, env: []string{"ANSIBLE_CACHE_PLUGIN_CONNECTION"}, kind: path,
		field: func(c *Config) any { return &c.FactCachingConnection }},
	{name: "CACHE_PLUGIN_PREFIX", keys: []string{"defaults.fact_caching_prefix"}, env: []string{"ANSIBLE_CACHE_PLUGIN_PREFIX"}, field: func(c *Config) any { return &c.FactCachingPrefix }},
	{name: "CACHE_PLUGIN_TIMEOUT", keys: []string{"defaults.fact_caching_timeout"}, env: []string{"ANSIBLE_CACHE_PLUGIN_TIMEOUT"}, kind: integer, initial: "86400",
		field: func(c *Config) any { return &c.FactCachingTimeout }},
	{name: "DEFAULT_UNDEFINED_VAR_BEHAVIOR", keys: []string{"defaults.error_on_undefined_vars"}, env: []string{"ANSIBLE_ERROR_ON_UNDEFINED_VARS"},
		refuse: ifFalse("an undefined variable is always an error")},
	{name: "DEFAULT_JINJA2_NATIVE", keys: []string{"defaults.jinja2_native"}, env: []string{"ANSIBLE_JINJA2_NATIVE"},
		refuse: ifFalse("templates always keep the types of values, as in ansible-core 2.19")},
	{name: "DEFAULT_JINJA2_EXTENSIONS", keys: []string{"defaults.jinja2_extensions"}, env: []string{"ANSIBLE_JINJA2_EXTENSIONS"}, refuse: refuseExtensions},
	{name: "PLAYBOOK_VARS_ROOT", keys: []string{"defaults.playbook_vars_root"}, env: []string{"ANSIBLE_PLAYBOOK_VARS_ROOT"},
		refuse: unless("group_vars and host_vars are read beside the playbook of the command line", "top")},
	{name: "VARIABLE_PRECEDENCE", keys: []string{"defaults.precedence"}, env: []string{"ANSIBLE_PRECEDENCE"}, refuse: always("the precedence of variables is Ansible's default")},
	{name: "DEFAULT_MODULE_ARGS", keys: []string{"defaults.module_args"}, env: []string{"ANSIBLE_MODULE_ARGS"}, refuse: always("it serves ad-hoc commands only")},
	{name: "DEFAULT_SU", keys: []string{"defaults.su"}, env: []string{"ANSIBLE_SU"}, refuse: ifTrue("use become_method = su")},
	{name: "DEFAULT_SUDO", keys: []string{"defaults.sudo", "defaults.sudo_user", "defaults.ask_sudo_pass", "defaults.sudo_exe", "defaults.sudo_flags"},
		refuse: always("Ansible has given it up; use become in [privilege_escalation]")},
	{name: "SSH_AGENT", keys: []string{"connection.ssh_agent"}, env: []string{"ANSIBLE_SSH_AGENT"}, refuse: unless("start ssh-agent yourself", "none", "auto")},
	{name: "ssh: ssh_executable", keys: []string{"ssh_connection.ssh_executable"}, env: []string{"ANSIBLE_SSH_EXECUTABLE"},
		refuse: unless("SSH is built in; options and ~/.ssh/config are read", "ssh", "/usr/bin/ssh")},
	{name: "ssh: pkcs11_provider", keys: []string{"ssh_connection.pkcs11_provider"}, env: []string{"ANSIBLE_PKCS11_PROVIDER"}, refuse: always("load the key into ssh-agent")},
	{name: "ssh: private_key", env: []string{"ANSIBLE_PRIVATE_KEY"}, refuse: always("name a file in private_key_file, or use ssh-agent")},
	{name: "PLUGIN_FILTERS_CFG", keys: []string{"defaults.plugin_filters_cfg"}, refuse: always(noPlugins)},
	{name: "INVENTORY_CACHE_ENABLED", keys: []string{"inventory.cache"}, env: []string{"ANSIBLE_INVENTORY_CACHE"}, refuse: ifTrue("inventories are read anew in every run")},
	{name: "RUN_VARS_PLUGINS", keys: []string{"defaults.run_vars_plugins"}, env: []string{"ANSIBLE_RUN_VARS_PLUGINS"}, refuse: unless("group_vars are read on demand", "demand")},
	{name: "DEFAULT_NULL_REPRESENTATION", keys: []string{"defaults.null_representation"}, env: []string{"ANSIBLE_NULL_REPRESENTATION"}, refuse: always("null prints as nothing within a text")},
}

// harmlessKeys change nothing about what Drydock does, or only how something is done that Drydock does otherwise.
var harmlessKeys = map[string]string{
	"defaults": "action_warnings admin_users allow_embedded_templates allow_unsafe_lookups allow_world_readable_tmpfiles bin_ansible_callbacks " +
		"callback_format_pretty cliconf_plugins collections_on_ansible_version_mismatch collections_scan_sys_path common_remote_group cow_selection " +
		"cowpath cowsay_enabled_stencils debug devel_warning display_traceback doc_fragment_plugins docsite_root_url editor " +
		"facts_modules home httpapi_plugins internal_poll_interval log_filter log_verbosity " +
		"merge_multiple_cli_tags module_compression module_ignore_exts module_lang module_name module_set_locale module_strict_utf8_response netconf_plugins " +
		"network_group_modules no_target_syslog nocows old_plugin_cache_clear pipelining pager playbook_dir python_module_rlimit_nofile " +
		"squash_actions stderr_callback strict_mode string_conversion_action syslog_facility system_tmpdirs target_log_info " +
		"task_includes_static terminal_plugins use_persistent_connections validate_action_group_metadata " +
		"win_async_startup_timeout any_unparsed_is_failed jinja2_native_warning wait_for_connection_timeout",
	"privilege_escalation": "agnostic_become_prompt",
	"connection":           "pipelining ssh_agent_executable ssh_agent_key_lifetime",
	"ssh_connection": "control_path control_path_dir password_mechanism pipelining scp_executable scp_extra_args scp_if_ssh sftp_batch_mode sftp_executable " +
		"sftp_extra_args sshpass_prompt transfer_method usetty verbosity",
	"inventory":          "cache_plugin cache_connection cache_prefix cache_timeout",
	"inventory_plugins":  "use_extra_vars",
	"jinja2":             "dont_type_filters",
	"sudo_become_plugin": "chdir",
	"su_become_plugin":   "user executable flags password localized_prompts",
	"doas_become_plugin": "user executable flags password localized_prompts",
}

// harmless makes settings of keys that need no word.
func harmless(sections map[string]string) []setting {
	var out []setting
	for section, keys := range sections {
		for _, key := range strings.Fields(keys) {
			out = append(out, setting{name: section + ": " + key, keys: []string{section + "." + key}})
		}
	}
	return out
}

// refuseExtensions names the Jinja extensions that are not built in.
func refuseExtensions(value string) string {
	var other []string
	for _, ext := range strings.Split(value, ",") {
		switch ext = strings.TrimSpace(ext); ext {
		case "", "jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n":
		default:
			other = append(other, ext)
		}
	}
	if other == nil {
		return ""
	}
	return "of the Jinja extensions only do and loopcontrols are built in, not " + strings.Join(other, ", ")
}

// refuseInventoryPlugins names the inventory plugins that have no counterpart.
func refuseInventoryPlugins(value string) string {
	var other []string
	for _, name := range strings.Split(value, ",") {
		name = strings.TrimSpace(name)
		switch strings.TrimPrefix(name, "ansible.builtin.") {
		case "", "host_list", "advanced_host_list", "script", "auto", "yaml", "ini":
		case "toml", "constructed", "generator":
		default:
			other = append(other, name)
		}
	}
	if other == nil {
		return ""
	}
	return "there is no inventory plugin " + strings.Join(other, ", ")
}
