package coverage

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/asl/diagram"
)

//go:embed page.html
var page string

var pageTemplate = template.Must(template.New("page").Parse(page))

// The data of the page.
type (
	pageData struct {
		Style        template.CSS
		Percent      float64
		Reached, All int
		Machines     []machineData
	}
	machineData struct {
		Number       int
		Name         string
		Percent      float64
		Reached, All int
		Kinds        []kindData
		Graph        template.HTML
		StateLines   string // by location: the id of the line
		Lines        []lineData
	}
	kindData struct {
		Name         string
		Reached, All int
	}
	lineData struct {
		Number            int
		Text, Class, Sign string
		Count             string
		Tests             string
		Never             []string
	}
)

// WriteHTML writes the report as one page that needs nothing else: the graph of each
// definition, coloured, beside its text, with what is missing at its place.
func (r *Report) WriteHTML(w io.Writer, folder string) error {
	data := pageData{Style: template.CSS(diagram.Style())}
	data.Reached, data.All = r.Counts()
	data.Percent = Percent(data.Reached, data.All)
	for i, m := range r.Machines {
		made, err := m.pageData(i, folder)
		if err != nil {
			return err
		}
		data.Machines = append(data.Machines, made)
	}
	return pageTemplate.Execute(w, data)
}

func (m *Machine) pageData(number int, folder string) (machineData, error) {
	text, sm, err := m.parsed()
	if err != nil {
		return machineData{}, err
	}
	d := machineData{Number: number, Name: m.name(folder)}
	d.Reached, d.All = m.Counts()
	d.Percent = Percent(d.Reached, d.All)
	totals := (&Report{Machines: []*Machine{m}}).totals()
	for _, kind := range sortedKeys(totals) {
		d.Kinds = append(d.Kinds, kindData{kind, totals[kind][0], totals[kind][1]})
	}
	if d.Graph, err = m.graph(sm); err != nil {
		return machineData{}, err
	}
	d.StateLines = m.stateLines(number, sm)
	d.Lines = m.lineData(text)
	return d, nil
}

// stateLines says, as JSON, where each state is in the text.
func (m *Machine) stateLines(number int, sm *asl.StateMachine) string {
	ids, isState := make(map[string]string), make(map[string]bool)
	for s := range sm.All() {
		isState[s.Info().Location] = true
	}
	for _, i := range m.Items {
		if isState[i.Location] {
			ids[i.Location] = fmt.Sprintf("m%dl%d", number, i.Line)
		}
	}
	text, err := json.Marshal(ids)
	if err != nil {
		return "{}"
	}
	return string(text)
}

// The classes of what is counted.
const full, some, none = "full", "some", "none"

// classOf says how much of some items is reached; "" for no items.
func classOf(items []*Item) string {
	reached, all := 0, 0
	for _, i := range items {
		if i.Ignored != "" {
			continue
		}
		if all++; i.Count > 0 {
			reached++
		}
	}
	switch {
	case all == 0:
		return ""
	case reached == all:
		return full
	case reached == 0:
		return none
	}
	return some
}

// graph draws the definition. What makes a difference by colour has a sign in the title.
func (m *Machine) graph(sm *asl.StateMachine) (template.HTML, error) {
	states, at := make(map[string][]*Item), make(map[string][]*Item)
	for _, i := range m.Items {
		states[i.State] = append(states[i.State], i)
		at[i.Location] = append(at[i.Location], i)
	}
	byLocation := make(map[string]string) // the names of states
	for s := range sm.All() {
		byLocation[s.Info().Location] = s.Info().Name
	}
	var b strings.Builder
	err := diagram.Draw(sm).WriteSVG(&b, diagram.Options{
		NoStyle: true,
		Class: func(location string) string {
			if name, ok := byLocation[location]; ok {
				return classOf(states[name])
			}
			return edgeClass(at, location)
		},
		Title: func(location string) string {
			name := byLocation[location]
			return name + title(states[name])
		},
	})
	return template.HTML(b.String()), err
}

// edgeClass says whether a transition was taken.
func edgeClass(at map[string][]*Item, location string) string {
	state, isNext := strings.CutSuffix(location, "/Next")
	if state2, isEnd := strings.CutSuffix(location, "/End"); isEnd {
		state, isNext = state2, true
	}
	if isNext {
		location = state
	}
	for _, i := range at[location] {
		if isNext != (i.Kind == "transition") || i.Outcome != "taken" && !isNext {
			continue
		}
		if i.Count > 0 {
			return "reached"
		}
		return "never"
	}
	return ""
}

// title says what is missing of a state, and which tests have reached it.
func title(items []*Item) string {
	var b strings.Builder
	for _, i := range items {
		if i.Count == 0 && i.Ignored == "" {
			fmt.Fprintf(&b, "\n never: %s %s", i.Kind, i.Outcome)
		}
	}
	if len(items) > 0 && len(items[0].Tests) > 0 {
		fmt.Fprintf(&b, "\n %s", strings.Join(items[0].Tests, ", "))
	}
	return b.String()
}

var signs = map[string]string{full: "✓ ", some: "~ ", none: "✗ "}

// named names an item beside its line. Of an expression, that shows where it is in the line.
func (i *Item) named(line string) string {
	name := i.Kind + " " + i.Outcome
	if i.Kind != expression {
		return name
	}
	const shown = 24 // characters
	rest := []rune(line)
	rest = rest[min(max(i.Column-1, 0), len(rest)):]
	if end := []rune(inString(string(rest))); len(end) > 0 { // in YAML a quote may be part of the expression
		rest = end
	}
	return fmt.Sprintf("%s at column %d: %s", name, i.Column, string(rest[:min(len(rest), shown)]))
}

// lineData returns the lines of the definition with what begins on them.
func (m *Machine) lineData(text lines) (data []lineData) {
	byLine := make(map[int][]*Item)
	for _, i := range m.byLine() {
		byLine[i.Line] = append(byLine[i.Line], i)
	}
	for n, line := range text {
		d := lineData{Number: n + 1, Text: strings.TrimRight(line, "\r")}
		items := byLine[n+1]
		if d.Class = classOf(items); d.Class != "" {
			d.Sign, d.Count = signs[d.Class], fmt.Sprint(items[0].Count)
			d.Tests = strings.Join(items[0].Tests, ", ")
		}
		for _, i := range items {
			switch {
			case i.Ignored != "":
				d.Never = append(d.Never, i.named(line)+" (ignored: "+i.Ignored+")")
			case i.Count == 0:
				d.Never = append(d.Never, i.named(line))
			}
		}
		data = append(data, d)
	}
	return data
}
