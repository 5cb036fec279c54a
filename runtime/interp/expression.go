package interp

import (
	"errors"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonvalue"
)

// expression is a JSONata expression, {% ... %} in the definition.
type expression struct {
	expr  *jsonata.Expr
	text  string // between the delimiters, trimmed
	field string // relative to the state: "Output/a/b[0]"

	points   int32 // of its branches, from here on
	branches int
}

func (e *expression) eval(s *scope) (datum, *failure) {
	v, fl := e.value(s)
	if fl != nil {
		return datum{}, fl
	}
	return s.turn.hold(v)
}

func (e *expression) value(s *scope) (jsonvalue.Value, *failure) {
	if stopped := s.turn.interruption(); stopped != nil {
		return jsonvalue.Value{}, stopped
	}
	v, err := e.expr.EvalWith(jsonata.Env{
		NoInput:   true, // everything comes through variables
		Variables: s,
		Now:       time.UnixMilli(s.turn.env.now).UTC(),
		Random:    s,
		Spent:     &s.turn.cost,
		Branch:    s.turn.branches(e),
	})
	if err != nil {
		return jsonvalue.Value{}, s.turn.expressionError(e, err)
	}
	return v, nil
}

// expressionError words the failure of an expression as AWS does.
func (t *turn) expressionError(e *expression, err error) *failure {
	const start = "The JSONata expression '%s' specified for the field '%s' "
	var coded *jsonata.Error
	switch {
	case errors.Is(err, jsonata.ErrUndefined):
		return t.evaluationError(e.field, start+"returned nothing (undefined).", e.text, e.field)
	case errors.Is(err, jsonata.ErrResult):
		return t.evaluationError(e.field, start+"returned an unsupported result type.", e.text, e.field)
	case errors.Is(err, jsonata.ErrLimit):
		return t.evaluationError(e.field, start+"threw an error during evaluation: %s", e.text, e.field, limitMessage(err))
	case errors.As(err, &coded) && coded.Code != "":
		return t.evaluationError(e.field, start+"threw an error during evaluation. %s: %s", e.text, e.field, coded.Code, coded.Message)
	}
	return t.evaluationError(e.field, start+"threw an internal error during evaluation.", e.text, e.field)
}

// limitMessage returns what AWS shows of an evaluation that exceeds a budget.
func limitMessage(err error) string {
	var coded *jsonata.Error
	if errors.As(err, &coded) {
		return coded.Message
	}
	return err.Error()
}

// maxSeconds is the longest time that a field can give.
const maxSeconds = 99_999_999

// integer returns the result of the expression as an integer for a field. A
// literal in that field is at least least. The messages about TimeoutSeconds are
// recorded, and AWS accepts 0 there; the other fields have the same messages
// (unsure).
func (e *expression) integer(t *turn, v jsonvalue.Value, field string, least int64) (int64, *failure) {
	n, ok := v.AsInt64()
	inSeconds := strings.HasSuffix(field, "Seconds")
	switch {
	case v.Kind() != jsonvalue.KindNumber:
		return 0, t.unexpectedType(e, jsonvalue.KindNumber.String(), v)
	case !ok:
		return 0, t.noInteger(e, v)
	case inSeconds && (n < 0 || n > maxSeconds):
		return 0, t.evaluationError(e.field, "%s must be between 0 and %d but was: %s", field, maxSeconds, v)
	case inSeconds || n >= least:
		return n, nil
	case least == 0:
		return 0, t.evaluationError(e.field, "%s cannot be negative.", field) // as ToleratedFailureCount
	}
	return 0, t.evaluationError(e.field, "%s must be at least %d but was: %s", field, least, v)
}

// noInteger is the failure of an expression whose result has a fraction or is
// too large.
func (t *turn) noInteger(e *expression, got jsonvalue.Value) *failure {
	field := e.field[strings.LastIndexByte(e.field, '/')+1:]
	return t.evaluationError(e.field, "The %s field cannot be parsed as an integer: %s", field, got)
}

// unexpectedType is the failure of an expression whose result the field cannot
// take.
func (t *turn) unexpectedType(e *expression, want string, got jsonvalue.Value) *failure {
	return t.evaluationError(e.field,
		"The JSONata expression '%s' specified for the field '%s' returned an unexpected result type. Expected '%s', but was '%s' for value: %s",
		e.text, e.field, want, got.Kind(), got)
}
