// Facts from the system's configuration: kernel command line, resolver, SELinux, LSB, capabilities, host keys.

package system

import (
	"regexp"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// cmdlineFacts reads the kernel's command line: the last word of a name counts, and proc_cmdline has all of them.
func cmdlineFacts(facts *value.Map, text string) {
	last, all := &value.Map{}, &value.Map{}
	for _, w := range shellWords(text) {
		name, val, ok := strings.Cut(w, "=")
		var v any = val
		if !ok {
			v = true
		}
		last.Set(name, v)
		switch have := all.Value(name).(type) {
		case nil:
			all.Set(name, v)
		case []any:
			all.Set(name, append(have, v))
		default:
			all.Set(name, []any{have, v})
		}
	}
	facts.Set("ansible_cmdline", last)
	facts.Set("ansible_proc_cmdline", all)
}

// shellWords splits at spaces outside of quotes and takes the quotes off.
func shellWords(text string) []string {
	var words []string
	var w strings.Builder
	quote, in := rune(0), false
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, in = r, true
		case quote == 0 && (r == ' ' || r == '\n' || r == '\t'):
			if in {
				words = append(words, w.String())
			}
			w.Reset()
			in = false
		default:
			w.WriteRune(r)
			in = true
		}
	}
	if in {
		words = append(words, w.String())
	}
	return words
}

// resolver reads resolv.conf.
func resolver(text string) *value.Map {
	m := &value.Map{}
	for _, line := range module.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 || strings.HasPrefix(f[0], "#") || strings.HasPrefix(f[0], ";") {
			continue
		}
		switch f[0] {
		case "nameserver":
			list, _ := m.Value("nameservers").([]any)
			m.Set("nameservers", append(list, anys(f[1:])...))
		case "domain":
			m.Set("domain", f[1])
		case "search", "sortlist":
			m.Set(f[0], anys(f[1:]))
		case "options":
			options := &value.Map{}
			for _, o := range f[1:] {
				name, val, ok := strings.Cut(o, ":")
				options.Set(name, any(true))
				if ok {
					options.Set(name, val)
				}
			}
			m.Set("options", options)
		}
	}
	return m
}

// selinux reads /sys/fs/selinux and /etc/selinux/config, each line with its path before it.
func selinux(text string) *value.Map {
	enforce := ""
	m := dict("status", "disabled")
	for _, line := range module.Lines(text) {
		file, val, _ := strings.Cut(line, ":")
		switch {
		case strings.HasSuffix(file, "/enforce"):
			enforce = val
		case strings.HasSuffix(file, "/policyvers"):
			m.Set("policyvers", number(val))
		case strings.HasPrefix(val, "SELINUX="):
			m.Set("config_mode", strings.TrimPrefix(val, "SELINUX="))
		case strings.HasPrefix(val, "SELINUXTYPE="):
			m.Set("type", strings.TrimPrefix(val, "SELINUXTYPE="))
		}
	}
	if enforce == "" {
		return dict("status", "disabled")
	}
	m.Set("status", "enabled")
	m.Set("mode", word(enforce == "1", "enforcing", "permissive"))
	return m
}

// lsb is what lsb_release says, or the file it reads.
func lsb(s map[string]string) *value.Map {
	m := &value.Map{}
	set := func(key, val string) {
		if val != "" {
			m.Set(key, val)
		}
	}
	if text, ok := s["lsb"]; ok {
		keys := map[string]string{"Distributor ID": "id", "Release": "release", "Description": "description", "Codename": "codename"}
		for _, line := range module.Lines(text) {
			key, val, _ := strings.Cut(line, ":")
			if k, known := keys[key]; known {
				set(k, strings.TrimSpace(val))
			}
		}
	} else {
		a := assignments(s["lsb-release"])
		set("id", a["DISTRIB_ID"])
		set("release", a["DISTRIB_RELEASE"])
		set("description", a["DISTRIB_DESCRIPTION"])
		set("codename", a["DISTRIB_CODENAME"])
	}
	if release, ok := m.Value("release").(string); ok {
		major, _, _ := strings.Cut(release, ".")
		m.Set("major_release", major)
	}
	return m
}

// capabilities reads what capsh prints of the current set.
func capabilities(facts *value.Map, text string) {
	enforced, list := any("N/A"), any("N/A")
	for _, line := range module.Lines(text) {
		if set, ok := strings.CutPrefix(line, "Current: "); ok {
			enforced = "True"
			if set = strings.TrimPrefix(set, "="); set == "ep" {
				enforced = "False"
			}
			parts := []any{}
			for p := range strings.SplitSeq(set, ",") {
				if p = strings.TrimSpace(p); p != "" && set != "ep" {
					parts = append(parts, p)
				}
			}
			list = parts
		}
	}
	facts.Set("ansible_system_capabilities_enforced", enforced)
	facts.Set("ansible_system_capabilities", list)
}

// sshKeyFile is the path of a public host key.
var sshKeyFile = regexp.MustCompile(`ssh_host_(\w+)_key\.pub$`)

func sshKey(facts *value.Map, line string) {
	file, key, _ := strings.Cut(line, ":")
	m, f := sshKeyFile.FindStringSubmatch(file), strings.Fields(key)
	if m == nil || len(f) < 2 {
		return
	}
	facts.Set("ansible_ssh_host_key_"+m[1]+"_public", f[1])
	facts.Set("ansible_ssh_host_key_"+m[1]+"_public_keytype", f[0])
}
