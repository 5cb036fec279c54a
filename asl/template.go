package asl

import "github.com/statemill/statemill/jsonvalue"

// Template is a field whose value is computed when the state runs. It may be a
// literal, a path, an intrinsic call, a JSONata expression, or an object or array
// that contains some of these. Where the text has a choice of two fields, there
// is one Template: Timeout holds TimeoutSeconds or TimeoutSecondsPath.
type Template struct {
	Field    string          // the name in the text: "TimeoutSecondsPath"; "" if the field is absent
	Value    jsonvalue.Value // as it was written
	Location string          // of the value: "/States/Charge/TimeoutSecondsPath"

	at int32 // its row
}

// Present reports whether the field was written. A field that was written as
// null is present.
func (t Template) Present() bool { return t.Field != "" }
