// Package helm holds the modules that run the helm of a host: releases, repositories, plugins, charts.
//
// Their arguments, results and command lines are those of Ansible's collection kubernetes.core 6. Each look and each change is one round
// trip: a script that makes a private folder for the values and the kubeconfig, runs helm as often as needed, and takes the folder away.
package helm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// binary is the argument that every module of helm has.
type binary struct {
	Binary string `arg:"binary_path,type=path" doc:"The helm to run; the one on the PATH if not given."`
}

// access are the arguments by which helm reaches a cluster. What is not given is taken from the host's K8S_AUTH_ variables.
type access struct {
	binary
	Context       string `arg:"context,alias=kube_context" doc:"Context of the kubeconfig to use."`
	Kubeconfig    any    `arg:"kubeconfig,type=raw,secret,alias=kubeconfig_path" doc:"Path of a kubeconfig on the host the task runs on, or its content as a mapping."`
	Host          string `arg:"host" doc:"URL of the API server."`
	CACert        string `arg:"ca_cert,type=path,alias=ssl_ca_cert" doc:"File with the certificate authority of the API server."`
	ValidateCerts *bool  `arg:"validate_certs,alias=verify_ssl" doc:"Check the API server's certificate; yes if not given."`
	APIKey        string `arg:"api_key,secret" doc:"Bearer token."`
}

// exclusive refuses a context beside what would change it, as Ansible does.
func (a access) exclusive(certs bool) error {
	switch {
	case a.Context != "" && a.CACert != "":
		return errors.New("parameters are mutually exclusive: context|ca_cert")
	case certs && a.Context != "" && a.ValidateCerts != nil:
		return errors.New("parameters are mutually exclusive: context|validate_certs")
	}
	return nil
}

// What stands in command lines for that which only the host knows: its helm, the folder of this session, the
// home of who runs it.
const (
	helmMark = "\x02"
	dirMark  = "\x01"
	homeMark = "\x03"
	// secretMark stands for the session's secret; it is shown as stars.
	secretMark = "\x04"
	// valuesFile is where the values of a session are.
	valuesFile = dirMark + "/values.yml"
)

// session is one run of the script: how helm is to be called.
type session struct {
	access
	namespace string
	values    *value.Map // written to valuesFile
	secret    string     // a password that a command needs
	what      string     // names the script
}

// step is one command of a session. A session ends with the first that fails, unless mayFail.
type step struct {
	line    string // split into words as a shell does; nothing in it is expanded
	mayFail bool
	keep    bool // its output is what ifSaid of later steps looks at
	// ifSaid runs the step only if the output that was kept has a line that this extended regular expression finds.
	ifSaid string
	fed    bool // it reads the session's secret from its input
}

// answers are what a session has brought: where helm is, and what each step that ran has left.
type answers struct {
	helm, dir, home string
	steps           []module.Output
	ran             []bool
}

// The script's frame. Secrets come by the input, never in an argument.
const (
	head = `umask 077
IFS= read -r token
IFS= read -r secret
IFS= read -r config
t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$t/values.yml"
step() {
	"$@" >"$t/out" 2>"$t/err"
	rc=$?
	cat "$t/out"; printf '\0'; cat "$t/err"; printf '\0%s\0' $rc
	return $rc
}
`
	search = `helm=$(PATH=$PATH:/sbin:/usr/sbin:/usr/local/sbin; command -v helm) || { echo "$PATH:/sbin:/usr/sbin:/usr/local/sbin" >&2; exit 78; }
`
	noHelm = 78
)

// export is a line that sets a variable of helm's, from the argument or else from the host's own variable.
func export(name, given, own string) string {
	return fmt.Sprintf("v=%s; v=${v:-${%s-}}; case $v in ?*) export %s=\"$v\" ;; esac\n", module.HostWord(given), own, name)
}

func (s session) script(v module.View, steps []step) (module.Cmd, error) {
	if strings.Contains(s.APIKey+s.secret, "\n") {
		return module.Cmd{}, errors.New("a token or password for helm cannot have more than one line")
	}
	config, err := s.config(v)
	if err != nil {
		return module.Cmd{}, err
	}
	b := strings.Builder{}
	b.WriteString("# helm: " + s.what + "\n" + head)
	if s.Binary != "" {
		b.WriteString("helm=" + module.HostWord(s.Binary) + "\n")
	} else {
		b.WriteString(search)
	}
	b.WriteString(s.environment())
	b.WriteString(`printf '%s\0%s\0%s\0' "$helm" "$t" "$HOME"` + "\n")
	for _, one := range steps {
		words, err := module.SplitWords(one.line)
		if err != nil {
			return module.Cmd{}, fmt.Errorf("%s: %w", one.line, err)
		}
		b.WriteString(one.text(words))
	}
	b.WriteString("exit 0\n")
	values := ""
	if s.values != nil {
		data, err := s.values.MarshalJSON() // JSON is YAML
		if err != nil {
			return module.Cmd{}, err
		}
		values = string(data) + "\n"
	}
	return module.Cmd{Script: b.String(), Stdin: strings.NewReader(s.APIKey + "\n" + s.secret + "\n" + config + "\n" + values)}, nil
}

func (s session) environment() string {
	env := export("HELM_KUBECONTEXT", s.Context, "K8S_AUTH_CONTEXT") +
		export("HELM_NAMESPACE", s.namespace, "HELM_NAMESPACE") +
		export("HELM_KUBEAPISERVER", s.Host, "K8S_AUTH_HOST") +
		export("HELM_KUBECAFILE", s.CACert, "K8S_AUTH_SSL_CA_CERT") +
		"token=${token:-${K8S_AUTH_API_KEY-}}; case $token in ?*) export HELM_KUBETOKEN=\"$token\" ;; esac\n"
	switch {
	case s.ValidateCerts == nil:
		env += "case ${K8S_AUTH_VERIFY_SSL-} in [nNfF0]*|[oO][fF]*) export HELM_KUBEINSECURE_SKIP_TLS_VERIFY=true ;; esac\n"
	case !*s.ValidateCerts:
		env += "export HELM_KUBEINSECURE_SKIP_TLS_VERIFY=true\n"
	}
	given, _ := s.Kubeconfig.(string)
	return env + export("KUBECONFIG", given, "K8S_AUTH_KUBECONFIG") +
		`case $config in ?*) printf '%s\n' "$config" >"$t/kubeconfig"; export KUBECONFIG="$t/kubeconfig" ;; esac` + "\n"
}

// config is the kubeconfig that the task holds itself, as one line of JSON: a mapping, or a file of the content when the host is the controller.
func (s session) config(v module.View) (string, error) {
	m, ok := s.Kubeconfig.(*value.Map)
	if name, text := s.Kubeconfig.(string); text && name != "" && module.IsLocal(v) && !path.IsAbs(name) && !strings.HasPrefix(name, "~") {
		found, err := v.Controller().Find("files", name)
		if err != nil {
			return "", nil // then it is relative to where the task runs
		}
		data, err := fs.ReadFile(v.Controller().FS(), found)
		if err != nil {
			return "", err
		}
		doc, err := parseYAML(v, string(data))
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		m, ok = doc.(*value.Map)
	}
	if !ok {
		return "", nil
	}
	data, err := m.MarshalJSON()
	return string(data), err
}

// text is the step in the script's words.
func (st step) text(words []string) string {
	var b strings.Builder
	for _, w := range words {
		w = module.Quote(w)
		w = strings.ReplaceAll(w, helmMark, `'"$helm"'`)
		w = strings.ReplaceAll(w, secretMark, `'"$secret"'`)
		w = strings.ReplaceAll(w, homeMark, `'"$HOME"'`)
		b.WriteString(" " + strings.ReplaceAll(w, dirMark, `'"$t"'`))
	}
	line := "step" + b.String() + " </dev/null"
	if st.fed {
		line = `printf %s "$secret" | step` + b.String()
	}
	if !st.mayFail {
		line += " || exit 0"
	}
	if st.keep {
		line += `; cp "$t/out" "$t/said"`
	}
	if st.ifSaid != "" {
		return "if grep -Eq " + module.Quote(st.ifSaid) + ` "$t/said"; then ` + line + `; else printf '\0\0-\0'; fi` + "\n"
	}
	return line + "\n"
}

// asker is View.Query or Host.Exec.
type asker func(ctx context.Context, c module.Cmd) (module.Output, error)

// failure is an answer of the host that ends the task.
type failure struct{ result module.Result }

func (f failure) Error() string { return f.result.Msg }

// run carries out the steps. The first that failed and may not is a failure, in Ansible's words.
func (s session) run(ctx context.Context, v module.View, ask asker, steps ...step) (answers, error) {
	cmd, err := s.script(v, steps)
	if err != nil {
		return answers{}, failure{module.Fail("%v", err)}
	}
	out, err := ask(ctx, cmd)
	if err != nil {
		return answers{}, err
	}
	if out.Rc == noHelm {
		return answers{}, failure{module.Fail("Failed to find required executable \"helm\" in paths: %s", strings.TrimSpace(out.Stderr))}
	}
	got, err := parseAnswers(out, len(steps))
	if err != nil {
		return answers{}, err
	}
	for i, o := range got.steps {
		if o.Rc != 0 && !steps[i].mayFail {
			return got, failure{got.refused(steps[i].line, o)}
		}
	}
	return got, nil
}

func parseAnswers(out module.Output, steps int) (answers, error) {
	f := strings.Split(out.Stdout, "\x00")
	if out.Rc != 0 || len(f) < 4 {
		return answers{}, fmt.Errorf("helm could not be run (exit %d): %s", out.Rc, strings.TrimSpace(out.Stderr))
	}
	got := answers{helm: f[0], dir: f[1], home: f[2], ran: make([]bool, steps), steps: make([]module.Output, steps)}
	for i := 0; i < steps && len(f) >= 3+3*(i+1); i++ {
		part := f[3+3*i:]
		rc, err := strconv.Atoi(part[2])
		if got.ran[i] = err == nil; got.ran[i] {
			got.steps[i] = module.Output{Stdout: part[0], Stderr: part[1], Rc: rc}
		}
	}
	return got, nil
}

// command is a line as it was run, for people and results.
func (a answers) command(line string) string {
	return strings.NewReplacer(helmMark, a.helm, dirMark, a.dir, homeMark, a.home, secretMark, "********").Replace(line)
}

// foretold is a line as it would be run, by a helm that was not looked for yet.
func (b binary) foretold(line string) module.Result {
	got := answers{helm: "helm", dir: "/tmp/helm"}
	if b.Binary != "" {
		got.helm = b.Binary
	}
	return module.Result{}.With("command", got.command(line)).With("stdout", "").With("stderr", "").With("rc", 0)
}

func (a answers) refused(line string, o module.Output) module.Result {
	return module.Fail("Failure when executing Helm command. Exited %d.\nstdout: %s\nstderr: %s", o.Rc, o.Stdout, o.Stderr).
		With("stdout", o.Stdout).With("stderr", o.Stderr).With("command", a.command(line))
}

// ended makes of an error what a plan answers: failures of the host are results.
func ended(err error) (module.Plan, error) {
	r, err := answered(module.Result{}, err)
	return module.Done(r), err
}

// answered is ended for an act.
func answered(r module.Result, err error) (module.Result, error) {
	var f failure
	if errors.As(err, &f) {
		return f.result, nil
	}
	return r, err
}

// parseYAML reads the first document of a text.
func parseYAML(v module.View, text string) (any, error) {
	docs, err := parseAll(v, text)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	return docs[0], nil
}

func parseAll(v module.View, text string) ([]any, error) {
	s, err := v.Controller().Service(module.YAMLKey{})
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	docs, err := s.(module.YAML).Docs(text)
	if err != nil {
		return nil, failure{module.Fail("Error parsing YAML content: %v", err).With("raw_data", text)}
	}
	return docs, nil
}

// line is a command line that grows. Words given to it are split again by the shell's rules, as Ansible's modules have it.
type line struct{ strings.Builder }

// add appends text if it is wanted.
func (l *line) add(wanted bool, text string) {
	if wanted {
		l.WriteString(" " + text)
	}
}

// opt appends an option with its value, if there is one.
func (l *line) opt(option, val string) { l.add(val != "", option+val) }

// onHost is a path of which only the host knows where ~ is.
func onHost(path string) string {
	if path == "~" || strings.HasPrefix(path, "~/") {
		return homeMark + path[1:]
	}
	return path
}

// yes tells whether an optional boolean is set.
func yes(b *bool) bool { return b != nil && *b }
