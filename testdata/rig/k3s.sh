#!/usr/bin/env bash
# k3s.sh ADDRESS:PORT <kubeconfig: run inside a host (rig.sh exec), makes it look like a K3s server from within.
# The API answers on 127.0.0.1:6443 as long as the machine is up (a socket that hands on to ADDRESS:PORT), the kubeconfig
# lies where K3s writes it, embedded etcd has its folder, and a `k3s` command notes how it is called and keeps files for snapshots.
set -euo pipefail
install -d -m 700 /var/lib/rancher/k3s/server/db/etcd/member/wal
install -d -m 755 /etc/rancher/k3s /usr/local/bin
(umask 077; sed 's#server: .*#server: https://127.0.0.1:6443#' >/etc/rancher/k3s/k3s.yaml)
cat >/usr/local/bin/k3s <<'X'
#!/bin/sh
# The snapshots of k3s: files of zeros, named and pruned as K3s does it. What a file /run/k3s-saves says is the size.
echo "$*" >>/var/log/k3s-calls
dir=/var/lib/rancher/k3s/server/db/snapshots
case "$1 $2 $3" in
"etcd-snapshot save --name")
  mkdir -p $dir
  head -c "$(cat /run/k3s-saves 2>/dev/null || echo 1048576)" /dev/zero >"$dir/$4-$(uname -n)-$(date +%s)" ;;
"etcd-snapshot prune --name")
  [ "$5" = --snapshot-retention ] || { echo "k3s: the rig does not know: $*" >&2; exit 1; }
  for f in $(ls "$dir" | grep "^$4" | sort -r | tail -n "+$(($6 + 1))"); do rm "$dir/$f"; done ;;
*) echo "k3s: the rig does not know: $*" >&2; exit 1 ;;
esac
X
chmod 755 /usr/local/bin/k3s
cat >/etc/systemd/system/k3s-api.socket <<X
[Socket]
ListenStream=127.0.0.1:6443
[Install]
WantedBy=sockets.target
X
cat >/etc/systemd/system/k3s-api.service <<X
[Unit]
Requires=k3s-api.socket
[Service]
ExecStart=/lib/systemd/systemd-socket-proxyd $1
X
systemctl daemon-reload
systemctl enable -q --now k3s-api.socket
