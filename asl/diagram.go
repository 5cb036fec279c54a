package asl

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// diagram serves the writers of diagrams: it gives states short identifiers,
// since their names may hold any character, and labels transitions.
type diagram struct {
	*bufio.Writer
	ids map[*StateInfo]string
}

func newDiagram(w io.Writer, m *StateMachine) diagram {
	d := diagram{bufio.NewWriter(w), map[*StateInfo]string{}}
	for s := range m.All() {
		d.ids[s.Info()] = "s" + strconv.Itoa(len(d.ids)+1)
	}
	return d
}

func (d diagram) id(s State) string { return d.ids[s.Info()] }

// line writes a line with an indentation.
func (d diagram) line(depth int, parts ...string) {
	d.WriteString(strings.Repeat("    ", depth))
	for _, part := range parts {
		d.WriteString(part)
	}
	d.WriteByte('\n')
}

// maxLabel is how many characters of a label are shown.
const maxLabel = 60

// shortened cuts a label, and makes it a single line.
func shortened(label string) string {
	label = strings.Join(strings.Fields(wellFormed(label)), " ")
	if runes := []rune(label); len(runes) > maxLabel {
		label = string(runes[:maxLabel-3]) + "..."
	}
	return label
}

// describe says in a few words what a rule tests.
func (r *Rule) describe() string {
	switch {
	case r.Not != nil:
		return "not (" + r.Not.describe() + ")"
	case r.And != nil:
		return describeAll(r.And, " and ")
	case r.Or != nil:
		return describeAll(r.Or, " or ")
	case r.Condition.Present():
		text, ok := r.Condition.Value.AsString()
		if !ok {
			return r.Condition.Value.String()
		}
		return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "{%"), "%}"))
	}
	operand, ok := r.Operand.Value.AsString()
	if !ok || !strings.HasSuffix(r.Operator, "Path") {
		operand = r.Operand.Value.String()
	}
	return r.Variable + " " + r.Operator + " " + operand
}

// describeAll joins the descriptions of rules as far as a label reaches.
func describeAll(rules []*Rule, word string) string {
	var b strings.Builder
	for i, rule := range rules {
		if b.Len() > maxLabel {
			break
		}
		if i > 0 {
			b.WriteString(word)
		}
		b.WriteString(rule.describe())
	}
	return b.String()
}
