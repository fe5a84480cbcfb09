package settings

import (
	"fmt"

	"github.com/drydock-dev/drydock/engine/source"
	"github.com/drydock-dev/drydock/engine/value"
)

// Value is what content may read of the file, as drydock_settings: what tasks carry out, not the run.
func (s *Settings) Value() *value.Map {
	m := value.NewMap("pre_download", s.PreDownload)
	if s.EtcdSnapshot != nil {
		m.Set("etcd_snapshot", value.NewMap("keep", s.EtcdSnapshot.Count))
	}
	if s.Volumes != nil {
		m.Set("volume_snapshots", value.NewMap("keep", s.Volumes.Count))
	}
	return m
}

// nodeOf gives a value of a variable the form of YAML, without a place, so that one reader reads both.
func nodeOf(v any) *source.Node {
	switch x := v.(type) {
	case *value.Map:
		n := &source.Node{Kind: source.Mapping}
		for k, v := range x.All() {
			n.Pairs = append(n.Pairs, source.Pair{Key: nodeOf(k), Value: nodeOf(v)})
		}
		return n
	case []any:
		n := &source.Node{Kind: source.Sequence}
		for _, v := range x {
			n.Items = append(n.Items, nodeOf(v))
		}
		return n
	case nil:
		return &source.Node{Tag: source.TagNull}
	case bool:
		return &source.Node{Tag: source.TagBool, Text: fmt.Sprint(x)}
	case int:
		return &source.Node{Tag: source.TagInt, Text: fmt.Sprint(x)}
	}
	return &source.Node{Tag: source.TagString, Text: value.Str(v)}
}
