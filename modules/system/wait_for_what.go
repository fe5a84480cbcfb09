// The conditions of wait_for: a port, the connections to a port, a file.

package system

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/drydock-dev/drydock/engine/module"
)

// port is the wait for a port to accept connections, or to stop doing so.
type port struct {
	args waitForArgs
	text *search
}

func (p *port) address() string { return net.JoinHostPort(p.args.Host, strconv.Itoa(*p.args.Port)) }

func (p *port) look(ctx context.Context, h module.Host) (bool, error) {
	short, cancel := context.WithTimeout(ctx, seconds(max(p.args.ConnectTimeout, 1)))
	defer cancel()
	c, err := h.Dial(short, "tcp", p.address())
	gone := p.args.State == "stopped" || p.args.State == "absent"
	switch {
	case err != nil && (ctx.Err() != nil || errors.Is(err, module.ErrUnreachable) || errors.Is(err, module.ErrHostKey)):
		return false, errors.Join(ctx.Err(), err)
	case err != nil:
		return gone, nil
	}
	defer c.Close()
	if gone || p.text == nil {
		return !gone, nil
	}
	return p.reads(c)
}

// reads looks for the text in what the port sends within connect_timeout.
func (p *port) reads(c net.Conn) (bool, error) {
	limit := time.AfterFunc(seconds(max(p.args.ConnectTimeout, 1)), func() { c.Close() })
	defer limit.Stop()
	var data []byte
	buf := make([]byte, 4096)
	for len(data) < 1<<20 {
		n, err := c.Read(buf)
		data = append(data, buf[:n]...)
		if found, bad := p.text.in(string(data)); found || bad != nil {
			return found, bad
		}
		if err != nil {
			break
		}
	}
	return false, nil
}

func (p *port) late() string {
	at := fmt.Sprintf("%s:%d", p.args.Host, *p.args.Port)
	switch {
	case p.args.State == "stopped" || p.args.State == "absent":
		return "Timeout when waiting for " + at + " to stop."
	case p.text != nil:
		return "Timeout when waiting for search string " + *p.args.SearchRegex + " in " + at
	}
	return "Timeout when waiting for " + at
}

func (p *port) answer(r module.Result) module.Result { return r }

// drained is the wait until no connection to a port is open.
type drained struct{ args waitForArgs }

// tcpStates are the names of the numbers in /proc/net/tcp.
var tcpStates = map[string]string{
	"01": "ESTABLISHED", "02": "SYN_SENT", "03": "SYN_RECV", "04": "FIN_WAIT1", "05": "FIN_WAIT2", "06": "TIME_WAIT", "07": "CLOSE",
	"08": "CLOSE_WAIT", "09": "LAST_ACK", "0A": "LISTEN", "0B": "CLOSING",
}

// connections prints the table of TCP connections, and the addresses of the names given.
const connections = `# connections
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
echo '@@ names'
for name; do getent ahosts "$name" 2>/dev/null | awk -v n="$name" '{ print n, $1 }'; done
exit 0`

func (d *drained) look(ctx context.Context, h module.Host) (bool, error) {
	out, err := h.Query(ctx, module.Cmd{Script: connections, Args: append([]string{d.args.Host}, d.args.ExcludeHosts...)})
	if err != nil {
		return false, err
	}
	s := module.Sections(out.Stdout)
	mine, excluded := addresses(d.args.Host, s["names"]), []netip.Addr{}
	for _, name := range d.args.ExcludeHosts {
		excluded = append(excluded, addresses(name, s["names"])...)
	}
	states := d.args.ActiveStates
	if len(states) == 0 {
		states = []string{"ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"}
	}
	for _, line := range module.Lines(s[""]) {
		f := strings.Fields(line)
		if len(f) < 4 || !slices.Contains(states, tcpStates[f[3]]) {
			continue
		}
		local, port := endpoint(f[1])
		remote, _ := endpoint(f[2])
		if port == *d.args.Port && holds(mine, local) && !slices.Contains(excluded, remote) {
			return false, nil
		}
	}
	return true, nil
}

func (d *drained) late() string {
	return fmt.Sprintf("Timeout when waiting for %s:%d to drain", d.args.Host, *d.args.Port)
}

func (d *drained) answer(r module.Result) module.Result { return r }

// addresses are those of a host: itself, if it is an address, else what the host of the task knows it by.
func addresses(host, names string) []netip.Addr {
	var out []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		out = append(out, a.Unmap())
	}
	for _, line := range module.Lines(names) {
		name, text, _ := strings.Cut(line, " ")
		if a, err := netip.ParseAddr(text); err == nil && name == host {
			out = append(out, a.Unmap())
		}
	}
	return out
}

// holds tells whether an address is among a host's; 0.0.0.0 and :: stand for all.
func holds(mine []netip.Addr, a netip.Addr) bool {
	return slices.ContainsFunc(mine, func(m netip.Addr) bool { return m == a || m.IsUnspecified() })
}

// endpoint reads "0100007F:0016": an address in words of the machine's (little endian) order, and a port.
func endpoint(text string) (netip.Addr, int) {
	hex, port, _ := strings.Cut(text, ":")
	n, _ := strconv.ParseUint(port, 16, 16)
	var raw []byte
	for at := 0; at+8 <= len(hex); at += 8 {
		w, _ := strconv.ParseUint(hex[at:at+8], 16, 32)
		raw = append(raw, byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
	}
	a, _ := netip.AddrFromSlice(raw)
	return a.Unmap(), int(n)
}

// file is the wait for a file to be there, to be gone, or to hold a text.
type file struct {
	args  waitForArgs
	text  *search
	facts string
}

// filePresent prints the file's facts and, if $2 is given, its text.
const filePresent = `# file present
[ -e "$1" ] || exit 1
stat -c '%u|%U|%g|%G|%a|%s|%F' "$1" 2>/dev/null
echo '@@ text'
[ -z "$2" ] || cat "$1"
exit 0`

func (f *file) look(ctx context.Context, h module.Host) (bool, error) {
	cmd := module.Cmd{Script: filePresent, Args: []string{*f.args.Path, ""}}
	if f.text != nil {
		cmd.Args[1] = "text"
	}
	out, err := h.Query(ctx, cmd)
	switch {
	case err != nil:
		return false, err
	case f.args.State == "absent":
		return out.Rc != 0, nil
	case out.Rc != 0:
		return false, nil
	}
	s := module.Sections(out.Stdout)
	f.facts = strings.TrimSpace(s[""])
	if f.text == nil {
		return true, nil
	}
	return f.text.in(s["text"])
}

func (f *file) late() string {
	switch {
	case f.args.State == "absent":
		return "Timeout when waiting for " + *f.args.Path + " to be absent."
	case f.text != nil:
		return "Timeout when waiting for search string " + *f.args.SearchRegex + " in " + *f.args.Path
	}
	return "Timeout when waiting for file " + *f.args.Path
}

// fileStates are Ansible's words for the types that stat names.
var fileStates = map[string]string{"directory": "directory", "symbolic link": "link"}

// answer adds what Ansible tells about a file that is there.
func (f *file) answer(r module.Result) module.Result {
	p := strings.Split(f.facts, "|")
	if len(p) != 7 {
		return r
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	state := fileStates[p[6]]
	if state == "" {
		state = "file"
	}
	mode, err := strconv.ParseUint(p[4], 8, 32)
	if err != nil {
		return r
	}
	return r.With("uid", number(p[0])).With("owner", p[1]).With("gid", number(p[2])).With("group", p[3]).
		With("mode", fmt.Sprintf("%04o", os.FileMode(mode))).With("size", number(p[5])).With("state", state)
}
