#!/usr/bin/env bash
# k3s.sh ADDRESS:PORT <kubeconfig: run inside a host (rig.sh exec), makes it look like a K3s server from within.
# The API answers on 127.0.0.1:6443 as long as the machine is up (a socket that hands on to ADDRESS:PORT), the kubeconfig
# lies where K3s writes it, embedded etcd has its folder, and a `k3s` command notes how it is called.
set -euo pipefail
install -d -m 700 /var/lib/rancher/k3s/server/db/etcd/member/wal
install -d -m 755 /etc/rancher/k3s /usr/local/bin
(umask 077; sed 's#server: .*#server: https://127.0.0.1:6443#' >/etc/rancher/k3s/k3s.yaml)
cat >/usr/local/bin/k3s <<'X'
#!/bin/sh
echo "$*" >>/var/log/k3s-calls
[ "$1 $2" = "etcd-snapshot save" ] || { echo "k3s: the rig does not know: $*" >&2; exit 1; }
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
