package ansible

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/drydock-dev/drydock/engine/jinja"
	"github.com/drydock-dev/drydock/engine/value"
)

func toYAML(c *jinja.Call, in any) (any, error) {
	return dumpYAML(c, in, yamlOptions{indent: 2, width: 80, sortKeys: true, flow: leafFlow})
}

func toNiceYAML(c *jinja.Call, in any) (any, error) {
	o := yamlOptions{indent: 4, width: 80, sortKeys: true, flow: blockFlow}
	if len(c.Args) > 0 {
		n, ok := jinja.AsInt(c.Args[0])
		if !ok {
			return nil, typeError("the argument 'indent' of to_nice_yaml must be an int, not %s", value.TypeName(c.Args[0]))
		}
		o.indent = n
	}
	return dumpYAML(c, in, o)
}

// yamlOptions are the arguments of yaml.dump.
type yamlOptions struct {
	indent, width     int
	sortKeys          bool
	flow              flowStyle
	style             string // of all texts: | > ' or ", empty: as they need
	start, end        bool   // --- and ...
	escapeBeyondASCII bool
	nodes             *int // how many there are so far
	blockTexts        bool // texts of several lines are blocks, made to fit where they would not

	shared *sharedNodes // nil: nothing is written as an alias
}

// maxYAMLNodes is how many keys, values and items a value may have to be written.
const maxYAMLNodes = 2_000_000

// flowStyle says which collections are written in brackets.
type flowStyle int

const (
	leafFlow  flowStyle = iota // those that hold no other collection
	blockFlow                  // none
	allFlow
)

func (o *yamlOptions) set(c *jinja.Call, key any, v any) error {
	number := func(p *int) error {
		n, ok := jinja.AsInt(v)
		if ok {
			*p = n
		} else if f, isFloat := v.(float64); isFloat && f > 0 {
			*p = int(min(f, 1<<30))
		} else if v != nil {
			return typeError("the argument %s of %s must be an int, not %s", value.Repr(key), c.Name, value.TypeName(v))
		}
		return nil
	}
	switch key {
	case "indent":
		return number(&o.indent)
	case "width":
		return number(&o.width)
	case "sort_keys":
		o.sortKeys = value.Truth(v)
	case "default_flow_style":
		o.flow = leafFlow
		if on, isBool := v.(bool); isBool {
			o.flow = map[bool]flowStyle{true: allFlow, false: blockFlow}[on]
		}
	case "default_style":
		o.style, _ = v.(string)
	case "explicit_start":
		o.start = value.Truth(v)
	case "explicit_end":
		o.end = value.Truth(v)
	case "allow_unicode":
		o.escapeBeyondASCII = !value.Truth(v)
	case "encoding", "line_break", "canonical", "version", "tags", "vault_to_text":
	default:
		return typeError("%s got an unexpected keyword argument %s", c.Name, value.Repr(key))
	}
	return nil
}

func dumpYAML(c *jinja.Call, in any, o yamlOptions) (any, error) {
	for k, v := range c.Kwargs.All() {
		if err := o.set(c, k, v); err != nil {
			return nil, err
		}
	}
	return o.dump(in)
}

// dump writes a value.
func (o yamlOptions) dump(in any) (string, error) {
	if o.indent < 2 || o.indent > 9 {
		o.indent = 2
	}
	switch {
	case o.width < 0:
		o.width = 1 << 30
	case o.width <= o.indent*2:
		o.width = 80
	}
	e := &yamlEmitter{yamlOptions: o, indentNow: -1, blank: true, atIndent: true}
	o.nodes = new(int)
	n, err := o.node(in, 0)
	if err != nil {
		return "", err
	}
	if o.shared != nil {
		anchors(n, map[*yamlNode]bool{}, new(int))
	}
	if o.start {
		e.indicator("---", true, false, false)
		if n.items != nil && !n.flow {
			e.writeIndent()
		}
	}
	e.node(n, false, false)
	e.indentNow = 0
	e.writeIndent()
	if o.end {
		e.put("...")
		e.writeBreak('\n')
	}
	return e.b.String(), nil
}

// yamlNode is a value as YAML sees it: a scalar, or a collection (of keys and values in turn, for a mapping).
type yamlNode struct {
	text    string
	isText  bool // a string; else a number, boolean or null that is always plain
	mapping bool
	flow    bool
	items   []*yamlNode // not nil for a collection

	tag, anchor string
	written     bool // further uses are aliases
}

// node makes a node of a value; where sharing matters, the same value gives the same node.
func (o yamlOptions) node(v any, depth int) (*yamlNode, error) {
	if o.shared == nil {
		return o.newNode(v, depth)
	}
	id := identity(v)
	if n := o.shared.byValue[id]; id != nil && n != nil {
		return n, nil
	}
	n, err := o.newNode(v, depth)
	if id != nil {
		o.shared.byValue[id] = n
	}
	return n, err
}

func (o yamlOptions) newNode(v any, depth int) (*yamlNode, error) {
	if v, ok := v.(value.Vault); ok && o.shared != nil {
		return sealed(v), nil
	}
	if depth > 1000 {
		return nil, value.Errorf(value.Recursion, "the value is nested too deeply")
	}
	if err := jinja.Use(v); err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case nil:
		return &yamlNode{text: "null"}, nil
	case bool:
		return &yamlNode{text: strconv.FormatBool(x)}, nil
	case int, *big.Int:
		return &yamlNode{text: value.Str(x)}, nil
	case float64:
		return &yamlNode{text: yamlFloat(x)}, nil
	case string:
		return &yamlNode{text: x, isText: true}, nil
	}
	if items, ok := value.Items(v); ok {
		return o.collection(items, false, depth)
	}
	m, ok := jinja.AsMap(v)
	if !ok {
		if f, isFinal := v.(interface{ Final() (any, error) }); isFinal {
			fin, err := f.Final()
			if err != nil {
				return nil, err
			}
			return o.node(fin, depth+1)
		}
		return nil, typeError("a value of type '%s' cannot be written as YAML", value.TypeName(v))
	}
	keys := m.Keys()
	if o.sortKeys {
		if value.Sort(keys, nil, false) != nil {
			keys = m.Keys()
		}
	}
	var pairs []any
	for _, k := range keys {
		pairs = append(pairs, k, m.Value(k))
	}
	return o.collection(pairs, true, depth)
}

func (o yamlOptions) collection(items []any, mapping bool, depth int) (*yamlNode, error) {
	if *o.nodes += len(items); *o.nodes > maxYAMLNodes {
		return nil, value.Errorf(value.Limit, "a value of more than %d parts is too big for YAML", maxYAMLNodes)
	}
	n := &yamlNode{mapping: mapping, items: make([]*yamlNode, len(items)), flow: o.flow != blockFlow}
	for i, it := range items {
		child, err := o.node(it, depth+1)
		if err != nil {
			return nil, err
		}
		n.items[i] = child
		if o.flow == leafFlow && (child.items != nil || o.style != "") {
			n.flow = false
		}
	}
	return n, nil
}

func yamlFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return ".nan"
	case math.IsInf(f, 1):
		return ".inf"
	case math.IsInf(f, -1):
		return "-.inf"
	}
	s := value.FormatFloat(f)
	if !strings.Contains(s, ".") {
		s = strings.Replace(s, "e", ".0e", 1)
	}
	return s
}
