package files

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

// TestWholeFilesAsAnsible replays what ansible-core 2.19.11 and community.general made of INI files, repositories of dnf and assembled files.
func TestWholeFilesAsAnsible(t *testing.T) {
	for _, name := range []string{"assemble", "ini_file", "yum_repository"} {
		t.Run(name, func(t *testing.T) {
			moduletest.Replayed{
				File: "testdata/" + name + ".json", Modules: []module.Module{Assemble, IniFile, YumRepository},
				Ignore: []string{"gid", "group", "uid", "owner", "mode", "size", "state", "md5sum", "validation"},
			}.Run(t)
		})
	}
}
