package asl

// Choice is a Choice state.
type Choice struct {
	StateInfo
	Choices []*Rule
	Default string // "" if there is none
}

// Rule is a choice rule. Exactly one of And, Or, Not, Operator and Condition
// is set.
type Rule struct {
	Location string
	Comment  string

	And, Or []*Rule
	Not     *Rule

	Variable string   // a Reference Path
	Operator string   // "NumericGreaterThanPath"
	Operand  Template // what Operator compares with; its Field is Operator

	Condition Template // JSONata

	// The rest is for rules that are not inside other rules.
	Next   string
	Assign Template
	Output Template // JSONata

	node node
}
