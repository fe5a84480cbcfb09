package ssh

import "strings"

// The keywords of ssh_config(5), in three classes: those that work here (a case in target.go), those that have no effect
// here and can be accepted silently, and those that would change what happens and are therefore warned about.

// multi are the keywords whose values add up; of all others the first value counts.
var multi = words(`identityfile certificatefile`)

var supported = words(`
	addressfamily bindaddress casignaturealgorithms certificatefile ciphers connecttimeout forwardagent globalknownhostsfile
	hashknownhosts hostkeyalgorithms hostkeyalias hostname identitiesonly identityagent identityfile kbdinteractiveauthentication
	kexalgorithms macs passwordauthentication port preferredauthentications proxycommand proxyjump pubkeyacceptedalgorithms
	pubkeyauthentication serveralivecountmax serveraliveinterval stricthostkeychecking user userknownhostsfile`)

// harmless have no meaning here, or say what is so anyway.
var harmless = words(`
	addkeystoagent batchmode checkhostip clearallforwardings compression connectionattempts controlmaster controlpath
	controlpersist enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fingerprinthash forkafterauthentication
	forwardx11 forwardx11timeout forwardx11trusted gatewayports gssapiauthentication gssapidelegatecredentials gssapikeyexchange
	hostbasedacceptedalgorithms hostbasedauthentication ignoreunknown include ipqos loglevel logverbose nohostauthenticationforlocalhost
	numberofpasswordprompts obscurekeystroketiming permitlocalcommand rekeylimit requesttty requiredrsasize sendenv sessiontype
	stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility tag tcpkeepalive updatehostkeys usekeychain
	verifyhostkeydns visualhostkey xauthlocation globalknownhostsfile2 userknownhostsfile2`)

// without are known to OpenSSH and not to us.
var without = words(`
	bindinterface canonicaldomains canonicalizefallbacklocal canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames
	channeltimeout dynamicforward knownhostscommand localcommand localforward permitremoteopen pkcs11provider proxyusefdpass
	remotecommand remoteforward securitykeyprovider setenv tunnel tunneldevice`)

// renamed are old names that OpenSSH still takes.
var renamed = map[string]string{
	"pubkeyacceptedkeytypes":          "pubkeyacceptedalgorithms",
	"challengeresponseauthentication": "kbdinteractiveauthentication",
	"skeyauthentication":              "kbdinteractiveauthentication",
	"dsaauthentication":               "pubkeyauthentication",
	"rsaauthentication":               "pubkeyauthentication",
	"keepalive":                       "tcpkeepalive",
	"hostbasedkeytypes":               "hostbasedacceptedalgorithms",
}

// keyword gives the present name of a keyword, and a warning if it will have no effect although it might be expected to.
func keyword(name string) (key, warning string) {
	key = strings.ToLower(name)
	if now, ok := renamed[key]; ok {
		key = now
	}
	switch {
	case supported[key], harmless[key]:
		return key, ""
	case without[key]:
		return key, "the ssh option " + name + " has no effect here"
	}
	return key, "unknown ssh option " + name
}

func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}
