package console

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/asl/diagram"
)

// drawn is a picture of a definition, and which of its parts are the states. A definition that is too large has
// none.
type drawn struct {
	SVG     string            `json:"svg,omitempty"`
	Classes map[string]string `json:"classes"` // of states in the SVG, by name: a class for each
	Types   map[string]string `json:"types"`   // of states, by name
}

// described returns the definition that a request asks for: of a state machine, or of that of an
// execution.
func (c *console) described(r *http.Request) (*asl.StateMachine, error) {
	if arn := r.URL.Query().Get("execution"); arn != "" {
		return c.definition(r, "DescribeStateMachineForExecution", "executionArn", arn)
	}
	return c.definition(r, "DescribeStateMachine", "stateMachineArn", r.URL.Query().Get("machine"))
}

func (c *console) definition(r *http.Request, operation, member, arn string) (*asl.StateMachine, error) {
	text, err := c.definitionText(r, operation, member, arn)
	if err != nil {
		return nil, err
	}
	return asl.Parse([]byte(text))
}

func (c *console) definitionText(r *http.Request, operation, member, arn string) (string, error) {
	var described struct {
		Definition string `json:"definition"`
	}
	err := c.ask(r.Context(), operation, "", map[string]any{member: arn}, &described)
	return described.Definition, err
}

func (c *console) graph(r *http.Request) (any, error) {
	sm, err := c.described(r)
	if err != nil {
		return nil, err
	}
	end, err := c.beginDrawing(r)
	if err != nil {
		return nil, err
	}
	defer end()
	return draw(sm)
}

const (
	maxDrawing = 2    // definitions that are read or drawn at a time: a large one takes a second
	maxParts   = 2000 // states and transitions of what is drawn: the time grows with their square
)

// partsOf returns how many states and transitions a graph has, at any depth.
func partsOf(g *asl.Graph) int {
	n := len(g.States)
	for range g.Edges() {
		n++
	}
	for _, state := range g.States {
		switch state := state.(type) {
		case *asl.Map:
			n += partsOf(state.Processor)
		case *asl.Parallel:
			for _, branch := range state.Branches {
				n += partsOf(branch)
			}
		}
	}
	return n
}

// beginDrawing waits until a definition may be read or drawn.
func (c *console) beginDrawing(r *http.Request) (end func(), err error) {
	select {
	case c.drawing <- struct{}{}:
		return func() { <-c.drawing }, nil
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
}

func draw(sm *asl.StateMachine) (*drawn, error) {
	var b bytes.Buffer
	d := &drawn{Classes: make(map[string]string), Types: make(map[string]string)}
	at := make(map[string]string) // by location
	for state := range sm.All() {
		info := state.Info()
		class := "state-" + strconv.Itoa(len(at))
		at[info.Location], d.Classes[info.Name], d.Types[info.Name] = class, class, info.Type
	}
	if partsOf(&sm.Graph) > maxParts {
		return d, nil
	}
	err := diagram.Draw(sm).WriteSVG(&b, diagram.Options{NoStyle: true, Class: func(location string) string { return at[location] }})
	d.SVG = b.String()
	return d, err
}

// picture is the graph as a file that stands alone.
func (c *console) picture(w http.ResponseWriter, r *http.Request) {
	sm, err := c.described(r)
	if err != nil {
		refuse(w, err)
		return
	}
	if partsOf(&sm.Graph) > maxParts {
		refuse(w, invalid("The definition is too large to be drawn."))
		return
	}
	var b bytes.Buffer
	options := diagram.Options{Theme: r.URL.Query().Get("theme")}
	if arn := r.URL.Query().Get("execution"); arn != "" {
		if options.Class, err = c.classes(r, arn, sm); err != nil {
			refuse(w, err)
			return
		}
	}
	if options.Theme != "light" && options.Theme != "dark" {
		options.Theme = ""
	}
	end, err := c.beginDrawing(r)
	if err != nil {
		refuse(w, err)
		return
	}
	defer end()
	if err := diagram.Draw(sm).WriteSVG(&b, options); err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Disposition", `attachment; filename="graph.svg"`)
	write(w, r, http.StatusOK, b.Bytes())
}

// classes says how the states of an execution stand.
func (c *console) classes(r *http.Request, arn string, sm *asl.StateMachine) (func(location string) string, error) {
	f, done, err := c.hub.folded(r.Context(), arn)
	if err != nil {
		return nil, err
	}
	defer done()
	f.mu.Lock()
	defer f.mu.Unlock()
	latest := make(map[string]string) // by name
	for _, visit := range f.visits.All() {
		latest[visit.State] = string(visit.Status)
	}
	at := make(map[string]string) // by location
	for state := range sm.All() {
		at[state.Info().Location] = latest[state.Info().Name]
	}
	return func(location string) string { return at[location] }, nil
}

// checked is what there is to say of a definition.
type checked struct {
	Diagnostics asl.Diagnostics         `json:"diagnostics"`
	Graph       *drawn                  `json:"graph,omitempty"`  // nil: it has errors
	States      map[string]asl.Position `json:"states,omitempty"` // by name: where the text of a state begins
}

// maxFindings is how many findings are shown.
const maxFindings = 200

// check reads a definition as it is being written. Its body is the definition; the query says
// whether it is that of an EXPRESS state machine.
func (c *console) check(r *http.Request) (any, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	end, err := c.beginDrawing(r)
	if err != nil {
		return nil, err
	}
	defer end()
	v := asl.Validator{Express: r.URL.Query().Get("type") == "EXPRESS", Max: maxFindings}
	sm, found := v.Parse(text)
	if len(found) > maxFindings {
		found = found[:maxFindings]
	}
	answer := checked{Diagnostics: found}
	if found == nil {
		answer.Diagnostics = asl.Diagnostics{}
	}
	if sm == nil {
		return answer, nil
	}
	answer.States = make(map[string]asl.Position)
	for state := range sm.All() {
		answer.States[state.Info().Name], _ = sm.Position(state.Info().Location)
	}
	answer.Graph, err = draw(sm)
	return answer, err
}
