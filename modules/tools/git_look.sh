version=$1 remote=$2 bare=$3 update=$4 format=$5 prefix=$6 track=$7
case $repo in
"~/"*) repo=$HOME/${repo#"~/"} ;;
esac
case $repo in /*) repo=file://$repo ;; esac
case $dest in ""|/*) ;; *) dest=$(pwd)/$dest ;; esac
case $dest in ?*/) dest=${dest%/} ;; esac
case $separate in ?*)
	up=$(dirname -- "$separate")
	separate=$(cd "$up" 2>/dev/null && pwd -P || echo "$up")/$(basename -- "$separate") ;;
esac
say() { printf '@@ %s\n%s\n' "$1" "$2"; }
say git "$git"; say dest "$dest"; say repo "$repo"; say separate "$separate"; say archive "$archive"
dir=$dest
case $bare in "") dir=$dest/.git ;; esac
if [ -f "$dir" ]; then
	to=$(sed -n 's/^gitdir: //p' "$dir")
	case $to in /*) dir=$to ;; *) dir=$dest/$to ;; esac
	[ -d "$dir" ] || { echo "$dir is not a directory" >&2; exit 1; }
fi
from=$repo head=HEAD
if [ -n "$dest" ] && [ -e "$dir/config" ]; then
	say there y; say gitdir "$dir"
	cd "$dest" || exit 1
	say head "$("$git" rev-parse HEAD 2>/dev/null)"
	branch=$("$git" symbolic-ref -q --short HEAD)
	say branch "$branch"
	case $bare in "") say status "$("$git" --no-optional-locks status --porcelain)" ;; esac
	say url "$("$git" ls-remote --get-url "$remote" 2>/dev/null)"
	head=$branch
	case $head in "") head=$("$git" symbolic-ref -q --short "refs/remotes/$remote/HEAD" 2>/dev/null); head=${head#"$remote"/} ;; esac
	say headbranch "$head"
	say local "$("$git" rev-parse -q --verify "$version^{commit}" 2>/dev/null)"
	if [ -e .gitmodules ]; then
		m=same
		IFS='
'
		for p in $("$git" config -f .gitmodules --get-regexp '\.path$' | sed 's/^submodule\..*\.path //'); do [ -e "$p/.git" ] || m=differ; done
		case $track in ?*)
			for p in $("$git" config -f .gitmodules --get-regexp '\.path$' | sed 's/^submodule\..*\.path //'); do
				want=$("$git" -C "$p" ls-remote "$remote" refs/heads/master 2>/dev/null | cut -f1)
				[ "$want" = "$("$git" -C "$p" rev-parse HEAD 2>/dev/null)" ] || m=differ
			done ;;
		esac
		[ -z "$track" ] && "$git" submodule status 2>/dev/null | grep -q '^[^ ]' && m=differ
		say submodules $m
	fi
	if [ -n "$format" ] && [ -e "$archive" ]; then
		set -- archive --format "$format"
		case $prefix in ?*) set -- "$@" --prefix "$prefix" ;; esac
		say archived "$("$git" "$@" "$version" 2>/dev/null | cmp -s - "$archive" && echo y)"
	fi
	case $update in "") exit 0 ;; esac
	cd "$dest" || exit 1
fi
say asked "$git ls-remote $from"
if refs=$("$git" ls-remote "$from" HEAD "refs/heads/$version" "refs/tags/$version*" "refs/heads/$head" 2>&1 </dev/null); then
	say refs "$refs"
else
	say refused "$refs"
fi
exit 0
