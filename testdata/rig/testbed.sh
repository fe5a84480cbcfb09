#!/usr/bin/env bash
# testbed.sh: machines that reboot, a control plane, and the kubelets between them, as one thing.
#   testbed.sh up        hosts, API server and controllers, K3s' and Longhorn's face, kubelets (builds what is missing)
#   testbed.sh fresh     as up left it: hosts from their images, all schedulable, volumes healthy, the Deployment spread
#   testbed.sh down      all of it gone; images and binaries stay in the cache
#   testbed.sh env       shell variables: where everything is
#   testbed.sh host ...  a command of hosts/rig.sh (crash, cut, hold, delay, exec, publish ...)
#   testbed.sh api stop|start  the API server goes away, and comes back
#   testbed.sh kubectl ...
# TESTBED (a number from 1 to 99, default 1) tells testbeds apart: each has its folder, network, ports and host names.
# TESTBED_NODES is "NAME:KIND:ROLE ..." (kinds debian, rhel, bare; roles server, agent).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
id=${TESTBED:-1}
cache=${DRYDOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drydock}
dir=$cache/testbed/$id
nodes=${TESTBED_NODES:-"master-1:debian:server worker-1:debian:agent worker-2:debian:agent worker-3:rhel:agent"}
[ "$id" = 1 ] || nodes=$(for n in $nodes; do printf 't%s-%s ' "$id" "$n"; done)

export RIG_DIR=$dir/hosts RIG_BASE=$cache/rig/base RIG_NET=10.250.$((100 + id)) RIG_BRIDGE=drydock$id
export RUN=$dir/kube PORT=$((21000 + id * 10)) BIND=0.0.0.0 BIN=$cache/kube/bin KUBECONFIG=$dir/kube/kubeconfig
RIG_HOSTS=$(for n in $nodes; do echo -n "${n%:*} "; done); export RIG_HOSTS
export SSH="ssh -i $RIG_DIR/keys/id_ed25519 -o UserKnownHostsFile=$RIG_DIR/keys/known_hosts -o BatchMode=yes -o ConnectTimeout=2 -o LogLevel=ERROR"

k() { "$BIN/kubestack" kubectl "$@"; }
members() { # NAME=IP:ROLE of every node
  local n i=11
  for n in $nodes; do echo "${n%%:*}=$RIG_NET.$i:${n##*:}"; i=$((i + 1)); done
}

# Gives the servers K3s' face; a host from a fresh image has lost it.
k3s() {
  local n
  for n in $nodes; do
    [ "${n##*:}" = server ] || continue
    n=${n%%:*}
    "$here/hosts/rig.sh" exec "$n" sh -c 'cat >/run/k3s.sh' <"$here/k3s.sh"
    "$here/hosts/rig.sh" exec "$n" bash /run/k3s.sh "$RIG_NET.1:$PORT" <"$KUBECONFIG"
  done
}

kubelets_stop() {
  local pid
  pid=$(cat "$dir/kubelets.pid" 2>/dev/null) || return 0
  # The number may have gone to another process meanwhile.
  case $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") in *"bed.sh kubelet "*) kill -- "-$pid" ;; esac
  rm -f "$dir/kubelets.pid"
}
kubelets_start() {
  kubelets_stop
  # shellcheck disable=SC2046 # one word per node
  setsid "$here/kube/bed.sh" kubelet $(members) >"$dir/kubelets.log" 2>&1 </dev/null &
  echo $! >"$dir/kubelets.pid"
}

# Until every Node reports the boot of its machine and may be scheduled on.
settle() {
  local n boot end=$((SECONDS + 180))
  for n in $nodes; do
    n=${n%%:*}
    boot=$("$here/hosts/rig.sh" exec "$n" cat /proc/sys/kernel/random/boot_id)
    until [ "$(k get node "$n" -o 'jsonpath={.status.nodeInfo.bootID} {.spec.taints}')" = "$boot " ]; do
      [ $SECONDS -lt $end ] || { echo "testbed: $n does not settle" >&2; return 1; }
      sleep 0.3
    done
  done
  k rollout status deployment/web --timeout=60s >/dev/null
}

cmd_up() {
  [ "$(id -u)" = 0 ] || { echo "testbed: needs root (systemd-nspawn, network bridge)" >&2; exit 1; }
  mkdir -p "$dir"
  "$here/hosts/rig.sh" up
  [ -e "$RUN/kube-apiserver.pid" ] || "$here/kube/cluster.sh" up
  # shellcheck disable=SC2046
  "$here/kube/bed.sh" apply $(members) >/dev/null
  k3s; kubelets_start; settle
}

cmd_fresh() {
  kubelets_stop
  "$here/hosts/rig.sh" reset >/dev/null
  "$here/hosts/rig.sh" up >/dev/null
  k3s; kubelets_start
  local n v
  "$here/kube/cluster.sh" api start
  k -n kube-system delete lease drydock --ignore-not-found >/dev/null
  for n in $nodes; do
    k patch node "${n%%:*}" --type=merge >/dev/null \
      -p '{"metadata":{"annotations":{"drydock.dev/unschedulable-before":null,"drydock.dev/cordoned-by":null}},"spec":{"unschedulable":false}}'
  done
  for v in pvc-a pvc-b; do
    k -n longhorn-system patch volumes.longhorn.io "$v" --subresource=status --type=merge >/dev/null \
      -p '{"status":{"state":"attached","robustness":"healthy","currentNodeID":""}}'
  done
  k patch pdb web --type=merge -p '{"spec":{"minAvailable":null,"maxUnavailable":1}}' >/dev/null
  settle
  k delete pod -l app=web >/dev/null # spread anew: a drained node has none left
  settle
}

cmd_down() {
  kubelets_stop
  "$here/kube/cluster.sh" down purge
  "$here/hosts/rig.sh" down
  rm -rf "$dir"
}

cmd_env() {
  local v
  for v in RIG_DIR RIG_NET RIG_HOSTS KUBECONFIG BIN PORT; do printf "%s='%s'\n" "$v" "${!v}"; done
}

case ${1:-} in
up | fresh | down | env) "cmd_$1" ;;
api) exec "$here/kube/cluster.sh" api "${2:-}" ;;
host) shift; exec "$here/hosts/rig.sh" "$@" ;;
kubectl) shift; exec "$BIN/kubestack" kubectl "$@" ;;
*) sed -n '2,13p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
