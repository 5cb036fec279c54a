package intrinsics

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/statemill/statemill/internal/digest"
	"github.com/statemill/statemill/internal/javatext"
	"github.com/statemill/statemill/jsonvalue"
)

// format puts arguments in the places of a template: strings as they are,
// anything else in Java's form (recorded).
func format(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	template, _ := args[0].AsString()
	n, problem := places(template)
	if problem != "" {
		return jsonvalue.Value{}, because("Invalid template in States.Format: " + problem)
	}
	if n != len(args)-1 { // (unsure: the words behind the colon)
		return jsonvalue.Value{}, because("Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.")
	}
	call, text := e.current, e.text[:0]
	for i, arg := range args[1:] {
		before, after, _ := cutPlace(template)
		if err := e.spend(arg); err != nil {
			return jsonvalue.Value{}, err
		}
		text = appendUnescaped(text, before)
		if call.args[i+1].isParsed() {
			text = appendParsed(text, arg)
		} else {
			text = javatext.Append(text, arg)
		}
		template = after
	}
	e.text = appendUnescaped(text, template)
	return jsonvalue.String(string(e.text)), nil
}

// isParsed reports whether an argument is a result of States.StringToJson.
func (a *argument) isParsed() bool { return a.call != nil && a.call.function.name == stringToJSONName }

// appendParsed appends what States.StringToJson returned: a text keeps its quotes
// (said: it prints otherwise than the bare text; unsure: so).
func appendParsed(text []byte, v jsonvalue.Value) []byte {
	if v.Kind() == jsonvalue.KindString {
		return v.AppendJSON(text)
	}
	return javatext.Append(text, v)
}

// places counts the {} in a template. A brace that is neither a part of one nor
// escaped is a problem; doubling it is no escape (recorded).
func places(template string) (n int, problem string) {
	for {
		brace, rest := nextBrace(template)
		switch {
		case brace == "":
			return n, ""
		case brace == "}":
			return 0, "matching '{' not found for '}'."
		case brace == "{":
			return 0, "matching '}' not found for '{'."
		}
		template = rest
		n++
	}
}

// cutPlace divides a template at its first {}.
func cutPlace(template string) (before, after string, found bool) {
	brace, after := nextBrace(template)
	if brace == "" {
		return template, "", false
	}
	return template[:len(template)-len(after)-len(brace)], after, true
}

// nextBrace returns the first {}, { or } that no backslash escapes, and what
// follows it.
func nextBrace(template string) (brace, after string) {
	for i := 0; i < len(template); i++ {
		switch template[i] {
		case '\\':
			if i+1 < len(template) && isEscape(template[i+1]) {
				i++
			}
		case '{':
			if strings.HasPrefix(template[i:], "{}") {
				return "{}", template[i+2:]
			}
			return "{", template[i+1:]
		case '}':
			return "}", template[i+1:]
		}
	}
	return "", ""
}

// isEscape reports whether a backslash may precede c.
func isEscape(c byte) bool { return c == '\'' || c == '{' || c == '}' || c == '\\' }

// appendUnescaped appends a piece of a template. A backslash that escapes
// nothing, which only text from a path can have, stands for itself.
func appendUnescaped(text []byte, piece string) []byte {
	for i := 0; i < len(piece); i++ {
		if piece[i] == '\\' && i+1 < len(piece) && isEscape(piece[i+1]) {
			i++
		}
		text = append(text, piece[i])
	}
	return text
}

// stringSplit splits at each of the given characters and drops what is empty
// (recorded). At none of no characters the text splits (unsure).
func stringSplit(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	delimiters, _ := args[1].AsString()
	for _, arg := range args {
		if err := e.spend(arg); err != nil {
			return jsonvalue.Value{}, err
		}
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

// maxCharacters is the longest text that States.Base64Encode, Base64Decode and
// Hash accept, in UTF-16 code units (unsure: or in characters).
const maxCharacters = 10_000

func tooLong(text string) bool {
	if len(text) <= maxCharacters {
		return false
	}
	units := 0
	for _, r := range text {
		units += max(utf16.RuneLen(r), 1)
	}
	return units > maxCharacters
}

func base64Encode(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	if tooLong(text) {
		return jsonvalue.Value{}, invalid()
	}
	return jsonvalue.String(base64.StdEncoding.EncodeToString([]byte(text))), nil
}

// base64Decode accepts any text, as Apache's codec for Java does (said).
func base64Decode(_ *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, _ := args[0].AsString()
	if tooLong(text) {
		return jsonvalue.Value{}, invalid()
	}
	return jsonvalue.String(javatext.FromUTF8(decodeBase64(text))), nil
}

// decodeBase64 passes over what is not in the alphabet, nor in that for URLs, and
// ends at the first padding. A group that is not complete gives its whole bytes.
func decodeBase64(text string) []byte {
	decoded := make([]byte, 0, len(text)/4*3+3)
	var bits uint32
	count := 0
	for i := 0; i < len(text) && text[i] != '='; i++ {
		digit, ok := base64Digit(text[i])
		if !ok {
			continue
		}
		bits = bits<<6 | digit
		if count++; count%4 == 0 {
			decoded = append(decoded, byte(bits>>16), byte(bits>>8), byte(bits))
		}
	}
	switch count % 4 {
	case 2:
		decoded = append(decoded, byte(bits>>4))
	case 3:
		decoded = append(decoded, byte(bits>>10), byte(bits>>2))
	}
	return decoded
}

func base64Digit(c byte) (digit uint32, ok bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return uint32(c - 'A'), true
	case 'a' <= c && c <= 'z':
		return uint32(c-'a') + 26, true
	case '0' <= c && c <= '9':
		return uint32(c-'0') + 52, true
	case c == '+', c == '-':
		return 62, true
	}
	return 63, c == '/' || c == '_'
}

// hash takes what is no text for its JSON text (said; unsure: which text).
func hash(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error) {
	text, isText := args[0].AsString()
	if !isText {
		if err := e.spend(args[0]); err != nil {
			return jsonvalue.Value{}, err
		}
		text = args[0].String()
	}
	algorithm, _ := args[1].AsString()
	if tooLong(text) {
		return jsonvalue.Value{}, invalid()
	}
	digits, ok := digest.Hex(algorithm, text)
	if !ok {
		return jsonvalue.Value{}, invalid()
	}
	return jsonvalue.String(digits), nil
}
