#!/usr/bin/env bash
# demo.sh DRYDOCK: the main job before your eyes. Boots four machines that are a K3s cluster with Longhorn, then patches and
# reboots them one by one with the shipped playbook; a Deployment under a PodDisruptionBudget runs on them all the while.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
drydock=$(readlink -f "$1")

if [ "$(uname -s)" != Linux ] || [ "$(id -u)" != 0 ]; then
  cat >&2 <<E
make demo-rig boots real machines (systemd-nspawn containers) and a real Kubernetes control plane on this computer.
It needs: Linux of the Debian family, root (sudo make demo-rig), Go, and 5 GB of disk in ~/.cache/drydock.
The first time takes about 10 minutes on two cores, later ones half a minute.

Without those, drydock itself works all the same. See it on a simulated cluster:
  make demo
Try it on your own, changing nothing:
  ./drydock -i YOUR_INVENTORY.yml maintenance.yml --check --diff
E
  exit 1
fi

export TESTBED=${TESTBED:-1}
bed() { "$here/testbed.sh" "$@"; }
trap 'echo; echo "The machines stay up for you to look at. To end them: sudo $here/testbed.sh down"' EXIT
echo "Booting four machines and a control plane ..."
bed up >/dev/null
bed fresh
eval "$(bed env)"

work=$(mktemp -d)
cat >"$work/hosts.yml" <<E
all:
  vars:
    ansible_user: ops
    ansible_ssh_private_key_file: $RIG_DIR/keys/id_ed25519
    ansible_ssh_common_args: -o UserKnownHostsFile=$RIG_DIR/keys/known_hosts
k3s_masters:
  hosts:
    master-1: {ansible_host: $RIG_NET.11}
k3s_workers:
  hosts:
    worker-1: {ansible_host: $RIG_NET.12}
    worker-2: {ansible_host: $RIG_NET.13}
    worker-3: {ansible_host: $RIG_NET.14}
os_debian:
  hosts: {master-1: , worker-1: , worker-2: }
os_redhat:
  hosts: {worker-3: }
E
unset KUBECONFIG # the cluster is reached through the nodes' SSH alone
bed kubectl get nodes
echo
echo "\$ drydock -i hosts.yml maintenance.yml"
(cd "$work" && "$drydock" -i hosts.yml maintenance.yml)
echo
for n in master-1 worker-1 worker-2 worker-3; do
  echo "$n now runs $(bed host exec "$n" demo-tool), booted $(grep -c -- '--- boot' "$RIG_DIR/hosts/$n/console.log") times"
done
bed kubectl get nodes
rm -rf "$work"
