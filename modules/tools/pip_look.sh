chdir=$1 env=$2 pip=$3 list=$4
case $env in ""|/*) ;; *) env=${chdir:-$(pwd)}/$env ;; esac
case $chdir in "") chdir=${TMPDIR:-/tmp} ;; esac
say "$chdir"; say "$env"
makes=
[ -n "$env" ] && [ ! -e "$env/bin/activate" ] && makes=y
say "$makes"
python=$(command -v python3 || command -v python)
say "$python"
run= why=
if [ -n "$makes" ]; then
	:
elif [ -n "$env" ]; then
	for p in pip3 pip; do [ -x "$env/bin/$p" ] && run=$env/bin/$p && break; done
	[ -n "$run" ] || why="Unable to find pip in the virtualenv, $env, under any of these names: pip3, pip. Make sure pip is present in the virtualenv."
elif [ -n "$pip" ]; then
	case $pip in
	/*) run=$pip ;;
	*) run=$(command -v "$pip") || why="Unable to find any of $pip to use.  pip needs to be installed." ;;
	esac
elif [ -n "$python" ] && "$python" -c 'import importlib.util as u, sys; sys.exit(not u.find_spec("pip"))' 2>/dev/null; then
	run=$(printf '%s\n-m\npip' "$python")
else
	run=$(command -v pip3) || why="Unable to find any of pip3 to use.  pip needs to be installed."
fi
say "$run"; say "$why"
if [ -n "$list" ] && [ -n "$run" ]; then
	cd "$chdir" || exit 1
	IFS='
'
	say "$($run list --format=freeze 2>/dev/null)"
else
	say ""
fi
exit 0
