package linux_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/engine/twin/linux"
)

// lines are run in the real /bin/sh with the real programs of the machine that tests, in an empty directory, and in the twin: output and
// exit status must be the same. What they print on the standard error is not compared, unless they send it to the output.
var lines = []string{
	// the shell
	`x=1; echo "$x" '$x' "a  b"`, `echo a\nb`, `echo 'a\tb\c'; echo -n x; echo`, `printf '%s|%5d|%-4s|%04o|%x\n' a 42 b 8 255`, `printf '%s\n' a b c`,
	`printf 'a\0b' | od -An -tx1`, `printf '%b' 'x\ty\n'`, `printf '%d %i %u\n' 0x1f 017 5`, `printf %o "$((0666 & ~022))"; echo`, `printf '%5.2f\n' 3.14159`,
	`printf '%c%c\n' abc d`, `printf "it's %s%%\n" 100`,
	`[ a = a ] && echo yes; [ 1 -lt 2 ] && echo less; [ -n "" ] || echo empty`, `test ! -e nothing && echo none`, `[ "x" != "y" -a 1 -eq 1 ] && echo both`,
	`[ -z "" ] && [ ! "" ] && echo z`, `[ "(" = "(" ] && echo paren`, `[ a ]; echo $?; [ "" ]; echo $?; [ 1 -eq x ] 2>/dev/null; echo $?`,
	`a=foo.tar.gz; echo ${a%.gz} ${a%%.*} ${a#*.} ${a##*.} ${#a}`, `unset u; echo ${u:-d} ${u-e} ${u:+f}; : ${u:=g}; echo $u`,
	`set -- a "b c" d; echo $# "$2"; shift; echo "$@"; for i; do echo "<$i>"; done`, `f() { local v=1; echo "in $1"; return 3; }; f x; echo $?`,
	`case abc in a*) echo star ;; *) echo other ;; esac; case x in [!a-w]) echo not ;; esac`, `i=0; while [ $i -lt 3 ]; do i=$((i + 1)); [ $i -eq 2 ] && continue; echo $i; done`,
	`echo a | { read x; echo "got $x"; }; echo x | read y; echo "y=$y"`, `echo $((010 + 2 * 3)) $((7 / 2)) $((7 % 2)) $((1 << 4))`, `exit 7`, `(exit 3); echo $?; false || echo or; true && echo and`,
	`trap 'echo bye' EXIT; echo hi; exit 2`, `trap 'rm -f t' 0; trap 'exit 1' HUP INT TERM; touch t; ls`, `set -e; false; echo never`, `(set -u; echo ${nope}; echo never) 2>/dev/null || echo failed`,
	`x=$(printf 'a\n\n'); echo "[$x]"; echo "$(echo nested "$(echo deep)")"`, "cat <<E\nv=$((1+1))\nE", "cat <<'E'\n$x\nE", `nl='
'; echo "a${nl}b" | sed 's/^/> /'`, `IFS=:; set -f; for p in a:b:*; do echo $p; done; set -- a:b; echo $1`,
	`echo one >f; echo two >>f; cat f; cat <f; wc -l <f`, `set -C; echo a >f; echo b >f 2>/dev/null || echo kept; cat f; echo c >|f; cat f`, `umask; umask 077; touch f; stat -c %a f; (umask 022; touch g; stat -c %a g); mkdir d; stat -c %a d`,
	`mkdir a b; touch a/1 a/2; echo a/*; echo nothing*; cd a; echo *; cd ..; for f in a/*; do echo "$f"; done`, `exec 2>&1; ls nope`, `command -v cat >/dev/null && echo has; command -v nosuchcmd || echo hasnot`,
	`nosuchcmd 2>/dev/null; echo $?`, `sh -c 'echo $0 $1' zero one`, `exec echo replaced; echo never`, `A=1 sh -c 'echo $A'; echo "[$A]"`, `export B=2; sh -c 'echo $B'; env | grep ^B=`, `eval 'x=5; echo $x'`,
	`{ echo out; echo err >&2; } 2>&1 | sort`, `(echo a; exit 4) | cat; echo $?`, `echo a & wait; echo done`, `sleep 0 & wait $!; echo $?`, `sh -c 'exit 5' & wait $!; echo $?`, `cd /nope 2>/dev/null; echo $?`, `echo 'v=7' >s; . ./s; echo $v`,
	`kill -0 $$ && echo alive`, `readonly r=1; echo $r`, `while read -r a b; do echo "$b $a"; done <<E
1 2
3 4 5
E`, `yes=1; [ -n "$yes" ] && { echo block; }`, `! true; echo $?`, `: >e; [ -s e ] || echo empty; [ -f e ] && [ -r e ] && [ ! -x e ] && [ ! -d e ] && echo file`,
	`x='a b'; set -- $x; echo $#; set -- "$x"; echo $#`, `echo "a\\b" 'c\\d'`, `printf '%s' "$@" | wc -c`, `for i in 1 2; do for j in a b; do echo $i$j; continue 2; done; done`,
	// files
	`mkdir -p a/b/c && ls a/b && mkdir a 2>/dev/null; echo $?`, `touch f; ln -s f l; ln f h; ls; readlink l; stat -c '%h %F' f l; [ -L l ] && echo link`, `touch f; chmod u=rwx,go= f; stat -c '%a %A' f; chmod a+r f; stat -c %a f; chmod 4755 f; stat -c '%A' f`,
	`echo x >f; cp f g; cmp f g && echo same; mv g h; ls; rm h; ls`, `mkdir d; touch d/x; cp -r d e; ls e; rm -r d; ls; rmdir e 2>/dev/null; echo $?`, `rm nope 2>&1; rm -f nope; echo $?`, `mkdir d; rm d 2>&1; echo $?`, `cat nope 2>&1; echo $?`, `ls nope 2>&1; echo $?`,
	`mv nope x 2>&1; cp nope x 2>&1; echo $?`, `mkdir d; echo a >f; mv f d; ls d; cp d/f d/g; ls d`, `ln -s /nope dangling; [ -e dangling ] || echo dangling; [ -h dangling ] && echo h; cat dangling 2>&1`, `ln -s a b; ln -sfn c b; readlink b`,
	`basename /a/b/c.txt .txt; dirname /a/b/c; dirname x; basename /`, `mkdir -p x/y; ln -s x/y z; cd z; pwd -P | grep -o 'x/y$'; cd ..; readlink -f z | grep -o 'x/y$'`, `mktemp ./t.XXXXXX | wc -c; mktemp -d ./d.XXXX | wc -c; ls | wc -l`, `echo abc >f; truncate -s 2 f; cat f`,
	`echo a | tee f g; cat f g; echo b | tee -a f >/dev/null; cat f`, `touch -d '2024-01-02 03:04:05 +0000' f; stat -c %Y f; touch -r f g; stat -c %Y g`, `touch a b; [ a -nt nope ] && echo newer; [ a -ef a ] && echo same`, `printf abc >f; stat -c '%s %n' f; stat -L -c %s f`,
	`mkdir d; touch d/.h d/v; ls d; ls -a d; ls -A d; ls -1 d; ls -d d`, `install -d -m 750 q; stat -c %a q; echo s >s; install -m 600 s t; stat -c %a t`, `chmod 000 f 2>/dev/null; touch f; chmod +x f; [ -x f ] && ./f; echo $?`, `printf '#!/bin/sh\necho ran $1\n' >s; chmod +x s; ./s arg`,
	`mkdir -p d/e; touch d/a d/e/b; find d | sort; find d -type f -name 'b*'; find d -maxdepth 1 -type d; find d -name a -o -name b | sort`, `mkdir d; touch d/x d/y; find d -type f -exec echo got {} \; | sort; find d -type f -exec echo {} + | wc -l; find d -name x -delete; ls d`, `find nope 2>/dev/null; echo $?`,
	`touch f; find . -type f -perm 644 | head -n 1; find . -empty -type f; find . ! -name . -print0 | tr '\0' '\n'`, `echo a >f; echo b >.drydock-t; mv -f .drydock-t f; cat f`, `mkdir a; cd a; cd ..; rmdir a; ls`, `touch 'a b'; ls; rm 'a b'`,
	// text
	`printf '3\n1\n2\n' | sort; printf '10\n9\n' | sort -n; printf 'b\na\nb\n' | sort -u; printf 'a 2\nb 1\n' | sort -k 2; printf 'x:3\ny:1\n' | sort -t: -k2n`, `printf 'a\na\nb\n' | uniq -c; printf 'a\na\nb\n' | uniq -d; printf 'a\na\nb\n' | uniq -u`, `printf -- '- a\n+ b\n- c\n+ c\n' | sort -k 2 | uniq -u -f 1`,
	`printf '1\n2\n3\n' | head -n 2; printf '1\n2\n3\n' | tail -n 1; printf '1\n2\n3\n' | tail -n +2; printf '1\n2\n3\n' | head -1; printf abc | head -c 2`, `echo a:b:c | cut -d: -f2; echo a:b:c | cut -d : -f 1,3; echo abcdef | cut -c2-3; echo x | cut -d: -f2`, `echo hello | tr a-z A-Z; echo a1b2 | tr -d 0-9; echo aabb | tr -s ab; echo abc | tr -dc 'a\n'; printf 'a\nb' | tr '\n' ' '`,
	`printf 'a b\nc\n' | wc; printf 'a b\nc\n' | wc -l; printf 'a b' | wc -w; printf abc | wc -c; echo x >f; wc -c f; wc f`, `seq 3; seq 2 4; seq 1 2 5`, `printf abc | md5sum; printf abc | sha256sum; printf abc >f; sha1sum f; printf abc | sha512sum | cut -c1-8`, `printf hello | base64; printf aGVsbG8= | base64 -d; echo`, `printf 'AB' | od -An -tx1; printf 'AB' | od -An -tu1`,
	`printf 'a\nb\n' | tac; printf 'a\nb\n' | paste -sd, ; printf 'x\n' | paste -s`, `printf 'a\nb\nab\n' | grep a; printf 'a\nb\n' | grep -v a; printf 'a\nb\n' | grep -c a; printf 'a\n' | grep -q b; echo $?`, `printf 'foo bar\n' | grep -o 'o*'; printf 'a.b\naxb\n' | grep -F a.b; printf 'A\n' | grep -i a; printf 'x\ny\n' | grep -n y; printf 'ab\na\n' | grep -x a`,
	`printf 'a1\nb\n' | grep -E '^[a-z][0-9]+$'; printf 'a(b\n' | grep 'a(b'; printf 'aab\n' | grep 'a\{2\}'; printf 'x|y\n' | grep 'x|y'; printf 'a\nb\n' | grep -e a -e b`, `echo a >f; echo b >g; grep . f g; grep -h . f g; grep -l a f g; grep -s a nope; echo $?; grep a nope 2>&1; grep -H a f`, `mkdir d; echo hit >d/x; grep -r hit d; grep -rl hit d`, `printf 'a\nb\nc\nd\n' | grep -A1 b; printf 'a\nb\nc\n' | grep -B1 c; printf 'word wordy\n' | grep -w word`,
	`echo hello | sed 's/l/L/'; echo hello | sed 's/l/L/g'; echo hello | sed 's/l/L/2'; echo hello | sed -n 's/h/H/p'; echo a/b | sed 's|/|-|'`, `printf '1\n2\n3\n' | sed 2d; printf '1\n2\n3\n' | sed -n 2p; printf '1\n2\n3\n' | sed '$d'; printf '1\n2\n3\n' | sed -n '2,3p'; printf '1\n2\n3\n' | sed '/2/,$d'`, `echo 'a=b' | sed 's/^\(.*\)=\(.*\)$/\2=\1/'; echo 'a=b' | sed -E 's/(.*)=(.*)/\2-\1/'; echo abc | sed 's/b/[&]/'; echo 'a b' | sed 's/ /\n/'`,
	`printf 'a\nb\n' | sed 'a\
after'; printf 'a\nb\n' | sed '1i before'; printf 'a\nb\n' | sed '2c changed'; printf 'a\nb\n' | sed = `, `printf 'a\nb\nc\n' | sed -n '/a/{n;p}'; printf 'a\nb\n' | sed 'N;s/\n/-/'; printf 'a\nb\nc\n' | sed '1!G;h;$!d'; printf 'x\n' | sed 'y/x/y/'; printf 'a\nb\nc\n' | sed 2q`, `echo x=1 >f; sed -i 's/1/2/' f; cat f; sed -i.bak 's/2/3/' f; cat f f.bak`, `printf 'aaa\n' | sed ':a;s/a/b/;ta'; printf 'a,b\n' | sed 's/,/\
/'; printf 'k: v\n' | sed -n 's/^k: //p'; printf 'A\n' | sed 's/a/x/I'`, `printf 'a\n\nb\n' | sed '/^$/d'; printf '#c\nx\n' | sed -e '/^#/d' -e 's/x/y/'; printf '1\n2\n3\n4\n' | sed -n '1~2p'; printf 'no end' | sed 's/no/NO/'`,
	`printf 'a b\nc d\n' | awk '{ print $2, $1 }'; echo a:b | awk -F: '{ print $2 }'; printf '1\n2\n' | awk '{ s += $1 } END { print s }'; awk 'BEGIN { print 1/4 }'`, `printf 'x 1\ny 2\n' | awk -v n=2 '$2 == n { print $1; exit }'; echo 'a|b' | awk -F'|' '{ print $1 "-" $2 }'; printf 'a\nb\n' >f; awk 'NR == 2' f`, `echo abc | awk '{ print substr($0, 2, 1), length($0), toupper($0), index($0, "c") }'; echo 'a,b' | awk '{ n = split($0, p, /, */); print n, p[2] }'; printf 'a\n' | awk '{ printf "%s%s", sep, $0; sep = "x" }'`,
	`printf 'a b\nc\n' | xargs echo; printf 'a\nb\n' | xargs -n 1 echo; printf 'a\nb\n' | xargs -I{} echo '<{}>'; printf 'a\0b\0' | xargs -0 echo; printf '' | xargs -r echo no; printf '"a b" c\n' | xargs -n1 echo`, `date -u -d @0 +%Y-%m-%dT%H:%M:%S; date -u -d '2024-01-01 12:00' '+%z %s %a %j'; date -u -d '2024-02-03' +%d/%m/%y`, `date +%s | grep -c '^[0-9]*$'; date +%N | wc -c`,
	`env -i A=1 sh -c 'echo $A $B'; env C=2 printenv C; printenv NOPE; echo $?`, `timeout 5 echo quick; timeout 5 sh -c 'exit 3'; echo $?`, `true; echo $?; false; echo $?`, `id -u | grep -c .; whoami | grep -c .`, `getent passwd root | cut -d: -f1,3,6; getent group root | cut -d: -f1,3; getent passwd nosuchuser; echo $?`, `uname -s; uname -m | grep -c .`,
	`stat nope 2>&1; stat -c %a / ; stat -c '%F' /tmp /dev/null; stat -f -c %S / | grep -c .`, `tail -n 1 nope 2>&1; echo $?`, `sleep 0; sleep 0.0 && echo slept`, `nohup sh -c 'echo detached' 2>/dev/null`, `printf 'a\r\n' | tr -d '\r'; printf '\101\102\n'; printf '%s\n' "a	b" | cut -f2`, `echo "x" | grep -q x && echo found; ! echo x | grep -q y && echo absent`,
	`[[ a = a ]] 2>/dev/null; echo $?`, `set -o pipefail; echo never`, `a=(1 2); echo never`, `cat <<<x; echo never`, `set -o pipefail && echo never`,
	`v=$(cat <<E
in sub
E
); echo "$v"`, `a=1; { a=2; }; echo $a; (a=3); echo $a; a=4 true; echo $a`, `echo ${0##*/}`, `printf '%s\n' a b | while read -r l; do v=$l; done; echo "[$v]"`, `if false; then echo a; elif true; then echo b; else echo c; fi`, `until [ -e u ]; do touch u; done; ls`, `x=abc; echo "${x#a}" "${x%c}"; y='*'; echo "$y"`, `test -d / -a -e /tmp && echo ok; test 1 = 2 -o 3 = 3 && echo or`, `echo a;echo b # comment`, `echo "quoted # not"`,
}

func TestAsTheRealShell(t *testing.T) {
	if data, err := os.ReadFile("/etc/debian_version"); err != nil || len(data) == 0 {
		t.Skip("the twin's Debian is compared with a real one")
	}
	h, err := linux.New(linux.Config{Name: "twin"})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		want, wantExit := real(t, line)
		dir := "/tmp/t" + string(rune('a'+i/26%26)) + string(rune('a'+i%26)) + string(rune('a'+i/676))
		if err := h.Root().MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		got := h.Run(t.Context(), "root", "cd "+dir+" || exit; exec /bin/sh -c '"+strings.ReplaceAll(line, "'", `'\''`)+"'", "")
		if got.Stdout != want || got.Status != wantExit {
			t.Errorf("%s\n  the twin says %d %q\n  the real one  %d %q\n  (%s)", line, got.Status, got.Stdout, wantExit, want, strings.TrimSpace(got.Stderr))
		}
	}
	for _, u := range h.Unknown() {
		if u != "nosuchcmd" && u != "[ 1 -eq x" && u != "[[" {
			t.Errorf("unknown: %s", u)
		}
	}
}

// real runs a line in the real shell, in an empty directory.
func real(t *testing.T, line string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", line)
	cmd.Dir, cmd.Stdout = t.TempDir(), &out
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"}
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}
