package vars

import (
	"strings"

	"github.com/drydock-dev/drydock/engine/value"
)

// factPrefix begins the names of facts as they are gathered.
const factPrefix = "ansible_"

// localFacts are the user's own facts, known by that name in ansible_facts, too.
const localFacts = "ansible_local"

// nameFacts gives the members of ansible_facts: names without the prefix.
func nameFacts(facts *value.Map) *value.Map {
	out := &value.Map{}
	for k, v := range facts.All() {
		name, ok := k.(string)
		if ok && name != localFacts {
			out.Set(strings.TrimPrefix(name, factPrefix), v)
			continue
		}
		out.Set(k, v)
	}
	return out
}

// injectFacts gives the facts that are variables of their own. What says how a host is reached is not among them: a host must not be able
// to send us elsewhere.
func injectFacts(facts *value.Map, all bool) *value.Map {
	out := &value.Map{}
	for k, v := range facts.All() {
		name, ok := k.(string)
		if !ok || !all && name != localFacts {
			continue
		}
		if !saysHowToConnect(name) {
			out.Set(k, v)
		}
	}
	return out
}

// connectionVars are the variables of the connection that no common prefix gives away.
var connectionVars = map[string]bool{
	"ansible_connection": true, "ansible_host": true, "ansible_user": true, "ansible_port": true, "ansible_password": true, "ansible_timeout": true,
	"ansible_pipelining": true, "ansible_private_key_file": true, "ansible_shell_executable": true, "ansible_shell_type": true,
	"ansible_module_compression": true, "ansible_network_os": true, "ansible_connection_user": true, "ansible_sftp_extra_args": true,
	"ansible_scp_extra_args": true, "ansible_docker_extra_args": true, "ansible_become": true, "ansible_rsync_path": true,
	"ansible_playbook_python": true, "ansible_facts": true, "add_host": true, "add_group": true,
}

func saysHowToConnect(name string) bool {
	if strings.HasPrefix(name, "ansible_ssh_host_key_") || strings.HasSuffix(name, "_bridge") || strings.HasSuffix(name, "_gwbridge") {
		return false
	}
	if connectionVars[name] || strings.HasPrefix(name, "ansible_") && strings.HasSuffix(name, "_interpreter") {
		return true
	}
	for _, prefix := range []string{"ansible_become_", "ansible_ssh_", "ansible_paramiko_ssh_", "ansible_winrm_", "ansible_psrp_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
