// Package coverage counts what executions have reached of their definitions, and reports
// it: as text, as JSON, from which all other reports are made, as a profile of go tool
// cover, in the forms LCOV and Cobertura, and as one page of HTML.
package coverage

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime/interp"
)

// Version is that of the JSON form.
const Version = 1

// mostTests is how many names of tests an item keeps.
const mostTests = 20

// Report is the coverage of some machines.
type Report struct {
	Version  int        `json:"version"`
	Machines []*Machine `json:"machines"`
}

// Machine is the coverage of one definition. A definition is identified by its text. Its
// methods are safe for concurrent use.
type Machine struct {
	File       string  `json:"file"`
	SHA256     string  `json:"sha256"`
	Definition string  `json:"definition"`
	Text       string  `json:"text,omitempty"` // of the file, with the places of the items; "": that of the definition
	Items      []*Item `json:"items"`

	mu sync.Mutex
}

// Item is one outcome of a part of a definition.
type Item struct {
	Location string   `json:"location"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Kind     string   `json:"kind"`    // "rule"
	Outcome  string   `json:"outcome"` // "passed over"
	State    string   `json:"state"`
	Count    int      `json:"count"`
	Tests    []string `json:"tests,omitempty"`
	Ignored  string   `json:"ignored,omitempty"` // why it does not count

	point int // its index in Program.Points
}

// kinds are the words of reports.
var kinds = map[interp.PointKind][2]string{
	interp.StateEntered: {"state", "entered"}, interp.StateLeft: {"transition", "taken"},
	interp.RuleTaken: {"rule", "taken"}, interp.RulePassed: {"rule", "passed over"},
	interp.OperandTrue: {"operand", "true"}, interp.OperandFalse: {"operand", "false"},
	interp.DefaultTaken: {"default", "taken"},
	interp.RetrierUsed:  {"retrier", "used"}, interp.RetrierExhausted: {"retrier", "exhausted"},
	interp.CatcherTaken: {"catcher", "taken"},
	interp.MapEmpty:     {"map", "no items"}, interp.MapSingle: {"map", "one item"}, interp.MapMany: {"map", "many items"},
	interp.FailuresTolerated: {"tolerance", "failures tolerated"}, interp.FailuresExceeded: {"tolerance", "failures exceeded"},
	interp.ArmTaken: {expression, "arm taken"}, interp.ArmMissing: {expression, "no arm taken"},
	interp.ExpressionTrue: {expression, "operand true"}, interp.ExpressionFalse: {expression, "operand false"},
}

// expression is the kind of items inside expressions.
const expression = "expression"

// New returns the coverage of a program, of which nothing is reached. The items have the
// order of [interp.Program.Points].
func New(file string, p *interp.Program) *Machine {
	sm := p.StateMachine()
	sum := sha256.Sum256(sm.Source())
	m := &Machine{File: file, SHA256: hex.EncodeToString(sum[:]), Definition: string(sm.Source())}
	for index, point := range p.Points() {
		at := position(sm, point)
		m.Items = append(m.Items, &Item{
			Location: point.Location, Line: at.Line, Column: at.Column,
			Kind: kinds[point.Kind][0], Outcome: kinds[point.Kind][1], State: point.State, point: index,
		})
	}
	return m
}

// position returns the place of a point in the definition.
func position(sm *asl.StateMachine, p interp.Point) asl.Position {
	if !p.Kind.InExpression() {
		at, _ := sm.Position(p.Location)
		return at
	}
	at, _ := sm.PositionIn(p.Location, p.Offset)
	return at
}

// WithoutExpressions returns the machine without the items inside expressions. Both share
// the other items. It is for reports: [Machine.Reach] of the result has no meaning.
func (m *Machine) WithoutExpressions() *Machine {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &Machine{File: m.File, SHA256: m.SHA256, Definition: m.Definition, Text: m.Text}
	for _, i := range m.Items {
		if i.Kind != expression {
			c.Items = append(c.Items, i)
		}
	}
	return c
}

// WithoutExpressions returns the report without the items inside expressions.
func (r *Report) WithoutExpressions() *Report {
	c := &Report{Version: r.Version}
	for _, m := range r.Machines {
		c.Machines = append(c.Machines, m.WithoutExpressions())
	}
	return c
}

// WrittenIn tells that the file has another text than the JSON of the definition, such as YAML.
// place leads positions in the JSON to the file.
func (m *Machine) WrittenIn(text string, p *interp.Program, place func(asl.Position) asl.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Text = text
	for _, i := range m.Items {
		at := place(position(p.StateMachine(), p.Points()[i.point]))
		i.Line, i.Column = at.Line, at.Column
	}
}

// Reach counts what a run of a test has reached: by the index of a point, how often.
func (m *Machine) Reach(hits []int, test string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for point, count := range hits {
		if count > 0 {
			m.Items[point].reach(count, test)
		}
	}
}

func (i *Item) reach(count int, tests ...string) {
	i.Count += count
	for _, test := range tests {
		if test != "" && len(i.Tests) < mostTests && !slices.Contains(i.Tests, test) {
			i.Tests = append(i.Tests, test)
		}
	}
}

// Reached reports whether a point is reached.
func (m *Machine) Reached(point int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Items[point].Count > 0
}

// Missing returns the points that are not reached and not ignored.
func (m *Machine) Missing() map[int]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	missing := make(map[int]bool)
	for _, i := range m.Items {
		if i.Count == 0 && i.Ignored == "" {
			missing[i.point] = true
		}
	}
	return missing
}

// Counts returns how many items count, and how many of them are reached.
func (m *Machine) Counts() (reached, all int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, i := range m.Items {
		if i.Ignored != "" {
			continue
		}
		if all++; i.Count > 0 {
			reached++
		}
	}
	return reached, all
}

// Counts returns those of all machines.
func (r *Report) Counts() (reached, all int) {
	for _, m := range r.Machines {
		some, of := m.Counts()
		reached, all = reached+some, all+of
	}
	return reached, all
}

// Percent returns the share of items that are reached; 100 if there are none.
func Percent(reached, all int) float64 {
	if all == 0 {
		return 100
	}
	return 100 * float64(reached) / float64(all)
}

// Add adds the coverage of another report. Machines with the same text add up.
func (r *Report) Add(other *Report) {
	for _, m := range other.Machines {
		at := slices.IndexFunc(r.Machines, func(known *Machine) bool { return known.SHA256 == m.SHA256 })
		if at < 0 {
			r.Machines = append(r.Machines, m)
			continue
		}
		r.Machines[at].add(m)
	}
	r.sort()
}

func (m *Machine) add(other *Machine) {
	if m.File == "" {
		m.File = other.File
	}
	type outcome struct {
		location, kind, outcome string
		line, column            int
	}
	others := make(map[outcome]*Item, len(other.Items))
	key := func(i *Item) outcome { return outcome{i.Location, i.Kind, i.Outcome, i.Line, i.Column} }
	for _, i := range other.Items {
		others[key(i)] = i
	}
	for _, item := range m.Items {
		if i := others[key(item)]; i != nil {
			item.reach(i.Count, i.Tests...)
			item.Ignored = cmp.Or(item.Ignored, i.Ignored)
		}
	}
}

// sort gives the machines the order of their files.
func (r *Report) sort() {
	slices.SortFunc(r.Machines, func(a, b *Machine) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.SHA256, b.SHA256))
	})
}

// Ignore takes items out of the count: those at a location, by its reason. It returns
// what is wrong with the wishes: locations that do not exist, or are reached after all.
func (r *Report) Ignore(reasons map[string]string) (problems []string) {
	for _, location := range sortedKeys(reasons) {
		known, reached := false, true
		for _, m := range r.Machines {
			for _, i := range m.Items {
				if i.Location == location {
					known = true
					if i.Count == 0 {
						i.Ignored, reached = reasons[location], false
					}
				}
			}
		}
		switch {
		case !known:
			problems = append(problems, "no item is at the ignored location "+location)
		case reached:
			problems = append(problems, "the ignored location "+location+" is reached")
		}
	}
	return problems
}

// byLine returns the items in the order of the text.
func (m *Machine) byLine() []*Item {
	items := slices.Clone(m.Items)
	slices.SortStableFunc(items, func(a, b *Item) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return items
}
