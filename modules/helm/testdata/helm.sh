#!/bin/sh
# A helm that keeps releases and repositories in $HOME/helm (or $HELM_STATE), writes down how it was called, and refuses what it does not know.
D=${HELM_STATE:-$HOME/helm}; mkdir -p "$D"
line= vals= ver=
for a in "$@"; do
	case $a in -f=*/values.yml | -f=/tmp/tmp*) vals=${a#-f=} a="-f=VALUES" ;; esac
	line="$line [$a]"
done
kc=
[ -n "${KUBECONFIG-}" ] && kc=$(tr -d ' \n' <"$KUBECONFIG")
echo "helm$line ns=${HELM_NAMESPACE-} ctx=${HELM_KUBECONTEXT-} tok=${HELM_KUBETOKEN-} ca=${HELM_KUBECAFILE-} skip=${HELM_KUBEINSECURE_SKIP_TLS_VERIFY-} kc=$kc" >>"$D/log"
while :; do
	case $1 in --version=*) ver=${1#*=} ;; --repo=*) ;; *) break ;; esac
	shift
done
there() { [ -e "$D/rel.$1" ] || { echo "Error: release: not found" >&2; exit 1; }; }
case "$1 $2" in
"version ") echo 'version.BuildInfo{Version:"v3.17.2", GitCommit:"x", GitTreeState:"clean", GoVersion:"go1.23"}' ;;
"list --output=yaml")
	printf '['; comma=
	for r in "$D"/rel.*; do [ -e "$r" ] && printf '%s%s' "$comma" "$(cat "$r/list")" && comma=,; done
	echo ']' ;;
"get values") there "$4"; cat "$D/rel.$4/values" ;;
"get manifest") there "$3"; printf '{"kind": "ConfigMap"}\n' ;;
"get notes") there "$3"; echo "NOTES: hi" ;;
"get hooks") there "$3"; printf '[]\n' ;;
"show chart")
	case $3 in
	*/missing) echo "Error: chart not found" >&2; exit 1 ;;
	*/deps) echo '{"name": "deps", "version": "1.0.0", "dependencies": [{"name": "x"}]}' ;;
	*) echo '{"name": "'"${3##*/}"'", "version": "'"${ver:-1.0.0}"'", "appVersion": "9"}' ;;
	esac ;;
"plugin list") printf 'NAME\tVERSION\tDESCRIPTION\n'; cat "$D/plugins" 2>/dev/null || true ;;
"plugin install")
	[ -e "$D/plugins" ] && { echo "Error: plugin already exists" >&2; exit 1; }
	printf 'diff\t3.9.14\tPreview\n' >"$D/plugins"; echo "Installed plugin: diff" ;;
"plugin uninstall") rm "$D/plugins"; echo "Uninstalled plugin: $3" ;;
"plugin update") echo "Updated plugin: $3" ;;
"diff upgrade") cat "$D/diff" 2>/dev/null || true ;;
"repo list") [ -s "$D/repos" ] || { echo "Error: no repositories to show" >&2; exit 1; }; cat "$D/repos" ;;
"repo add") echo '[{"name": "'"$3"'", "url": "'"$4"'"}]' >"$D/repos"; echo "\"$3\" has been added to your repositories" ;;
"repo rm") rm "$D/repos"; echo "\"$3\" has been removed from your repositories" ;;
"repo update" | "dependency update") echo updated ;;
"upgrade -i" | "install "*)
	last= name=
	for a in "$@"; do name=$last last=$a; done
	mkdir -p "$D/rel.$name"
	c=${last##*/}
	echo '{"app_version": "9", "chart": "'"$c-${ver:-1.0.0}"'", "name": "'"$name"'", "namespace": "'"$HELM_NAMESPACE"'", "revision": "1", "status": "deployed", "updated": "now"}' >"$D/rel.$name/list"
	if [ -n "$vals" ]; then cat "$vals" >"$D/rel.$name/values"; else echo null >"$D/rel.$name/values"; fi
	case $c in broken) echo "Error: INSTALLATION FAILED" >&2; exit 1 ;; esac
	echo "Release \"$name\" has been upgraded. Happy Helming!" ;;
"uninstall "*) for a in "$@"; do name=$a; done; rm -r "$D/rel.$name"; echo "release \"$name\" uninstalled" ;;
"template "*) printf -- '---\nkind: X\n' ;;
"pull "*) case $2 in */missing) echo "Error: no" >&2; exit 1 ;; esac ;;
"registry login") echo "Login Succeeded" >&2; { printf 'password '; cat; echo; } >>"$D/log" ;;
"registry logout") echo "Removing login credentials" >&2 ;;
*) echo "unknown: $*" >&2; exit 64 ;;
esac
