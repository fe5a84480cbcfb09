package control

import (
	"bytes"
	"context"
	"path"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
)

// Script brings a script of the content to the host and runs it there.
var Script = module.Define(module.Spec{
	Name:     "ansible.builtin.script",
	Doc:      "Run a script of the content on the host.",
	FreeForm: "_raw_params",
	Disrupts: module.ShellArgs,
}, planScript)

type scriptArgs struct {
	FreeForm   string `arg:"_raw_params" doc:"The script in the content's files directories, and its arguments."`
	Cmd        string `arg:"cmd" doc:"The script and its arguments."`
	Chdir      string `arg:"chdir,type=path" doc:"The directory to run in."`
	Creates    string `arg:"creates,type=path" doc:"A path or pattern; when it exists the script is not run."`
	Removes    string `arg:"removes,type=path" doc:"A path or pattern; when it does not exist the script is not run."`
	Executable string `arg:"executable" doc:"The program that reads the script, with its arguments; else the script's first line decides."`
	Decrypt    bool   `arg:"decrypt,default=true" doc:"The script is decrypted where it is a vault file."`
}

// sendScript reads the script from its input: $1 the directory to run in, $2 its size, $3 its name, $4 the program, $5 the arguments.
const sendScript = `# run a script of the content
t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$t/$3" || exit 1
[ "$(wc -c <"$t/$3")" -eq "$2" ] || { echo "only a part of the script arrived" >&2; exit 1; }
chmod 700 "$t/$3"
case $1 in ?*) cd "$1" 2>/dev/null || { echo '` + noDirectory + `' >&2; exit 126; } ;; esac
eval "$4 \"\$t/\$3\" $5" </dev/null
`

func planScript(ctx context.Context, v module.View, a scriptArgs) (module.Plan, error) {
	line := strings.TrimSpace(a.FreeForm + a.Cmd)
	words, err := module.SplitWords(line)
	if err != nil || len(words) == 0 {
		return module.Done(module.Fail("script needs the name of a script: %q", line)), nil
	}
	why, err := guard{a.Creates, a.Removes, a.Chdir}.holds(ctx, v)
	if err != nil {
		return module.Plan{}, err
	}
	if why != "" {
		option := "creates"
		if strings.HasSuffix(why, "does not exist") {
			option = "removes"
		}
		return module.Done(module.Result{Skipped: true, Msg: why + ", matching " + option + " option"}), nil
	}
	body, err := a.read(v.Controller(), words[0])
	if err != nil {
		return module.Done(module.Fail("%v", err)), nil
	}
	return module.Opaque("Check mode is not supported for this task.", func(ctx context.Context, h module.Host) (module.Result, error) {
		c := module.Script(sendScript, []string{a.Chdir}, strconv.Itoa(len(body)), path.Base(words[0]), a.Executable, rest(line, words[0]))
		c.Stdin = bytes.NewReader(body)
		out, err := h.Exec(ctx, c)
		if err != nil {
			return module.Result{}, err
		}
		return plainResult(out), nil
	}), nil
}

func (a scriptArgs) read(c module.Controller, name string) ([]byte, error) {
	found, err := c.Find("files", name)
	if err != nil {
		return nil, err
	}
	return module.ReadContent(c.FS(), found, a.Decrypt)
}

// rest is the line after its first word, as it was written: the host's shell reads it.
func rest(line, first string) string {
	if after, ok := strings.CutPrefix(line, first); ok {
		return after
	}
	for i := 1; i <= len(line); i++ {
		if w, err := module.SplitWords(line[:i]); err == nil && len(w) == 1 && w[0] == first && (i == len(line) || line[i] == ' ') {
			return line[i:]
		}
	}
	return ""
}
