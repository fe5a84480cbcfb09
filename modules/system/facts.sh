# facts
# Prints what facts are made of, one section each, raw: it is read on the other side. $1 the groups wanted, $2 where local facts are,
# $3 seconds for a thing that may hang.
groups=" $1 " facts=$2 limit=$3
wants() { case $groups in *" $1 "*) return 0 ;; esac; return 1; }
section() { printf '@@ %s\n' "$1"; }
show() { [ ! -r "$2" ] || { section "$1"; cat "$2" 2>/dev/null; echo; }; }
# values NAME FILE...: each file's lines, with its path before them, by one grep
values() { section "$1"; shift; grep -sH . "$@"; }
has() { command -v "$1" >/dev/null 2>&1; }
slow() { if has timeout; then timeout "$limit" "$@"; else "$@"; fi; }

if wants min; then
	section env
	tr '\n\0' '\001\n' </proc/self/environ 2>/dev/null || env
fi
export LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

if wants platform; then
	section uname
	uname -s; uname -n; uname -r; uname -v; uname -m
	section bits
	getconf LONG_BIT 2>/dev/null || { [ -e /lib64/ld-linux-x86-64.so.2 ] && echo 64; }
	section fqdn
	hostname -f 2>/dev/null || hostname 2>/dev/null
	for f in /var/lib/dbus/machine-id /etc/machine-id; do
		[ ! -s "$f" ] || { show machine_id "$f"; break; }
	done
fi

if wants distribution; then
	for f in /etc/os-release /usr/lib/os-release; do
		[ ! -e "$f" ] || { show os-release "$f"; break; }
	done
	for f in oracle-release redhat-release system-release debian_version alpine-release lsb-release arch-release gentoo-release slackware-version; do
		show "$f" "/etc/$f"
	done
fi

if wants min; then
	section id
	id -u; id -ru; id -g; id -rg; id -un
	section passwd
	getent passwd "$(id -u)" 2>/dev/null || awk -F: -v u="$(id -u)" '$3 == u' /etc/passwd
	section date
	date '+%s %z %Z'
	date '+%N'
	date -d '2024-01-01 12:00' '+%z %Z' 2>/dev/null
	date -d '2024-07-01 12:00' '+%z %Z' 2>/dev/null
	section managers
	for m in apt-get dnf dnf5 yum microdnf zypper apk pacman emerge xbps-install opkg rpm-ostree swupd pkg; do
		! has $m || echo $m
	done
	[ ! -e /run/ostree-booted ] || echo ostree-booted
	section init
	cat /proc/1/comm 2>/dev/null || ps -p 1 -o comm= 2>/dev/null
	[ ! -d /run/systemd/system ] || echo /run/systemd/system
	[ ! -e /sbin/openrc ] || echo /sbin/openrc
	[ ! -d /etc/init.d ] || echo /etc/init.d
	show cmdline /proc/cmdline
	show dns /etc/resolv.conf
	show fips /proc/sys/crypto/fips_enabled
	if [ -d /sys/kernel/security/apparmor ]; then section apparmor; fi
	values selinux /sys/fs/selinux/enforce /sys/fs/selinux/policyvers
	[ ! -d /sys/fs/selinux ] || grep -sH '^SELINUX' /etc/selinux/config
	if has lsb_release; then section lsb; lsb_release -a 2>/dev/null; fi
	values ssh_keys /etc/ssh/ssh_host_*_key.pub /etc/openssh/ssh_host_*_key.pub
	section python
	# Nothing of ours needs it; playbooks ask for it. The names are those that Ansible tries, in its order.
	for py in python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 /usr/bin/python3 python3; do
		has $py || continue
		command -v $py
		slow $py -I -S -c 'import sys
print(sys.executable, sys.implementation.name, *sys.version_info)
try:
    import _ssl; print("ssl")
except ImportError: pass' 2>/dev/null </dev/null
		break
	done
	section capabilities
	if has capsh; then capsh --print 2>/dev/null; fi
	for f in "$facts"/*.fact; do
		[ -r "$f" ] || continue
		name=${f##*/}
		section "local ${name%.fact}"
		if [ -x "$f" ]; then
			slow "$f" 2>/dev/null </dev/null || printf '\n@@ failed %s\n%s\n' "${name%.fact}" "$?"
		else
			cat "$f"
		fi
		echo
	done
fi

if wants other; then
	show loadavg /proc/loadavg
	if has systemctl; then section systemd; systemctl --version 2>/dev/null; fi
	show iscsi /etc/iscsi/initiatorname.iscsi
	show hostnqn /etc/nvme/hostnqn
	values fibre_channel /sys/class/fc_host/*/port_name
	section chroot
	stat -c '%d:%i' / /proc/1/root/. 2>/dev/null
	[ ! -e /debian_chroot ] && [ -z "$debian_chroot" ] || echo debian_chroot
fi

if wants hardware; then
	show meminfo /proc/meminfo
	show cpuinfo /proc/cpuinfo
	show uptime /proc/uptime
	section nproc
	nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null
	values dmi /sys/class/dmi/id/bios_date /sys/class/dmi/id/bios_vendor /sys/class/dmi/id/bios_version \
		/sys/class/dmi/id/board_* /sys/class/dmi/id/chassis_* /sys/class/dmi/id/product_* /sys/class/dmi/id/sys_vendor
	show mountinfo /proc/self/mountinfo
	# Only file systems that stand on something: the others have no size to speak of. One that hangs (a server is gone) must not hold us up.
	section statfs
	awk '$1 ~ /^\// || $1 ~ /:\// { print $2 }' /proc/mounts 2>/dev/null | sort -u | while IFS= read -r dir; do
		path=$(printf '%b' "$dir")
		sizes=$(slow stat -f -c '%S %s %b %f %a %c %d' "$path" 2>/dev/null) && printf '%s %s\n' "$sizes" "$dir"
	done
	section uuids
	lsblk -lnpo NAME,UUID 2>/dev/null || { has blkid && blkid -o full 2>/dev/null; }
	show mounts /proc/mounts
	values block /sys/block/*/removable /sys/block/*/size /sys/block/*/queue/rotational /sys/block/*/queue/scheduler \
		/sys/block/*/queue/hw_sector_size /sys/block/*/queue/discard_granularity /sys/block/*/device/model /sys/block/*/device/vendor
	values partitions /sys/block/*/*/start /sys/block/*/*/size
	section holders
	for d in /sys/block/*/holders/* /sys/block/*/*/holders/*; do [ ! -e "$d" ] || echo "$d"; done
	section physical
	for d in /sys/block/*/device; do [ ! -e "$d" ] || echo "$d"; done
fi

if wants network; then
	section links
	for d in /sys/class/net/*; do [ ! -d "$d" ] || echo "${d##*/}"; done
	values net /sys/class/net/*/address /sys/class/net/*/mtu /sys/class/net/*/operstate /sys/class/net/*/flags /sys/class/net/*/type \
		/sys/class/net/*/speed /sys/class/net/*/bridge/stp_state /sys/class/net/*/bridge/bridge_id /sys/class/net/*/bonding/slaves \
		/sys/class/net/*/bonding/mode /sys/class/net/*/bonding/miimon
	section ports
	for d in /sys/class/net/*/brif/*; do [ ! -e "$d" ] || echo "$d"; done
	section modules
	for d in /sys/class/net/*/device/driver/module; do [ ! -e "$d" ] || printf '%s %s\n' "$d" "$(readlink "$d")"; done
	if has ip; then
		section addr
		ip -o addr show 2>/dev/null
		section route4
		ip -4 route get 8.8.8.8 2>/dev/null
		section route6
		ip -6 route get 2404:6800:400a:800::1012 2>/dev/null
		section local4
		ip -4 route show table local 2>/dev/null
		section local6
		ip -6 route show table local 2>/dev/null
	fi
fi

if wants virtual; then
	section virt_env
	tr '\0' '\n' </proc/1/environ 2>/dev/null | grep '^container='
	cat /run/systemd/container 2>/dev/null
	section virt_files
	for f in /.dockerenv /.dockerinit /run/.containerenv /proc/xen /proc/xen/capabilities /dev/kvm /proc/vz /proc/bc /proc/lve /dev/vboxdrv; do
		[ ! -e "$f" ] || echo "$f"
	done
	show virt_cgroup /proc/1/cgroup
	values virt_dmi /sys/class/dmi/id/product_name /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/bios_vendor \
		/sys/class/dmi/id/product_family /sys/class/dmi/id/product_version
	section virt_cpu
	grep -sE '^(vendor_id|model name|flags|Hardware|Model)' /proc/cpuinfo | sort -u | head -n 8
	section virt_modules
	grep -sE '^(kvm|kvm_intel|kvm_amd|vboxdrv|vmmemctl|virtio[a-z_]*|hv_vmbus) ' /proc/modules | cut -d ' ' -f 1
	section virt_hypervisor
	cat /sys/hypervisor/type 2>/dev/null
	show virt_status /proc/self/status
fi
exit 0
