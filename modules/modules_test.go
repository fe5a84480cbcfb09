package modules

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module/moduletest"
)

func TestConform(t *testing.T) { moduletest.Conform(t, Builtin()) }
