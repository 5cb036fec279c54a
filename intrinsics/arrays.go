package intrinsics

import (
	"hash/maphash"

	"github.com/statemill/statemill/jsonvalue"
)

func array(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	return jsonvalue.Array(args...), nil
}

func arrayLength(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	return jsonvalue.Int(int64(args[0].Len())), nil
}

func arrayGetItem(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	index, ok := args[1].AsInt64()
	if !ok || index < 0 || index >= int64(args[0].Len()) {
		return jsonvalue.Value{}, invalid("Invalid arguments in States.ArrayGetItem: %v is no index in an array of length %d", args[1], args[0].Len())
	}
	item, _ := args[0].Index(int(index))
	return item, nil
}

func arrayContains(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if err := e.spend(args[0]); err != nil {
		return jsonvalue.Value{}, err
	}
	for _, element := range args[0].Elements() {
		if element.Equal(args[1]) {
			return jsonvalue.Bool(true), nil
		}
	}
	return jsonvalue.Bool(false), nil
}

// arrayPartition cuts an array into arrays of n elements; the last may be
// shorter.
func arrayPartition(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	n, err := round("States.ArrayPartition", args[1])
	if err != nil {
		return jsonvalue.Value{}, err
	}
	if n < 1 {
		return jsonvalue.Value{}, invalid("Invalid arguments in States.ArrayPartition: the size %v is not positive", args[1])
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
// direction gives no element (unsure).
func arrayRange(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	n, err := roundAll("States.ArrayRange", args)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	start, end, step := n[0], n[1], n[2]
	if step == 0 {
		return jsonvalue.Value{}, invalid("Invalid arguments in States.ArrayRange: the step is 0")
	}
	if (end-start)/step >= maxRange {
		return jsonvalue.Value{}, invalid("Invalid arguments in States.ArrayRange: the range has more than %d elements", maxRange)
	}
	var elements []jsonvalue.Value
	for i := start; step > 0 && i <= end || step < 0 && i >= end; i += step {
		elements = append(elements, jsonvalue.Int(i))
	}
	return jsonvalue.Array(elements...), nil
}

// arrayUnique keeps the first of equal elements. Hashes keep it from comparing
// all with all; what they are has no influence on the result.
func arrayUnique(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	if err := e.spend(args[0]); err != nil {
		return jsonvalue.Value{}, err
	}
	seed := maphash.MakeSeed()
	seen := make(map[uint64][]jsonvalue.Value)
	var unique []jsonvalue.Value
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
	}
	return jsonvalue.Array(unique...), nil
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
