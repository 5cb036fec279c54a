package intrinsics

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/statemill/statemill/internal/jsontext"
	"github.com/statemill/statemill/jsonvalue"
)

// stringToJSON takes blank text for null (recorded), and reads the first value
// of any other, as Jackson does (unsure: it may be told to refuse more).
func stringToJSON(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	if strings.Trim(text, " \t\r\n") == "" {
		return jsonvalue.Value{}, nil
	}
	if err := e.spend(args[0]); err != nil {
		return jsonvalue.Value{}, err
	}
	v, err := jsonvalue.Parse([]byte(text))
	if err == nil {
		return doubles(v, text), nil
	}
	end, err := jsontext.First(text)
	if err == nil {
		v, err = jsonvalue.Parse([]byte(text[:end]))
	}
	if err != nil {
		return jsonvalue.Value{}, because("Cannot convert String to Json in States.StringToJson, caused by: " + jacksonMessage(text, err))
	}
	return doubles(v, text), nil
}

// doubles rounds the numbers in v, which was read from text, that have more
// digits than a double: Jackson reads no others.
func doubles(v jsonvalue.Value, text string) jsonvalue.Value {
	if !longNumber.MatchString(text) {
		return v
	}
	return rounded(v)
}

// longNumber finds numbers that may not be doubles.
var longNumber = regexp.MustCompile(`[0-9.]{16}`)

func rounded(v jsonvalue.Value) jsonvalue.Value {
	if number, ok := v.AsNumber(); ok {
		if f, ok := jsontext.Double(string(number)); ok {
			v, _ = jsonvalue.Float(f)
		}
		return v
	}
	switch v.Kind() {
	case jsonvalue.KindArray:
		elements := make([]jsonvalue.Value, v.Len())
		for i, element := range v.Elements() {
			elements[i] = rounded(element)
		}
		return jsonvalue.Array(elements...)
	case jsonvalue.KindObject:
		members := make([]jsonvalue.Member, 0, v.Len())
		for name, member := range v.Members() {
			members = append(members, jsonvalue.Member{Name: name, Value: rounded(member)})
		}
		return jsonvalue.Object(members...)
	}
	return v
}

// jacksonMessage shows an error as a Jackson does that keeps texts to itself.
func jacksonMessage(text string, err error) string {
	var e *jsontext.SyntaxError
	if !errors.As(err, &e) {
		return err.Error()
	}
	if e.Constraint != "" { // without a place (unsure)
		return strings.TrimSuffix(e.Message, ")") + ", from `StreamReadConstraints." + e.Constraint + "()`)"
	}
	const source = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: "
	line, column := e.Location(text)
	message := strings.Replace(e.Message, "[line: ", source, 1)
	return fmt.Sprintf("%s\n at %s%d, column: %d]", message, source, line, column)
}

func jsonToString(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if err := e.spend(args[0]); err != nil {
		return jsonvalue.Value{}, err
	}
	return jsonvalue.String(args[0].String()), nil
}

// jsonMerge keeps the place of members that both objects have. Its third argument
// must not be true; what is no boolean counts as false (said).
func jsonMerge(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if deep, _ := args[2].AsBool(); deep {
		return jsonvalue.Value{}, invalid()
	}
	count := args[0].Len() + args[1].Len()
	if err := e.charge(count * bytesPerValue); err != nil {
		return jsonvalue.Value{}, err
	}
	members := make([]jsonvalue.Member, 0, count)
	for _, object := range args[:2] {
		for name, member := range object.Members() {
			members = append(members, jsonvalue.Member{Name: name, Value: member})
		}
	}
	return jsonvalue.Object(members...), nil
}
