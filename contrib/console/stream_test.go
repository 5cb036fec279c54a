package console

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const gates = `{"StartAt": "A", "States": {
	"A": {` + function + `gate", "Next": "B"},
	"B": {` + function + `gate", "Next": "C"},
	"C": {` + function + `gate", "End": true}}}`

// A stream tells each change. One that begins again after a cut misses nothing, and tells nothing twice that
// has not changed.
func TestStream(t *testing.T) {
	s := open(t, Config{})
	arn := s.start(s.create("gates", gates), "x", "{}")
	path := "/events?arn=" + url.QueryEscape(arn)
	first := s.follow(path, "")
	visits := make(map[int64]visitRow)
	take := func(f frame) shown {
		c := f.change(t)
		require.Equal(t, fmt.Sprint(c.Last), f.id)
		for _, v := range c.Visits {
			visits[v.Event] = v
		}
		return c
	}
	last := take(first.next())
	for len(visits) < 1 || last.Last < 4 {
		last = take(first.next())
	}
	s.gate <- struct{}{}
	for len(visits) < 2 {
		last = take(first.next())
	}
	first.stop() // the cut
	s.gate <- struct{}{}
	eventually(t, "the third state is entered", func() bool {
		var now shown
		s.get("/execution?arn="+url.QueryEscape(arn), &now)
		return len(now.Visits) == 3
	})
	second := s.follow(path, fmt.Sprint(last.Last))
	defer second.stop()
	c := take(second.next())
	require.Greater(t, c.Last, last.Last)
	for _, v := range c.Visits {
		require.NotEqual(t, "A", v.State, "it was over before the cut")
	}
	s.gate <- struct{}{}
	for c.Execution.Status == "RUNNING" {
		c = take(second.next())
	}
	var all shown
	s.get("/execution?arn="+url.QueryEscape(arn), &all)
	require.Len(t, all.Visits, 3)
	for _, v := range all.Visits {
		require.Equal(t, v, visits[v.Event], "what the frames tell is what there is")
	}
	answer, _ := s.ask(http.MethodGet, path+"&after=x", "")
	require.Equal(t, http.StatusBadRequest, answer.StatusCode)
}

// Redriving goes on in the same stream.
func TestStreamRedrive(t *testing.T) {
	s := open(t, Config{})
	arn := s.run(`{"StartAt": "F", "States": {"F": {`+function+`fail", "End": true}}}`, "{}")
	f := s.follow("/events?arn="+url.QueryEscape(arn), "")
	defer f.stop()
	before := f.next().change(t)
	require.Equal(t, "FAILED", before.Execution.Status)
	s.call("RedriveExecution", map[string]any{"executionArn": arn})
	for {
		after := f.next().change(t)
		if after.Execution.Redrives == 1 && after.Execution.Status == "FAILED" && len(after.Visits) > 0 {
			return
		}
	}
}

// The list tells what begins and ends, but not every step; who was away for too long is told to read it again.
func TestListStream(t *testing.T) {
	s := open(t, Config{})
	f := s.follow("/events", "")
	require.JSONEq(t, `{"executions": []}`, f.next().data, "the server is there")
	machine := s.create("m", `{"StartAt": "G", "States": {"G": {`+function+`gate", "End": true}}}`)
	s.start(machine, "one", "{}")
	got := make(map[string]string)
	var last frame
	take := func(n news) {
		for _, e := range n.Executions {
			got[e.Name] = e.Status
		}
	}
	until := func(name, status string) {
		for got[name] != status {
			var n news
			last = f.next()
			require.NoError(t, json.Unmarshal([]byte(last.data), &n))
			require.False(t, n.Missed)
			take(n)
		}
	}
	until("one", "RUNNING")
	s.gate <- struct{}{}
	until("one", "SUCCEEDED")
	keep := s.follow("/events", "") // somebody else looks on
	defer keep.stop()
	keep.next()
	f.stop()
	s.start(machine, "two", "{}")
	f = s.follow("/events", last.id)
	until("two", "RUNNING")
	s.gate <- struct{}{}
	until("two", "SUCCEEDED")
	require.ElementsMatch(t, []string{"one", "two"}, slices.Collect(maps.Keys(got)))
	f.stop()

	for _, id := range []string{"another-3", "nonsense", last.id + "0000"} {
		f = s.follow("/events", id)
		var n news
		require.NoError(t, json.Unmarshal([]byte(f.next().data), &n))
		require.True(t, n.Missed, id)
		f.stop()
	}
}

// The news of an execution that changes often is told once, and old news is forgotten.
func TestNews(t *testing.T) {
	h := &hub{epoch: "e"}
	add := func(i int) {
		h.counted++
		r := executionRow{ARN: fmt.Sprint(i % 10), Start: int64(i)}
		if len(h.news) < keptNews {
			h.news = append(h.news, r)
		} else {
			h.news[(h.counted-1)%keptNews] = r
		}
	}
	for i := range 3 * keptNews {
		add(i)
	}
	rows, _, last, missed := h.since("e", 2*keptNews)
	require.False(t, missed)
	require.Len(t, rows, 10)
	require.Equal(t, int64(3*keptNews), last)
	for _, r := range rows {
		require.GreaterOrEqual(t, r.Start, int64(3*keptNews-10))
	}
	_, _, _, missed = h.since("e", 2*keptNews-1)
	require.True(t, missed, "it is forgotten")
	for range keptNews {
		h.counted++
		h.news[(h.counted-1)%keptNews] = executionRow{ARN: fmt.Sprint(h.counted)}
	}
	rows, _, _, missed = h.since("e", h.counted-maxNews)
	require.False(t, missed)
	require.Len(t, rows, maxNews)
	_, _, _, missed = h.since("e", h.counted-maxNews-1)
	require.True(t, missed, "it is more than a list shows")
}

// There are so many streams and no more; one that ends makes room.
func TestManyStreams(t *testing.T) {
	s := open(t, Config{})
	var all []*frames
	for range maxStreams {
		all = append(all, s.follow("/events", ""))
	}
	answer, text := s.ask(http.MethodGet, "/events", "")
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	require.Contains(t, text, "TooManyStreams")
	all[7].stop()
	eventually(t, "there is room", func() bool {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+prefix+"/events", nil)
		require.NoError(t, err)
		another, err := s.client.Do(r)
		require.NoError(t, err)
		_ = another.Body.Close()
		return another.StatusCode == http.StatusOK
	})
	for _, f := range all {
		f.stop()
	}
}

// A client that reads nothing keeps nobody from going on.
func TestSlowReader(t *testing.T) {
	s := open(t, Config{})
	machine := s.create("loop", `{"QueryLanguage": "JSONata", "StartAt": "Count", "States": {
		"Count": {"Type": "Pass", "Assign": {"n": "{% $exists($n) ? $n + 1 : 1 %}"}, "Next": "More"},
		"More": {"Type": "Choice", "Choices": [{"Condition": "{% $n < 2000 %}", "Next": "Count"}], "Default": "Done"}, "Done": {"Type": "Succeed"}}}`)
	arn := s.start(machine, "x", "{}")
	defer s.neverRead("/events?arn=" + url.QueryEscape(arn))()
	f := s.follow("/events?arn="+url.QueryEscape(arn), "")
	defer f.stop()
	_, err := s.api.Engine().Wait(t.Context(), arn)
	require.NoError(t, err)
	for f.next().change(t).Execution.Status == "RUNNING" { //nolint:revive // the last frame is what is waited for
	}
	var all shown
	s.get("/execution?arn="+url.QueryEscape(arn), &all)
	require.Len(t, all.Visits, 4001)
}

// Another execution may get the name of one that was deleted: what was known of that is forgotten.
func TestSameName(t *testing.T) {
	s := open(t, Config{})
	machine := s.create("m", `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {`+function+`echo", "End": true}}}`)
	arn := s.start(machine, "x", `{"n": 1}`)
	_, err := s.api.Engine().Wait(t.Context(), arn)
	require.NoError(t, err)
	var all shown
	s.get("/execution?arn="+url.QueryEscape(arn), &all)
	require.Len(t, all.Visits, 2)
	require.NoError(t, s.api.Engine().Delete(t.Context(), arn))
	answer, _ := s.ask(http.MethodGet, "/execution?arn="+url.QueryEscape(arn), "")
	require.Equal(t, http.StatusNotFound, answer.StatusCode)

	known, done := s.feed(arn) // as if it were looked at all the time
	defer done()
	require.NoError(t, known.update(t.Context()))
	require.NoError(t, s.api.Engine().Delete(t.Context(), arn))
	s.call("UpdateStateMachine", map[string]any{"stateMachineArn": machine, "definition": `{"StartAt": "C", "States": {"C": {"Type": "Succeed"}}}`})
	_, err = s.api.Engine().Wait(t.Context(), s.start(machine, "x", "{}"))
	require.NoError(t, err)
	require.NoError(t, known.update(t.Context()))
	require.Len(t, known.rows, 1)
	next, err := known.after("9")
	require.NoError(t, err)
	id, _, _, err := next(t.Context())
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(known.last), id)

	// Who follows is told all of another, also if that has had more events already.
	require.NoError(t, s.api.Engine().Delete(t.Context(), arn))
	_, err = s.api.Engine().Wait(t.Context(), s.start(s.more(machine), "x", "{}"))
	require.NoError(t, err)
	_, frame, _, err := next(t.Context())
	require.NoError(t, err)
	require.Len(t, frame.(change).Visits, 3)
}

// more gives a state machine more states.
func (s *site) more(machine string) string {
	s.call("UpdateStateMachine", map[string]any{"stateMachineArn": machine, "definition": `{"StartAt": "C", "States": {
		"C": {"Type": "Pass", "Next": "D"}, "D": {"Type": "Pass", "Next": "E"}, "E": {"Type": "Succeed"}}}`})
	return machine
}

// feed starts the execution again and returns a feed of it.
func (s *site) feed(arn string) (f *feed, done func()) {
	s.t.Helper()
	machine := strings.Replace(arn[:strings.LastIndexByte(arn, ':')], ":execution:", ":stateMachine:", 1)
	_, err := s.api.Engine().Wait(s.t.Context(), s.start(machine, "x", `{"n": 2}`))
	require.NoError(s.t, err)
	return newHub(s.api.Engine()).use(arn)
}
