package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/statemill/statemill/contrib/aslyaml"
)

// places are the lines of what a file of tests says, by paths such as cases[0].output.
type places struct {
	name  string // of the file
	lines map[string]int
}

// placesOf finds the lines of a document that has been read.
func placesOf(name string, s *aslyaml.Source) *places {
	p := &places{name: name, lines: make(map[string]int)}
	text := s.JSON()
	d := json.NewDecoder(bytes.NewReader(text))
	p.note(d, "", deepest, func() int {
		// The next token is behind what separates it from the last one.
		at := int(d.InputOffset())
		for at < len(text) && strings.IndexByte(" \t\r\n,:", text[at]) >= 0 {
			at++
		}
		return s.Position(at).Line
	})
	return p
}

// deepest is how deep a place can be: cases[0].tasks.pattern.
const deepest = 4

// note notes the lines of the next value and of what is in it. Members have the lines of
// their names. The document is valid.
func (p *places) note(d *json.Decoder, path string, deep int, line func() int) {
	if deep == 0 {
		_ = d.Decode(new(json.RawMessage))
		return
	}
	if _, known := p.lines[path]; !known {
		p.lines[path] = line()
	}
	token, _ := d.Token()
	switch token {
	case json.Delim('['):
		for i := 0; d.More(); i++ {
			p.note(d, path+"["+strconv.Itoa(i)+"]", deep-1, line)
		}
	case json.Delim('{'):
		for d.More() {
			at := line()
			name, _ := d.Token()
			inner := strings.TrimPrefix(fmt.Sprint(path, ".", name), ".")
			p.lines[inner] = at
			p.note(d, inner, deep-1, line)
		}
	default:
		return
	}
	_, _ = d.Token() // the end
}

// at names the place of a path for messages: order.asltest.yaml:12.
func (p *places) at(path string) string { return p.name + ":" + strconv.Itoa(p.lines[path]) }
