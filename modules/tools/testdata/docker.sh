#!/bin/sh
# A docker of one service, web, whose state is a word in $ST: none, running, exited. It tells of events as Compose 2.32 does.
ST=${0%/*}/state
printf '%s|' "$@" >>${0%/*}/calls; echo >>${0%/*}/calls
dry= verb= next=
s=$(cat "$ST" 2>/dev/null || echo none)
for a; do
	case $a in
	--dry-run) dry='"dry-run":true,' ;;
	version|up|stop|restart|down|ps|images) [ -n "$verb" ] || verb=$a ;;
	--no-start) nostart=y ;;
	broken) echo '{"error":true,"message":"no such service: broken"}' >&2; exit 1 ;;
	esac
done
ev() { printf '{%s"id":"%s","status":"%s"}\n' "$dry" "$1" "$2" >&2; }
to() { [ -n "$dry" ] || echo $1 >"$ST"; }
case "$verb" in
version) case "$*" in *compose*) echo '{"version":"v2.32.4"}' ;; *) echo '{"Client":{"Version":"27.5"},"Server":{"ApiVersion":"1.47"}}' ;; esac ;;
up)
	echo '{"level":"warning","msg":"the attribute version is obsolete","time":"2025-01-01T00:00:00Z"}' >&2
	case $s in
	none) printf '{%s"id":"web","text":"Pulling"}\n{%s"id":"0a1b","parent_id":"web","text":"Downloading","status":"[==> ]"}\n{%s"id":"web","text":"Pulled"}\n' "$dry" "$dry" "$dry" >&2
		ev "Network p_default" Creating; ev "Network p_default" Created; ev "Container p-web-1" Creating; ev "Container p-web-1" Created
		[ -n "$nostart" ] && { to created; exit; }
		ev "Container p-web-1" Starting; ev "Container p-web-1" Started; to running ;;
	running) ev "Container p-web-1" Running ;;
	*) [ -n "$nostart" ] && exit; ev "Container p-web-1" Starting; ev "Container p-web-1" Started; to running ;;
	esac ;;
stop) ev "Container p-web-1" Stopping; ev "Container p-web-1" Stopped; to exited ;;
restart) ev "Container p-web-1" Restarting; ev "Container p-web-1" Started; to running ;;
down) [ $s = none ] && { printf '{%s"level":"warning","msg":"No resource found to remove"}\n' "$dry" >&2; exit; }
	ev "Container p-web-1" Stopping; ev "Container p-web-1" Removing; ev "Container p-web-1" Removed; to none ;;
ps) [ $s = none ] || echo '{"ID":"c1","Name":"p-web-1","State":"'$s'","Labels":"a=b,c","Networks":"p_default","Publishers":null}' ;;
images) [ $s = none ] && echo '[]' || echo '[{"ID":"sha256:1","ContainerName":"p-web-1","Repository":"nginx","Tag":"1"}]' ;;
esac
