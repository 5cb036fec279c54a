package generate

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// object is a JSON object of a definition.
type object = map[string]any

// machine writes a definition.
type machine struct {
	*rand.Rand
	budget  int  // states that may still be written
	states  int  // states that have names
	jsonata bool // the language of the whole
}

// scope tells where in a machine a state is.
type scope struct {
	depth   int
	jsonata bool // the state's language
	inMap   bool
	own     string   // the variable that this scope assigns
	visible []string // the variables that are assigned
	names   []string // of the states of the graph
}

func (m *machine) one(in int) bool { return m.IntN(in) == 0 }

func (m *machine) definition() object {
	d := object{}
	if m.one(3) {
		d["QueryLanguage"], m.jsonata = "JSONata", true
	}
	if m.one(8) {
		d["TimeoutSeconds"] = 1 + m.IntN(40)
	}
	m.graph(d, scope{})
	return d
}

// graph writes StartAt and States: a chain, with a jump here and there. The
// first state assigns the variable of the scope, so that all others can read
// it.
func (m *machine) graph(into object, s scope) {
	s.own = fmt.Sprintf("v%d", s.depth)
	names := m.names()
	s.names = names
	states := object{}
	for i, name := range names {
		follows := names[i+1:]
		state := m.state(s, i == 0, follows)
		states[name] = state
		if i == 0 {
			s.visible = append(append([]string(nil), s.visible...), s.own)
		}
	}
	into["StartAt"], into["States"] = names[0], states
}

// names names the states of a graph.
func (m *machine) names() []string {
	n := 1 + m.IntN(4)
	m.budget -= n
	names := make([]string, n)
	for i := range names {
		m.states++
		names[i] = fmt.Sprintf("S%d", m.states)
	}
	return names
}

// state writes one state. follows are the states after it in the chain.
func (m *machine) state(s scope, first bool, follows []string) object {
	s.jsonata = m.jsonata || m.one(5)
	kind := m.kind(s, first, len(follows) == 0)
	state := object{"Type": kind}
	if s.jsonata != m.jsonata {
		state["QueryLanguage"] = "JSONata"
	}
	writers[kind](m, s, state, follows)
	if first {
		m.declare(s, state)
	}
	return state
}

// declare makes a state assign the variable of its scope on every way out.
func (m *machine) declare(s scope, state object) {
	assign := object{s.own: 1 + m.IntN(3)}
	state["Assign"] = assign
	for _, handlers := range []string{"Catch", "Choices"} {
		list, _ := state[handlers].([]any)
		for _, h := range list {
			h.(object)["Assign"] = assign
		}
	}
}

var writers map[string]func(m *machine, s scope, state object, follows []string)

func init() {
	writers = map[string]func(*machine, scope, object, []string){
		"Pass": (*machine).pass, "Task": (*machine).task, "Choice": (*machine).choice, "Wait": (*machine).wait,
		"Succeed": (*machine).succeed, "Fail": (*machine).fail, "Parallel": (*machine).parallel, "Map": (*machine).iterate,
	}
}

// kind picks the type of a state that can stand where it does.
func (m *machine) kind(s scope, first, last bool) string {
	kinds := []string{"Pass", "Pass", "Task", "Task", "Task", "Task", "Wait"}
	if s.depth < 3 && m.budget > 0 {
		kinds = append(kinds, "Parallel", "Parallel", "Map", "Map")
	}
	switch {
	case last && !first:
		kinds = append(kinds, "Succeed", "Succeed", pick(m.Rand, "Pass", "Fail"))
	case !last:
		kinds = append(kinds, "Choice")
	}
	return pick(m.Rand, kinds...)
}

func (m *machine) next(state object, follows []string) {
	if len(follows) == 0 {
		state["End"] = true
	} else {
		state["Next"] = follows[0]
	}
}

func (m *machine) pass(s scope, state object, follows []string) {
	m.next(state, follows)
	if s.jsonata {
		m.output(s, state)
		return
	}
	m.paths(s, state)
	switch m.IntN(4) {
	case 0:
		state["Result"] = m.literal()
	case 1:
		state["Parameters"] = m.template(s)
	}
	m.resultPath(state)
	m.assign(s, state)
}

func (m *machine) succeed(s scope, state object, _ []string) {
	if s.jsonata {
		if m.one(2) {
			state["Output"] = m.value(s)
		}
		return
	}
	m.paths(s, state)
}

func (m *machine) fail(s scope, state object, _ []string) {
	switch m.IntN(3) {
	case 0:
		state["Error"], state["Cause"] = m.errorName(), "on purpose"
	case 1:
		if s.jsonata {
			state["Error"] = "{% $states.context.State.Name %}"
		} else {
			state["ErrorPath"], state["CausePath"] = "$$.State.Name", "States.Format('{}', $$.Execution.Input.n)"
		}
	}
}

func (m *machine) wait(s scope, state object, follows []string) {
	m.next(state, follows)
	at := Start.Add(time.Duration(m.IntN(90)) * time.Second).Format(time.RFC3339)
	switch n := m.IntN(5); {
	case n < 2:
		state["Seconds"] = m.IntN(6)
	case n == 2:
		state["Timestamp"] = at
	case s.jsonata:
		m.language(state, s, "Seconds", "", "{% $states.context.Execution.Input.n %}")
	case n == 3:
		state["SecondsPath"] = "$$.Execution.Input.n"
	default:
		state["TimestampPath"] = "$$.Execution.Input.at"
	}
	if s.jsonata {
		m.output(s, state)
		return
	}
	m.paths(s, state)
	m.assign(s, state)
}

// language writes a field in the language of the state.
func (m *machine) language(state object, s scope, field, path, expression string) {
	if s.jsonata {
		state[field] = expression
	} else {
		state[field+"Path"] = path
	}
}

func (m *machine) parallel(s scope, state object, follows []string) {
	m.next(state, follows)
	m.inputOf(s, state, "Parameters", "Arguments")
	branches := make([]any, 1+m.IntN(3))
	for i := range branches {
		branches[i] = m.nested(s)
	}
	state["Branches"] = branches
	m.work(s, state, follows)
}

// nested writes a graph of a scope inside that of s.
func (m *machine) nested(s scope) object {
	s.depth++
	graph := object{}
	m.graph(graph, s)
	return graph
}

func (m *machine) iterate(s scope, state object, follows []string) {
	m.next(state, follows)
	inner := s
	inner.inMap = true
	processor := m.nested(inner)
	if m.one(2) {
		processor["ProcessorConfig"] = object{"Mode": "INLINE"}
	}
	state["ItemProcessor"] = processor
	m.items(s, state)
	if m.one(2) {
		state["ItemSelector"] = m.selector(s)
	}
	switch m.IntN(4) {
	case 0:
		state["MaxConcurrency"] = m.IntN(4)
	case 1:
		m.language(state, s, "MaxConcurrency", "$.n", "{% $states.context.Execution.Input.n %}")
	}
	m.work(s, state, follows)
}

func (m *machine) items(s scope, state object) {
	if s.jsonata {
		state["Items"] = pick[any](m.Rand, "{% $states.context.Execution.Input.list %}", "{% [1..4] %}",
			[]any{1, "{% $states.context.Execution.Input.n %}", object{"a": nil}}, "{% $states.input %}")
		return
	}
	state["ItemsPath"] = pick(m.Rand, "$$.Execution.Input.list", "$$.Execution.Input.list", "$$.Execution.Input.list", "$.list")
}
