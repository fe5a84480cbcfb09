package files

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// YumRepository adds repositories to those of dnf and yum, and removes them.
var YumRepository = module.Define(module.Spec{
	Name:  "ansible.builtin.yum_repository",
	Doc:   "Add or remove a repository of dnf or yum: a section of a file in its folder of repositories.",
	Lacks: lacks(),
}, planYumRepository)

type yumArgs struct {
	attributes
	Name              string   `arg:"name,required" doc:"Identifier of the repository: its section."`
	State             string   `arg:"state,default=present,choices=present|absent" doc:"Whether the repository is to be there."`
	File              string   `arg:"file" doc:"Name of the file, without .repo; the name of the repository if not given."`
	ReposDir          string   `arg:"reposdir,default=/etc/yum.repos.d,type=path" doc:"The folder of repositories."`
	Description       *string  `arg:"description" doc:"Name of the repository for people; needed with state present."`
	Async             *bool    `arg:"async" doc:"Download in parallel; old versions of yum only."`
	Bandwidth         *string  `arg:"bandwidth" doc:"Most bytes a second to download with."`
	BaseURL           []string `arg:"baseurl" doc:"Addresses of the repository; it or mirrorlist or metalink is needed."`
	Cost              *string  `arg:"cost" doc:"What fetching from it costs, against other repositories; 1000 is usual."`
	Countme           *bool    `arg:"countme" doc:"Let the host be counted."`
	DeltaMetadata     *string  `arg:"deltarpm_metadata_percentage" doc:"How large the data of deltas may be; yum only."`
	DeltaPercentage   *string  `arg:"deltarpm_percentage" doc:"How large a delta may be, against the package."`
	Enabled           *bool    `arg:"enabled" doc:"Whether the repository is used."`
	EnableGroups      *bool    `arg:"enablegroups" doc:"Whether groups of packages are used."`
	Exclude           []string `arg:"exclude,alias=excludepkgs" doc:"Packages not to take from it."`
	FailoverMethod    *string  `arg:"failovermethod,choices=roundrobin|priority" doc:"In which order addresses are tried; yum only."`
	GPGCAKey          *string  `arg:"gpgcakey" doc:"Key that signs keys; yum only."`
	GPGCheck          *bool    `arg:"gpgcheck" doc:"Check the signatures of packages."`
	GPGKey            []string `arg:"gpgkey" doc:"Addresses of keys."`
	ModuleHotfixes    *bool    `arg:"module_hotfixes" doc:"Offer packages that modules hide."`
	HTTPCaching       *string  `arg:"http_caching,choices=all|packages|none" doc:"What caches on the way may keep; yum only."`
	Include           *string  `arg:"include" doc:"Further file of configuration."`
	IncludePkgs       []string `arg:"includepkgs" doc:"The only packages to take from it."`
	IPResolve         *string  `arg:"ip_resolve,choices=4|6|IPv4|IPv6|whatever" doc:"Which addresses are asked for."`
	Keepalive         *bool    `arg:"keepalive" doc:"Keep connections; yum only."`
	Keepcache         *string  `arg:"keepcache,choices=0|1" doc:"Keep packages that were installed."`
	MetadataExpire    *string  `arg:"metadata_expire" doc:"How long the data is fresh."`
	MetadataFilter    *string  `arg:"metadata_expire_filter,choices=never|read-only:past|read-only:present|read-only:future" doc:"For which commands stale data will do; yum only."`
	Metalink          *string  `arg:"metalink" doc:"Address of a metalink of mirrors."`
	Mirrorlist        *string  `arg:"mirrorlist" doc:"Address of a list of mirrors."`
	MirrorlistExpire  *string  `arg:"mirrorlist_expire" doc:"How long that list is fresh; yum only."`
	Password          *string  `arg:"password,secret" doc:"Password of the user."`
	Priority          *string  `arg:"priority" doc:"Rank among repositories; 1 comes first, 99 is usual."`
	Protect           *bool    `arg:"protect" doc:"Protect its packages from those of others; yum only."`
	Proxy             *string  `arg:"proxy" doc:"Address of a proxy, or _none_."`
	ProxyPassword     *string  `arg:"proxy_password,secret" doc:"Password at the proxy."`
	ProxyUsername     *string  `arg:"proxy_username" doc:"User at the proxy."`
	RepoGPGCheck      *bool    `arg:"repo_gpgcheck" doc:"Check the signature of the repository's data."`
	Retries           *string  `arg:"retries" doc:"How often a download is tried."`
	S3Enabled         *bool    `arg:"s3_enabled" doc:"Fetch from S3 with its credentials."`
	SkipIfUnavailable *bool    `arg:"skip_if_unavailable" doc:"Go on without it when it cannot be reached."`
	SSLCACert         *string  `arg:"sslcacert,alias=ca_cert" doc:"File with certificate authorities."`
	SSLCheckPerm      *bool    `arg:"ssl_check_cert_permissions" doc:"Check that the certificates can be read; yum only."`
	SSLClientCert     *string  `arg:"sslclientcert,alias=client_cert" doc:"File with the client's certificate."`
	SSLClientKey      *string  `arg:"sslclientkey,alias=client_key" doc:"File with the client's key."`
	SSLVerify         *bool    `arg:"sslverify,alias=validate_certs" doc:"Check the certificate of the server."`
	Throttle          *string  `arg:"throttle" doc:"How much of the bandwidth to use."`
	Timeout           *string  `arg:"timeout" doc:"Seconds until a connection counts as dead."`
	UIRepoIDVars      *string  `arg:"ui_repoid_vars" doc:"Variables that are shown behind the name; yum only."`
	Username          *string  `arg:"username" doc:"User of a repository that asks for one."`
}

// section are the keys of the repository's section.
func (a yumArgs) section() map[string]string {
	out := map[string]string{}
	for key, v := range map[string]*string{
		"name": a.Description, "bandwidth": a.Bandwidth, "cost": a.Cost, "deltarpm_metadata_percentage": a.DeltaMetadata,
		"deltarpm_percentage": a.DeltaPercentage, "failovermethod": a.FailoverMethod, "gpgcakey": a.GPGCAKey, "http_caching": a.HTTPCaching,
		"include": a.Include, "ip_resolve": a.IPResolve, "keepcache": a.Keepcache, "metadata_expire": a.MetadataExpire,
		"metadata_expire_filter": a.MetadataFilter, "metalink": a.Metalink, "mirrorlist": a.Mirrorlist, "mirrorlist_expire": a.MirrorlistExpire,
		"password": a.Password, "priority": a.Priority, "proxy": a.Proxy, "proxy_password": a.ProxyPassword, "proxy_username": a.ProxyUsername,
		"retries": a.Retries, "sslcacert": a.SSLCACert, "sslclientcert": a.SSLClientCert, "sslclientkey": a.SSLClientKey, "throttle": a.Throttle,
		"timeout": a.Timeout, "ui_repoid_vars": a.UIRepoIDVars, "username": a.Username,
	} {
		if v != nil {
			out[key] = *v
		}
	}
	for key, v := range map[string]*bool{
		"async": a.Async, "countme": a.Countme, "enabled": a.Enabled, "enablegroups": a.EnableGroups, "gpgcheck": a.GPGCheck,
		"module_hotfixes": a.ModuleHotfixes, "keepalive": a.Keepalive, "protect": a.Protect, "repo_gpgcheck": a.RepoGPGCheck,
		"s3_enabled": a.S3Enabled, "skip_if_unavailable": a.SkipIfUnavailable, "ssl_check_cert_permissions": a.SSLCheckPerm, "sslverify": a.SSLVerify,
	} {
		if v != nil {
			out[key] = map[bool]string{true: "1", false: "0"}[*v]
		}
	}
	for key, v := range map[string][]string{"baseurl": a.BaseURL, "gpgkey": a.GPGKey} {
		if v != nil {
			out[key] = strings.Join(v, "\n")
		}
	}
	for key, v := range map[string][]string{"exclude": a.Exclude, "includepkgs": a.IncludePkgs} {
		if v != nil {
			out[key] = strings.Join(v, " ")
		}
	}
	return out
}

func (a yumArgs) fault() string {
	switch {
	case a.State == "absent":
		return ""
	case len(a.BaseURL) == 0 && a.Mirrorlist == nil && a.Metalink == nil:
		return "state is present but any of the following are missing: baseurl, mirrorlist, metalink"
	case a.Description == nil:
		return "state is present but all of the following are missing: description"
	}
	return ""
}

func planYumRepository(ctx context.Context, v module.View, a yumArgs) (module.Plan, error) {
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault)), nil
	}
	file := a.File
	if file == "" {
		file = a.Name
	}
	dest := strings.TrimSuffix(a.ReposDir, "/") + "/" + file + ".repo"
	s, err := look(ctx, v, a.asked(question{path: dest, content: editLimit}))
	if err != nil {
		return module.Plan{}, err
	}
	if s.parent != "directory" {
		return module.Done(module.Fail("Repo directory '%s' does not exist.", a.ReposDir)), nil
	}
	before := parseRepos(s.content)
	after := before.without(a.Name)
	if a.State == "present" {
		sec := a.section()
		after = append(after, repoSection{a.Name, slices.Sorted(maps.Keys(sec)), sec})
	}
	was, is := before.dump(), after.dump()
	if was != is && len(after) == 0 {
		return module.Change(module.Diff{Before: was, BeforeHeader: dest, AfterHeader: dest}, func(ctx context.Context, h module.Host) (module.Result, error) {
			r, err := module.Ran(h.Exec(ctx, module.Cmd{Argv: []string{"rm", "-f", s.path}}))
			if err == nil && !r.Failed {
				r.Data = a.answer().Data
			}
			return r, err
		}).Predicting(a.answer()), nil
	}
	e := editing{attributes: a.attributes, path: dest, create: true, keys: func(string, module.Result) module.Result { return a.answer() }}
	w, bad := e.want(s, s.here, 0o666, false)
	if bad != nil {
		return module.Done(*bad), nil
	}
	done := edited{text: s.content}
	if was != is {
		done = edited{text: after.String(), msg: "changed"}
	}
	if s.there == nil && was == is { // absent, and no file
		return module.Done(a.answer()), nil
	}
	return edit{e, s, done, w}.plan(), nil
}

func (a yumArgs) answer() module.Result {
	return module.Result{Data: value.NewMap("repo", a.Name, "state", a.State)}
}

// repoSection is a section of a file of repositories: its keys in their order, and their values, in which a line end begins a further line.
type repoSection struct {
	name string
	keys []string
	val  map[string]string
}

type repoFile []repoSection

// parseRepos reads a file of repositories as Python's configparser does.
func parseRepos(text string) repoFile {
	var out repoFile
	last := ""
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		body := strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(body, "#") || strings.HasPrefix(body, ";"):
			continue
		case body == "":
			continue
		case strings.HasPrefix(body, "[") && strings.Contains(body, "]"):
			out = append(out, repoSection{name: body[1:strings.LastIndexByte(body, ']')], val: map[string]string{}})
			last = ""
			continue
		case len(out) == 0:
			continue
		}
		sec := &out[len(out)-1]
		if strings.TrimLeft(l, " \t") != l && last != "" {
			sec.val[last] = strings.TrimPrefix(sec.val[last]+"\n"+body, "\n")
			continue
		}
		key, val := body, ""
		if i := strings.IndexAny(body, "=:"); i >= 0 {
			key, val = strings.TrimSpace(body[:i]), strings.TrimSpace(body[i+1:])
		}
		last = strings.ToLower(key)
		if _, again := sec.val[last]; !again {
			sec.keys = append(sec.keys, last)
		}
		sec.val[last] = val
	}
	return out
}

func (f repoFile) without(name string) repoFile {
	return slices.DeleteFunc(slices.Clone(f), func(s repoSection) bool { return s.name == name })
}

// String is the file as configparser writes it.
func (f repoFile) String() string {
	var b strings.Builder
	for _, s := range f {
		b.WriteString("[" + s.name + "]\n")
		for _, k := range s.keys {
			b.WriteString(strings.TrimRight(k+" = "+strings.ReplaceAll(s.val[k], "\n", "\n\t"), " ") + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// dump is the file with all in the order of the alphabet: by it is decided whether anything differs.
func (f repoFile) dump() string {
	sorted := slices.SortedStableFunc(slices.Values(f), func(a, b repoSection) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	for _, s := range sorted {
		b.WriteString("[" + s.name + "]\n")
		for _, k := range slices.Sorted(slices.Values(s.keys)) {
			b.WriteString(k + " = " + s.val[k] + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}
