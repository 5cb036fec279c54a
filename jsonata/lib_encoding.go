package jsonata

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

var encodingFunctions = []native{
	{name: "base64encode", signature: "<s-:s>", arity: 1, call: base64encode},
	{name: "base64decode", signature: "<s-:s>", arity: 1, call: base64decode, levels: plainOnly},
	{name: "encodeUrlComponent", signature: "<s-:s>", arity: 1, call: encodeURLComponent},
	{name: "encodeUrl", signature: "<s-:s>", arity: 1, call: encodeURL},
	{name: "decodeUrlComponent", signature: "<s-:s>", arity: 1, call: decodeURLComponent},
	{name: "decodeUrl", signature: "<s-:s>", arity: 1, call: decodeURL},
}

// base64encode encodes the low byte of every UTF-16 unit.
func base64encode(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if err := c.ev.chargeText(2 * len(s)); err != nil {
		return value{}, err
	}
	bytes := []byte(s)
	if !isASCII(s) {
		bytes = bytes[:0]
		for _, unit := range utf16Units(s) {
			bytes = append(bytes, byte(unit))
		}
	}
	return text(base64.StdEncoding.EncodeToString(bytes)), nil
}

// base64decode decodes to one character for each byte. It passes over what is
// not base64, and ends at padding.
func base64decode(c caller, args []value) (value, error) {
	s, ok := args[0].str()
	if !ok {
		return value{}, nil
	}
	if err := c.ev.chargeText(2 * len(s)); err != nil {
		return value{}, err
	}
	var out []byte
	bits, n := uint32(0), 0
	for i := 0; i < len(s) && s[i] != '='; i++ {
		digit := base64Digit(s[i])
		if digit < 0 {
			continue
		}
		bits = bits<<6 | uint32(digit)
		if n += 6; n >= 8 {
			n -= 8
			out = utf8.AppendRune(out, rune(bits>>n&0xFF))
		}
	}
	return text(string(out)), nil
}

func base64Digit(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}

// The functions of ECMAScript leave these characters as they are.
const (
	urlMarks    = "-_.!~*'()"
	urlReserved = ";/?:@&=+$,#"
)

func encodeURLComponent(c caller, args []value) (value, error) {
	return c.encode(args[0], "encodeUrlComponent", urlMarks)
}

func encodeURL(c caller, args []value) (value, error) {
	return c.encode(args[0], "encodeUrl", urlMarks+urlReserved)
}

func (c caller) encode(v value, name, literal string) (value, error) {
	s, ok := v.str()
	if !ok {
		return value{}, nil
	}
	if err := c.ev.charge(len(s) / 4); err != nil {
		return value{}, err
	}
	const hex = "0123456789ABCDEF"
	var out []byte
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == 0xED && isLone(s[i:]):
			return value{}, malformed(name, v)
		case isAlphanumeric(b) || strings.IndexByte(literal, b) >= 0:
			out = append(out, b)
		default:
			out = append(out, '%', hex[b>>4], hex[b&15])
		}
	}
	return c.newText(string(out))
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func malformed(name string, v value) error {
	return fail("D3140", 0).value("value", v).text("functionName", name)
}

func decodeURLComponent(c caller, args []value) (value, error) {
	return c.decode(args[0], "decodeUrlComponent", "")
}

func decodeURL(c caller, args []value) (value, error) {
	return c.decode(args[0], "decodeUrl", urlReserved)
}

func (c caller) decode(v value, name, encoded string) (value, error) {
	s, ok := v.str()
	if !ok {
		return value{}, nil
	}
	if err := c.ev.charge(len(s) / 2); err != nil {
		return value{}, err
	}
	var out textBuilder
	for {
		before, rest, found := strings.Cut(s, "%")
		out.WriteString(before)
		if !found {
			return text(out.String()), nil
		}
		char, size, ok := percentRune(rest)
		if !ok {
			return value{}, malformed(name, v)
		}
		if strings.Contains(encoded, char) {
			char = "%" + rest[:size]
		}
		out.WriteString(char)
		s = rest[size:]
	}
}

// percentRune decodes one character from XX%XX..., and returns the size of its
// code.
func percentRune(s string) (char string, size int, ok bool) {
	var room [utf8.UTFMax]byte
	bytes := room[:0]
	for !utf8.FullRune(bytes) {
		if size > 0 {
			if size >= len(s) || s[size] != '%' {
				return "", 0, false
			}
			size++
		}
		if len(s) < size+2 {
			return "", 0, false
		}
		code, err := strconv.ParseUint(s[size:size+2], 16, 8)
		if err != nil {
			return "", 0, false
		}
		bytes = append(bytes, byte(code))
		size += 2
	}
	return string(bytes), size, utf8.Valid(bytes)
}
