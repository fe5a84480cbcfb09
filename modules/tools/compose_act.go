// What docker compose is called with, for each state, and what comes of it.

package tools

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
)

// composeScript gets $1 the folder, or nothing: the project comes by the input; then the command.
const composeScript = `# docker compose
dir=$1
shift
case $dir in
?*) cd "$dir" || exit 1; exec "$@" </dev/null ;;
esac
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$dir/compose.yaml" && cd "$dir" && "$@" </dev/null`

// args are the words for docker.
func (c *compose) args(verb ...string) []string {
	out := []string{"compose", "--ansi", "never", "--progress", "json", "--project-directory", "."}
	if c.Src != nil {
		out[len(out)-1] = *c.Src
	}
	if c.Name != nil {
		out = append(out, "--project-name", *c.Name)
	}
	for _, o := range []struct {
		option string
		each   []string
	}{{"--file", c.Files}, {"--env-file", c.EnvFiles}, {"--profile", c.Profiles}} {
		for _, x := range o.each {
			out = append(out, o.option, x)
		}
	}
	return append(out, verb...)
}

// call runs docker in the project's folder.
func (c *compose) call(ctx context.Context, ask asker, args []string) (module.Output, error) {
	dir, text := "", ""
	if c.Src != nil {
		dir = *c.Src
	} else {
		data, err := json.Marshal(c.Definition) // which is YAML as well
		if err != nil {
			return module.Output{}, fail("the definition cannot be written: %v", err)
		}
		text = string(data)
	}
	cmd := module.Script(composeScript, []string{dir}, append(c.docker.base(), args...)...)
	cmd.Env, cmd.Stdin = c.docker.env(), strings.NewReader(text)
	return ask(ctx, cmd)
}

// up are the words of up.
func (c *compose) up(dry, noStart bool) []string {
	out := []string{"up", "--detach", "--no-color", "--quiet-pull"}
	add := func(on bool, words ...string) {
		if on {
			out = append(out, words...)
		}
	}
	add(c.Pull != "policy", "--pull", c.Pull)
	add(c.Orphans, "--remove-orphans")
	add(c.Recreate == "always", "--force-recreate")
	add(c.Recreate == "never", "--no-recreate")
	add(c.RenewVolumes, "--renew-anon-volumes")
	add(!c.Dependencies, "--no-deps")
	out = append(out, c.stopTime()...)
	add(c.Build == "always", "--build")
	add(c.Build == "never", "--no-build")
	add(true, c.scale...)
	add(c.Wait, "--wait")
	if c.Wait && c.WaitTimeout != nil {
		add(true, "--wait-timeout", strconv.Itoa(*c.WaitTimeout))
	}
	add(noStart, "--no-start")
	add(dry, "--dry-run")
	yes := "--yes"
	if !atLeast(c.version, "2.34.0") {
		yes = "-y" // whose long form is misspelt before
	}
	add(c.Yes, yes)
	return c.args(c.ending(out)...)
}

// other are the words of the verbs besides up.
func (c *compose) other(verb string, dry bool) []string {
	out := []string{verb}
	switch {
	case verb == "restart" && !c.Dependencies:
		out = append(out, "--no-deps")
	case verb == "down":
		if c.Orphans {
			out = append(out, "--remove-orphans")
		}
		if c.RemoveImages != nil {
			out = append(out, "--rmi", *c.RemoveImages)
		}
		if c.RemoveVols {
			out = append(out, "--volumes")
		}
	}
	out = append(out, c.stopTime()...)
	if dry {
		out = append(out, "--dry-run")
	}
	return c.args(c.ending(out)...)
}

func (c *compose) stopTime() []string {
	if c.Timeout == nil {
		return nil
	}
	return []string{"--timeout", strconv.Itoa(*c.Timeout)}
}

func (c *compose) ending(words []string) []string { return append(append(words, "--"), c.Services...) }

// carry does what the state asks for, or with dry has Compose tell what it would do, and lists what is there then.
func (c *compose) carry(ctx context.Context, ask asker, dry bool) (module.Result, error) {
	var r composeRun
	var err error
	switch c.State {
	case "present":
		err = r.add(ctx, c, ask, c.up(dry, false), true)
	case "restarted":
		err = r.add(ctx, c, ask, c.other("restart", dry), false)
	case "absent":
		err = r.add(ctx, c, ask, c.other("down", dry), false)
	case "stopped":
		err = c.stop(ctx, ask, &r, dry)
	}
	if err != nil {
		return r.result(), err
	}
	containers, err := c.containers(ctx, ask)
	if err != nil {
		return r.result(), err
	}
	images, err := c.images(ctx, ask)
	if err != nil {
		return r.result(), err
	}
	return r.result().With("containers", containers).With("images", images), nil
}

// stop makes containers that are not there, and stops those that run: stop alone claims to stop what is stopped already.
func (c *compose) stop(ctx context.Context, ask asker, r *composeRun, dry bool) error {
	if err := r.add(ctx, c, ask, c.up(dry, true), true); err != nil || r.failed != nil {
		return err
	}
	list, err := c.ps(ctx, ask)
	if err != nil {
		return err
	}
	for _, m := range list {
		switch m.Value("State") {
		case "created", "exited", "stopped", "killed":
			continue
		}
		return r.add(ctx, c, ask, c.other("stop", dry), false)
	}
	return nil
}

func (c *compose) ps(ctx context.Context, ask asker) ([]*value.Map, error) {
	args := c.args("ps", "--format", "json", "--all", "--no-trunc")
	out, err := c.call(ctx, ask, args)
	if err != nil {
		return nil, err
	}
	if out.Rc != 0 {
		return nil, failure{*composeFailed(c, args, out, composeEvents(out.Stderr))}
	}
	return jsonLines(out.Stdout)
}

// containers are the project's containers, with what Compose writes as one text taken apart.
func (c *compose) containers(ctx context.Context, ask asker) ([]any, error) {
	list, err := c.ps(ctx, ask)
	out := make([]any, 0, len(list))
	for _, m := range list {
		labels := &value.Map{}
		if text, _ := m.Value("Labels").(string); text != "" {
			for _, l := range strings.Split(text, ",") {
				k, v, _ := strings.Cut(l, "=")
				labels.Set(k, v)
			}
		}
		names, ok := m.Value("Names").(string)
		if !ok {
			names = value.Str(m.Value("Name"))
		}
		networks, _ := m.Value("Networks").(string)
		m.Set("Labels", labels)
		m.Set("Names", texts(strings.Split(names, ",")))
		m.Set("Networks", texts(strings.Split(networks, ",")))
		if !value.Truth(m.Value("Publishers")) {
			m.Set("Publishers", []any{})
		}
		out = append(out, m)
	}
	return out, err
}

func (c *compose) images(ctx context.Context, ask asker) ([]any, error) {
	args := c.args("images", "--format", "json")
	out, err := c.call(ctx, ask, args)
	if err != nil {
		return nil, err
	}
	if out.Rc != 0 {
		return nil, failure{*composeFailed(c, args, out, composeEvents(out.Stderr))}
	}
	v, err := value.ParseJSON([]byte(out.Stdout))
	switch x := v.(type) {
	case []any:
		return x, nil
	case *value.Map: // Compose 2.37.0
		list := []any{}
		for _, image := range x.All() {
			list = append(list, image)
		}
		return list, nil
	}
	return nil, fail("Error while parsing JSON output of %s: %v\nJSON output: %s", strings.Join(args, " "), err, out.Stdout)
}
