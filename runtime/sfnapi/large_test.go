package sfnapi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

// answerOf calls an operation that is not refused, and returns the answer.
func answerOf(t *testing.T, h *Handler, operation string, members ...jsonvalue.Member) jsonvalue.Value {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://here/", strings.NewReader(jsonvalue.Object(members...).String()))
	require.NoError(t, err)
	r.Header.Set("X-Amz-Target", targetPrefix+operation)
	response, err := h.RoundTrip(r)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "200 OK", response.Status, string(body))
	require.Less(t, len(body), 6<<20)
	answer, err := jsonvalue.Parse(body)
	require.NoError(t, err)
	return answer
}

func member1(name, s string) jsonvalue.Member { return jsonvalue.Member{Name: name, Value: text(s)} }

// A page of a history ends early where the data are long, and the pages have every event
// once.
func TestLongHistory(t *testing.T) {
	h := openTest(t, Config{})
	var states strings.Builder
	for i := range 20 {
		fmt.Fprintf(&states, `"S%d": {"Type": "Pass", "Next": "S%d"}, `, i, i+1)
	}
	definition := `{"StartAt": "S0", "States": {` + states.String() + `"S20": {"Type": "Pass", "End": true}}}`
	answerOf(t, h, "CreateStateMachine", member1("name", "a"), member1("roleArn", "arn:r"), member1("definition", definition))
	answerOf(t, h, "StartExecution", member1("stateMachineArn", theMachine), member1("name", "one"), member1("input", `"`+strings.Repeat("x", 250_000)+`"`))
	_, err := h.Engine().Wait(t.Context(), one)
	require.NoError(t, err)
	for _, reverse := range []bool{false, true} {
		var ids []int64
		pages := 0
		ask := []jsonvalue.Member{member1("executionArn", one), {Name: "reverseOrder", Value: jsonvalue.Bool(reverse)}}
		for {
			page := answerOf(t, h, "GetExecutionHistory", ask...)
			events, _ := page.Get("events")
			for _, event := range events.Elements() {
				id, _ := event.Get("id")
				n, _ := id.AsInt64()
				ids = append(ids, n)
			}
			pages++
			token, more := page.Get("nextToken")
			if !more {
				break
			}
			ask = append(ask[:2], jsonvalue.Member{Name: "nextToken", Value: token})
		}
		require.Len(t, ids, 44)
		for i, id := range ids {
			if reverse {
				i = len(ids) - 1 - i
			}
			require.EqualValues(t, i+1, id)
		}
		require.Greater(t, pages, 2)
	}
}

// The longest definition is taken, and one that is longer is refused, with or without its
// body being too long.
func TestLongDefinitions(t *testing.T) {
	h := openTest(t, Config{})
	long := func(n int) string {
		const short = `{"Comment": "", "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`
		return strings.Replace(short, `""`, `"`+strings.Repeat("c", n-len(short))+`"`, 1)
	}
	body := func(n int) string {
		return fields{"name": text("a"), "roleArn": text("arn:r"), "definition": text(long(n))}.value().String()
	}
	must200(t, h, "CreateStateMachine", body(1<<20))
	must200(t, h, "DescribeStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
	refused(t, h, "ValidationException", "CreateStateMachine", body(1<<20+1))
	refused(t, h, "RequestEntityTooLargeException", "CreateStateMachine", body(2<<20))
}
