package aslyaml

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/statemill/statemill/asl"
)

// The bounds of what is read. Aliases can make a short text very long, and flow
// collections can nest as deeply as the text is long.
const (
	mostBytes = 1 << 20
	mostDepth = 1000
)

// writer writes the JSON of a document.
type writer struct {
	tags   map[string]string
	source *Source
	text   []byte
	open   map[*yaml.Node]bool // collections that are being written
}

// number is the grammar of numbers in JSON.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// ambiguous is what YAML 1.1, or a reader that guesses, takes for no text.
var ambiguous = regexp.MustCompile(`^([yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|` +
	`[-+]?0[0-7_]+|[-+]?0x[0-9a-fA-F_]+|0o[0-7]+|[-+]?0b[01_]+|[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9][0-9_]*|` +
	`[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|\d{4}-\d\d?-\d\d?([Tt ].*)?)$`)

// node writes a value.
func (w *writer) node(n *yaml.Node, depth int) error {
	switch {
	case len(w.text) > mostBytes:
		return problem(n, "the definition is larger than 1 MiB")
	case depth > mostDepth:
		return problem(n, "the text nests too deeply")
	case w.open[n]:
		return problem(n, "the anchor %q is inside itself", n.Anchor)
	}
	start := w.begin(n)
	var err error
	switch n.Kind {
	case yaml.DocumentNode:
		err = w.node(n.Content[0], depth+1)
	case yaml.AliasNode:
		err = w.alias(n, depth)
	case yaml.SequenceNode, yaml.MappingNode:
		w.open[n] = true
		err = w.tagged(n, depth)
		delete(w.open, n)
	case yaml.ScalarNode:
		err = w.tagged(n, depth)
	default:
		err = problem(n, "this cannot be read")
	}
	w.end(start)
	return err
}

// alias writes what an alias stands for. Positions in it are those of the anchor.
func (w *writer) alias(n *yaml.Node, depth int) error {
	if n.Alias == nil {
		return problem(n, "there is no anchor %q", n.Value)
	}
	return w.node(n.Alias, depth+1)
}

// tagged writes a node, inside of the member that stands for its tag if it has one.
func (w *writer) tagged(n *yaml.Node, depth int) error {
	tag := n.ShortTag()
	if strings.HasPrefix(tag, "!!") || tag == "" || tag == "!" {
		return w.content(n, depth)
	}
	member, known := w.tags[tag]
	if !known {
		return problem(n, "the tag %s has no meaning here", tag)
	}
	w.text = append(append(append(w.text, '{'), quoted(member)...), ':')
	start := w.begin(n)
	err := w.content(n, depth)
	w.end(start)
	w.text = append(w.text, '}')
	return err
}

func (w *writer) content(n *yaml.Node, depth int) error {
	switch n.Kind {
	case yaml.SequenceNode:
		return w.sequence(n, depth)
	case yaml.MappingNode:
		return w.mapping(n, depth)
	}
	w.scalar(n)
	return nil
}

func (w *writer) sequence(n *yaml.Node, depth int) error {
	w.text = append(w.text, '[')
	for i, element := range n.Content {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		if err := w.node(element, depth+1); err != nil {
			return err
		}
	}
	w.text = append(w.text, ']')
	return nil
}

// pair is a member of a mapping.
type pair struct{ name, value *yaml.Node }

func (w *writer) mapping(n *yaml.Node, depth int) error {
	pairs, err := w.pairs(n, depth)
	if err != nil {
		return err
	}
	w.text = append(w.text, '{')
	for i, p := range pairs {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		start := w.begin(p.name)
		w.str(p.name)
		w.end(start)
		w.text = append(w.text, ':')
		if err := w.node(p.value, depth+1); err != nil {
			return err
		}
	}
	w.text = append(w.text, '}')
	return nil
}

// pairs returns the members of a mapping: its own, then those that << merges in and that
// it does not have itself.
func (w *writer) pairs(n *yaml.Node, depth int) (pairs []pair, err error) {
	if depth > mostDepth {
		return nil, problem(n, "the text nests too deeply")
	}
	seen := make(map[string]bool)
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		switch {
		case name.ShortTag() == "!!merge":
			merged = append(merged, value)
			continue
		case name.Kind != yaml.ScalarNode:
			return nil, problem(name, "a name must be a text")
		case seen[name.Value]:
			return nil, problem(name, "the name %q is there twice", name.Value)
		}
		seen[name.Value] = true
		pairs = append(pairs, pair{name, value})
	}
	for _, m := range merged {
		from, err := w.merge(m, depth)
		if err != nil {
			return nil, err
		}
		for _, p := range from {
			if !seen[p.name.Value] {
				seen[p.name.Value] = true
				pairs = append(pairs, p)
			}
		}
	}
	return pairs, nil
}

// merge returns the members that << takes from a mapping, or from several, of which the
// first goes before the others.
func (w *writer) merge(n *yaml.Node, depth int) (pairs []pair, err error) {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	switch {
	case w.open[n] && n.Kind == yaml.MappingNode:
		return nil, problem(n, "the anchor %q is inside itself", n.Anchor)
	case n.Kind == yaml.MappingNode:
		w.open[n] = true
		defer delete(w.open, n)
		return w.pairs(n, depth+1)
	case n.Kind != yaml.SequenceNode:
		return nil, problem(n, "<< wants a mapping, or a list of mappings")
	}
	for _, element := range n.Content {
		from, err := w.merge(element, depth+1)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, from...)
		if len(pairs) > mostBytes/4 {
			return nil, problem(n, "the definition is larger than 1 MiB")
		}
	}
	return pairs, nil
}

// styled are the styles of scalars that are not plain.
const styled = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

func (w *writer) scalar(n *yaml.Node) {
	plain := n.Style&styled == 0 && n.Style&yaml.TaggedStyle == 0
	switch {
	case plain && number.MatchString(n.Value):
		w.text = append(w.text, n.Value...)
	case plain && oneOf(n.Value, "true", "True", "TRUE"):
		w.text = append(w.text, "true"...)
	case plain && oneOf(n.Value, "false", "False", "FALSE"):
		w.text = append(w.text, "false"...)
	case plain && oneOf(n.Value, "", "~", "null", "Null", "NULL"):
		w.text = append(w.text, "null"...)
	default:
		if plain && ambiguous.MatchString(n.Value) {
			w.warn(n)
		}
		w.str(n)
	}
}

func oneOf(text string, all ...string) bool {
	for _, candidate := range all {
		if text == candidate {
			return true
		}
	}
	return false
}

// warn notes a text that another reader takes for something else.
func (w *writer) warn(n *yaml.Node) {
	const most = 100
	if len(w.source.warnings) >= most {
		return
	}
	at := asl.Position{Line: n.Line, Column: n.Column}
	d := asl.Diagnostic{
		Code: "STATEMILL_YAML_AMBIGUOUS", Warning: true, Hint: "quote it",
		Message: fmt.Sprintf("%s is text here, and something else for other readers of YAML", n.Value),
		Start:   at, End: asl.Position{Line: n.Line, Column: n.Column + len([]rune(n.Value))},
	}
	if n.Line >= 1 && n.Line <= len(w.source.lines) {
		d.Line = strings.TrimRight(w.source.lines[n.Line-1], "\r")
	}
	w.source.warnings = append(w.source.warnings, d)
}

// quoted returns a text as JSON.
func quoted(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string has a JSON form
	return bytes.TrimRight(b.Bytes(), "\n")
}
