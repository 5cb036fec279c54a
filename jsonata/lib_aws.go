package jsonata

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"github.com/statemill/statemill/internal/digest"
	"github.com/statemill/statemill/internal/jsontext"
	"github.com/statemill/statemill/jsonvalue"
)

// awsFunctions are those that Step Functions adds.
var awsFunctions = []native{
	{name: "partition", signature: "<xn?:a>", arity: 2, call: partition, levels: awsOnly},
	{name: "range", signature: "<nnn?:a>", arity: 3, call: rangeOf, levels: awsOnly},
	{name: "hash", signature: "<ss?:s>", arity: 2, call: hashOf, levels: awsOnly},
	{name: "random", signature: "<n?:n>", arity: 1, call: seededRandom, levels: awsOnly},
	{name: "uuid", signature: "<:s>", call: uuid, levels: awsOnly},
	{name: "parse", signature: "<s?:x>", arity: 1, call: parseJSON, levels: awsOnly},
	{name: "base64decode", signature: "<s-:s>", arity: 1, call: strictBase64decode, levels: awsOnly},
}

// partition cuts an array into chunks.
func partition(c caller, args []value) (value, error) {
	list := args[0]
	if list.isNothing() {
		return value{}, nil
	}
	if !list.isArray() {
		return value{}, fail("T0412", 0).num("index", 1)
	}
	n := list.len()
	size := n
	if x, ok := args[1].float(); ok {
		size = truncate(x)
	}
	switch {
	case size < 0:
		return value{}, raised("D3137", text("Second argument must be zero or greater"), "")
	case n == 0 || size == 0:
		return value{}, nil
	}
	if err := c.ev.checkLength(n / size); err != nil {
		return value{}, err
	}
	chunks := make([]value, 0, n/size+1)
	for from := 0; from < n; from += size {
		chunk := make([]value, 0, min(size, n-from))
		for i := from; i < min(from+size, n); i++ {
			chunk = append(chunk, list.at(i))
		}
		v, err := c.ev.array(chunk)
		if err != nil {
			return value{}, err
		}
		chunks = append(chunks, v)
	}
	return c.ev.array(chunks)
}

// $range takes more memory for each number than the range operator: on AWS,
// 360,145 numbers are as many as 873,782 of the operator's.
const (
	rangeNumbers    = 360_145
	operatorNumbers = 873_782
)

// rangeOf counts from a number to another one.
func rangeOf(c caller, args []value) (value, error) {
	var bounds [3]float64
	for i, arg := range args {
		x, ok := arg.float()
		if !ok || x != x || math.IsInf(x, 0) {
			return value{}, nil
		}
		bounds[i] = math.Trunc(x)
	}
	start, end, step := bounds[0], bounds[1], bounds[2]
	if step == 0 || (end-start)*step < 0 {
		return value{}, nil
	}
	n := math.Floor((end-start)/step) + 1
	if n*operatorNumbers > float64(c.ev.limits.Sequence)*rangeNumbers {
		return value{}, errMemory
	}
	if max(math.Abs(start), math.Abs(end)) > 1<<53 { // such numbers are made of their digits
		if err := c.ev.charge(4 * int(n)); err != nil {
			return value{}, err
		}
	}
	items := make([]value, int(n))
	for i := range items {
		items[i] = number(start + float64(i)*step)
	}
	return c.ev.sequence(items)
}

func hashOf(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	algorithm, ok2 := args[1].str()
	if !ok || !ok2 {
		return value{}, nil
	}
	const fixed = 24 // the last block, and the digits
	if err := c.ev.charge(fixed + len(s)/bytesMade); err != nil {
		return value{}, err
	}
	digits, ok := digest.Hex(algorithm, s)
	if !ok {
		message := "Hash algorithm '" + algorithm + "' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"
		return value{}, raised("D3137", text(message), "")
	}
	return text(digits), nil
}

// seededRandom returns a random number. With a seed, it is the first number of
// java.util.Random with that seed.
func seededRandom(c caller, args []value) (value, error) {
	seed, ok := args[0].float()
	if !ok {
		return random(c, nil)
	}
	n, exact := args[0].json.AsInt64()
	if !exact {
		n = int64(truncate(seed))
	}
	return number(javaRandom(n)), nil
}

// javaRandom is new java.util.Random(seed).nextDouble().
func javaRandom(seed int64) float64 {
	const multiplier, mask = 0x5DEECE66D, 1<<48 - 1
	state := (uint64(seed) ^ multiplier) & mask
	next := func(bits int) uint64 {
		state = (state*multiplier + 0xB) & mask
		return state >> (48 - bits)
	}
	high := next(26)
	return float64(high<<27+next(27)) / (1 << 53)
}

func uuid(c caller, _ []value) (value, error) {
	high, err := c.ev.randomBits()
	if err != nil {
		return value{}, err
	}
	if err := c.ev.charge(24); err != nil {
		return value{}, err
	}
	low, _ := c.ev.randomBits()
	high = high&^0xF000 | 0x4000
	low = low&(1<<62-1) | 1<<63
	return text(fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xFFFF, high&0xFFFF, low>>48, low&(1<<48-1))), nil
}

// parseJSON is the inverse of $string.
func parseJSON(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if err := c.ev.charge(3 * len(s)); err != nil {
		return value{}, err
	}
	v, err := jsonvalue.Parse([]byte(s))
	if err != nil || repeatsName(s) || !isFinite(v) {
		return value{}, raised("D3137", text("Invalid JSON"), "")
	}
	return data(v), nil
}

// repeatsName reports whether an object in a JSON text has two members of the
// same name.
func repeatsName(s string) bool {
	scan := jsontext.NewScanner(s)
	var open []map[string]bool // the names of the objects around
	for {
		kind, err := scan.Next()
		switch {
		case err != nil || kind == jsontext.EOF:
			return false
		case kind == jsontext.BeginObject:
			open = append(open, map[string]bool{})
		case kind == jsontext.EndObject:
			open = open[:len(open)-1]
		case kind == jsontext.Name:
			names := open[len(open)-1]
			if names[scan.Text()] {
				return true
			}
			names[scan.Text()] = true
		}
	}
}

// isFinite reports whether every number in v is one of float64.
func isFinite(v jsonvalue.Value) bool {
	if x, ok := v.AsFloat64(); ok {
		return !math.IsInf(x, 0)
	}
	for _, element := range v.Elements() {
		if !isFinite(element) {
			return false
		}
	}
	for _, member := range v.Members() {
		if !isFinite(member) {
			return false
		}
	}
	return true
}

// strictBase64decode fails where the decoder of Java does: at a character that
// is not base64, and at a text that ends inside a byte. Padding may be left out.
func strictBase64decode(c caller, args []value) (value, error) {
	if s, ok := args[0].str(); ok {
		if err := c.ev.chargeText(2 * len(s)); err != nil {
			return value{}, err
		}
		encoding := base64.RawStdEncoding
		if strings.HasSuffix(s, "=") {
			encoding = base64.StdEncoding
		}
		if _, err := encoding.DecodeString(s); err != nil || strings.ContainsAny(s, "\r\n") {
			return value{}, uncoded("The argument of the base64decode function is not base64", nil)
		}
	}
	return base64decode(c, args)
}
