package generate

// Expressions of both languages. Those that are safe succeed whatever the data
// is; the others may fail the state.
var (
	safePaths = []string{
		"$", "$$.Execution.Input", "$$.Execution.Input.n", "$$.Execution.Input.list", "$$.Execution.Input.o", "$$.Execution.StartTime",
		"$$.State.Name", "$$.State.EnteredTime", "$$.Execution.Input.list[?(@ > 3)]", "$$.Execution.Input.list[0:2]",
	}
	riskyPaths = []string{"$.n", "$.o.x", "$[0]", "$.list", "$..n", "$.r", "$.list[?(@ < 5)]", "$.Error"}

	safeCalls = []string{
		"States.UUID()", "States.MathRandom(1, 1000)", "States.Format('{}-{}', $$.State.Name, $$.Execution.Input.n)",
		"States.Array($$.Execution.Input.n, States.UUID())", "States.ArrayLength($$.Execution.Input.list)",
		"States.Hash($$.Execution.Input.s, 'SHA-256')", "States.MathAdd($$.Execution.Input.n, 1)",
		"States.JsonToString($$.Execution.Input.o)", "States.ArrayRange(1, $$.Execution.Input.n, 1)", "States.Base64Encode($$.State.Name)",
		"States.StringToJson('{\"a\": [1, 2.0]}')", "States.ArrayUnique(States.Array(1, 1, $$.Execution.Input.n))",
	}
	riskyCalls = []string{"States.MathAdd($.n, 1)", "States.StringToJson($$.Execution.Input.s)", "States.ArrayGetItem($$.Execution.Input.list, 3)"}

	safeExpressions = []string{
		"$states.input", "$states.context.Execution.Input.n + 1", "$random()", "$uuid()", "$now()", "$millis()",
		"$states.context.Execution.Input.list", "$states.context.State.Name & '!'", "$sum($states.context.Execution.Input.list) ? 'some' : 'none'",
		"[$states.context.Execution.Input.list, $random()]", "{'u': $uuid(), 't': $states.context.State.EnteredTime}",
		"$map([1..3], function($x) { $x * $states.context.Execution.Input.n })[]", "$string($states.context.Execution.Input.o)",
		"$partition([1..5], 2)", "$hash($states.context.Execution.Id, 'SHA-256')", "$count($states.context.Execution.Input.list)",
	}
	riskyExpressions = []string{"$states.input.missing", "$states.input.n", "$error('thrown')", "$states.input.list[0] + 1", "function($x) { $x }"}
)

func (m *machine) path(s scope) string {
	switch {
	case s.inMap && m.one(5):
		return pick(m.Rand, "$$.Map.Item.Index", "$$.Map.Item.Value")
	case len(s.visible) > 0 && m.one(4):
		return "$" + pick(m.Rand, s.visible...)
	case m.one(25):
		return pick(m.Rand, riskyPaths...)
	}
	return pick(m.Rand, safePaths...)
}

func (m *machine) expression(s scope) string {
	switch {
	case s.inMap && m.one(5):
		return "{% $states.context.Map.Item.Index %}"
	case len(s.visible) > 0 && m.one(4):
		return "{% [$" + pick(m.Rand, s.visible...) + "] %}"
	case m.one(30):
		return "{% " + pick(m.Rand, riskyExpressions...) + " %}"
	}
	return "{% " + pick(m.Rand, safeExpressions...) + " %}"
}

// call is a path or an intrinsic call.
func (m *machine) call(s scope) string {
	switch m.IntN(8) {
	case 0, 1, 2:
		return pick(m.Rand, safeCalls...)
	case 3:
		if m.one(4) {
			return pick(m.Rand, riskyCalls...)
		}
	}
	return m.path(s)
}

// literal is any JSON.
func (m *machine) literal() any {
	return pick[any](m.Rand, nil, 1, 2.5, "text", true, []any{}, []any{1, "a"}, object{}, object{"n": 2, "list": []any{1, 2, 3}, "o": object{"x": nil}})
}

// template is an object with values of the language.
func (m *machine) template(s scope) object {
	made := object{}
	for _, name := range []string{"n", "list", "r", "t"}[:1+m.IntN(4)] {
		switch {
		case m.one(4):
			made[name] = m.literal()
		case m.one(5):
			made[name] = m.template(s)
		case s.jsonata:
			made[name] = m.expression(s)
		default:
			made[name+".$"] = m.call(s)
		}
	}
	return made
}

// value is a value of the language, not only an object.
func (m *machine) value(s scope) any {
	if s.jsonata && m.one(2) {
		return m.expression(s)
	}
	return m.template(s)
}

// selector is an ItemSelector.
func (m *machine) selector(s scope) any {
	s.inMap = true
	return m.template(s)
}

// paths writes InputPath and OutputPath.
func (m *machine) paths(s scope, state object) {
	if m.one(6) {
		state["InputPath"] = m.dataPath(s)
	}
	if m.one(8) {
		state["OutputPath"] = m.dataPath(s)
	}
}

func (m *machine) dataPath(s scope) any {
	if m.one(6) {
		return nil
	}
	return m.path(s)
}

func (m *machine) resultPath(state object) {
	switch m.IntN(5) {
	case 0:
		state["ResultPath"] = nil
	case 1, 2:
		state["ResultPath"] = pick(m.Rand, "$.r", "$.o.r", "$.list", "$")
	}
}

// assign gives the variable of the scope another value.
func (m *machine) assign(s scope, state object) {
	if !m.one(4) {
		return
	}
	name := s.own
	switch {
	case s.jsonata:
		state["Assign"] = object{name: m.value(s)}
	case m.one(3):
		state["Assign"] = object{name: m.literal()}
	default:
		state["Assign"] = object{name + ".$": m.call(s)}
	}
}

// output writes what a state in JSONata gives on.
func (m *machine) output(s scope, state object) {
	if m.one(2) {
		state["Output"] = m.value(s)
	}
	m.assign(s, state)
}

// inputOf writes what a state asks of a task or its branches.
func (m *machine) inputOf(s scope, state object, paths, arguments string) {
	field := paths
	if s.jsonata {
		field = arguments
	}
	if m.one(2) {
		state[field] = m.template(s)
	}
}

// work writes the fields of states that work: what happens to the result, and
// to failures.
func (m *machine) work(s scope, state object, follows []string) {
	if s.jsonata {
		m.output(s, state)
		if m.one(4) {
			state["Output"] = "{% $states.result %}"
		}
	} else {
		m.paths(s, state)
		m.resultPath(state)
		m.assign(s, state)
		if m.one(6) {
			state["ResultSelector"] = m.template(s)
		}
	}
	if !m.one(3) {
		state["Retry"] = m.retriers()
	}
	if !m.one(3) && len(follows) > 0 {
		state["Catch"] = m.catchers(s, follows)
	}
}
