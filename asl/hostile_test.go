package asl

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostile are texts of up to a megabyte that ask for more than they are worth:
// depth, long names at every location, many findings, long chains.
func hostile() map[string]string {
	const size = maxText - 100
	fill := func(part string) string { return strings.Repeat(part, size/len(part)) }
	states := func(n int, state func(i int) string) string {
		var b strings.Builder
		b.WriteString(`{"StartAt": "s0", "States": {`)
		for i := range n {
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, `"s%d": %s`, i, state(i))
		}
		return b.String() + "}}"
	}
	nested := func(depth int, inner string) string {
		open := strings.Repeat(`{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":`, depth)
		return open + inner + strings.Repeat(`}}}`, depth)
	}
	name := strings.Repeat("n", 400_000)
	return map[string]string{
		"arrays 10,000 deep":      strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
		"objects a megabyte deep": fill(`{"a":`),
		"maps 300 deep":           nested(240, `{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`),
		"rules 400 deep":          `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[` + strings.Repeat(`{"Not":`, 400) + `{}` + strings.Repeat(`}`, 400) + `]}}}`,
		"a long name over faults": `{"StartAt":"A","States":{"` + name + `":{"Type":"Pass",` + strings.TrimSuffix(strings.Repeat(`"x":1,`, 50_000), ",") + `}}}`,
		"a long name over states": `{"StartAt":"A","States":{"` + name + `":{"Type":"Map","End":true,"ItemProcessor":` + states(20_000, func(int) string { return `{}` }) + `}}}`,
		"faults in one line":      `{"StartAt":"A","States":{` + strings.TrimSuffix(strings.Repeat(`"":1,`, 200_000), ",") + `}}`,
		"members":                 `{` + strings.TrimSuffix(strings.Repeat(`"a":0,`, size/6), ",") + `}`,
		"commas":                  `{"Comment":"` + strings.Repeat(",", size-20) + `"}`,
		"a chain":                 states(15_000, func(i int) string { return fmt.Sprintf(`{"Type":"Pass","Next":"s%d"}`, (i+1)%15_000) }) + "",
		"a chain backwards": states(12_000, func(i int) string {
			return fmt.Sprintf(`{"Type":"Pass","Assign":{"v%d":1},"Next":"s%d"}`, i, max(i-1, 0))
		}),
		"variables read everywhere": states(9_000, func(i int) string {
			return fmt.Sprintf(`{"Type":"Pass","InputPath":"$v%d","Assign":{"v%d":1},"Next":"s%d"}`, i, i, max(i-1, 0))
		}),
		"missing targets":             states(12_000, func(i int) string { return fmt.Sprintf(`{"Type":"Pass","Next":"t%d"}`, i) }),
		"choices":                     `{"StartAt":"C","States":{"E":{"Type":"Succeed"},"C":{"Type":"Choice","Choices":[` + strings.TrimSuffix(strings.Repeat(`{"Variable":"$.a","IsNull":true,"Next":"E"},`, 20_000), ",") + `]}}}`,
		"catchers":                    `{"StartAt":"T","States":{"E":{"Type":"Succeed"},"T":{"Type":"Task","Resource":"x","Next":"E","Catch":[` + strings.TrimSuffix(strings.Repeat(`{"ErrorEquals":["A"],"Next":"E"},`, 20_000), ",") + `]}}}`,
		"error names":                 `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"x","End":true,"Retry":[{"ErrorEquals":[` + strings.TrimSuffix(strings.Repeat(`"A",`, 200_000), ",") + `]}]}}}`,
		"deep data":                   `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true,"Result":` + strings.Repeat("[", 900) + strings.Repeat("]", 900) + `}}}`,
		"wide data":                   `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true,"Result":[` + strings.TrimSuffix(strings.Repeat(`{"a":"$.a"},`, 80_000), ",") + `]}}}`,
		"deep states with long names": nestedNames(48, states(12_000, func(int) string { return `{"Type":"Pass","InputPath":"$","Parameters":{},"Next":"s0"}` })),
		"names in an expression":      `{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","End":true,"Output":"{% [` + numbered("$v", 80_000) + `] %}"}}}`,
		"expressions":                 `{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","End":true,"Output":[` + strings.TrimSuffix(strings.Repeat(`"{% $x.y %}",`, 70_000), ",") + `]}}}`,
		"arguments of a call":         `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true,"Parameters":{"x.$":"States.Array(` + numbered("$v", 80_000) + `)"}}}}`,
		"names that are bound":        nata(`"{% (` + repeated(30_000, func(i int) string { return fmt.Sprintf("$v%d := 1; ", i) }) + numbered("$v", 30_000) + `) %}"`),
		"parameters":                  nata(`"{% function(` + numbered("$v", 40_000) + `){[` + numbered("$v", 40_000) + `]} %}"`),
		"terms of an order":           nata(`"{% $states.input^(` + strings.Repeat("b, ", 300_000) + `b) %}"`),
		"arguments of a function":     nata(`"{% $sum(` + strings.Repeat("2, ", 300_000) + `2) %}"`),
		"a long signature":            nata(`"{% function($x)<` + strings.Repeat("(sn)", 200_000) + `>{1} %}"`),
		"a long path":                 nata(`"{% $states` + strings.Repeat(".b", 400_000) + ` %}"`),
		"short paths":                 nata(`[` + repeated(30_000, func(int) string { return `"{% $states.input.a.b.c %}", ` }) + `1]`),
		"patterns":                    nata(`[` + repeated(20_000, func(i int) string { return fmt.Sprintf(`"{%% $match('b', /b{998}%d/) %%}", `, i) }) + `1]`),
		"patterns in patterns":        nata(`"{% $match('b', /` + strings.Repeat("(b{1,400}){1,2}", 1500) + `/) %}"`),
		"filters":                     payload(repeated(20_000, func(i int) string { return fmt.Sprintf(`"x%d.$": "$[?(@.b =~ /b{999}%d/)]", `, i, i) })),
		"filters in calls":            payload(repeated(15_000, func(i int) string { return fmt.Sprintf(`"x%d.$": "States.ArrayLength($[?(@.b=~/b{999}%d/)])", `, i, i) })),
		"filters that are literal":    payload(repeated(20_000, func(i int) string { return fmt.Sprintf(`"x%d": "$.b[?(@.b=~/b{999}%d/)]", `, i, i) })),
		"filters where none may be": `{"StartAt":"W","States":{` + repeated(10_000, func(i int) string {
			return fmt.Sprintf(`"w%d":{"Type":"Wait","SecondsPath":"$[?(@.b =~ /b{999}%d/)]","End":true},`, i, i)
		}) + `"W":{"Type":"Succeed"}}}`,
		"steps":    payload(`"x.$": "$` + strings.Repeat(".b", 400_000) + `",`),
		"too long": fill(" ") + strings.Repeat(" ", 200),
		"openings": fill(`${`),
	}
}

// nata returns a machine whose one state computes something.
func nata(output string) string {
	return `{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","Output":` + output + `,"End":true}}}`
}

// payload returns a machine whose one state has a template of these members.
func payload(members string) string {
	return `{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{` + members + `"end": 1},"End":true}}}`
}

func repeated(n int, part func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(part(i))
	}
	return b.String()
}

func numbered(name string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s%d", name, i)
	}
	return b.String()
}

// nestedNames puts a graph into Map states whose names are as long as can be.
func nestedNames(depth int, inner string) string {
	for i := range depth {
		name := fmt.Sprintf("%s%02d", strings.Repeat("\U0001F600", 78), i)
		inner = fmt.Sprintf(`{"StartAt":"%s","States":{"%s":{"Type":"Map","End":true,"ItemProcessor":%s}}}`, name, name, inner)
	}
	return inner
}

func TestHostileDefinitions(t *testing.T) {
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(text))
			found := Validate([]byte(text))
			if err != nil {
				require.NoError(t, err.(Diagnostics).WriteText(io.Discard, ""))
			}
			total := 0
			for _, d := range found {
				total += len(d.Message) + len(d.Location)
			}
			require.Less(t, total, 3*maxFindingText)
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, text := range hostile() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Validate([]byte(text))
			}
		})
	}
}
