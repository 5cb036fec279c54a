package teststate

import (
	"context"
	"errors"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/apimodel"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// check refuses a mock that says too little or too much.
func (m *Mock) check() error {
	switch {
	case m.Result != nil && m.ErrorOutput != nil:
		return invalid("A test mock should have only one of the following fields: [result, errorOutput].")
	case m.Result == nil && m.ErrorOutput == nil:
		return invalid("One of the following fields is required for a test mock: [result, errorOutput].")
	case m.ErrorOutput != nil && m.ErrorOutput.Error == nil:
		return invalid("An error was not specified in the mocked error output.")
	}
	return nil
}

// mocked is the work of a state that a mock stands for.
type mocked struct {
	state    asl.State
	mock     *Mock
	result   jsonvalue.Value
	failures int // of iterations

	refused error // what was found wrong when the work was to be done
}

// newMocked parses the result of a mock, and refuses it if the state cannot have it.
func newMocked(state asl.State, m *Mock, failures int) (*mocked, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	w := &mocked{state: state, mock: m, failures: failures}
	if m.Result == nil {
		return w, nil
	}
	var err error
	if w.result, err = jsonvalue.Parse([]byte(*m.Result)); err != nil {
		return nil, invalid("Mocked result must be valid JSON")
	}
	return w, w.checkShape()
}

// checkShape refuses a result that such a state never has.
func (w *mocked) checkShape() error {
	isArray, isObject := w.result.Kind() == jsonvalue.KindArray, w.result.Kind() == jsonvalue.KindObject
	switch s := w.state.(type) {
	case *asl.Task:
		// Recorded of null for lambda:invoke; that other integrations, and other
		// values that are no object, are refused alike (unsure).
		switch checked := w.mock.FieldValidationMode != "NONE" && s.Resource.Service != "" && s.Resource.Region == ""; {
		case checked && !isObject:
			return invalid("Mocked result must be a valid JSON object.")
		case checked:
			return w.checkFields(&s.Resource)
		}
	case *asl.Map:
		switch {
		case s.ResultWriter != nil && !isObject:
			return invalid("Mocked result must be a JSON object.")
		case s.ResultWriter == nil && !isArray:
			return invalid("Mocked result must be an array.")
		}
	case *asl.Parallel:
		switch {
		case !isArray:
			return invalid("Mocked result must be an array.")
		case w.result.Len() != len(s.Branches):
			return invalid("Mocked result must contain the same number of items as number of Parallel branches.")
		}
	}
	return nil
}

// checkFields holds a result to the API model of the service, in the modes STRICT, which is the
// default, and PRESENT. What a job or the holder of a token answers is in no model, and http:invoke
// and apigateway:invoke answer what others send (unsure of all three).
func (w *mocked) checkFields(r *asl.Resource) error {
	if r.Pattern != asl.RequestResponse || r.Service == "http" || r.Service == "apigateway" {
		return nil
	}
	err := apimodel.Check(strings.TrimPrefix(r.Service, "aws-sdk:"), r.Action, w.result, w.mock.FieldValidationMode != "PRESENT")
	switch {
	case errors.Is(err, apimodel.ErrUnknown):
		return invalid("The API model of %s:%s is not known here: only the fieldValidationMode NONE is possible.", r.Service, r.Action)
	case err != nil:
		return invalid("Mock result schema validation error: %s", err)
	}
	return nil
}

// InvokeTask implements runtime.TaskInvoker.
func (w *mocked) InvokeTask(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	if e := w.mock.ErrorOutput; e != nil {
		failed := &runtime.TaskError{Name: *e.Error}
		if e.Cause != nil {
			failed.Cause = *e.Cause
		}
		return jsonvalue.Value{}, failed
	}
	w.refused = w.checkIterations(task.Input.Len())
	return w.result, w.refused
}

// checkIterations refuses numbers that the iterations of a Map state cannot have.
// The number of iterations is that of the batches, if there are any (recorded).
func (w *mocked) checkIterations(iterations int) error {
	s, isMap := w.state.(*asl.Map)
	switch {
	case !isMap:
		return nil
	case w.failures > iterations:
		return invalid("Map iteration failure count must be less than or equal to the number of Map iterations")
	case s.ResultWriter == nil && w.result.Len() != iterations:
		return invalid("Input array does not equal the mocked result array's size")
	}
	return nil
}
