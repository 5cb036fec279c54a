package intrinsics

import (
	"bytes"
	"hash/maphash"

	"github.com/statemill/statemill/internal/javahash"
	"github.com/statemill/statemill/jsonvalue"
)

func array(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	return jsonvalue.Array(args...), nil
}

func arrayLength(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	return jsonvalue.Int(int64(args[0].Len())), nil
}

// arrayGetItem truncates the index (said). Beyond the end of an empty array
// there is null (said), beyond the end of any other an error (recorded).
func arrayGetItem(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	index, ok := truncate(args[1])
	item, there := args[0].Index(int(index))
	if !ok || index < 0 || !there && args[0].Len() > 0 {
		return jsonvalue.Value{}, invalid()
	}
	return item, nil
}

// arrayContains compares texts (said): "7" is found as 7, {"a":1,"b":2} is not
// found as {"b":2,"a":1}, nor 7 as 7.0 (unsure).
func arrayContains(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	for _, arg := range args {
		if err := e.spend(arg); err != nil {
			return jsonvalue.Value{}, err
		}
	}
	wanted := appendText(e.text[:0], args[1])
	text := wanted
	for _, element := range args[0].Elements() {
		text = appendText(text[:len(wanted)], element)
		if bytes.Equal(text[:len(wanted)], text[len(wanted):]) {
			e.text = text
			return jsonvalue.Bool(true), nil
		}
	}
	e.text = text
	return jsonvalue.Bool(false), nil
}

// appendText appends a text as it is, and of anything else its JSON.
func appendText(dst []byte, v jsonvalue.Value) []byte {
	if s, ok := v.AsString(); ok {
		return append(dst, s...)
	}
	return v.AppendJSON(dst)
}

// arrayPartition cuts an array into arrays of n elements; the last may be
// shorter.
func arrayPartition(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	n, ok := truncate(args[1])
	if !ok || n < 1 {
		return jsonvalue.Value{}, invalid()
	}
	if err := e.charge(args[0].Len() * bytesPerValue); err != nil {
		return jsonvalue.Value{}, err
	}
	var chunks, chunk []jsonvalue.Value
	for _, element := range args[0].Elements() {
		if chunk = append(chunk, element); int64(len(chunk)) == n {
			chunks = append(chunks, jsonvalue.Array(chunk...))
			chunk = chunk[:0]
		}
	}
	if len(chunk) > 0 {
		chunks = append(chunks, jsonvalue.Array(chunk...))
	}
	return jsonvalue.Array(chunks...), nil
}

const maxRange = 1_000

// arrayRange counts from start to end, end included if it is hit. The wrong
// direction gives no element (recorded).
func arrayRange(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	start, ok := truncate(args[0])
	end, ok2 := truncate(args[1])
	step, ok3 := truncate(args[2])
	if !ok || !ok2 || !ok3 || step == 0 || (end-start)/step >= maxRange {
		return jsonvalue.Value{}, invalid()
	}
	var elements []jsonvalue.Value
	for i := start; step > 0 && i <= end || step < 0 && i >= end; i += step {
		elements = append(elements, jsonvalue.Int(i))
	}
	return jsonvalue.Array(elements...), nil
}

// arrayUnique keeps the first of equal elements, in the order of a
// java.util.HashSet (said). Hashes that nobody can foresee keep it from comparing
// all with all; Java's decide about the order alone.
func arrayUnique(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if err := e.spend(args[0]); err != nil {
		return jsonvalue.Value{}, err
	}
	seed := maphash.MakeSeed()
	seen := make(map[uint64][]jsonvalue.Value)
	var unique []jsonvalue.Value
	var hashes []int32
next:
	for _, element := range args[0].Elements() {
		key := hashOf(seed, element)
		for _, earlier := range seen[key] {
			if earlier.Equal(element) {
				continue next
			}
		}
		seen[key] = append(seen[key], element)
		unique = append(unique, element)
		hashes = append(hashes, javahash.Value(element))
	}
	base := len(e.stack)
	for _, from := range javahash.Order(hashes) {
		e.stack = append(e.stack, unique[from])
	}
	ordered := jsonvalue.Array(e.stack[base:]...)
	e.stack = e.stack[:base]
	return ordered, nil
}

// hashOf gives equal values equal hashes, whatever the order of members and
// the form of numbers.
func hashOf(seed maphash.Seed, v jsonvalue.Value) uint64 {
	h := maphash.Comparable(seed, v.Kind())
	if s, ok := v.AsString(); ok {
		return h ^ maphash.String(seed, s)
	}
	if f, ok := v.AsFloat64(); ok {
		return h ^ maphash.Comparable(seed, f)
	}
	if b, ok := v.AsBool(); ok {
		return h ^ maphash.Comparable(seed, b)
	}
	for _, element := range v.Elements() {
		h = maphash.Comparable(seed, [2]uint64{h, hashOf(seed, element)})
	}
	for name, member := range v.Members() {
		h += maphash.Comparable(seed, [2]uint64{maphash.String(seed, name), hashOf(seed, member)})
	}
	return h
}
