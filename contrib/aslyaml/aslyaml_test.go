package aslyaml_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/contrib/aslyaml"
)

func TestValues(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: [x, 2.50, true, Null, ~, '3', \"4\"]\nc:\n":      `{"a":1,"b":["x",2.50,true,null,null,"3","4"],"c":null}`,
		"12345678901234567890123":                                  `12345678901234567890123`,
		"a: yes\nb: 010\nc: 1_000\nd: 2026-01-01\ne: .inf\nf: +12": `{"a":"yes","b":"010","c":"1_000","d":"2026-01-01","e":".inf","f":"+12"}`,
		"a: &x {n: 1, m: 2}\nb: {<<: *x, m: 3}\nc: *x":             `{"a":{"n":1,"m":2},"b":{"m":3,"n":1},"c":{"n":1,"m":2}}`,
		"a: &x {n: 1}\nb: &y {n: 2, k: 5}\nc: {<<: [*x, *y]}":      `{"a":{"n":1},"b":{"n":2,"k":5},"c":{"n":1,"k":5}}`,
		"a: |\n  one\n  two\nb: >-\n  one\n  two\n":                `{"a":"one\ntwo\n","b":"one two"}`,
		"a: !!str 1\n'1': <b>":                                     `{"a":"1","1":"<b>"}`,
		`{"StartAt": "A", "n": 1e5}`:                               `{"StartAt":"A","n":1e5}`,
	} {
		require.Equal(t, want, aslyaml.MustJSON(text), text)
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "1:1: there is no document",
		"a: 1\na: 2":                 `2:1: the name "a" is there twice`,
		"a: 1\n---\nb: 2":            "2:1: a second document begins here",
		"a: &x [*x]":                 `1:4: the anchor "x" is inside itself`,
		"a: &x\n  <<: *x":            `the anchor "x" is inside itself`,
		"a: !Sub b":                  "1:4: the tag !Sub has no meaning here",
		"[1, 2]: 3":                  "1:1: a name must be a text",
		"a: {<<: 3}":                 "<< wants a mapping, or a list of mappings",
		"a: *nobody":                 "nobody",
		"a:\n\t- b":                  "2:",
		strings.Repeat("[", 100_000): "",
		"a: &a [x, x, x, x, x, x, x, x, x]\n" + nine(): "the definition is larger than 1 MiB",
	} {
		_, err := aslyaml.Read([]byte(text))
		var e *aslyaml.Error
		require.True(t, errors.As(err, &e), "%.40q: %v", text, err)
		require.Contains(t, err.Error(), want, "%.40q", text)
	}
}

// nine makes nine-fold nesting of aliases.
func nine() string {
	var b strings.Builder
	for c := 'b'; c <= 'j'; c++ {
		b.WriteString(string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+", ", 9), ", ") + "]\n")
	}
	return b.String()
}

func TestWarnings(t *testing.T) {
	s, err := aslyaml.Read([]byte("a: yes\nb: 'no'\nc: 010\nd: text\ne: 12"))
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, s.Warnings().WriteText(&b, "x.yaml"))
	require.Equal(t, `x.yaml:1:4: warning: STATEMILL_YAML_AMBIGUOUS: yes is text here, and something else for other readers of YAML
    1 | a: yes
      |    ^^^ quote it
x.yaml:3:4: warning: STATEMILL_YAML_AMBIGUOUS: 010 is text here, and something else for other readers of YAML
    3 | c: 010
      |    ^^^ quote it
`, b.String())
}

func TestTags(t *testing.T) {
	r := aslyaml.Reader{Tags: map[string]string{"!Sub": "Fn::Sub", "!GetAtt": "Fn::GetAtt"}}
	s, err := r.Read([]byte("a: !Sub 'x ${A}'\nb: !GetAtt [A, Arn]\n"))
	require.NoError(t, err)
	require.Equal(t, `{"a":{"Fn::Sub":"x ${A}"},"b":{"Fn::GetAtt":["A","Arn"]}}`, string(s.JSON()))
	require.Equal(t, asl.Position{Line: 1, Column: 9 + len("'x ")}, s.Position(strings.Index(string(s.JSON()), "${A}")))
}

// Findings of asl land on the YAML, inside of expressions too.
func TestTranslate(t *testing.T) {
	text := `StartAt: A
QueryLanguage: JSONata
States:
  A:
    Type: Pass
    Output: "{% $states.input.größe ++ 1 %}"
    Next: B
  C:
    Type: Pass
    Output: |-
      {%
        1 +
          * 2
      %}
    End: true
`
	s, err := aslyaml.Read([]byte(text))
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, s.Translate(asl.Validator{}.Validate(s.JSON())).WriteText(&b, "x.yaml"))
	require.Equal(t, `x.yaml:6:38: INVALID_JSONATA_EXPRESSION: The symbol "+" cannot be used as a unary operator
    6 |     Output: "{% $states.input.größe ++ 1 %}"
      |                                      ^
x.yaml:13:13: INVALID_JSONATA_EXPRESSION: Syntax error: 2
   13 |           * 2
      |             ^
x.yaml:7:11: MISSING_TRANSITION_TARGET: Missing 'Next' target: B
    7 |     Next: B
      |           ^
x.yaml:8:3: MISSING_TRANSITION_TARGET: State "C" is not reachable.
    8 |   C:
      |   ^^
`, b.String())
}

func FuzzRead(f *testing.F) {
	f.Add("a: &x {n: 1}\nb: {<<: *x}\nc: |\n  d\n")
	f.Add(`{"a": [1, "b\u0000"], "c": {}}`)
	f.Add("- !t x\n- 'y'\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := aslyaml.Reader{Tags: map[string]string{"!t": "t"}}.Read([]byte(text))
		if err != nil {
			var e *aslyaml.Error
			require.True(t, errors.As(err, &e))
			return
		}
		require.True(t, json.Valid(s.JSON()), "%s", s.JSON())
		lines := strings.Count(text, "\n") + 1
		for offset := 0; offset <= len(s.JSON()); offset += 1 + len(s.JSON())/50 {
			at := s.Position(offset)
			require.True(t, at.Line >= 1 && at.Line <= lines && at.Column >= 1, "%v at %d", at, offset)
		}
		again, err := aslyaml.Read(s.JSON())
		require.NoError(t, err, "JSON is YAML: %s", s.JSON())
		require.Equal(t, string(s.JSON()), string(again.JSON()))
	})
}
