package intrinsics

import (
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// stringToJSON takes blank text for null (recorded).
func stringToJSON(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	if strings.Trim(text, " \t\r\n") == "" {
		return jsonvalue.Value{}, nil
	}
	if err := e.spend(args[0]); err != nil {
		return jsonvalue.Value{}, err
	}
	v, err := jsonvalue.Parse([]byte(text))
	if err != nil {
		return v, &Error{Message: "Invalid arguments in States.StringToJson: " + err.Error(), Err: err}
	}
	return v, nil
}

func jsonToString(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if err := e.spend(args[0]); err != nil {
		return jsonvalue.Value{}, err
	}
	return jsonvalue.String(args[0].String()), nil
}

const deepMerge = "States.JsonMerge supports only shallow merging: its third argument must be false"

// jsonMerge keeps the place of members that both objects have.
func jsonMerge(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if deep, _ := args[2].AsBool(); deep {
		return jsonvalue.Value{}, invalid(deepMerge)
	}
	members := make([]jsonvalue.Member, 0, args[0].Len()+args[1].Len())
	for _, object := range args[:2] {
		for name, member := range object.Members() {
			members = append(members, jsonvalue.Member{Name: name, Value: member})
		}
	}
	return jsonvalue.Object(members...), nil
}
