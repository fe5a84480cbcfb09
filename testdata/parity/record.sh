#!/usr/bin/env bash
# record.sh [OUT]: asks real Ansible anew. Writes the events, exit code and screen of every run of every case into the case's
# expected/ (or below OUT, to compare), and the answers of its templar into jinja.json. Look at `git diff` afterwards: what changed is
# what Ansible changed. Needs ansible-core on PATH; some cases write to /tmp/rigcase.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
out=${1:-$here/cases}

export TZ=UTC LC_ALL=C.UTF-8 COLUMNS=80 ANSIBLE_NOCOLOR=1 ANSIBLE_FORKS=1 ANSIBLE_HOST_KEY_CHECKING=0
export ANSIBLE_PYTHON_INTERPRETER=${ANSIBLE_PYTHON_INTERPRETER:-$(command -v python3)} # else the first result tells of a search
export ANSIBLE_JINJA2_EXTENSIONS=jinja2.ext.do,jinja2.ext.loopcontrols ORACLE_ENV=env-value
export ANSIBLE_CALLBACK_PLUGINS=$here/record ANSIBLE_CALLBACKS_ENABLED=recorder ANSIBLE_LOCALHOST_WARNING=0

run_case() { # directory
  local case=$1 name args rc inventory=inventory to
  to=$out/$(basename "$case")/expected
  mkdir -p "$to"
  [ ! -e "$case/inv" ] || inventory=inv
  while IFS= read -r line; do
    case $line in '' | '#'*) continue ;; esac
    name=${line%%:*} args=${line#*:}
    args=${args# }
    case $args in
    '@raw '*) args=${args#@raw } ;;
    *) args="-i $inventory playbook.yml $args" ;;
    esac
    rm -rf /tmp/rigcase && mkdir /tmp/rigcase
    rc=0
    (
      cd "$case"
      [ ! -f env ] || . ./env
      : >/tmp/rigcase.events
      RECORD_TO=/tmp/rigcase.events RECORD_CASE=$case eval "ansible-playbook $args"
    ) >/tmp/rigcase.screen 2>&1 </dev/null || rc=$?
    rm -f "$to/$name.jsonl"
    [ ! -s /tmp/rigcase.events ] || cp /tmp/rigcase.events "$to/$name.jsonl"
    sed "s#$case#<CASE>#g" /tmp/rigcase.screen >"$to/$name.stdout"
    echo "$rc" >"$to/$name.rc"
  done <"$case/cmd"
}

for c in "$here"/cases/*/; do
  run_case "${c%/}"
  echo "$(basename "$c")"
done
rm -rf /tmp/rigcase /tmp/rigcase.events /tmp/rigcase.screen
[ $# -gt 0 ] || python3 record/templar.py jinja.json
