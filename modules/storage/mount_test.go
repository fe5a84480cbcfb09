package storage_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/storage"
)

// Why a mount failed is told also where fstab cannot be put back.
func TestMountFailsTwice(t *testing.T) {
	moduletest.Run(t, storage.Mount, []moduletest.Case{{
		Name: "no way back", Files: map[string]string{"etc/fstab": "# none\n", "proc/self/mountinfo": "", "mnt/": ""},
		Set: func(h *moduletest.Host) {
			h.Rooted = true
			h.Command(t, "mount", "rm /etc/fstab; mkdir /etc/fstab; echo wrong fs type >&2; exit 32")
		},
		Args: []any{"path", "/mnt", "src", "/dev/x", "fstype", "ext4", "state", "mounted"}, Plan: module.KindChange, Repeats: "it failed",
		Fails: "Error mounting /mnt: wrong fs type\n; /etc/fstab could not be put back: could not write",
	}})
}
