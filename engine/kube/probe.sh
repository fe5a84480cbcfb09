# look for a kubeconfig: prints environment, then files with their length, for access.go.
# Arguments: the files wanted; none: the kubeconfigs in use here, K3s' own last.
show() {
  case $1 in
  "~/"*) f=$HOME/${1#"~/"} ;;
  *) f=$1 ;;
  esac
  if [ ! -e "$f" ]; then
    # a directory that may not be entered hides what is in it
    d=${f%/*}
    if [ -d "$d" ] && [ ! -x "$d" ]; then echo "denied $f"; else echo "missing $f"; fi
  elif [ ! -r "$f" ] || [ -d "$f" ]; then
    echo "denied $f"
  else
    size=$(wc -c <"$f")
    echo "file $((size)) $f"
    cat "$f"
    echo
  fi
}
env | sed -n -e 's/^K8S_AUTH_[A-Z_]*=/env &/p' -e 's/^KUBERNETES_SERVICE_[A-Z]*=/env &/p'
if [ $# -gt 0 ]; then
  for f in "$@"; do show "$f"; done
  exit 0
fi
wanted=${K8S_AUTH_KUBECONFIG:-${KUBECONFIG:-}}
if [ -n "$wanted" ]; then
  IFS=:
  for f in $wanted; do [ -z "$f" ] || show "$f"; done
elif [ -r "${HOME:-/}/.kube/config" ]; then
  show "$HOME/.kube/config"
else
  show /etc/rancher/k3s/k3s.yaml
fi
exit 0
