package interp

import (
	"strconv"

	"github.com/statemill/statemill/jsonvalue"
)

// waitState is a Wait state.
type waitState struct {
	flow
	until waitField
}

// waitField works out, from the effective input, the instant in milliseconds
// until which to wait. Seconds count from now, which is when the state is
// entered, or when an execution is redriven that ended while it waited.
type waitField interface {
	instant(t *turn, effective datum) (int64, *failure)
}

func (s *waitState) enter(t *turn) *failure {
	effective, failed := s.effective(t)
	if failed != nil {
		return failed
	}
	until, failed := s.until.instant(t, effective)
	if failed == nil && until-t.env.now > maxWait {
		failed = t.runtimeError("Wait state delay is too long.")
	}
	if failed != nil {
		return failed
	}
	if scale := t.env.scaleWait; scale != nil && until > t.env.now {
		until = addMillis(t.env.now, float64(max(scale(until-t.env.now), 0)))
	}
	switch {
	case until <= t.env.now:
		return s.forward(t, effective)
	}
	t.verdict, t.until = waits, until
	return nil
}

func (s *waitState) resume(t *turn, _ datum) *failure {
	effective, failed := s.effective(t)
	if failed != nil {
		return failed
	}
	return s.forward(t, effective)
}

// waitSeconds is a literal Seconds.
type waitSeconds int64

func (w waitSeconds) instant(t *turn, _ datum) (int64, *failure) {
	return t.env.now + int64(w)*1000, nil
}

// waitTimestamp is a literal Timestamp.
type waitTimestamp int64

func (w waitTimestamp) instant(*turn, datum) (int64, *failure) { return int64(w), nil }

// waitSecondsPath is a SecondsPath.
type waitSecondsPath struct{ path }

func (w waitSecondsPath) instant(t *turn, effective datum) (int64, *failure) {
	v, err := w.get(t.over(effective))
	if err != nil {
		return 0, t.runtimeError("The SecondsPath parameter does not reference an input value: %s", w)
	}
	n, ok := v.AsInt64()
	if text, isString := v.AsString(); isString { // digits in a string are a number (recorded)
		parsed, err := strconv.ParseInt(text, 10, 64)
		n, ok = parsed, err == nil
	}
	switch {
	case !ok:
		return 0, t.runtimeError("The SecondsPath parameter cannot be parsed as a long value: %s == %s", w, bareText(v))
	case n < 0:
		return 0, t.runtimeError("The SecondsPath parameter references a negative value: %s == %s", w, bareText(v))
	}
	return addMillis(t.env.now, float64(n)*1000), nil
}

// waitTimestampPath is a TimestampPath.
type waitTimestampPath struct{ path }

func (w waitTimestampPath) instant(t *turn, effective datum) (int64, *failure) {
	v, err := w.get(t.over(effective))
	if err == nil {
		if at, ok := timestampOf(v); ok {
			return wholeSeconds(at), nil
		}
		return 0, t.runtimeError("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", w, bareText(v))
	}
	return 0, t.runtimeError("The TimestampPath parameter does not reference an input value: %s", w)
}

// waitExpression is a Seconds or Timestamp of JSONata.
type waitExpression struct {
	*expression
	timestamp bool
}

func (w waitExpression) instant(t *turn, _ datum) (int64, *failure) {
	v, failed := w.value(t.over(t.at.input))
	if failed != nil {
		return 0, failed
	}
	if w.timestamp {
		return w.timestampOf(t, v)
	}
	n, failed := w.integer(t, v, "Seconds", 0)
	if failed != nil {
		return 0, failed
	}
	return addMillis(t.env.now, float64(n)*1000), nil
}

func (w waitExpression) timestampOf(t *turn, v jsonvalue.Value) (int64, *failure) {
	if v.Kind() != jsonvalue.KindString {
		return 0, t.unexpectedType(w.expression, "string", v)
	}
	at, ok := timestampOf(v)
	if !ok {
		return 0, t.evaluationError(w.field, "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: %s", bareText(v))
	}
	return wholeSeconds(at), nil
}
