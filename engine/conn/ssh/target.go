package ssh

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// target is where to connect and how: everything that options, arguments and files say about one hop, decided.
type target struct {
	alias, host, user string
	port              int

	jump         []string // the hops before this one, in order; nil: none
	proxyCommand string   // empty: none
	network      string   // tcp, tcp4 or tcp6
	bind         string   // local address; empty: any

	identities     []string // private key files, in order
	certificates   []string
	givenKeys      bool // the identities were asked for, and are not the default ones
	identitiesOnly bool
	agent          string   // socket of the agent; empty: none
	methods        []string // of authentication, in order
	pubkeyAlgos    string
	forwardAgent   bool

	userKnown, globalKnown []string
	checking               Checking
	keyName                string // HostKeyAlias; empty: host and port
	hashKnown              bool

	hostKeyAlgos, ciphers, kex, macs string // as configured; empty: the defaults
	connectTimeout                   time.Duration
	alive                            KeepAlive
}

// resolve decides about the host that o names. args and the explicit options are for it alone, not for its jump hosts.
func resolve(o Options) (target, error) {
	s := newSettings(o, o.Host)
	s.addOptions()
	a := parseArgs(o.Args)
	for _, p := range a.set {
		s.add(p.key, p.value)
	}
	for _, w := range a.warnings {
		s.warn(w)
	}
	for _, r := range a.rest {
		s.warn("ssh argument without effect: " + r)
	}
	if o.ConnectTimeout > 0 {
		s.add("ConnectTimeout", strconv.FormatFloat(o.ConnectTimeout.Seconds(), 'f', -1, 64))
	}
	files, mustExist := configFiles(o, a.configFile)
	if err := s.readFiles(files, mustExist); err != nil {
		return target{}, err
	}
	return s.target()
}

// addOptions takes in what was handed over in fields of Options. They come first, so they win.
func (s *settings) addOptions() {
	if s.o.Port != 0 {
		s.add("Port", strconv.Itoa(s.o.Port))
	}
	if s.o.User != "" {
		s.add("User", s.o.User)
	}
	if s.o.PrivateKeyFile != "" {
		s.add("IdentityFile", s.o.PrivateKeyFile)
	}
	if s.o.HostKeyChecking != "" {
		s.add("StrictHostKeyChecking", string(s.o.HostKeyChecking))
	}
}

func configFiles(o Options, flag string) (files []string, mustExist bool) {
	switch {
	case flag == "none":
		return nil, false
	case flag != "":
		return []string{flag}, true
	case o.ConfigFiles != nil:
		return o.ConfigFiles, false
	}
	return []string{filepath.Join(o.Home, ".ssh", "config"), "/etc/ssh/ssh_config"}, false
}

// target decides. Mistakes in values are errors that name the keyword.
func (s *settings) target() (target, error) {
	t := target{alias: s.alias, host: s.hostname(), user: s.user(), port: defaultPort}
	var err error
	if p := s.one("port"); p != "" {
		if t.port, err = strconv.Atoi(p); err != nil || t.port < 1 || t.port > 65535 {
			return t, fmt.Errorf("ssh option Port: %q is not a port", p)
		}
	}
	if t.connectTimeout, err = s.duration("ConnectTimeout", defaultConnectTimeout); err != nil {
		return t, err
	}
	if err := s.setAlive(&t); err != nil {
		return t, err
	}
	if err := s.setChecking(&t); err != nil {
		return t, err
	}
	s.setProxy(&t)
	s.setAuth(&t)
	t.network = map[string]string{"inet": "tcp4", "inet6": "tcp6"}[strings.ToLower(s.one("addressfamily"))]
	if t.network == "" {
		t.network = "tcp"
	}
	t.bind = s.one("bindaddress")
	t.hostKeyAlgos, t.ciphers, t.kex, t.macs = s.one("hostkeyalgorithms"), s.one("ciphers"), s.one("kexalgorithms"), s.one("macs")
	return t, nil
}

func (s *settings) setAlive(t *target) error {
	interval, count := s.o.KeepAlive.Interval, s.o.KeepAlive.Count
	if interval == 0 {
		interval = defaultAliveInterval
	}
	if count == 0 {
		count = defaultAliveCount
	}
	var err error
	if t.alive.Interval, err = s.duration("ServerAliveInterval", interval); err != nil {
		return err
	}
	t.alive.Count = count
	if c := s.one("serveralivecountmax"); c != "" {
		if t.alive.Count, err = strconv.Atoi(c); err != nil {
			return fmt.Errorf("ssh option ServerAliveCountMax: %q is not a number", c)
		}
	}
	return nil
}

func (s *settings) setChecking(t *target) error {
	switch v := strings.ToLower(s.one("stricthostkeychecking")); v {
	case "", "yes", "true", "on", "ask":
		t.checking = CheckYes
	case "no", "off", "false":
		t.checking = CheckNo
	case "accept-new":
		t.checking = CheckAcceptNew
	default:
		return fmt.Errorf("ssh option StrictHostKeyChecking: %q is none of yes, no, ask, accept-new, off", v)
	}
	t.userKnown, t.globalKnown = s.o.KnownHosts, nil
	if t.userKnown == nil {
		t.userKnown = []string{"~/.ssh/known_hosts", "~/.ssh/known_hosts2"}
		t.globalKnown = []string{"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"}
	}
	if v := s.one("userknownhostsfile"); v != "" {
		t.userKnown = fields(v)
	}
	if v := s.one("globalknownhostsfile"); v != "" {
		t.globalKnown = fields(v)
	}
	t.userKnown, t.globalKnown = s.paths(*t, t.userKnown), s.paths(*t, t.globalKnown)
	t.keyName, t.hashKnown = s.one("hostkeyalias"), s.yes("hashknownhosts", false)
	return nil
}

// setProxy decides on the way: directly, through hosts, or through a command.
func (s *settings) setProxy(t *target) {
	if j := s.one("proxyjump"); j != "" && !strings.EqualFold(j, "none") {
		for _, hop := range strings.Split(j, ",") {
			t.jump = append(t.jump, strings.TrimSpace(hop))
		}
		return
	}
	if c := s.one("proxycommand"); c != "" && !strings.EqualFold(c, "none") {
		t.proxyCommand = s.expand(*t, c)
	}
}

func (s *settings) setAuth(t *target) {
	t.identitiesOnly = s.yes("identitiesonly", false)
	t.identities = s.paths(*t, s.values["identityfile"])
	t.givenKeys = len(s.values["identityfile"]) > 0
	if !t.givenKeys {
		t.identities = s.paths(*t, []string{"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"})
	}
	t.certificates = s.paths(*t, s.values["certificatefile"])
	t.pubkeyAlgos = s.one("pubkeyacceptedalgorithms")
	t.forwardAgent = s.yes("forwardagent", false)
	switch v := s.one("identityagent"); {
	case strings.EqualFold(v, "none"):
	case v == "", v == "SSH_AUTH_SOCK":
		t.agent = s.o.Env("SSH_AUTH_SOCK")
	case strings.HasPrefix(v, "$"):
		t.agent = s.o.Env(strings.Trim(v, "${}"))
	default:
		t.agent = s.path(*t, v)
	}
	order := []string{methodKey, methodKeyboard, methodPassword}
	if p := s.one("preferredauthentications"); p != "" {
		order = strings.Split(p, ",")
	}
	allowed := map[string]bool{
		methodKey:      s.yes("pubkeyauthentication", true),
		methodKeyboard: s.yes("kbdinteractiveauthentication", true),
		methodPassword: s.yes("passwordauthentication", true),
	}
	for _, m := range order {
		if allowed[m] {
			t.methods = append(t.methods, m)
		}
	}
}

// duration reads seconds, or OpenSSH's time format: 1h30m, 10s.
func (s *settings) duration(key string, otherwise time.Duration) (time.Duration, error) {
	v := s.one(strings.ToLower(key))
	if v == "" || v == "none" {
		return otherwise, nil
	}
	if seconds, err := strconv.ParseFloat(v, 64); err == nil {
		return time.Duration(seconds * float64(time.Second)), nil
	}
	d, err := time.ParseDuration(strings.ToLower(v))
	if err != nil {
		return 0, fmt.Errorf("ssh option %s: %q is not a time", key, v)
	}
	return d, nil
}

func (s *settings) paths(t target, names []string) []string {
	var out []string
	for _, n := range names {
		if !strings.EqualFold(n, "none") {
			out = append(out, s.path(t, n))
		}
	}
	return out
}

// path makes a path of a configured one: ~, ${VAR} and % tokens are replaced.
func (s *settings) path(t target, name string) string {
	name = os.Expand(strings.ReplaceAll(name, "$$", "$"), func(v string) string {
		return s.o.Env(v)
	})
	return s.expandHome(s.expand(t, name))
}

func (s *settings) expandHome(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		return filepath.Join(s.o.Home, p[1:])
	}
	return p
}

// expand replaces the % tokens of ssh_config(5).
func (s *settings) expand(t target, text string) string {
	local, _ := os.Hostname() // unknown: %l is empty, as good as any guess
	short, _, _ := strings.Cut(local, ".")
	port := strconv.Itoa(t.port)
	jump := s.one("proxyjump")
	hash := sha1.Sum([]byte(local + t.host + port + t.user + jump))
	return strings.NewReplacer("%%", "%", "%h", t.host, "%p", port, "%r", t.user, "%n", t.alias, "%k", t.keyNameOr(t.alias),
		"%u", s.o.Login, "%d", s.o.Home, "%l", local, "%L", short, "%i", strconv.Itoa(os.Getuid()), "%j", jump,
		"%C", hex.EncodeToString(hash[:])).Replace(text)
}

func (t target) keyNameOr(name string) string {
	if t.keyName != "" {
		return t.keyName
	}
	return name
}

// String is how messages call the hop.
func (t target) String() string { return fmt.Sprintf("%s port %d", t.host, t.port) }
