package jsonvalue

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/statemill/statemill/internal/jsontext"
)

// FuzzParse holds Parse to encoding/json: the same verdict and the same value.
// It differs on purpose in these cases, and only in these:
//
//   - a lone surrogate is kept, encoding/json makes it U+FFFD;
//   - bytes that are not UTF-8 are refused, encoding/json makes them U+FFFD;
//   - a number beyond float64 is kept as text, encoding/json refuses it (read
//     into json.Number it is kept as well);
//   - nesting ends at MaxDepth, in encoding/json at 10,000;
//   - a number has at most 1,000 characters.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.50,-0,1e400,"x\u00e9\ud83d\ude00"],"b":{"a":null},"a":true}`,
		`[0.1,1E7,12345678901234567890,-0.0,1e-7,0.1000000000000000055]`,
		`"\ud800"`, "\"\xff\"", `01`, `{"a" 1}`, `[1,]`, `nul`, ` {"x":"\/\b"} `, ``,
		strings.Repeat("[", 1001) + strings.Repeat("]", 1001),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ours, err := Parse(text)
		theirs, theirErr := decodeExactly(text)
		switch {
		case err != nil && theirErr == nil:
			if !refusedOnPurpose(text, err) {
				t.Fatalf("refused %q: %v", text, err)
			}
		case err == nil && theirErr != nil:
			t.Fatalf("accepted %q: %v", text, theirErr)
		case err == nil:
			checkRoundTrip(t, ours)
			if got := ours.untyped(); !same(got, theirs) {
				t.Fatalf("%q is %#v, want %#v", text, got, theirs)
			}
		}
	})
}

func decodeExactly(text []byte) (x any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if !json.Valid(text) {
		return nil, json.Unmarshal(text, &x)
	}
	return x, d.Decode(&x)
}

func refusedOnPurpose(text []byte, err error) bool {
	return !utf8.Valid(text) ||
		strings.Contains(err.Error(), "nesting depth") ||
		strings.Contains(err.Error(), "Number value length")
}

// checkRoundTrip prints the value and reads it again: print, then parse, is the
// identity, and Size tells the length of the text.
func checkRoundTrip(t *testing.T, v Value) {
	text := v.String()
	again, err := Parse([]byte(text))
	if err != nil || again.String() != text || !again.Equal(v) {
		t.Fatalf("%s became %s, %v", text, again, err)
	}
	if v.SizeBound() < len(text) {
		t.Fatalf("SizeBound of %s is %d, below %d", text, v.SizeBound(), len(text))
	}
	if v.Size() != len(text) {
		t.Fatalf("Size of %s is %d, not %d", text, len(text), v.Size())
	}
}

// untyped returns the value as encoding/json gives it with UseNumber.
func (v Value) untyped() any {
	switch v.Kind() {
	case KindBool:
		return v.num != 0
	case KindNumber:
		n, _ := v.AsNumber()
		return n
	case KindString:
		return v.text()
	case KindArray:
		elements := make([]any, 0, v.Len())
		for _, e := range v.Elements() {
			elements = append(elements, e.untyped())
		}
		return elements
	case KindObject:
		members := make(map[string]any)
		for name, m := range v.Members() {
			members[name] = m.untyped()
		}
		return members
	}
	return nil
}

// same compares numbers by value, and lone surrogates with what encoding/json
// makes of them.
func same(ours, theirs any) bool {
	switch a := ours.(type) {
	case json.Number:
		b, ok := theirs.(json.Number)
		return ok && jsontext.Normalize(string(a)) == jsontext.Normalize(string(b))
	case string:
		b, ok := theirs.(string)
		return ok && replaceSurrogates(a) == b
	case []any:
		b, ok := theirs.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := theirs.(map[string]any)
		return ok && sameMembers(a, b)
	}
	return ours == theirs
}

func sameMembers(a, b map[string]any) bool {
	names := make(map[string]bool)
	for name, x := range a {
		replaced := replaceSurrogates(name)
		names[replaced] = true
		if replaced == name && !same(x, b[name]) {
			return false
		}
	}
	return len(names) == len(b)
}

func replaceSurrogates(s string) string {
	var out []byte
	for i := 0; i < len(s); {
		if _, lone := jsontext.DecodeSurrogate(s[i:]); lone {
			out = append(out, "\uFFFD"...)
			i += 3
			continue
		}
		out = append(out, s[i])
		i++
	}
	return string(out)
}
