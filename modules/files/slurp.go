package files

import (
	"context"
	"encoding/base64"

	"github.com/drydock-dev/drydock/engine/module"
)

// Slurp answers what a file holds, in base64.
var Slurp = module.Define(module.Spec{
	Name: "ansible.builtin.slurp",
	Doc:  "Answer what a file of the host holds, in base64.",
}, planSlurp)

type slurpArgs struct {
	Src string `arg:"src,required,type=path,alias=path" doc:"The file."`
}

func planSlurp(ctx context.Context, v module.View, a slurpArgs) (module.Plan, error) {
	s, err := look(ctx, v, question{path: a.Src, content: everything})
	switch {
	case err != nil:
		return module.Plan{}, err
	case s.there == nil:
		return module.Done(module.Fail("File not found: %s", s.path)), nil
	case s.isDir():
		return module.Done(module.Fail("Source is a directory and must be a file: %s", s.path)), nil
	case !s.hasContent:
		return module.Done(module.Fail("File is not readable: %s", s.path)), nil
	}
	return module.Done(module.Result{}.With("content", base64.StdEncoding.EncodeToString([]byte(s.content))).
		With("source", s.path).With("encoding", "base64")), nil
}
