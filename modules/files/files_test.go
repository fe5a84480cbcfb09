package files

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestConform(t *testing.T) {
	moduletest.Conform(t, module.NewRegistry(BlockInFile, Copy, Fetch, File, Find, GetURL, LineInFile, Replace, Slurp, Stat, TempFile, Template, Unarchive, URI))
}
