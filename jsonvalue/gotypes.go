package jsonvalue

import (
	"encoding/json"
	"errors"
)

// Of makes a Value of anything that encoding/json can encode: structs with
// their tags, maps (members in the order of their keys), slices, numbers,
// anything with a MarshalJSON method. A Value comes back as it is, a
// json.RawMessage is parsed.
//
// Of returns an error for values that JSON cannot express (NaN, channels,
// cycles), as encoding/json does. It also returns one for a []byte that is not
// inside another value: that would become base64 text, while the caller meant
// [Parse].
func Of(x any) (Value, error) {
	switch x := x.(type) {
	case Value:
		return x, nil
	case nil:
		return Value{}, nil
	case bool:
		return Bool(x), nil
	case string:
		return String(x), nil
	case int:
		return Int(int64(x)), nil
	case int64:
		return Int(x), nil
	case json.RawMessage:
		return Parse(x)
	case []byte:
		return Value{}, errors.New("jsonvalue: Of takes no []byte: use Parse for JSON text, String for text")
	}
	text, err := json.Marshal(x)
	if err != nil {
		return Value{}, err
	}
	return Parse(text)
}

// Decode stores v in what dst points to, by the rules of encoding/json. To
// keep numbers exact in an untyped place, decode into a Value or a json.Number.
func (v Value) Decode(dst any) error {
	if p, ok := dst.(*Value); ok && p != nil {
		*p = v
		return nil
	}
	buf := buffers.Get().(*[]byte)
	defer releaseBuffer(buf)
	*buf = v.AppendJSON((*buf)[:0])
	return json.Unmarshal(*buf, dst)
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(text []byte) error {
	w, err := Parse(text)
	if err == nil {
		*v = w
	}
	return err
}
