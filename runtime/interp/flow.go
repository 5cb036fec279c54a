package interp

import "github.com/statemill/statemill/jsonvalue"

// flow is the data flow of a state, from its raw input to its output. Every
// field that the state does not have is nil and costs nothing.
type flow struct {
	inputPath  *fieldPath
	parameters template // Parameters, or Arguments in JSONata
	selector   template // ResultSelector
	resultPath resultPath
	outputPath *fieldPath

	output template // Output, of JSONata
	assign template // an object

	plain bool // nothing happens to the result: it is the output
}

// simplify finds out what can be left out at run time. It is called when every
// field is compiled.
func (fl *flow) simplify() {
	fl.plain = fl.selector == nil && fl.resultPath == resultPath{} && fl.outputPath == nil && fl.output == nil && fl.assign == nil
}

// effective applies InputPath to the raw input of the state.
func (fl *flow) effective(t *turn) (datum, *failure) {
	if fl.inputPath == nil && t.trace == nil {
		return t.at.input, nil
	}
	effective, failed := fl.inputPath.read(t.over(t.at.input))
	t.trace.effective(t, effective, failed)
	return effective, failed
}

// payload applies Parameters to the effective input.
func (fl *flow) payload(t *turn, effective datum) (datum, *failure) {
	if fl.parameters == nil {
		t.trace.payload(t, effective)
		return effective, nil
	}
	made, failed := fl.parameters.eval(t.over(effective))
	if failed == nil && !t.env.fits(&made) {
		return datum{}, t.tooLarge()
	}
	if failed == nil {
		t.trace.payload(t, made)
	}
	return made, failed
}

// keepsInput reports whether the payload is the raw input of the state.
func (fl *flow) keepsInput() bool { return fl.inputPath == nil && fl.parameters == nil }

// begin is effective and payload in one.
func (fl *flow) begin(t *turn) (datum, *failure) {
	effective, failed := fl.effective(t)
	if failed != nil {
		return datum{}, failed
	}
	return fl.payload(t, effective)
}

// leave takes the result of the state's work through the rest of the data flow
// and leaves the state. Assign and Output see the variables as the state found
// them; Assign in JSONPath sees what ResultSelector made of the result (recorded in
// September 2026).
func (fl *flow) leave(t *turn, result datum) *failure {
	if fl.plain && t.trace == nil && t.env.fits(&result) {
		t.exit(result, jsonvalue.Value{})
		return nil
	}
	out, assigned, failed := fl.conclude(t, result)
	if failed != nil {
		return failed
	}
	t.exit(out, assigned)
	return nil
}

func (fl *flow) conclude(t *turn, result datum) (out datum, assigned jsonvalue.Value, failed *failure) {
	raw := result
	if fl.selector != nil {
		if result, failed = fl.selector.eval(t.over(result)); failed != nil {
			return
		}
	}
	if fl.assign != nil {
		if assigned, failed = t.assign(fl.assign, t.overResult(result)); failed != nil {
			return
		}
	}
	t.trace.result(t, raw)
	if t.at.node.jsonata {
		out, failed = fl.evaluateOutput(t, result)
	} else {
		out, failed = fl.combine(t, result)
	}
	if failed == nil && !t.env.fits(&out) {
		failed = t.tooLarge()
	}
	return
}

// overResult returns the scope of what follows the work of a state.
func (t *turn) overResult(result datum) *scope {
	s := t.over(result)
	s.extra, s.hasResult = result.value, t.at.node.counts // only states that work have a result
	return s
}

// evaluateOutput is the end of the data flow in JSONata.
func (fl *flow) evaluateOutput(t *turn, result datum) (datum, *failure) {
	if fl.output == nil {
		return result, nil
	}
	return fl.output.eval(t.overResult(result))
}

// combine applies ResultPath and OutputPath to what ResultSelector made.
func (fl *flow) combine(t *turn, result datum) (datum, *failure) {
	t.trace.note("afterResultSelector", result.value)
	combined, failed := fl.resultPath.merge(t, t.at.input, result)
	if failed == nil {
		t.trace.note("afterResultPath", combined.value)
	}
	if failed != nil || fl.outputPath == nil {
		return combined, failed
	}
	return fl.outputPath.read(t.over(combined))
}

// forward is the data flow of states that do no work of their own: Choice, Wait
// and Succeed. effective is the input after InputPath.
func (fl *flow) forward(t *turn, effective datum) *failure {
	var assigned jsonvalue.Value
	var failed *failure
	if fl.assign != nil {
		if assigned, failed = t.assign(fl.assign, t.over(effective)); failed != nil {
			return failed
		}
	}
	out, failed := fl.outputOf(t, effective)
	if failed == nil && !t.env.fits(&out) {
		failed = t.tooLarge()
	}
	if failed != nil {
		return failed
	}
	t.exit(out, assigned)
	return nil
}

func (fl *flow) outputOf(t *turn, effective datum) (datum, *failure) {
	switch {
	case fl.output != nil:
		return fl.output.eval(t.over(t.at.input))
	case fl.outputPath != nil:
		return fl.outputPath.read(t.over(effective))
	}
	return effective, nil
}
