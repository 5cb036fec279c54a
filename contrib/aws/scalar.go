package awstasks

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/statemill/statemill/jsonvalue"
)

// refusal says which parameter cannot be sent.
type refusal struct{ what string }

func (r *refusal) Error() string { return r.what }

func mustBe(field, what string) error {
	return &refusal{fmt.Sprintf("The value for the field '%s' must be a %s", field, what)}
}

// unknown refuses a member that a shape does not have. The hint is given for the parameters themselves alone.
func unknown(field string, has func(string) bool, nested bool) error {
	text := fmt.Sprintf("The field %q is not supported by Step Functions", field)
	if hint := capital(field); !nested && hint != field && has(hint) {
		text += ". Did you mean '" + hint + "'?"
	}
	return &refusal{text}
}

// textOf returns what goes out as a string: a string, or an object or array as JSON.
func textOf(v jsonvalue.Value, field string) (string, error) {
	if text, ok := v.AsString(); ok {
		return text, nil
	}
	if v.Kind() == jsonvalue.KindObject || v.Kind() == jsonvalue.KindArray {
		return v.String(), nil
	}
	return "", mustBe(field, "STRING")
}

// boolOf returns a boolean, which may be given as a text (recorded).
func boolOf(v jsonvalue.Value, field string) (bool, error) {
	if b, ok := v.AsBool(); ok {
		return b, nil
	}
	switch text, _ := v.AsString(); text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, mustBe(field, "BOOLEAN")
}

// intOf returns a whole number of so many bits. 2.0 is none (recorded).
func intOf(v jsonvalue.Value, bits int, field string) (int64, error) {
	number, ok := v.AsNumber()
	if ok {
		if n, err := strconv.ParseInt(string(number), 10, bits); err == nil {
			return n, nil
		}
	}
	return 0, mustBe(field, "INTEGER")
}

func floatOf(v jsonvalue.Value, bits int, field string) (float64, error) {
	f, ok := v.AsFloat64()
	if !ok || bits == 32 && math.Abs(f) > math.MaxFloat32 {
		return 0, mustBe(field, "DOUBLE")
	}
	return f, nil
}

// timeOf returns an instant: a text as of ISO 8601, or seconds since 1970 (unsure).
func timeOf(v jsonvalue.Value, field string) (time.Time, error) {
	if text, ok := v.AsString(); ok {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t, nil
		}
	} else if seconds, ok := v.AsFloat64(); ok && math.Abs(seconds) < 1e11 {
		return time.UnixMilli(int64(seconds * 1000)).UTC(), nil
	}
	return time.Time{}, mustBe(field, "TIMESTAMP")
}

// bytesOf returns what goes out as bytes: the JSON text, so that a string keeps its quotes (recorded).
func bytesOf(v jsonvalue.Value) []byte { return v.AppendJSON(nil) }

// naming says how names and instants are shown.
type naming struct {
	model bool // as the optimized integrations do: the names of the model, and milliseconds
}

// member returns the name of a member of a shape.
func (n naming) member(name string) string {
	if n.model {
		return capital(name)
	}
	return memberName(name)
}

// instant shows an instant: as short as it goes, or in milliseconds since 1970 (recorded).
func (n naming) instant(t time.Time) jsonvalue.Value {
	if n.model {
		return jsonvalue.Int(t.UnixMilli())
	}
	format := "2006-01-02T15:04:05Z"
	switch nanos := t.Nanosecond(); {
	case nanos == 0:
	case nanos%1e6 == 0:
		format = "2006-01-02T15:04:05.000Z"
	case nanos%1e3 == 0:
		format = "2006-01-02T15:04:05.000000Z"
	default:
		format = "2006-01-02T15:04:05.000000000Z"
	}
	return jsonvalue.String(t.UTC().Format(format))
}

// shownBytes shows bytes as a text. What is no UTF-8 is replaced (unsure).
func shownBytes(b []byte) jsonvalue.Value {
	return jsonvalue.String(strings.ToValidUTF8(string(b), string(utf8.RuneError)))
}

// shownFloat shows a number as short as it goes. One that JSON has no form for is a text, as AWS sends it.
func shownFloat(f float64, bits int) jsonvalue.Value {
	if bits == 32 {
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
	}
	if v, err := jsonvalue.Float(f); err == nil {
		return v
	}
	return jsonvalue.String(strings.TrimPrefix(strconv.FormatFloat(f, 'f', -1, 64), "+"))
}

// maxBody is how many bytes of a streamed body are read: one more than what a result may have.
const maxBody = 262144 + 1
