package engine

import (
	"github.com/drydock-dev/drydock/engine/module"
	"github.com/drydock-dev/drydock/engine/pace"
	"github.com/drydock-dev/drydock/engine/run"
	"github.com/drydock-dev/drydock/engine/settings"
)

// between is what decides when the next hosts may be taken out of service. Without a drydock.yml, too: hosts may have windows by variables.
func (j *Job) between() run.Between { return j.pace() }

func (j *Job) pace() *pace.Pace {
	s := j.Settings
	if s == nil {
		s = settings.Default()
	}
	clock := j.Machine.Clock
	if clock == nil {
		clock = module.RealClock{}
	}
	return pace.New(pace.Options{Settings: s, Clock: clock, Learned: j.Machine.Learned, Wait: j.Wait, Cluster: pace.FindCluster(s.Kubeconfig)})
}
