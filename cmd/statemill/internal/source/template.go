package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/contrib/aslyaml"
)

// tags are the short forms of functions in CloudFormation's YAML.
var tags = func() map[string]string {
	all := map[string]string{"!Ref": "Ref", "!Condition": "Condition"}
	for _, f := range []string{
		"And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Not", "Or", "Select", "Split", "Sub", "ToJsonString", "Transform",
	} {
		all["!"+f] = "Fn::" + f
	}
	return all
}()

// template is a file that holds definitions among other things.
type template struct {
	name   string
	whole  *Definition // its JSON, with the way to the file
	folder string
	read   func(file string) // Loader.Read
}

// machines returns the definitions of a template; ok is false if the text is none.
func (l Loader) machines(name string, text []byte) (all []*Definition, ok bool, err error) {
	if !bytes.Contains(text, []byte("StateMachine")) && !bytes.Contains(text, []byte("stateMachines")) && !bytes.Contains(text, []byte("aws_sfn_state_machine")) {
		return nil, false, nil
	}
	s, err := aslyaml.Reader{Tags: tags}.Read(text)
	if err != nil {
		return nil, false, nil // no template, or it cannot be read: then whoever reads it as a definition says so
	}
	root, err := parseNodes(s.JSON())
	if err != nil {
		return nil, false, nil
	}
	t := &template{name, &Definition{File: name, JSON: s.JSON(), translate: s.Translate}, filepath.Dir(name), l.Read}
	for _, find := range []func(*node) ([]*Definition, error){t.cloudFormation, t.serverless, t.terraform} {
		found, err := find(root)
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, found...)
	}
	return all, len(all) > 0, nil
}

// cloudFormation finds the state machines of CloudFormation, SAM and CDK.
func (t *template) cloudFormation(root *node) (all []*Definition, err error) {
	resources := root.get("Resources")
	if resources == nil {
		return nil, nil
	}
	var known filled
	known.says(root)
	for _, r := range resources.members {
		kind, _ := r.value.get("Type").str()
		if kind != "AWS::Serverless::StateMachine" && kind != "AWS::StepFunctions::StateMachine" {
			continue
		}
		properties := r.value.get("Properties")
		d, err := t.definition(properties.get("Definition"), properties.get("DefinitionString"), properties.get("DefinitionUri"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		d.Machine = r.name
		for _, name := range []string{"Type", "StateMachineType"} {
			if text, _ := properties.get(name).str(); strings.EqualFold(text, "express") {
				d.Express = true
			}
		}
		substitutions := properties.get("DefinitionSubstitutions")
		if substitutions != nil {
			d.checkSubstitutions(substitutions)
		}
		d.filled = known.gives(substitutions)
		all = append(all, d)
	}
	return all, nil
}

// serverless finds those of the Serverless Framework's plugin.
func (t *template) serverless(root *node) (all []*Definition, err error) {
	machines := root.get("stepFunctions", "stateMachines")
	if machines == nil {
		return nil, nil
	}
	for _, m := range machines.members {
		d, err := t.definition(m.value.get("definition"), nil, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		kind, _ := m.value.get("type").str()
		d.Machine, d.Express = m.name, strings.EqualFold(kind, "express")
		all = append(all, d)
	}
	return all, nil
}

// terraform finds those of terraform show -json.
func (t *template) terraform(root *node) (all []*Definition, err error) {
	for _, state := range []string{"planned_values", "values"} {
		found, err := t.module(root.get(state, "root_module"), 0)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func (t *template) module(m *node, depth int) (all []*Definition, err error) {
	if m == nil || depth > 100 {
		return nil, nil
	}
	if resources := m.get("resources"); resources != nil {
		for _, r := range resources.elements {
			if kind, _ := r.get("type").str(); kind != "aws_sfn_state_machine" {
				continue
			}
			address, _ := r.get("address").str()
			d, err := t.definition(nil, r.get("values", "definition"), nil)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", address, err)
			}
			kind, _ := r.get("values", "type").str()
			d.Machine, d.Express = address, strings.EqualFold(kind, "express")
			all = append(all, d)
		}
	}
	if children := m.get("child_modules"); children != nil {
		for _, c := range children.elements {
			found, err := t.module(c, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

// definition makes the definition of an object, a text or a file.
func (t *template) definition(object, text, file *node) (*Definition, error) {
	if object != nil && object.kind == '"' {
		object, text = nil, object
	}
	switch {
	case object != nil:
		return t.fromObject(object), nil
	case text != nil:
		return t.fromText(text)
	case file != nil:
		name, ok := file.str()
		if !ok || strings.Contains(name, "://") {
			return nil, fmt.Errorf("DefinitionUri is no file beside the template")
		}
		all, err := Loader{Read: t.read}.Load([]string{filepath.Join(t.folder, name)})
		if err != nil {
			return nil, err
		}
		return all[0], nil
	}
	return nil, fmt.Errorf("the definition is not in this file, or not known yet")
}

// fromObject makes a definition of a part of the template. What the template fills in
// becomes ${NAME}.
func (t *template) fromObject(n *node) *Definition {
	e := &edited{before: t.whole}
	at := n.from
	var walk func(n *node)
	walk = func(n *node) {
		if name := reference(n); name != "" {
			e.text = append(e.text, t.whole.JSON[at:n.from]...)
			made := written(name, true)
			e.edits = append(e.edits, edit{at: len(e.text), length: len(made), before: n.from, after: n.to})
			e.text, at = append(e.text, made...), n.to
			return
		}
		for _, m := range n.members {
			walk(m.value)
		}
		for _, inner := range n.elements {
			walk(inner)
		}
	}
	// The text begins in the middle of the template.
	e.edits = append(e.edits, edit{at: 0, length: 0, before: n.from, after: n.from})
	walk(n)
	e.text = append(e.text, t.whole.JSON[at:n.to]...)
	return &Definition{File: t.name, JSON: e.text, translate: e.translate}
}

// reference returns the text that stands for what a template fills in: "${Table.Arn}" of
// a Fn::GetAtt; "": the node is no such thing.
func reference(n *node) string {
	if n.kind != '{' || len(n.members) != 1 {
		return ""
	}
	name, value := n.members[0].name, n.members[0].value
	text, isText := value.str()
	switch name {
	case "Ref", "Fn::ImportValue":
		if isText {
			return "${" + strings.ReplaceAll(text, "::", ".") + "}"
		}
	case "Fn::GetAtt":
		if isText {
			return "${" + text + "}"
		}
		var parts []string
		for _, e := range value.elements {
			part, _ := e.str()
			parts = append(parts, part)
		}
		return "${" + strings.Join(parts, ".") + "}"
	case "Fn::Sub":
		if isText {
			return text
		}
		if len(value.elements) > 0 {
			text, _ := value.elements[0].str()
			return text
		}
	case "Fn::Join":
		return joined(value)
	}
	return ""
}

// joined returns what Fn::Join makes.
func joined(n *node) string {
	if len(n.elements) != 2 {
		return ""
	}
	separator, _ := n.elements[0].str()
	var parts []string
	for _, e := range n.elements[1].elements {
		if text, ok := e.str(); ok {
			parts = append(parts, text)
		} else {
			parts = append(parts, reference(e))
		}
	}
	return strings.Join(parts, separator)
}

// fromText makes a definition of a text in the template, which is JSON itself.
func (t *template) fromText(n *node) (*Definition, error) {
	text, plain := n.str()
	if !plain {
		if text = reference(n); text == "" {
			return nil, fmt.Errorf("DefinitionString is no text that can be read here")
		}
		if sub := n.get("Fn::Sub"); sub != nil {
			if len(sub.elements) > 0 {
				sub = sub.elements[0]
			}
			n = sub
		}
	}
	d := &Definition{File: t.name, JSON: []byte(text)}
	e := &escaped{before: t.whole, from: n.from}
	if n.kind == '"' {
		e.offsets = offsetsOf(t.whole.JSON[n.from:n.to], len(text))
	}
	d.translate = e.translate
	return d, nil
}

// escaped is a definition that is a string of a template.
type escaped struct {
	before  *Definition
	from    int   // of the string
	offsets []int // by byte of the definition: where it is in the string; nil: not known
}

// offsetsOf returns, for each byte of a text, where it is in its JSON string.
func offsetsOf(quoted []byte, length int) []int {
	offsets := make([]int, 0, length+1)
	for at := 1; at < len(quoted)-1; {
		if quoted[at] != '\\' {
			offsets = append(offsets, at)
			at++
			continue
		}
		size := 2
		if at+1 < len(quoted) && quoted[at+1] == 'u' {
			size = 6
		}
		var text string
		if json.Unmarshal([]byte(`"`+string(quoted[at:min(at+size, len(quoted)-1)])+`"`), &text) != nil {
			return nil
		}
		for range text {
			for range len(text) {
				offsets = append(offsets, at)
			}
			break
		}
		at += size
	}
	return append(offsets, len(quoted)-1)
}

func (e *escaped) translate(findings asl.Diagnostics) asl.Diagnostics {
	return e.before.Translate(moved(findings, e.before.JSON, e.offset))
}

func (e *escaped) offset(at int) int {
	if at < len(e.offsets) {
		return e.from + e.offsets[at]
	}
	return e.from
}

// checkSubstitutions compares the names that the definition wants filled in with those
// that the template fills in.
func (d *Definition) checkSubstitutions(given *node) {
	var names []string
	for _, m := range given.members {
		names = append(names, m.name)
	}
	wanted := d.Placeholders()
	for _, name := range wanted {
		if !slices.Contains(names, name) && d.File != "" {
			d.Warnings = append(d.Warnings, asl.Diagnostic{
				Code: "STATEMILL_SUBSTITUTION_MISSING", Message: fmt.Sprintf("${%s} is wanted, and DefinitionSubstitutions does not have it", name),
			})
		}
	}
	for _, name := range names {
		if !slices.Contains(wanted, name) {
			d.Warnings = append(d.Warnings, asl.Diagnostic{
				Code: "STATEMILL_SUBSTITUTION_UNUSED", Warning: true, Message: fmt.Sprintf("DefinitionSubstitutions has %s, which the definition does not want", name),
			})
		}
	}
	d.Given = names
}
