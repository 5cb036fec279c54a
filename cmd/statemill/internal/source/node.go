package source

import (
	"bytes"
	"encoding/json"
	"errors"
)

// node is a JSON value with its place in a text.
type node struct {
	from, to int
	kind     byte // '{', '[', '"', or the first letter of another value
	members  []member
	elements []*node
	text     string // of a string
}

type member struct {
	name  string
	value *node
}

// get returns a member; nil: there is none. Of nil it is nil, so that ways can be written
// without tests.
func (n *node) get(names ...string) *node {
	for _, name := range names {
		var found *node
		if n != nil {
			for _, m := range n.members {
				if m.name == name {
					found = m.value
				}
			}
		}
		n = found
	}
	return n
}

// str returns the text of a string; ok is false for anything else.
func (n *node) str() (text string, ok bool) {
	if n == nil || n.kind != '"' {
		return "", false
	}
	return n.text, true
}

// parseNodes reads a text.
func parseNodes(text []byte) (*node, error) {
	p := &nodeParser{text: text, d: json.NewDecoder(bytes.NewReader(text))}
	p.d.UseNumber()
	return p.value(0)
}

type nodeParser struct {
	text []byte
	d    *json.Decoder
}

// deepest is how deeply a template nests.
const deepest = 1000

func (p *nodeParser) value(depth int) (*node, error) {
	if depth > deepest {
		return nil, errors.New("the text nests too deeply")
	}
	from := p.start()
	token, err := p.d.Token()
	if err != nil {
		return nil, err
	}
	n := &node{from: from, kind: p.text[from]}
	switch n.kind {
	case '{':
		err = p.object(n, depth)
	case '[':
		err = p.array(n, depth)
	case '"':
		n.text, _ = token.(string)
	}
	n.to = int(p.d.InputOffset())
	return n, err
}

// start returns where the next token begins.
func (p *nodeParser) start() int {
	at := int(p.d.InputOffset())
	for at < len(p.text)-1 && bytes.IndexByte([]byte(" \t\r\n,:"), p.text[at]) >= 0 {
		at++
	}
	return at
}

func (p *nodeParser) object(n *node, depth int) error {
	for p.d.More() {
		name, err := p.d.Token()
		if err != nil {
			return err
		}
		value, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		text, _ := name.(string)
		n.members = append(n.members, member{text, value})
	}
	_, err := p.d.Token()
	return err
}

func (p *nodeParser) array(n *node, depth int) error {
	for p.d.More() {
		value, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.elements = append(n.elements, value)
	}
	_, err := p.d.Token()
	return err
}
