package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime"
)

const retried = `{"StartAt": "Add", "States": {
	"Add": {"Type": "Pass", "Result": 12345678901234567890123, "ResultPath": "$.big", "Next": "Charge"},
	"Charge": {` + function + `fail", "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
		"Catch": [{"ErrorEquals": ["Bank.Declined"], "ResultPath": "$.declined", "Next": "Each"}], "Next": "Each"},
	"Each": {"Type": "Map", "ItemsPath": "$.items", "ResultPath": "$.each", "Next": "Both",
		"ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}},
	"Both": {"Type": "Parallel", "Next": "Bad", "Branches": [
		{"StartAt": "L", "States": {"L": {"Type": "Pass", "End": true}}}, {"StartAt": "R", "States": {"R": {"Type": "Pass", "End": true}}}]},
	"Bad": {"Type": "Fail", "Error": "<b>", "Cause": "it is"}}}`

// An execution is shown by its visits, and their data by themselves, exactly as it is stored.
func TestExecution(t *testing.T) {
	clock := runtime.NewVirtualClock(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC))
	s := openWith(t, Config{}, runtime.EngineConfig{Clock: clock})
	arn := s.run(retried, `{"items": [1, 2, 3]}`)
	var all shown
	s.get("/execution?arn="+url.QueryEscape(arn), &all)
	require.Equal(t, "FAILED", all.Execution.Status)
	require.Equal(t, "<b>", all.Execution.Error)
	at := make(map[string]visitRow)
	var path []string
	for _, v := range all.Visits {
		at[v.State] = v
		path = append(path, v.State)
	}
	require.Equal(t, []string{"Add", "Charge", "Each", "One", "One", "One", "Both", "L", "R", "Bad"}, path)
	require.Equal(t, "caught", at["Charge"].Status)
	require.Len(t, at["Charge"].Attempts, 3)
	require.Equal(t, at["Charge"].Entered+3000, at["Charge"].Left, "after pauses of one and of two seconds")
	require.Equal(t, "eee", at["Each"].Iterations)
	require.Equal(t, at["Both"].Event, at["R"].Parent)
	require.Equal(t, 1, at["R"].Child)
	require.Equal(t, "failed", at["Bad"].Status)

	var data visitData
	visit := func(state string) visitData {
		data = visitData{}
		s.get("/visit?arn="+url.QueryEscape(arn)+"&event="+jsonNumber(at[state].Event), &data)
		return data
	}
	require.Equal(t, `{"items":[1,2,3],"big":12345678901234567890123}`, *visit("Add").Output, "as exact as it is stored")
	charge := visit("Charge")
	require.Len(t, charge.Attempts, 3)
	require.Equal(t, "card expired", *charge.Attempts[2].Cause)
	require.Contains(t, *charge.Output, `"Error":"Bank.Declined"`)
	require.Equal(t, `[1,2,3]`, func() string {
		_, each, _ := strings.Cut(*visit("Each").Output, `"each":`)
		return strings.TrimSuffix(each, "}")
	}())
	require.NotNil(t, visit("Both").Output)
	require.Equal(t, "it is", *visit("Bad").Cause)
	require.Nil(t, data.Output)

	var events struct{ Events []eventRow }
	s.get("/history?arn="+url.QueryEscape(arn)+"&after=3&limit=2", &events)
	require.Len(t, events.Events, 2)
	require.Equal(t, int64(4), events.Events[0].ID)
	var event map[string]any
	s.get("/event?arn="+url.QueryEscape(arn)+"&id=1", &event)
	require.Equal(t, "ExecutionStarted", event["type"])
	for _, path := range []string{"/event?id=999&arn=", "/visit?event=1&arn=", "/visit?event=99&arn="} {
		answer, _ := s.ask(http.MethodGet, path+arn, "")
		assert.Equal(t, http.StatusNotFound, answer.StatusCode, path)
	}
}

func jsonNumber(n int64) string { return fmt.Sprintf("%03d", n) }

func TestLists(t *testing.T) {
	s := open(t, Config{})
	pass := s.create("pass", `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`)
	gate := s.create("gate", `{"StartAt": "G", "States": {"G": {`+function+`gate", "End": true}}}`)
	for i := range 60 {
		arn := s.start(pass, "p-"+jsonNumber(int64(i)), "{}")
		_, err := s.api.Engine().Wait(t.Context(), arn)
		require.NoError(t, err)
	}
	s.start(gate, "g-1", "{}")
	list := func(query string) (names []string, next string) {
		var page struct {
			Executions []executionRow
			Next       string
		}
		s.get("/executions?"+query, &page)
		for _, e := range page.Executions {
			names = append(names, e.Name)
		}
		return names, page.Next
	}
	names, next := list("")
	require.Len(t, names, pageSize)
	require.Equal(t, "g-1", names[0], "the newest first")
	rest, last := list("after=" + url.QueryEscape(next))
	require.Len(t, rest, 11)
	require.Empty(t, last)
	require.Equal(t, "p-000", rest[10])
	names, _ = list("status=RUNNING")
	require.Equal(t, []string{"g-1"}, names)
	names, _ = list("prefix=p-04")
	require.Len(t, names, 10)
	names, _ = list("since=99999999999999")
	require.Empty(t, names)
	names, _ = list("machine=" + url.QueryEscape(gate))
	require.Equal(t, []string{"g-1"}, names)

	var machines struct{ Machines []machineRow }
	s.get("/machines", &machines)
	require.Len(t, machines.Machines, 2)
	require.Equal(t, 1, machines.Machines[0].Running)
	require.Equal(t, "SUCCEEDED", machines.Machines[1].Last.Status)
	s.gate <- struct{}{}
}

// Map Runs are found by their execution, by their own name, and among the latest.
func TestRuns(t *testing.T) {
	s := open(t, Config{})
	arn := s.run(`{"StartAt": "Each", "States": {"Each": {"Type": "Map", "Label": "each", "ToleratedFailureCount": 5, "End": true, "ItemProcessor": {
		"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "C", "States": {
			"C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "Bad"}], "Default": "Good"}, "Bad": {"Type": "Fail"}, "Good": {"Type": "Succeed"}}}}}}`, `[1, 2, 3]`)
	var all shown
	s.get("/execution?arn="+url.QueryEscape(arn), &all)
	run := all.Visits[0].MapRun
	require.NotEmpty(t, run)
	for _, query := range []string{"", "?arn=" + url.QueryEscape(arn), "?run=" + url.QueryEscape(run)} {
		var found struct{ Runs []runRow }
		s.get("/runs"+query, &found)
		require.Len(t, found.Runs, 1, query)
		require.Equal(t, run, found.Runs[0].ARN)
		require.Equal(t, countsRow{Succeeded: 2, Failed: 1}, found.Runs[0].Items)
	}
	var children struct{ Executions []executionRow }
	s.get("/executions?status=FAILED&run="+url.QueryEscape(run), &children)
	require.Len(t, children.Executions, 1)
	require.Equal(t, int64(1), children.Executions[0].Item)
	require.Equal(t, arn, children.Executions[0].Parent)
}

// A child execution is told by the task that has started it.
func TestChild(t *testing.T) {
	s := open(t, Config{})
	child := s.create("child", `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`)
	arn := s.run(`{"StartAt": "Start", "States": {"Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
		"Parameters": {"StateMachineArn": "`+child+`", "Input": {}}, "End": true}}}`, `{}`)
	var all shown
	s.get("/execution?arn="+url.QueryEscape(arn), &all)
	require.Len(t, all.Visits[0].Executions, 1)
	var of shown
	s.get("/execution?arn="+url.QueryEscape(all.Visits[0].Executions[0]), &of)
	require.Equal(t, arn, of.Execution.Parent)
}

func TestGraphAndCheck(t *testing.T) {
	s := open(t, Config{})
	arn := s.run(retried[:strings.Index(retried, `, "Retry"`)]+retried[strings.Index(retried, `,
		"Catch"`):], `{"items": []}`)
	var d drawn
	s.get("/graph?execution="+url.QueryEscape(arn), &d)
	require.Contains(t, d.SVG, "<svg")
	require.NotContains(t, d.SVG, "style")
	require.Regexp(t, `<g class="state Pass `+d.Classes["R"]+`" data-location="/States/Both/Branches\[1\]/States/R">`, d.SVG)
	require.Equal(t, "Pass", d.Types["R"])
	answer, svg := s.ask(http.MethodGet, "/graph.svg?execution="+url.QueryEscape(arn)+"&theme=dark", "")
	require.Equal(t, "image/svg+xml", answer.Header.Get("Content-Type"))
	require.Contains(t, svg, `class="state Task caught"`)
	require.Contains(t, svg, `class="asl dark"`)

	_, text := s.ask(http.MethodPost, "/check", `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Bb"}, "B": {"Type": "Succeed"}}}`)
	require.Contains(t, text, `"code":"MISSING_TRANSITION_TARGET"`)
	require.Contains(t, text, `did you mean`)
	require.NotContains(t, text, `"graph"`)
	_, text = s.ask(http.MethodPost, "/check?type=EXPRESS", `{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`)
	require.Contains(t, text, `"diagnostics":[]`)
	require.Contains(t, text, `"A":{"offset":33,"line":1,"column":34}`)
	answer, text = s.ask(http.MethodPost, "/check", "\x00 no JSON <script>")
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Contains(t, text, `\u003cscript\u003e`)
}

// A machine in another region is asked for there.
func TestRegion(t *testing.T) {
	s := open(t, Config{})
	_, text := s.ask(http.MethodPost, "/api/CreateStateMachine?region=eu-west-1", `{"name": "far", "roleArn": "arn:aws:iam::123456789012:role/any", "definition": "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Succeed\"}}}"}`)
	arn := "arn:aws:states:eu-west-1:123456789012:stateMachine:far"
	require.Contains(t, text, arn)
	require.Contains(t, s.start(arn, "x", "{}"), ":eu-west-1:")
	var about about
	s.get("/about", &about)
	require.Equal(t, []string{"eu-west-1", "us-east-1"}, about.Regions)
	var machines struct{ Machines []machineRow }
	s.get("/machines?region=eu-west-1", &machines)
	require.Len(t, machines.Machines, 1)
}

// A definition that would take long is not drawn. Its states are known all the same.
func TestLargeDefinition(t *testing.T) {
	s := open(t, Config{})
	rules, states := []string{}, []string{}
	for i := range 1000 {
		rules = append(rules, fmt.Sprintf(`{"Variable": "$.n", "NumericEquals": %d, "Next": "S%d"}`, i, i))
		states = append(states, fmt.Sprintf(`"S%d": {"Type": "Succeed"}`, i))
	}
	text := `{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [` + strings.Join(rules, ",") + `]}, ` + strings.Join(states, ",") + `}}`
	_, answer := s.ask(http.MethodPost, "/check", text)
	var found struct{ Graph *drawn }
	require.NoError(t, json.Unmarshal([]byte(answer), &found))
	require.Empty(t, found.Graph.SVG)
	require.Len(t, found.Graph.Types, 1001)
	machine := url.QueryEscape(s.create("large", text))
	s.get("/graph?machine="+machine, &found.Graph)
	require.Empty(t, found.Graph.SVG)
	refused, answer := s.ask(http.MethodGet, "/graph.svg?machine="+machine, "")
	require.Equal(t, http.StatusBadRequest, refused.StatusCode)
	require.Contains(t, answer, "too large to be drawn")
}
