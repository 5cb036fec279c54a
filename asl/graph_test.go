package asl_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
)

func parsed(t *testing.T, file string) *asl.StateMachine {
	t.Helper()
	definition, err := os.ReadFile(file)
	require.NoError(t, err)
	m, err := asl.Parse(definition)
	require.NoError(t, err)
	return m
}

// The graph keeps what was written, with defaults where nothing was.
func TestGraph(t *testing.T) {
	m := parsed(t, "testdata/valid/jsonpath.asl.json")
	require.Equal(t, "Every field of JSONPath states", m.Comment)
	require.EqualValues(t, 3600, m.TimeoutSeconds)
	require.Equal(t, "1.0", m.Version)

	state, ok := m.State("Task")
	require.True(t, ok)
	task := state.(*asl.Task)
	require.Equal(t, asl.Resource{
		Text: "arn:aws:lambda:eu-west-1:123456789012:function:f:3", Service: "lambda", Action: "f", Version: "3",
		Region: "eu-west-1", Account: "123456789012",
	}, task.Resource)
	require.Equal(t, "TimeoutSeconds", task.Timeout.Field)
	require.Equal(t, "60", task.Timeout.Value.String())
	require.Equal(t, "/States/Task/Catch[0]", task.Catch[0].Location)
	require.Equal(t, `{"e.$":"$.Error"}`, task.Catch[0].Assign.Value.String())
	first, last := task.Retry[0], task.Retry[1]
	require.Equal(t, []string{"A", "States.Timeout"}, first.ErrorEquals)
	require.Equal(t, 1.5, first.BackoffRate)
	require.True(t, first.FullJitter)
	require.EqualValues(t, 1, last.IntervalSeconds)
	require.EqualValues(t, 0, last.MaxAttempts)
	require.EqualValues(t, 2, last.BackoffRate)

	state, _ = m.State("Result")
	pass := state.(*asl.Pass)
	require.True(t, pass.ResultPath.Present())
	require.True(t, pass.ResultPath.Value.IsNull())
	require.False(t, pass.Parameters.Present())

	state, _ = m.State("Choice")
	choice := state.(*asl.Choice)
	require.Equal(t, "Parallel", choice.Default)
	require.Equal(t, "StringMatches", choice.Choices[0].Operator)
	require.Equal(t, "/States/Choice/Choices[1]/And[1]/Or[1]/Not", choice.Choices[1].And[1].Or[1].Not.Location)

	state, _ = m.State("Large map")
	large := state.(*asl.Map)
	require.True(t, large.Distributed)
	require.True(t, large.Express)
	require.Equal(t, "MaxItemsPath", large.ItemReader.MaxItems.Field)
	require.Equal(t, "/States/Large map/ItemReader/ReaderConfig/MaxItemsPath", large.ItemReader.MaxItems.Location)
	require.Equal(t, "/States/Large map/ItemProcessor", large.Processor.Location)

	_, ok = m.State("Nobody")
	require.False(t, ok)
}

// A state takes the language of the machine, not that of the state around it.
func TestQueryLanguageOfStates(t *testing.T) {
	languages := map[string]asl.QueryLanguage{}
	for s := range parsed(t, "testdata/valid/jsonpath.asl.json").All() {
		languages[s.Info().Name] = s.Info().QueryLanguage
	}
	require.Equal(t, asl.JSONPath, languages["One"])
	require.Equal(t, asl.JSONata, languages["Two"])
	for s := range parsed(t, "testdata/valid/jsonata.asl.json").All() {
		require.Equal(t, asl.JSONata, s.Info().QueryLanguage)
	}
}

func TestAllStopsWhenAsked(t *testing.T) {
	m := parsed(t, "testdata/valid/jsonpath.asl.json")
	seen := 0
	for range m.All() {
		if seen++; seen == 12 { // inside a branch
			break
		}
	}
	require.Equal(t, 12, seen)
}

func TestPosition(t *testing.T) {
	m := parsed(t, "testdata/valid/jsonpath.asl.json")
	for location, want := range map[string]string{
		"":                                     "1:1",
		"/StartAt":                             "6:14",
		"/States/Pass":                         "8:13",
		"/States/Pass/Parameters/c/d.$":        "9:120",
		"/States/Choice/Choices[1]/And[0]":     "33:18",
		"/States/Parallel/Branches[1]/StartAt": "47:21",
	} {
		p, ok := m.Position(location)
		require.True(t, ok, location)
		require.Equal(t, want, p.String(), location)
	}
	for _, location := range []string{"/", "x", "/States/", "/States/Pass/", "/States/Choice/Choices[9]", "/States/Pass/Parameters/e[0]x", "/Stat"} {
		if location == "/" {
			continue
		}
		_, ok := m.Position(location)
		require.False(t, ok, location)
	}
}

// A byte of a string has its place in the text, escapes or not.
func TestPositionIn(t *testing.T) {
	m, err := asl.Parse([]byte(`{"StartAt": "a", "States": {
"a": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"x": ["{% \"\u00e4\" & 1 %}"]}, "End": true}}}`))
	require.NoError(t, err)
	for offset, want := range map[int]string{0: "2:69", 3: "2:72", 4: "2:74", 6: "2:80", 100: "2:89"} {
		p, ok := m.PositionIn("/States/a/Output/x[0]", offset)
		require.True(t, ok)
		require.Equal(t, want, p.String(), offset)
	}
	for _, location := range []string{"/States/a/Output", "/States/a/End", "/States/b"} {
		_, ok := m.PositionIn(location, 0)
		require.False(t, ok, location)
	}
}

// Locations have no escapes, so that names may look like paths.
func TestPositionOfOddNames(t *testing.T) {
	m, err := asl.Parse([]byte(`{"StartAt": "a", "States": {
"a": {"Type": "Pass", "Next": "a/Next"},
"a/Next": {"Type": "Pass", "Next": "b[0]"},
"b[0]": {"Type": "Pass", "Next": "\u00e4\"\\"},
"\u00e4\"\\": {"Type": "Succeed", "Comment": ""}}}`))
	require.NoError(t, err)
	for location, want := range map[string]string{
		"/States/a/Next": "2:31", "/States/a/Next/Type": "3:20", "/States/b[0]/Type": "4:18",
		"/States/ä\"\\/Type": "5:24",
	} {
		p, ok := m.Position(location)
		require.True(t, ok, location)
		require.Equal(t, want, p.String(), location)
	}
}

func TestVariableReferences(t *testing.T) {
	m, err := asl.Parse([]byte(`{"StartAt": "A", "States": {
  "A": {"Type": "Pass", "Assign": {"x": 1, "y.$": "$x.z"}, "Parameters": {"b.$": "States.Format('{}$q{}', $y, $x[0])", "c": "$no"}, "Next": "M"},
  "M": {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% ($l := $y; $map($l, function($v) { $v + $x })) %}",
    "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "InputPath": "$y", "End": true}}}, "End": true}}}`))
	require.NoError(t, err)
	require.Equal(t, map[string][]string{"A": {"x", "y"}, "I": {"y"}, "M": {"x", "y"}}, m.VariableReferences())
}

func TestResources(t *testing.T) {
	for text, want := range map[string]asl.Resource{
		"arn:aws:states:::lambda:invoke":                               {Service: "lambda", Action: "invoke"},
		"arn:aws:states:::sqs:sendMessage.waitForTaskToken":            {Service: "sqs", Action: "sendMessage", Pattern: asl.WaitForTaskToken},
		"arn:aws:states:::ecs:runTask.sync":                            {Service: "ecs", Action: "runTask", Pattern: asl.Sync},
		"arn:aws:states:::states:startExecution.sync:2":                {Service: "states", Action: "startExecution", Pattern: asl.Sync, Version: "2"},
		"arn:aws:states:::aws-sdk:dynamodb:query":                      {Service: "aws-sdk:dynamodb", Action: "query"},
		"arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken": {Service: "aws-sdk:sfn", Action: "startExecution", Pattern: asl.WaitForTaskToken},
		"arn:aws-cn:states:cn-north-1:1:activity:a":                    {Service: "activity", Action: "a", Pattern: asl.Activity, Region: "cn-north-1", Account: "1"},
		"arn:aws:lambda:eu-west-1:1:function:f":                        {Service: "lambda", Action: "f", Region: "eu-west-1", Account: "1"},
		"arn:aws:s3:::bucket":                                          {},
		"arn:aws:states:::lambda":                                      {},
		"arn:aws:states:::aws-sdk:dynamodb":                            {},
		"arn::states:::lambda:invoke":                                  {},
		"greet":                                                        {},
		"":                                                             {},
	} {
		m, err := asl.ParseState([]byte(`{"Type": "Task", "Resource": "` + text + `", "End": true}`))
		require.NoError(t, err, text)
		want.Text = text
		require.Equal(t, want, m.States[0].(*asl.Task).Resource)
	}
}

func TestParseState(t *testing.T) {
	m, err := asl.ParseState([]byte(`{"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, "Next": "Elsewhere"}`))
	require.NoError(t, err)
	state := m.States[0]
	require.Empty(t, state.Info().Name)
	require.Equal(t, "/States/StateName", state.Info().Location)
	require.Equal(t, "Elsewhere", state.Info().Next)
	p, ok := m.Position("/States/StateName/ItemProcessor/States/A")
	require.True(t, ok)
	require.Equal(t, "1:67", p.String())
	require.NotEmpty(t, m.Source())

	_, err = asl.ParseState([]byte(`[]`))
	require.Error(t, err)
}

func TestMax(t *testing.T) {
	definition := []byte(`{"a": 1, "b": 1, "c": 1}`)
	require.Len(t, asl.Validate(definition), 4)
	require.Len(t, asl.Validator{Max: 2}.Validate(definition), 2)
	require.Len(t, asl.Validator{Max: 100}.Validate(definition), 4)
}
