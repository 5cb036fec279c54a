package interp

import (
	"bytes"
	"fmt"

	"github.com/statemill/statemill/asl"
)

// compiler makes a Program of a StateMachine. It notes the
// problems that it finds, and goes on.
type compiler struct {
	machine  *asl.StateMachine
	states   map[string]*node
	links    []link
	problems asl.Diagnostics

	node   *node // whose state is compiled
	points []Point
	tasks  []*asl.Task
	maps   []*asl.Map // distributed ones
	timed  bool       // a state tells the time, or reckons with it
	part   part
}

// link is a transition whose target is looked up when all states are known.
type link struct {
	to     **node
	target string
	within *asl.Graph

	location, field string // the place of the field is both together
}

// problem notes that something cannot be run.
func (c *compiler) problem(code, location, format string, args ...any) {
	d := asl.Diagnostic{Code: code, Location: location, Message: fmt.Sprintf(format, args...)}
	d.Start, _ = c.machine.Position(location)
	d.End = d.Start
	c.problems = append(c.problems, d)
}

func (c *compiler) graph(g *asl.Graph) *graph {
	made := &graph{}
	for _, s := range g.States {
		c.state(g, s)
	}
	c.link(&made.start, g, g.StartAt, g.Location, "/StartAt")
	return made
}

// link notes a transition. Its field is below a location.
func (c *compiler) link(to **node, within *asl.Graph, target, location, field string) {
	if target != "" {
		c.links = append(c.links, link{to, target, within, location, field})
	}
}

// resolve turns the names of targets into pointers.
func (c *compiler) resolve() {
	for _, l := range c.links {
		if c.part.ends(l) {
			continue
		}
		if _, ok := l.within.State(l.target); !ok && c.alone() {
			*l.to = &node{name: l.target, kind: kindOutside}
			continue
		} else if !ok {
			c.problem("MISSING_TRANSITION_TARGET", l.location+l.field, "Missing 'Next' target: %s", l.target)
			continue
		}
		*l.to = c.states[l.target]
	}
}

// alone reports whether the machine is a single state, whose transitions may
// lead anywhere.
func (c *compiler) alone() bool {
	return len(c.machine.States) == 1 && c.machine.States[0].Info().Name == ""
}

// isTimed reports whether the machine may tell the time, or reckon with it. The Context Object
// tells it; that nothing begins there can be seen in the text.
func (c *compiler) isTimed() bool {
	text := c.machine.Source()
	return c.timed || len(text) == 0 || bytes.Contains(text, []byte("$$")) || bytes.Contains(text, []byte(`\u0024`))
}

// state compiles one state: here the fields that all kinds have, then those of its
// kind.
func (c *compiler) state(g *asl.Graph, s asl.State) {
	info := s.Info()
	n := &node{
		name: info.Name, jsonata: info.QueryLanguage == asl.JSONata,
		entered: info.Type + "StateEntered", exited: info.Type + "StateExited",
	}
	if c.states[info.Name] != nil {
		c.problem("DUPLICATE_STATE_NAME", info.Location, "Duplicate State name: %s", info.Name)
		return
	}
	c.states[info.Name] = n
	outer := c.node
	defer func() { c.node = outer }()
	c.node = n
	c.timed = c.timed || n.jsonata
	c.statePoints(n, info)
	c.link(&n.next, g, info.Next, info.Location, "/Next")
	switch s := s.(type) {
	case *asl.Pass:
		c.pass(n, s)
	case *asl.Task:
		c.task(n, g, s)
	case *asl.Choice:
		c.choice(n, g, s)
	case *asl.Wait:
		c.wait(n, s)
	case *asl.Succeed:
		n.kind, n.state = kindSucceed, &succeedState{c.flow(info)}
	case *asl.Fail:
		c.fail(n, s)
	case *asl.Parallel:
		c.parallel(n, g, s)
	case *asl.Map:
		c.iteration(n, g, s)
	}
}

// flow compiles the fields of the data flow that all kinds have.
func (c *compiler) flow(info *asl.StateInfo) flow {
	return flow{
		inputPath:  c.fieldPath(info.InputPath),
		outputPath: c.fieldPath(info.OutputPath),
		output:     c.template(info, info.Output),
		assign:     c.assign(info.QueryLanguage == asl.JSONata, "", info.Assign),
	}
}

func (c *compiler) pass(n *node, s *asl.Pass) {
	made := &passState{flow: c.flow(&s.StateInfo)}
	made.parameters = c.template(&s.StateInfo, s.Parameters)
	made.resultPath = c.resultPath(s.ResultPath)
	if s.Result.Present() && !s.Result.Value.IsNull() { // null is no Result (recorded)
		d := measured(s.Result.Value)
		made.result = &d
	}
	made.simplify()
	n.kind, n.state = kindPass, made
}

func (c *compiler) task(n *node, g *asl.Graph, s *asl.Task) {
	made := &taskState{flow: c.flow(&s.StateInfo)}
	made.parameters = c.template(&s.StateInfo, s.Parameters)
	made.selector = c.template(&s.StateInfo, s.ResultSelector)
	made.resultPath = c.resultPath(s.ResultPath)
	made.timeout = c.number(&s.StateInfo, s.Timeout, 1)
	made.heartbeat = c.number(&s.StateInfo, s.Heartbeat, 1)
	c.timed = c.timed || made.timeout != nil || made.heartbeat != nil
	made.role = c.template(&s.StateInfo, s.Credentials)
	made.simplify()
	n.kind, n.state, n.counts, n.aborted = kindTask, made, true, "TaskStateAborted"
	n.pattern, n.events = s.Resource.Pattern, eventsOf(s.Resource)
	n.suffix = s.Resource.Pattern.String()
	if s.Resource.Version != "" {
		n.suffix += ":" + s.Resource.Version
	}
	c.handlers(n, g, s.Retry, s.Catch)
	c.performed(n, s)
}

// performed notes that the work of a state is a task.
func (c *compiler) performed(n *node, s *asl.Task) {
	n.task, n.index = s, len(c.tasks)
	c.tasks = append(c.tasks, s)
}

func (c *compiler) parallel(n *node, g *asl.Graph, s *asl.Parallel) {
	made := &parallelState{flow: c.flow(&s.StateInfo)}
	made.parameters = c.template(&s.StateInfo, s.Parameters)
	made.selector = c.template(&s.StateInfo, s.ResultSelector)
	made.resultPath = c.resultPath(s.ResultPath)
	inside := c.inside()
	for _, branch := range s.Branches {
		made.branches = append(made.branches, c.graph(branch))
	}
	made.simplify()
	n.kind, n.state = kindParallel, made
	c.container(n, "Parallel")
	if c.part.stubs[n.name] {
		c.stub(n, &s.StateInfo, made, inside)
	}
	c.handlers(n, g, s.Retry, s.Catch)
}

func (c *compiler) container(n *node, name string) {
	n.counts = true
	n.started, n.succeeded, n.failed, n.aborted = name+"StateStarted", name+"StateSucceeded", name+"StateFailed", name+"StateAborted"
}

func (c *compiler) iteration(n *node, g *asl.Graph, s *asl.Map) {
	c.itemPoints(n, s)
	c.tolerancePoints(n, s)
	made := &mapState{flow: c.flow(&s.StateInfo), reader: c.itemReader(s), batcher: c.itemBatcher(s)}
	made.selector = c.template(&s.StateInfo, s.ResultSelector)
	made.resultPath = c.resultPath(s.ResultPath)
	made.concurrency = c.number(&s.StateInfo, s.MaxConcurrency, 0)
	made.itemSelector = c.template(&s.StateInfo, s.ItemSelector)
	made.tolerated = []*number{
		c.number(&s.StateInfo, s.ToleratedFailureCount, 0),
		c.percentage(&s.StateInfo, s.ToleratedFailurePercentage),
	}
	c.items(made, s)
	inside := c.inside()
	made.processor = c.graph(s.Processor)
	made.distributed = c.distributed(s)
	made.simplify()
	n.kind, n.state = kindMap, made
	c.container(n, "Map")
	if c.part.stubs[n.name] {
		c.stub(n, &s.StateInfo, made, inside)
	}
	c.handlers(n, g, s.Retry, s.Catch)
}

func (c *compiler) items(made *mapState, s *asl.Map) {
	if !s.Items.Present() {
		return
	}
	if s.QueryLanguage != asl.JSONata {
		p := c.path(s.Items)
		made.itemsPath = &p
		return
	}
	switch t := c.template(&s.StateInfo, s.Items).(type) {
	case *expression:
		made.items = t
	default:
		made.itemList = t
	}
}

// handlers compiles Retry and Catch.
func (c *compiler) handlers(n *node, g *asl.Graph, retry []asl.Retrier, catch []asl.Catcher) {
	c.handlerPoints(n, retry, catch)
	n.retry = retry
	c.timed = c.timed || len(retry) > 0
	n.catch = make([]catcher, len(catch))
	for i, written := range catch {
		made := &n.catch[i]
		made.errorEquals = written.ErrorEquals
		made.resultPath = c.resultPath(written.ResultPath)
		made.output = c.templateIn(n.jsonata, fmt.Sprintf("Catch[%d]/", i), written.Output)
		made.assign = c.assign(n.jsonata, fmt.Sprintf("Catch[%d]/", i), written.Assign)
		c.link(&made.next, g, written.Next, written.Location, "/Next")
	}
}

func (c *compiler) wait(n *node, s *asl.Wait) {
	made := &waitState{flow: c.flow(&s.StateInfo)}
	c.timed = true
	n.kind, n.state, n.aborted = kindWait, made, "WaitStateAborted"
	u := s.Until
	if e := c.expressionOf(&s.StateInfo, u); e != nil {
		made.until = waitExpression{e, u.Field == "Timestamp"}
		return
	}
	switch u.Field {
	case "SecondsPath":
		made.until = waitSecondsPath{c.path(u)}
	case "TimestampPath":
		made.until = waitTimestampPath{c.path(u)}
	case "Timestamp":
		at, ok := timestampOf(u.Value)
		if !ok {
			c.problem("SCHEMA_VALIDATION_FAILED", u.Location, "String does not match RFC3339 timestamp")
		}
		made.until = waitTimestamp(wholeSeconds(at))
	default:
		seconds, _ := u.Value.AsInt64()
		made.until = waitSeconds(seconds)
	}
}

func (c *compiler) fail(n *node, s *asl.Fail) {
	n.kind = kindFail
	n.state = &failState{c.text(&s.StateInfo, s.Error), c.text(&s.StateInfo, s.Cause)}
}
