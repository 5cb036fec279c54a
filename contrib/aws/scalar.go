package awstasks

import (
	"errors"
	"fmt"
	"io"
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
	article := "a"
	if strings.HasPrefix(what, "I") {
		article = "an"
	}
	return &refusal{fmt.Sprintf("The value for the field '%s' must be %s %s", field, article, what)}
}

// missing refuses parameters without one that is needed.
func missing(field string) error {
	return &refusal{fmt.Sprintf("The field '%s' is required but was missing", field)}
}

// unknown refuses a member that a shape does not have. For the parameters themselves there is a hint, one of the names.
func unknown(field string, names []string) error {
	text := `The field "` + field + `" is not supported by Step Functions`
	if hint := nearest(field, names); hint != "" {
		text += ". Did you mean '" + hint + "'?"
	}
	return &refusal{text}
}

// theOne returns the one member of a union. Others may be null.
func theOne(v jsonvalue.Value) (name string, value jsonvalue.Value, ok bool) {
	n := 0
	for key, member := range v.Members() {
		if !member.IsNull() {
			name, value = key, member
			n++
		}
	}
	return name, value, n == 1
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

// naming says how names and instants are shown.
type naming struct {
	model bool // as the optimized integrations do: the names of the model, and milliseconds
}

// drops reports whether an unknown member is left out: the optimized integrations do so with parameters (recorded).
func (n naming) drops(nested bool) bool { return n.model && !nested }

// member returns the name of a member of a shape.
func (n naming) member(name string) string {
	if n.model {
		return capital(name)
	}
	return memberName(name)
}

// bytes returns what goes out as bytes: the JSON text, so that a string keeps its quotes (recorded). Of the optimized integrations
// that of Lambda alone has bytes, and a text is them already (recorded).
func (n naming) bytes(v jsonvalue.Value) []byte {
	if text, ok := v.AsString(); ok && n.model {
		return []byte(text)
	}
	return v.AppendJSON(nil)
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

// shownBytes shows bytes as a text. Each byte that is no UTF-8 is replaced (unsure).
func shownBytes(b []byte) jsonvalue.Value {
	if utf8.Valid(b) {
		return jsonvalue.String(string(b))
	}
	return jsonvalue.String(string([]rune(string(b))))
}

// shownFloat shows a number as short as it goes. One that JSON has no form for is a text, as AWS sends it.
func shownFloat(f float64, bits int) jsonvalue.Value {
	if bits == 32 {
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 32), 64)
	}
	if v, err := jsonvalue.Float(f); err == nil {
		return v
	}
	switch {
	case math.IsNaN(f):
		return jsonvalue.String("NaN")
	case f < 0:
		return jsonvalue.String("-Infinity")
	}
	return jsonvalue.String("Infinity")
}

// maxBody is how many bytes a streamed body may have: what a result may have.
const maxBody = 262_144

// errTooLarge is the error of a body that is not shown, because it would have to be cut.
var errTooLarge = errors.New("awstasks: the body is too large")

// readStream reads a streamed body, and closes it.
func readStream(body io.ReadCloser) (jsonvalue.Value, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	err = errors.Join(err, body.Close())
	if err == nil && len(text) > maxBody {
		err = errTooLarge
	}
	return shownBytes(text), err
}
