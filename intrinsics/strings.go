package intrinsics

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/statemill/statemill/internal/digest"
	"github.com/statemill/statemill/internal/javatext"
	"github.com/statemill/statemill/jsonvalue"
)

// format puts arguments in the places of a template: strings as they are,
// anything else in Java's form (recorded).
func format(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	template, _ := args[0].AsString()
	if n := places(template); n != len(args)-1 {
		return jsonvalue.Value{}, invalid("Invalid arguments in States.Format: %d places {} for %d arguments", n, len(args)-1)
	}
	text := e.text[:0]
	for _, arg := range args[1:] {
		before, after, _ := cutPlace(template)
		if err := e.spend(arg); err != nil {
			return jsonvalue.Value{}, err
		}
		text = javatext.Append(appendUnescaped(text, before), arg)
		template = after
	}
	e.text = appendUnescaped(text, template)
	return jsonvalue.String(string(e.text)), nil
}

// places counts the {} in a template.
func places(template string) (n int) {
	for {
		_, after, found := cutPlace(template)
		if !found {
			return n
		}
		template = after
		n++
	}
}

// cutPlace divides a template at its first {}.
func cutPlace(template string) (before, after string, found bool) {
	for i := 0; i+1 < len(template); i++ {
		switch template[i : i+2] {
		case `\\`, `\'`, `\{`, `\}`:
			i++
		case "{}":
			return template[:i], template[i+2:], true
		}
	}
	return template, "", false
}

// appendUnescaped appends a piece of a template. A backslash that escapes
// nothing, which only text from a path can have, stands for itself.
func appendUnescaped(text []byte, piece string) []byte {
	for i := 0; i < len(piece); i++ {
		if piece[i] == '\\' && i+1 < len(piece) && strings.IndexByte(`'{}\`, piece[i+1]) >= 0 {
			i++
		}
		text = append(text, piece[i])
	}
	return text
}

// stringSplit splits at each of the given characters and drops what is empty
// (recorded).
func stringSplit(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	delimiters, _ := args[1].AsString()
	if delimiters == "" {
		return jsonvalue.Value{}, invalid("Invalid arguments in States.StringSplit: the delimiter is empty")
	}
	if err := e.spend(args[0]); err != nil {
		return jsonvalue.Value{}, err
	}
	base := len(e.stack)
	for part := range strings.FieldsFuncSeq(text, oneOf(delimiters)) {
		e.stack = append(e.stack, jsonvalue.String(part))
	}
	parts := jsonvalue.Array(e.stack[base:]...)
	e.stack = e.stack[:base]
	return parts, nil
}

// oneOf reports whether a character is among some.
func oneOf(characters string) func(rune) bool {
	var ascii [2]uint64
	others := make(map[rune]bool)
	for _, r := range characters {
		if r < utf8.RuneSelf {
			ascii[r/64] |= 1 << (r % 64)
		} else {
			others[r] = true
		}
	}
	return func(r rune) bool {
		if r < utf8.RuneSelf {
			return ascii[r/64]>>(r%64)&1 != 0
		}
		return others[r]
	}
}

// maxCharacters is what States.Base64Encode, Base64Decode and Hash accept.
const maxCharacters = 10_000

func checkLength(name, text string) *Error {
	if len(text) > maxCharacters && utf8.RuneCountInString(text) > maxCharacters {
		return invalid("Invalid arguments in %s: the text has more than %d characters", name, maxCharacters)
	}
	return nil
}

func base64Encode(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	if err := checkLength("States.Base64Encode", text); err != nil {
		return jsonvalue.Value{}, err
	}
	return jsonvalue.String(base64.StdEncoding.EncodeToString([]byte(text))), nil
}

// base64Decode accepts text without padding, as Java does.
func base64Decode(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	if err := checkLength("States.Base64Decode", text); err != nil {
		return jsonvalue.Value{}, err
	}
	encoding := base64.StdEncoding
	if len(text)%4 != 0 {
		encoding = base64.RawStdEncoding
	}
	decoded, err := encoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // Go would pass over ends of lines
		return jsonvalue.Value{}, invalid("Invalid arguments in States.Base64Decode: the text is not Base64")
	}
	return jsonvalue.String(string(decoded)), nil
}

func hash(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	algorithm, _ := args[1].AsString()
	if err := checkLength("States.Hash", text); err != nil {
		return jsonvalue.Value{}, err
	}
	digits, ok := digest.Hex(algorithm, text)
	if !ok {
		return jsonvalue.Value{}, invalid("Invalid arguments in States.Hash: %q is none of MD5, SHA-1, SHA-256, SHA-384, SHA-512", algorithm)
	}
	return jsonvalue.String(digits), nil
}
