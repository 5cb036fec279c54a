package asl

import (
	"math/rand/v2"
	"strings"
)

// mutations are values and names that definitions are spoilt with.
var (
	mutantValues = []string{
		`null`, `true`, `false`, `0`, `-1`, `1.5`, `1.0`, `1e400`, `99999999999`, `""`, `"x"`, `"$"`, `"$.a"`, `"$$.a"`, `"$v"`, `"$..a"`,
		`"{% 1 %}"`, `"{% $states.input.x %}"`, `"{% "`, `"{%}"`, `"States.UUID()"`, `"States.ALL"`, `[]`, `{}`, `[1]`, `{"a": 1}`,
		`{"a.$": "$.b"}`, `{"a.$": 1}`, `["States.ALL"]`, `"JSONata"`, `"JSONPath"`, `"GIVEN"`, `"CSV"`, `"DISTRIBUTED"`,
		`"2024-02-30T00:00:00Z"`, `"2024-02-29T00:00:00Z"`, `"Pass"`, `"Map"`, `"Choice"`,
		`"arn:aws:states:::s3:getObject"`, `"arn:aws:states:::sqs:sendMessage.waitForTaskToken"`,
	}
	mutantNames = []string{
		"Next", "End", "Default", "InputPath", "Output", "Assign", "Arguments", "Parameters", "Catch", "Retry", "Seconds", "SecondsPath",
		"Condition", "Variable", "And", "Not", "NumericEquals", "TimeoutSeconds", "QueryLanguage", "Items", "MaxItems", "Label",
		"Credentials", "ItemReader", "ProcessorConfig", "ResultWriter", "Iterator", "StartAt", "States", "Type", "Comment", "Typo",
	}
)

// mutated returns a definition in which one to three values or names are
// others, or gone.
func mutated(random *rand.Rand, definition string) string {
	for range 1 + random.IntN(3) {
		t, err := readTree(definition, definition, nil)
		if err != nil {
			return definition
		}
		definition = mutatedOnce(random, t)
	}
	return definition
}

func mutatedOnce(random *rand.Rand, t *tree) string {
	r := &t.rows[random.IntN(len(t.rows))]
	value := mutantValues[random.IntN(len(mutantValues))]
	switch choice := random.IntN(6); {
	case r.parent < 0 || choice < 2:
		return t.source[:r.start] + value + t.source[r.end:]
	case choice == 2 && r.nameEnd > 0:
		return t.source[:r.nameStart] + `"` + mutantNames[random.IntN(len(mutantNames))] + `"` + t.source[r.nameEnd:]
	case choice == 3 && r.kind == objectKind:
		member := `"` + mutantNames[random.IntN(len(mutantNames))] + `": ` + value
		if r.count > 0 {
			member += ", "
		}
		return t.source[:r.start+1] + member + t.source[r.start+1:]
	case choice == 4 && r.nameEnd > 0:
		return t.without(r)
	}
	other := &t.rows[random.IntN(len(t.rows))]
	return t.source[:r.start] + t.source[other.start:other.end] + t.source[r.end:]
}

// without returns the text without a member, and one of the commas around it.
func (t *tree) without(r *row) string {
	before, after := t.source[:r.nameStart], t.source[r.end:]
	if trimmed := strings.TrimLeft(after, " \r\n\t"); strings.HasPrefix(trimmed, ",") {
		return before + trimmed[1:]
	}
	return strings.TrimSuffix(strings.TrimRight(before, " \r\n\t"), ",") + after
}
