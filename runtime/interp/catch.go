package interp

import "github.com/statemill/statemill/jsonvalue"

// catcher is a compiled element of Catch.
type catcher struct {
	errorEquals []string
	next        *node
	resultPath  resultPath
	output      template
	assign      template
}

// catch looks for a Catcher and, if there is one, leaves the state by it:
// nothing of the state's own data flow is applied.
func (t *turn) catch(fl *failure) bool {
	catchers := t.at.node.catch
	for i := range catchers {
		if fl.matches(catchers[i].errorEquals) {
			t.failure, t.catcher = fl, i
			catchers[i].take(t, fl)
			return true
		}
	}
	return false
}

func (c *catcher) take(t *turn, fl *failure) {
	errorOutput := fl.errorOutput()
	out, assigned, failed := c.conclude(t, errorOutput)
	if failed == nil && !t.env.fits(&out) {
		failed = t.tooLarge()
	}
	if failed != nil {
		t.failCatch(failed)
		return
	}
	t.exit(out, assigned)
	t.caught, t.next = fl, c.next
}

// failCatch fails the state by the failure of its Catcher, which is not caught
// again.
func (t *turn) failCatch(failed *failure) {
	if failed.kind == failedEvaluation {
		t.evaluations = append(t.evaluations, failed)
	}
	t.failedCatch, t.caught = true, nil
	t.verdict, t.failure = fails, failed
}

func (c *catcher) conclude(t *turn, errorOutput datum) (out datum, assigned jsonvalue.Value, failed *failure) {
	s := t.over(errorOutput)
	s.extra, s.hasError = errorOutput.value, true
	if c.assign != nil {
		if assigned, failed = t.assign(c.assign, s); failed != nil {
			return
		}
	}
	switch {
	case c.output != nil:
		out, failed = c.output.eval(s)
	case t.at.node.jsonata:
		out = errorOutput
	default:
		if out, failed = c.resultPath.merge(t, t.at.input, errorOutput); failed == nil {
			t.trace.note("afterResultPath", out.value)
		}
	}
	return
}
