package network_test

import (
	"testing"

	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/module/moduletest"
	"github.com/drydock-dev/drydock/modules/network"
)

func all() []module.Module { return []module.Module{network.Firewalld, network.IPTables, network.UFW} }

const (
	notAgain = "what is as it is wanted needs not be told to ufw again"
	twice    = "the words of the rule depend on the numbers of the others"
)

// TestAsAnsible holds modules to what Ansible was seen to do.
func TestAsAnsible(t *testing.T) {
	moduletest.Recorded(t, "testdata/machine.json", all(), moduletest.Tolerated{
		"ufw: a rule that is there":           {Why: notAgain, Differs: []string{"calls"}},
		"ufw: enabled":                        {Why: notAgain, Differs: []string{"calls"}},
		"ufw: logging as it is":               {Why: notAgain, Differs: []string{"calls"}},
		"ufw: the default that it has":        {Why: notAgain, Differs: []string{"calls"}},
		"ufw: insert behind the last of IPv4": {Why: twice, Differs: []string{"queries"}},
		"ufw: insert at the end":              {Why: twice, Differs: []string{"queries"}},
	})
}

func TestConform(t *testing.T) { moduletest.Conform(t, module.NewRegistry(all()...)) }
