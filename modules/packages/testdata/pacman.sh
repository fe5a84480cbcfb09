#!/bin/sh
# A pacman that keeps what is installed in $PACMAN_STATE (or $HOME/pac), writes down what it is told to change, and refuses what it does not know.
D=${PACMAN_STATE:-$HOME/pac}; mkdir -p "$D"
[ -e "$D/have" ] || printf 'bash 5.2-1\nvim 9.0-1\n' >"$D/have"
[ -e "$D/db" ] || printf 'core bash 5.2-1 [installed]\nextra vim 9.1-1\nextra curl 8.0-1\nextra git 2.4-1\ncore make 4-1\ncore gcc 13-1\n' >"$D/db"
all=" $* "
version() { sed -n "s/^[a-z]* $1 \([^ ]*\).*/\1/p" "$D/db"; }
names() { for a in "$@"; do case $a in -*|"%n"*) ;; *) echo "${a##*/}" ;; esac; done; }
case $all in
" --query ") cat "$D/have" ;;
" --query --groups ") ;;
" --sync --list ") cat "$D/db" ;;
" --sync --groups --groups ") printf 'devel make\ndevel gcc\n' ;;
" --query --upgrades ") grep -q '^vim 9.0' "$D/have" && { echo 'vim 9.0-1 -> 9.1-1'; exit 0; }; exit 1 ;;
" --query --explicit ") cat "$D/have" ;;
" --query --deps ") ;;
*" --print-format %n-%v "*) for n in $(names "$@"); do sed -n "s/^\($n\) /\1-/p" "$D/have"; done ;;
*" --print-format "*)
	for n in $(names "$@"); do
		v=$(version "$n")
		[ -n "$v" ] || { echo "error: target not found: $n" >&2; exit 1; }
		case $all in *"%n %v"*) echo "$n $v" ;; *) echo "$n" ;; esac
	done ;;
*) echo "pacman$(for a in "$@"; do printf ' [%s]' "$a"; done)" >>"$D/log"
	case $all in
	*" --refresh "*) [ -e "$D/newdb" ] && mv "$D/newdb" "$D/db"; echo ":: Synchronizing package databases..." ;;
	*" --sysupgrade "*) sed -i 's/^vim .*/vim 9.1-1/' "$D/have"; echo upgraded ;;
	*" --remove "*) for n in $(names "$@"); do sed -i "/^$n /d" "$D/have"; done; echo removed ;;
	*" --database "*) echo reasons ;;
	*" --sync "*) for n in $(names "$@"); do case $n in git) echo "error: failed" >&2; exit 1 ;; esac; sed -i "/^$n /d" "$D/have"; echo "$n $(version "$n")" >>"$D/have"; done; echo installed ;;
	*) echo "unknown: $*" >&2; exit 64 ;;
	esac ;;
esac
