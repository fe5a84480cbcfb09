package storage_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/storage"
)

func all() []module.Module { return []module.Module{storage.Mount} }

// TestAsAnsible holds modules to what Ansible was seen to do.
func TestAsAnsible(t *testing.T) {
	moduletest.Recorded(t, "testdata/machine.json", all(), moduletest.Tolerated{})
}

func TestConform(t *testing.T) { moduletest.Conform(t, module.NewRegistry(all()...)) }
