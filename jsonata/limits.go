package jsonata

import "fmt"

// Limits bound one evaluation. Zero means the default; a negative number means
// as much as the process can bear: 50,000 for Depth, about 2^40 for the others.
type Limits struct {
	Steps    int // nodes evaluated, every 12 bytes made, every 32 bytes of text read, and what else takes that long. Default: 10,000,000
	Depth    int // nested evaluations, counted as jsonata-js counts them. Default: 500; in the dialect StepFunctions 100
	Sequence int // members of an array or object. Default: 1,000,000; in the dialect StepFunctions 873,782
	Text     int // bytes of a string. Default: 16 MiB; in the dialect StepFunctions 6,990,256
}

// The largest limits. A goroutine's stack bears some hundred thousand nested
// evaluations.
const (
	maxDepth = 50_000
	maxSize  = 1 << 40
)

// maxCalls is how many calls may nest beyond the evaluations. Compositions,
// partial applications and functions that call one of their arguments nest
// without evaluating anything, and so does a transform that is its own $clone.
const maxCalls = 10_000

// or returns a limit: n, its default, or the largest.
func (Limits) or(n, standard, largest int) int {
	switch {
	case n == 0:
		return standard
	case n < 0:
		return largest
	}
	return min(n, largest)
}

// complete returns the limits that apply in a dialect.
func (l Limits) complete(d Dialect) Limits {
	standard := Limits{Steps: 10_000_000, Depth: 500, Sequence: 1_000_000, Text: 16 << 20}
	if d == StepFunctions {
		standard.Depth, standard.Sequence, standard.Text = 100, 873_782, 6_990_256
	}
	return Limits{
		Steps:    l.or(l.Steps, standard.Steps, maxSize),
		Depth:    l.or(l.Depth, standard.Depth, maxDepth),
		Sequence: l.or(l.Sequence, standard.Sequence, maxSize),
		Text:     l.or(l.Text, standard.Text, maxSize),
	}
}

// The faults of exceeded limits, in the words of Step Functions.
var (
	errTooLong = limitError("Expression compilation limit exceeded: Check for very long expressions and large regular expressions")
	errSteps   = limitError("Expression evaluation timeout: Check for infinite loop")
	errMemory  = limitError("Expression evaluation memory limit exceeded: Check for excessive memory usage")
	errNesting = limitError(fmt.Sprintf("Expression evaluation memory limit exceeded: Values nest more than %d deep", maxNesting))
)

// limitError returns a fault that is shared: a fault without a code is never
// changed.
func limitError(message string) *fault { return uncoded(message, ErrLimit) }

// tooDeep says that the depth is exceeded, and by how much.
func (ev *evaluation) tooDeep() *fault {
	const message = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive. Depth=%d max=%d"
	return limitError(fmt.Sprintf(message, ev.limits.Depth+1, ev.limits.Depth))
}

// The prices of what takes time or memory. A step is the evaluation of a node,
// and stands for about 50 ns or 12 bytes: so the default limit is less than a
// second and 200 MB, whatever an expression does with its steps.
const (
	bytesMade   = 12 // of text
	bytesRead   = 32 // of text that is walked, compared, searched or copied
	arraySteps  = 10 // an array without its members
	itemSteps   = 2  // a member of an array
	objectSteps = 8  // an object without its members
	memberSteps = 4  // a member of an object
	indexSteps  = 4  // a member of an object that has an index, besides
)

// charge counts work that is not the evaluation of a node.
func (ev *evaluation) charge(steps int) error {
	if ev.steps -= steps; ev.steps < 0 {
		return errSteps
	}
	return nil
}

// checkLength checks the number of members of an array or object before it is
// made.
func (ev *evaluation) checkLength(n int) error {
	if n > ev.limits.Sequence {
		return errMemory
	}
	return nil
}

// chargeText checks the length of a string before it is made and counts it.
func (ev *evaluation) chargeText(n int) error {
	if n > ev.limits.Text {
		return errMemory
	}
	return ev.charge(n / bytesMade)
}

// chargeRead counts the reading of a text, or of part of it.
func (ev *evaluation) chargeRead(bytes int) error { return ev.charge(bytes / bytesRead) }
