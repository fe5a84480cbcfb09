# look for a node of a cluster
# Says in one go what a host shows of K3s, which machine and boot it is, and what of Longhorn it has mounted. Nothing is changed.
export LC_ALL=C
section() { printf '@@ %s\n' "$1"; }
show() { section "$1"; if [ -r "$2" ]; then cat "$2"; printf '\n'; fi; }

section trace
for f in /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service /usr/lib/systemd/system/k3s.service /usr/lib/systemd/system/k3s-agent.service \
	/etc/init.d/k3s /etc/init.d/k3s-agent /var/lib/rancher/k3s /var/lib/rancher/rke2 /etc/rancher/k3s/k3s.yaml /var/lib/kubelet; do
	if [ -e "$f" ]; then printf '%s\n' "$f"; fi
done

section server
if [ -e /var/lib/rancher/k3s/server ] || [ -e /etc/systemd/system/k3s.service ]; then printf 'yes\n'; fi

show hostname /proc/sys/kernel/hostname
show name /etc/hostname
show machine /etc/machine-id
show uuid /sys/class/dmi/id/product_uuid
show boot /proc/sys/kernel/random/boot_id
section btime
while read -r word value rest; do
	if [ "$word" = btime ]; then printf '%s\n' "$value"; fi
done 2>/dev/null </proc/stat
show kubelet /var/lib/rancher/k3s/agent/client-kubelet.crt
show routes /proc/net/fib_trie
show inet6 /proc/net/if_inet6

section mounts
while read -r device where rest; do
	case "$where $device" in
	*driver.longhorn.io*|*/dev/longhorn/*) printf '%s\n' "$where" ;;
	esac
done 2>/dev/null </proc/mounts

section sessions
for f in /sys/class/iscsi_session/session*/targetname; do
	if [ -r "$f" ]; then cat "$f"; printf '\n'; fi
done
section end
