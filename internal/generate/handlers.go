package generate

// errorNames are the names with which tasks fail, and for which handlers look.
var errorNames = []string{"Boom", "Crash", "States.TaskFailed", "States.Timeout", "States.HeartbeatTimeout", "States.DataLimitExceeded", "States.Permissions"}

func (m *machine) errorName() string { return pick(m.Rand, errorNames[:3]...) }

// errorEquals names errors; the last handler of a list may name all.
func (m *machine) errorEquals(last bool) []any {
	if last && !m.one(3) {
		return []any{"States.ALL"}
	}
	names := []any{pick(m.Rand, errorNames...)}
	if m.one(3) {
		names = append(names, pick(m.Rand, "Boom", "States.Timeout", "Other"))
	}
	return names
}

func (m *machine) retriers() []any {
	list := make([]any, 1+m.IntN(2))
	for i := range list {
		r := object{"ErrorEquals": m.errorEquals(i == len(list)-1)}
		if m.one(2) {
			r["IntervalSeconds"] = 1 + m.IntN(3)
		}
		if m.one(2) {
			r["MaxAttempts"] = m.IntN(4)
		}
		if m.one(3) {
			r["BackoffRate"] = pick(m.Rand, 1, 1.5, 2.25)
		}
		if m.one(4) {
			r["MaxDelaySeconds"] = 5
		}
		if m.one(3) {
			r["JitterStrategy"] = "FULL"
		}
		list[i] = r
	}
	return list
}

func (m *machine) catchers(s scope, follows []string) []any {
	list := make([]any, 1+m.IntN(2))
	for i := range list {
		c := object{"ErrorEquals": m.errorEquals(i == len(list)-1), "Next": pick(m.Rand, follows...)}
		if s.jsonata {
			if m.one(3) {
				c["Output"] = pick[any](m.Rand, "{% $states.errorOutput %}", object{"e": "{% $states.errorOutput.Error %}", "i": "{% $states.input %}"})
			}
		} else if m.one(2) {
			c["ResultPath"] = pick[any](m.Rand, "$.e", "$.o.e", nil, "$")
		}
		m.assign(s, c)
		list[i] = c
	}
	return list
}

// choice leads on, sometimes past some states, and sometimes back: such a loop
// is ended by chance, by the Stop of the case or by the limit of the history.
func (m *machine) choice(s scope, state object, follows []string) {
	rules := make([]any, 1+m.IntN(2))
	for i := range rules {
		rule := m.rule(s)
		rule["Next"] = pick(m.Rand, follows...)
		if m.one(8) {
			rule["Next"] = pick(m.Rand, s.names...)
		}
		m.assign(s, rule)
		if s.jsonata && m.one(3) {
			rule["Output"] = m.value(s)
		}
		rules[i] = rule
	}
	state["Choices"] = rules
	if m.one(8) {
		rules[0].(object)["Next"] = follows[0]
	} else {
		state["Default"] = follows[0]
	}
	if !s.jsonata {
		m.paths(s, state)
	}
	m.assign(s, state)
}

func (m *machine) rule(s scope) object {
	if s.jsonata {
		return object{"Condition": pick(m.Rand,
			"{% $random() > 0.5 %}", "{% $states.context.Execution.Input.n = 2 %}", "{% $exists($states.input.n) %}", "{% true %}", "{% 1 in $states.context.Execution.Input.list %}", pick(m.Rand, "{% false %}", "{% $count([$states.input]) %}"))}
	}
	if m.one(4) {
		return m.combined(s)
	}
	return m.comparison()
}

func (m *machine) combined(s scope) object {
	switch m.IntN(3) {
	case 0:
		return object{"And": []any{m.comparison(), m.comparison()}}
	case 1:
		return object{"Or": []any{m.comparison(), object{"Not": m.comparison()}}}
	}
	return object{"Not": m.comparison()}
}

var comparisons = []object{
	{"Variable": "$$.Execution.Input.n", "NumericEquals": 2},
	{"Variable": "$$.Execution.Input.n", "NumericLessThan": 3},
	{"Variable": "$$.Execution.Input.n", "NumericGreaterThanEqualsPath": "$$.Execution.Input.n"},
	{"Variable": "$$.Execution.Input.s", "StringMatches": "te*"},
	{"Variable": "$$.Execution.Input.s", "StringLessThan": "m"},
	{"Variable": "$$.Execution.Input.at", "TimestampGreaterThanPath": "$$.State.EnteredTime"},
	{"Variable": "$$.Execution.Input.o.x", "BooleanEquals": true},
	{"Variable": "$.n", "IsPresent": true},
	{"Variable": "$$.Execution.Input.o.y", "IsNull": true},
	{"Variable": "$$.Execution.Input.at", "IsTimestamp": false},
	{"Variable": "$.o", "IsString": true},
}

// comparison returns a copy of a data test, to which Next can be added.
func (m *machine) comparison() object {
	made := object{}
	for field, value := range pick(m.Rand, comparisons...) {
		made[field] = value
	}
	return made
}
