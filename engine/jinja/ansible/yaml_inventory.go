package ansible

import (
	"fmt"
	"unsafe"

	"github.com/drydock-dev/drydock/engine/value"
)

// InventoryYAML writes an inventory as ansible-inventory --yaml does: keys in order, encrypted texts as they are, and what stands in several
// places written once, under an anchor.
func InventoryYAML(v any) (string, error) {
	o := yamlOptions{indent: 2, width: 80, sortKeys: true, flow: blockFlow}
	o.shared = &sharedNodes{byValue: map[any]*yamlNode{}}
	return o.dump(v)
}

// sharedNodes knows the nodes of mappings, lists and encrypted texts, so that the same one is made once.
type sharedNodes struct{ byValue map[any]*yamlNode }

// identity is equal for two uses of one value, nil for values that have no identity.
func identity(v any) any {
	switch x := v.(type) {
	case *value.Map:
		return x
	case value.Vault:
		return x
	case []any:
		if cap(x) > 0 {
			return unsafe.SliceData(x)
		}
	}
	return nil
}

// sealed is an encrypted text, written as it is.
func sealed(v value.Vault) *yamlNode { return &yamlNode{text: v.Cipher, isText: true, tag: "!vault"} }

// anchors gives names to the nodes that are met more than once, in the order of their second meeting.
func anchors(n *yamlNode, met map[*yamlNode]bool, count *int) {
	if met[n] {
		if n.anchor == "" {
			*count++
			n.anchor = fmt.Sprintf("id%03d", *count)
		}
		return
	}
	met[n] = true
	for _, item := range n.items {
		anchors(item, met, count)
	}
}

// anchored writes the anchor of a node, or, where it was written before, an alias and nothing else.
func (e *yamlEmitter) anchored(n *yamlNode) (done bool) {
	if n.anchor == "" {
		return false
	}
	if n.written {
		e.indicator("*"+n.anchor, true, false, false)
		return true
	}
	n.written = true
	e.indicator("&"+n.anchor, true, false, false)
	return false
}
