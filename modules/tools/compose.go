package tools

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/value"
	"github.com/drydock-dev/drydock/modules/onhost"
)

// ComposeV2 brings the services of a Compose project up, stops, restarts or removes them.
var ComposeV2 = module.Define(module.Spec{
	Name: "community.docker.docker_compose_v2",
	Doc:  "Bring a Compose project up, stop, restart or remove it, by docker compose (2.29 or newer) on the host; check mode is its --dry-run.",
}, planCompose)

type composeArgs struct {
	dockerArgs
	Src          *string    `arg:"project_src,type=path" doc:"Folder of the project on the host."`
	Name         *string    `arg:"project_name" doc:"Name of the project; that of its folder if not given."`
	Files        []string   `arg:"files,elements=path" doc:"Compose files, relative to the folder."`
	Definition   *value.Map `arg:"definition" doc:"The project itself, instead of a folder."`
	EnvFiles     []string   `arg:"env_files,elements=path" doc:"Files of variables for the Compose files."`
	Profiles     []string   `arg:"profiles" doc:"Profiles to turn on."`
	CheckFiles   bool       `arg:"check_files_existing,default=yes" doc:"Refuse a folder without a Compose file."`
	State        string     `arg:"state,default=present,choices=absent|present|restarted|stopped" doc:"What the services are to be."`
	Dependencies bool       `arg:"dependencies,default=yes" doc:"Services that others need are brought up with them."`
	Pull         string     `arg:"pull,default=policy,choices=always|missing|never|policy" doc:"When images are pulled."`
	Build        string     `arg:"build,default=policy,choices=always|never|policy" doc:"When images are built."`
	Recreate     string     `arg:"recreate,default=auto,choices=always|auto|never" doc:"When containers are made anew."`
	RenewVolumes bool       `arg:"renew_anon_volumes,default=no" doc:"Make anonymous volumes anew."`
	RemoveImages *string    `arg:"remove_images,choices=all|local" doc:"With absent: images to remove."`
	RemoveVols   bool       `arg:"remove_volumes,default=no" doc:"With absent: remove volumes."`
	Orphans      bool       `arg:"remove_orphans,default=no" doc:"Remove containers of services that the project no longer has."`
	Timeout      *int       `arg:"timeout" doc:"Seconds that a container has for stopping."`
	Services     []string   `arg:"services" doc:"The services; all if not given."`
	Scale        *value.Map `arg:"scale" doc:"How many containers a service has."`
	Wait         bool       `arg:"wait,default=no" doc:"Wait until containers run, and are healthy."`
	WaitTimeout  *int       `arg:"wait_timeout" doc:"Seconds to wait."`
	IgnoreBuild  bool       `arg:"ignore_build_events,default=yes" doc:"That an image is built does not make the task changed."`
	Yes          bool       `arg:"assume_yes,default=no" doc:"Answer questions with yes; Compose 2.32 or newer."`
}

// composeLook gets $1 the docker command, $2 to $4 the TLS files, $5 the folder, and files relative to it; it answers docker, the TLS files and
// the folder as the host fills them in, whether the folder is there, whether it has a file that Compose would take, and of each file its name and
// whether it is there.
const composeLook = dockerFound + `
docker "$1"
dir=$5
say "$2"; say "$3"; say "$4"; say "$5"
shift 5
[ -d "$dir" ] && say y || say ""
any=
for f in compose.yaml compose.yml docker-compose.yaml docker-compose.yml; do [ ! -e "$dir/$f" ] || any=y; done
say "$any"
for f; do
	case $f in /*) at=$f ;; *) at=$dir/$f ;; esac
	say "$f"
	[ -e "$at" ] && say y || say ""
done
exit 0`

// composeFiles are what Compose looks for where no files are given.
const composeFiles = "compose.yaml, compose.yml, docker-compose.yaml, or docker-compose.yml"

func (a composeArgs) fault() string {
	switch {
	case a.Host != "" && a.Context != "":
		return "parameters are mutually exclusive: docker_host|cli_context"
	case (a.ClientCert != "") != (a.ClientKey != ""):
		return "parameters are required together: client_cert, client_key"
	case a.Definition != nil && a.Src != nil:
		return "parameters are mutually exclusive: definition|project_src"
	case a.Definition != nil && a.Files != nil:
		return "parameters are mutually exclusive: definition|files"
	case a.Definition == nil && a.Src == nil:
		return "one of the following is required: definition, project_src"
	case a.Definition != nil && a.Name == nil:
		return "missing parameter(s) required by 'definition': project_name"
	}
	return ""
}

func planCompose(ctx context.Context, v module.View, a composeArgs) (module.Plan, error) {
	if fault := a.fault(); fault != "" {
		return module.Done(module.Fail("%s", fault)), nil
	}
	c, err := a.look(ctx, v)
	if err != nil {
		return ended(err)
	}
	foretold, err := c.carry(ctx, v.Query, true)
	if err != nil {
		return ended(err)
	}
	plan := module.Change(module.Diff{After: c.told(foretold)}, func(ctx context.Context, h module.Host) (module.Result, error) {
		r, err := c.carry(ctx, h.Exec, false)
		return answered(r, err)
	}).Predicting(foretold)
	if !foretold.Changed {
		plan = plan.Quietly() // it is run all the same: what waits for health, or fails, does so only then
	}
	return plan, nil
}

// told lists what a run is going to do.
func (c *compose) told(r module.Result) string {
	var b strings.Builder
	actions, _ := r.Data.Value("actions").([]any)
	for _, a := range actions {
		m := a.(*value.Map)
		b.WriteString(value.Str(m.Value("status")) + " " + value.Str(m.Value("what")) + " " + value.Str(m.Value("id")) + "\n")
	}
	return b.String()
}

// compose is a task of the module on its host.
type compose struct {
	composeArgs
	docker  docker
	version string
	scale   []string
}

// look finds docker, its Compose and the project's files.
func (a composeArgs) look(ctx context.Context, v module.View) (*compose, error) {
	c := &compose{composeArgs: a}
	dir := "/"
	if a.Src != nil {
		dir = *a.Src
	}
	paths := slices.Concat([]string{a.cli(), a.CAPath, a.ClientCert, a.ClientKey, dir}, a.Files, a.EnvFiles)
	f, err := onhost.Look(ctx, v, onhost.Probe("look at a Compose project", composeLook, paths))
	if err != nil {
		return nil, err
	}
	if c.docker, err = a.found(f); err != nil {
		return nil, err
	}
	dir = f.Next()
	if a.Src != nil {
		c.Src = &dir
	}
	isDir, hasFile := f.Next() != "", f.Next() != ""
	var missing string
	c.Files, missing = filled(f, len(a.Files))
	c.EnvFiles, _ = filled(f, len(a.EnvFiles))
	if err := f.Err(); err != nil {
		return nil, err
	}
	if err := c.docker.check(ctx, v.Query); err != nil {
		return nil, err
	}
	if err := c.know(ctx, v.Query); err != nil {
		return nil, err
	}
	switch {
	case a.Src == nil:
	case !isDir:
		return nil, fail(`"%s" is not a directory`, dir)
	case missing != "":
		return nil, fail(`Cannot find Compose file "%s" relative to project directory "%s"`, missing, dir)
	case len(a.Files) == 0 && a.CheckFiles && !hasFile:
		return nil, fail(`"%s" does not contain %s`, dir, composeFiles)
	}
	return c, nil
}

// filled are the next n files of composeLook, and the first of them that is missing.
func filled(f *onhost.Fields, n int) (files []string, missing string) {
	for range n {
		name := f.Next()
		if there := f.Next(); there == "" && missing == "" {
			missing = name
		}
		files = append(files, name)
	}
	return files, missing
}

// know asks which Compose it is.
func (c *compose) know(ctx context.Context, ask asker) error {
	out, err := ask(ctx, module.Cmd{Argv: append(c.docker.base(), "compose", "version", "--format", "json"), Env: c.docker.env()})
	if err != nil {
		return err
	}
	said, err := jsonLines(out.Stdout)
	if out.Rc != 0 || err != nil || len(said) == 0 {
		return fail("Docker CLI %s does not have the compose plugin installed", c.docker.path)
	}
	c.version = strings.TrimPrefix(value.Str(said[0].Value("version")), "v")
	switch {
	case !atLeast(c.version, "2.29.0"): // from then on it tells what it does in JSON
		return fail("Docker CLI %s has the compose plugin with version %s; need version 2.29.0 or later", c.docker.path, c.version)
	case c.Yes && !atLeast(c.version, "2.32.0"):
		return fail("assume_yes=true needs Docker Compose 2.32.0 or newer, not version %s", c.version)
	}
	for _, name := range slices.SortedFunc(maps.Keys(maps.Collect(c.Scale.All())), func(a, b any) int { return strings.Compare(value.Str(a), value.Str(b)) }) {
		n, err := strconv.Atoi(value.Str(c.Scale.Value(value.Str(name))))
		switch {
		case err != nil:
			return fail("The value %s for `scale[%s]` is not an integer", value.Repr(c.Scale.Value(value.Str(name))), value.Repr(name))
		case n < 0:
			return fail("The value %d for `scale[%s]` is negative", n, value.Repr(name))
		}
		c.scale = append(c.scale, "--scale", value.Str(name)+"="+strconv.Itoa(n))
	}
	return nil
}
