package jsonata

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

var numberFunctions = []native{
	{name: "number", signature: "<(nsb)-:n>", arity: 1, call: numberOf},
	{name: "abs", signature: "<n-:n>", arity: 1, call: abs},
	{name: "floor", signature: "<n-:n>", arity: 1, call: floor},
	{name: "ceil", signature: "<n-:n>", arity: 1, call: ceil},
	{name: "round", signature: "<n-n?:n>", arity: 2, call: round},
	{name: "sqrt", signature: "<n-:n>", arity: 1, call: sqrt},
	{name: "power", signature: "<n-n:n>", arity: 2, call: power},
	{name: "random", signature: "<:n>", call: random, levels: plainOnly},
	{name: "formatBase", signature: "<n-n?:s>", arity: 2, call: formatBase},
	{name: "formatNumber", signature: "<n-so?:s>", arity: 3, call: formatNumber},
	{name: "formatInteger", signature: "<n-s:s>", arity: 2, call: formatInteger},
	{name: "parseInteger", signature: "<s-s:n>", arity: 2, call: parseInteger},
}

func numberOf(c caller, args []value) (value, error) {
	v := args[0]
	switch v.kind() {
	case kindBool:
		yes, _ := v.json.AsBool()
		return integer(int64(oneIf(yes))), nil
	case kindString:
		s, _ := v.str()
		if err := c.ev.chargeNumber(s); err != nil {
			return value{}, err
		}
		if x, ok := parseNumber(s); ok {
			return x, nil
		}
		return value{}, fail("D3030", 0).value("value", v)
	}
	return v, nil
}

// chargeNumber counts the reading of a number. One of more digits than float64
// holds may have to be calculated with all of its digits, up to 800.
func (ev *evaluation) chargeNumber(s string) error {
	price := len(s) / 8
	if len(s) > 19 {
		price += min(len(s), 800)
	}
	return ev.charge(price)
}

// parseNumber reads a number as $number does: decimal, or with a base.
func parseNumber(s string) (value, bool) {
	if isDecimal(s) {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && n != 0 {
			return integer(n), true
		}
		x, _ := strconv.ParseFloat(s, 64)
		return number(x), !math.IsInf(x, 0)
	}
	if len(s) < 3 || s[0] != '0' {
		return value{}, false
	}
	base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]
	if base == 0 || strings.ContainsAny(s[2:], "+-_") {
		return value{}, false
	}
	digits := strings.TrimLeft(s[2:], "0")
	if len(digits) > 1024 { // beyond float64, whatever the base
		return value{}, false
	}
	n, ok := new(big.Int).SetString("0"+digits, base)
	if !ok {
		return value{}, false
	}
	x, _ := new(big.Float).SetInt(n).Float64()
	return number(x), !math.IsInf(x, 0)
}

// isDecimal reports whether s is -?digits, with a fraction and an exponent
// perhaps.
func isDecimal(s string) bool {
	at := oneIf(strings.HasPrefix(s, "-"))
	end := digits(s, at)
	if end == at {
		return false
	}
	if end < len(s) && s[end] == '.' {
		frac := digits(s, end+1)
		if frac == end+1 {
			return false
		}
		end = frac
	}
	if end < len(s) && s[end]|0x20 == 'e' {
		exp := end + 1
		if exp < len(s) && (s[exp] == '+' || s[exp] == '-') {
			exp++
		}
		if end = digits(s, exp); end == exp {
			return false
		}
	}
	return end == len(s)
}

// mapNumber applies f to a number that may be missing. Integers of 64 bits are
// rounded already.
func mapNumber(v value, f func(float64) float64) (value, error) {
	if v.isNothing() {
		return v, nil
	}
	if n, ok := v.json.AsInt64(); ok && (n > 1<<53 || n < -1<<53) {
		return v, nil
	}
	x, _ := v.float()
	return number(f(x)), nil
}

func abs(_ caller, args []value) (value, error) {
	if n, ok := args[0].json.AsInt64(); ok && n != math.MinInt64 {
		return integer(max(n, -n)), nil
	}
	return mapNumber(args[0], math.Abs)
}

func floor(_ caller, args []value) (value, error) { return mapNumber(args[0], math.Floor) }
func ceil(_ caller, args []value) (value, error)  { return mapNumber(args[0], math.Ceil) }

func round(c caller, args []value) (value, error) {
	if err := c.ev.charge(10); err != nil { // the numbers are written and read
		return value{}, err
	}
	places, _ := args[1].float()
	n := truncate(places)
	if float64(n) != places && places == places && !args[0].isNothing() {
		return number(math.NaN()), nil
	}
	if n < 0 {
		if x, ok := args[0].float(); ok {
			return number(roundTo(x, n)), nil
		}
	}
	return mapNumber(args[0], func(x float64) float64 { return roundTo(x, n) })
}

func sqrt(_ caller, args []value) (value, error) {
	x, ok := args[0].float()
	if ok && x < 0 {
		return value{}, fail("D3060", 0).value("value", args[0])
	}
	return mapNumber(args[0], math.Sqrt)
}

func power(c caller, args []value) (value, error) {
	base, ok := args[0].float()
	if !ok {
		return value{}, nil
	}
	exponent, ok := args[1].float()
	if !ok {
		exponent = math.NaN()
	}
	if err := c.ev.charge(powerSteps(exponent)); err != nil {
		return value{}, err
	}
	x := exponentiate(base, exponent)
	if math.IsInf(x, 0) || x != x || exponent != exponent {
		return value{}, fail("D3061", 0).value("value", args[0]).value("exp", args[1])
	}
	return number(x), nil
}

func random(c caller, _ []value) (value, error) {
	x, err := c.ev.randomFloat()
	return number(x), err
}

// randomFloat returns a number from 0 up to 1.
func (ev *evaluation) randomFloat() (float64, error) {
	n, err := ev.randomBits()
	return float64(n>>11) / (1 << 53), err
}

func (ev *evaluation) randomBits() (uint64, error) {
	if ev.env.Random == nil {
		return 0, uncoded("There is no source of random numbers in this evaluation", nil)
	}
	return ev.env.Random.Uint64(), nil
}

func formatBase(c caller, args []value) (value, error) {
	x, ok := args[0].float()
	if !ok {
		return value{}, nil
	}
	radix := 10.0
	if given, ok := args[1].float(); ok {
		radix = math.RoundToEven(given)
	}
	if !(radix >= 2 && radix <= 36) {
		return value{}, fail("D3100", 0).with("value", formatFloat(radix), "")
	}
	x = math.RoundToEven(x)
	if n := int64(x); float64(n) == x && n != math.MaxInt64 {
		return text(strconv.FormatInt(n, int(radix))), nil
	}
	if math.IsInf(x, 0) || x != x || radix == 10 {
		return text(formatFloat(x)), nil
	}
	if err := c.ev.charge(100); err != nil {
		return value{}, err
	}
	n, _ := new(big.Float).SetFloat64(x).Int(nil)
	return text(n.Text(int(radix))), nil
}
