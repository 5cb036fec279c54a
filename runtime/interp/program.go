package interp

import (
	"crypto/sha256"
	"strings"

	"github.com/statemill/statemill/asl"
)

// Program is a state machine made ready to run: names are resolved, every
// path, template, intrinsic and expression is compiled. It is immutable; any
// number of executions on any goroutines share it.
type Program struct {
	machine *asl.StateMachine
	root    *graph
	states  map[string]*node
	timeout int64 // seconds; 0: none
	hash    Hash

	tasks       []*asl.Task
	distributed []*asl.Map
	alone       bool
	timed       bool // what executions come to may depend on the time while they run
	points      []Point
	part        part
}

// Hash identifies the text of a definition.
type Hash [32]byte

// Compile makes a Program. The error is of type asl.Diagnostics and holds
// everything in the definition that cannot be run.
func Compile(sm *asl.StateMachine) (*Program, error) { return compile(sm, part{}) }

func compile(sm *asl.StateMachine, p part) (*Program, error) {
	if sm == nil || len(sm.States) == 0 {
		return nil, asl.Diagnostics{{Code: "SCHEMA_VALIDATION_FAILED", Message: "These fields are required: [States, StartAt]", Location: "/"}}
	}
	c := compiler{machine: sm, states: make(map[string]*node), part: p}
	for _, location := range sm.Placeholders() {
		c.problem("STATEMILL_PLACEHOLDER", location, "A value has to be filled in here before the machine can run")
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	root := c.graph(&sm.Graph)
	c.resolve()
	if p.start != "" {
		root = &graph{start: c.states[p.start]}
	}
	if err := c.problems.Err(); err != nil {
		return nil, err
	}
	return &Program{
		machine: sm, root: root, states: c.states, timeout: sm.TimeoutSeconds, hash: sha256.Sum256(sm.Source()),
		tasks: c.tasks, distributed: c.maps, alone: c.alone(), timed: c.isTimed(), points: c.points, part: p,
	}, nil
}

// Tasks returns the Task states at any depth, for drivers that find out before
// an execution begins who performs them. Do not change it.
func (p *Program) Tasks() []*asl.Task { return p.tasks }

// Alone reports whether the program is a single state, made by asl.ParseState.
// Such a program can be inspected and not executed.
func (p *Program) Alone() bool { return p.alone }

// Distributed returns the Map states at any depth that are distributed. Drivers that do
// not run the children refuse the program. Do not change it.
func (p *Program) Distributed() []*asl.Map { return p.distributed }

// Hash identifies the text of the definition. [Header.Definition] tells to which
// definition an execution belongs.
func (p *Program) Hash() Hash { return p.hash }

// graphOf returns the graph that an execution runs: of a child, the ItemProcessor of the
// Map state that started it.
func (p *Program) graphOf(parent *Parent) *graph {
	if parent == nil || parent.Map == "" {
		return p.root
	}
	if n := p.states[parent.Map]; n != nil && n.kind == kindMap {
		return n.state.(*mapState).processor
	}
	return nil
}

// StateMachine returns what was compiled.
func (p *Program) StateMachine() *asl.StateMachine { return p.machine }

// graph is a compiled States object.
type graph struct{ start *node }

// node is a compiled state with what all kinds have.
type node struct {
	name    string
	kind    kind
	state   state
	next    *node // nil: the state ends its graph, or chooses
	points  points
	jsonata bool
	counts  bool // the Context Object has a RetryCount
	retry   []asl.Retrier
	catch   []catcher

	// The types of the state's events.
	entered, exited            string
	started, succeeded, failed string // of Parallel and Map
	aborted                    string // of these, Task and Wait
	events                     *taskEvents
	task                       *asl.Task // of a Task state, or of a stub; nil: no task
	index                      int       // of task in Program.Tasks
	pattern                    asl.Pattern
	suffix                     string // of the resource in events: ".sync:2"
}

// kind is a kind of state.
type kind uint8

const (
	kindPass kind = iota
	kindTask
	kindChoice
	kindWait
	kindSucceed
	kindFail
	kindParallel
	kindMap
	kindStub    // a Parallel or Map state whose work is one task
	kindOutside // the target of a state that stands alone
)

// producer names what made a result, as the cause of too large a result does.
func (n *node) producer() string {
	switch {
	case n.task == nil || n.task.Resource.Service == "":
		return n.name
	case n.events == &integration:
		return n.task.Resource.Service
	}
	return n.task.Resource.Text
}

// regionOf returns the region of an ARN.
func regionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 5)
	if len(parts) == 5 {
		return parts[3]
	}
	return ""
}
