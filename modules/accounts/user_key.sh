# make an SSH key
# $1 file, $2 type, $3 bits or nothing, $4 comment, $5 y: the passphrase is on the input, $6 owner, $7 home.
file=$1 type=$2 bits=$3 comment=$4 secret=$5 owner=$6 home=$7
case $file in
"$home"/*) [ -e "$home" ] || { echo "User home directory $home does not exist" >&2; exit 1; } ;;
esac
dir=${file%/*}
if [ ! -e "$dir" ]; then
	mkdir -m 0700 "$dir" && chown "$owner" "$dir" || exit 1
fi
rm -f "$file" "$file.pub"
set -- -t "$type" ${bits:+-b "$bits"} -C "$comment" -f "$file"
if [ "$secret" = y ]; then
	ask=$(mktemp -d) || exit 1 # nobody else may look into it
	trap 'rm -rf "$ask"' EXIT
	trap 'exit 1' HUP INT TERM
	cat >"$ask/word"
	printf '#!/bin/sh\ncat "%s/word"\n' "$ask" >"$ask/ask"
	chmod 700 "$ask/ask"
	SSH_ASKPASS=$ask/ask SSH_ASKPASS_REQUIRE=force DISPLAY=:0 ssh-keygen "$@" </dev/null || exit 1
else
	ssh-keygen "$@" -N '' </dev/null || exit 1
fi
chown "$owner" "$file" "$file.pub"
