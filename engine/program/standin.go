package program

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/diag"
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/playbook"
	"github.com/drydock-dev/drydock/engine/value"
)

// This file holds what stands in for modules that Drydock does not have, where their tasks are to fail alone when they are reached.

// Unsupported is a task whose module Drydock does not have.
type Unsupported struct {
	Module string // as written
	Task   string // the name of the task as written; empty: it has none
	Span   diag.Span
}

// standIn gives a module that fails in the place of one that is not there. False: its absence is a mistake of the content.
func (lw *lowering) standIn(x *playbook.Task) (module.Module, bool) {
	if !lw.SkipUnsupported && !(lw.Late && elsewhere(x.Action)) {
		return nil, false
	}
	lw.Compiler.unsupported = append(lw.Compiler.unsupported, Unsupported{Module: x.Action, Task: lw.task, Span: x.Span()})
	return standIn(x.Action), true
}

// warnUnsupported lists the tasks that will fail when they are reached.
func (p *pass) warnUnsupported(list []Unsupported) {
	for _, u := range list {
		d := diag.Diagnostic{Severity: diag.Warning, Span: u.Span,
			Summary: fmt.Sprintf("there is no module %q; the task fails when it is reached", u.Module)}
		if u.Task != "" {
			d.Notes = []string{fmt.Sprintf("task %q", u.Task)}
		}
		p.ds.Add(d)
	}
}

// standIn is the name of a module that is not there. Whatever it is asked, it fails.
type standIn string

// Spec takes any arguments, so that nothing but the absence of the module is told.
func (s standIn) Spec() module.Spec {
	return module.Spec{Name: string(s), AnyArgs: true, FreeForm: "_raw_params", Controller: true}
}

// Params are not known.
func (standIn) Params() []module.Param { return nil }

// Plan fails.
func (s standIn) Plan(context.Context, module.View, *value.Map) (module.Plan, error) {
	return module.Done(module.Fail("drydock has no module %s", string(s))), nil
}

// elsewhere tells whether a name may be that of a module which Ansible finds and Drydock does not have: one of a collection, one of
// ansible.builtin, or the short name by which content still calls a module that moved into a collection.
func elsewhere(name string) bool {
	short, builtin := strings.CutPrefix(name, "ansible.builtin.")
	if !builtin {
		short, builtin = strings.CutPrefix(name, "ansible.legacy.")
	}
	if !builtin && strings.Count(name, ".") >= 2 {
		return true
	}
	return slices.Contains(builtinNames, short) || !builtin && slices.Contains(movedNames, short)
}

// builtinNames are the modules of ansible.builtin.
var builtinNames = strings.Fields(`add_host apt apt_key apt_repository assemble assert async_status blockinfile command copy cron
	deb822_repository debconf debug dnf dnf5 dpkg_selections expect fail fetch file find gather_facts get_url getent git group group_by
	hostname include_vars iptables known_hosts lineinfile mount_facts package package_facts pause ping pip raw reboot replace rpm_key script
	service service_facts set_fact set_stats setup shell slurp stat subversion systemd systemd_service sysvinit tempfile template unarchive
	uri user validate_argument_spec wait_for wait_for_connection yum yum_repository`)

// movedNames are modules that content calls by the short names they had before they moved into collections.
var movedNames = strings.Fields(`acl alternatives apk archive at authorized_key capabilities composer consul cpanm docker_compose
	docker_compose_v2 docker_container docker_container_info docker_host_info docker_image docker_login docker_network docker_prune
	docker_volume filesystem firewalld flatpak gem github_release grafana_dashboard haproxy helm helm_info helm_plugin helm_repository
	helm_template homebrew homebrew_tap htpasswd ini_file interfaces_file ipify_facts iso_extract java_cert jenkins_job k8s k8s_cluster_info
	k8s_drain k8s_exec k8s_info k8s_json_patch k8s_log k8s_scale k8s_service k8s_taint kernel_blacklist keycloak_client launchd ldap_entry
	locale_gen logrotate lvg lvol mail make modprobe monit mount mysql_db mysql_user nmcli npm openssh_keypair openssl_certificate
	openssl_csr openssl_dhparam openssl_pkcs12 openssl_privatekey pacman pam_limits parted patch pkgng postgresql_db postgresql_ext
	postgresql_membership postgresql_query postgresql_user proxmox proxmox_kvm rabbitmq_user redhat_subscription redis rhsm_repository
	seboolean sefcontext selinux selinux_permissive slack snap ssh_config sudoers supervisorctl svc swupd synchronize sysctl sysrc telegram
	terraform timezone ufw wakeonlan win_ping win_updates x509_certificate xattr xfs_quota xml yarn zfs zypper zypper_repository`)
