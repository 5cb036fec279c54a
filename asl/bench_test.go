package asl_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/statemill/statemill/asl"
)

// tenKilobytes returns a definition of about 10 kB: the order workflow of
// testdata, repeated.
func tenKilobytes(b *testing.B) []byte {
	text, err := os.ReadFile("testdata/valid/jsonpath.asl.json")
	if err != nil {
		b.Fatal(err)
	}
	_, states, _ := strings.Cut(string(text), `"States": {`)
	states = states[:strings.LastIndexByte(states, '}')]
	states = strings.TrimRight(states[:strings.LastIndexByte(states, '}')], " \n")
	var out strings.Builder
	out.WriteString(`{"StartAt": "Pass", "States": {` + states)
	for i := 0; out.Len() < 10_000; i++ {
		out.WriteString(`,"More ` + strconv.Itoa(i) + `": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
			"Parameters": {"FunctionName": "f", "Payload": {"a.$": "$.a", "b.$": "$.b.c[0]", "c": [1, 2, 3]}},
			"ResultPath": "$.more", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fail"}], "Next": "More ` + strconv.Itoa(i+1) + `"}`)
	}
	out.WriteString(`}}`)
	definition := strings.Replace(out.String(), `"Next": "Large map"`, `"Next": "More 0"`, 1)
	last := strings.LastIndex(definition, `"Next": "More `)
	return []byte(definition[:last] + `"Next": "Large map"}}}`)
}

func BenchmarkParse(b *testing.B) {
	definition := tenKilobytes(b)
	b.SetBytes(int64(len(definition)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := asl.Parse(definition); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	definition := tenKilobytes(b)
	b.SetBytes(int64(len(definition)))
	b.ReportAllocs()
	for b.Loop() {
		if err := asl.Validate(definition).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidateJSONata(b *testing.B) {
	definition, err := os.ReadFile("testdata/valid/jsonata.asl.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(definition)))
	b.ReportAllocs()
	for b.Loop() {
		if err := asl.Validate(definition).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParseByEncodingJSON is for comparison: it decodes the same text into any.
func BenchmarkParseByEncodingJSON(b *testing.B) {
	definition := tenKilobytes(b)
	b.SetBytes(int64(len(definition)))
	b.ReportAllocs()
	for b.Loop() {
		var v any
		if err := json.Unmarshal(definition, &v); err != nil {
			b.Fatal(err)
		}
	}
}
