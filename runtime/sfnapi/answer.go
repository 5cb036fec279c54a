package sfnapi

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// fields are the members of an answer. Absent members are not in it: AWS leaves them
// out.
type fields map[string]jsonvalue.Value

// value returns an object with its members in alphabetical order.
func (f fields) value() jsonvalue.Value {
	members := make([]jsonvalue.Member, 0, len(f))
	for _, name := range slices.Sorted(maps.Keys(f)) {
		members = append(members, jsonvalue.Member{Name: name, Value: f[name]})
	}
	return jsonvalue.Object(members...)
}

// addText adds a text unless it is empty.
func (f fields) addText(name, s string) {
	if s != "" {
		f[name] = text(s)
	}
}

// addData adds a text that holds data of an execution, and the member that says that
// it is whole.
func (f fields) addData(name string, v jsonvalue.Value) {
	f[name] = text(v.String())
	f[name+"Details"] = fields{"included": jsonvalue.Bool(true)}.value()
}

func text(s string) jsonvalue.Value { return jsonvalue.String(s) }

// instant returns seconds since 1970 as a number, which is the only form that every
// client reads.
func instant(t time.Time) jsonvalue.Value {
	return must(jsonvalue.Float(float64(t.UnixMilli()) / 1000))
}

// appendAnswer appends the JSON text of an answer: members in alphabetical order
// (recorded), numbers without exponents. What executions made of their data is in texts,
// and stays as it is.
func appendAnswer(dst []byte, v jsonvalue.Value) []byte {
	switch v.Kind() {
	case jsonvalue.KindArray:
		dst = append(dst, '[')
		for i, e := range v.Elements() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendAnswer(dst, e)
		}
		return append(dst, ']')
	case jsonvalue.KindObject:
		return appendMembers(dst, v)
	case jsonvalue.KindNumber:
		if f, _ := v.AsFloat64(); strings.Contains(v.String(), "E") {
			return strconv.AppendFloat(dst, f, 'f', -1, 64)
		}
	}
	return v.AppendJSON(dst)
}

func appendMembers(dst []byte, v jsonvalue.Value) []byte {
	names := make([]string, 0, v.Len())
	for name := range v.Members() {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(text(name).AppendJSON(dst), ':')
		member, _ := v.Get(name)
		dst = appendAnswer(dst, member)
	}
	return append(dst, '}')
}

// must returns a value that cannot fail to be made.
func must(v jsonvalue.Value, err error) jsonvalue.Value {
	if err != nil {
		panic(err)
	}
	return v
}
