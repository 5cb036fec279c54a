package asl

// State is one of *[Pass], *[Task], *[Choice], *[Wait], *[Succeed], *[Fail],
// *[Parallel] and *[Map].
type State interface {
	// Info returns the fields that all types of state share.
	Info() *StateInfo
	state()
}

// StateInfo holds the fields that all types of state share. A field that a type
// does not have is zero.
type StateInfo struct {
	Name          string
	Type          string // "Task"
	Location      string // "/States/Charge"
	Comment       string
	QueryLanguage QueryLanguage // of the state or else of its machine; never ""
	Next          string        // "" if the state ends its graph, or is a Choice state
	End           bool          // whether the state ends its graph: "End": true, Succeed or Fail

	InputPath  Template // JSONPath
	OutputPath Template // JSONPath
	Output     Template // JSONata
	Assign     Template

	node node
}

// Info implements [State].
func (i *StateInfo) Info() *StateInfo { return i }

// Pass is a Pass state.
type Pass struct {
	StateInfo
	Parameters Template
	Result     Template // always literal
	ResultPath Template
}

// Wait is a Wait state.
type Wait struct {
	StateInfo
	Until Template // Seconds, SecondsPath, Timestamp or TimestampPath
}

// Succeed is a Succeed state.
type Succeed struct{ StateInfo }

// Fail is a Fail state.
type Fail struct {
	StateInfo
	Error Template // Error or ErrorPath
	Cause Template // Cause or CausePath
}

// Parallel is a Parallel state.
type Parallel struct {
	StateInfo
	Branches       []*Graph
	Parameters     Template // Parameters or Arguments
	ResultSelector Template
	ResultPath     Template
	Retry          []Retrier
	Catch          []Catcher
}

func (*Pass) state()     {}
func (*Task) state()     {}
func (*Choice) state()   {}
func (*Wait) state()     {}
func (*Succeed) state()  {}
func (*Fail) state()     {}
func (*Parallel) state() {}
func (*Map) state()      {}

// catchers returns the catchers of s, if its type can have some.
func catchers(s State) []Catcher {
	switch s := s.(type) {
	case *Task:
		return s.Catch
	case *Parallel:
		return s.Catch
	case *Map:
		return s.Catch
	}
	return nil
}

// retriers returns the retriers of s, if its type can have some.
func retriers(s State) []Retrier {
	switch s := s.(type) {
	case *Task:
		return s.Retry
	case *Parallel:
		return s.Retry
	case *Map:
		return s.Retry
	}
	return nil
}

// subgraphs returns the graphs inside s.
func subgraphs(s State) []*Graph {
	switch s := s.(type) {
	case *Parallel:
		return s.Branches
	case *Map:
		return []*Graph{s.Processor}
	}
	return nil
}
