package console

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

const endless = `{"StartAt": "G", "States": {
	"G": {` + function + `gate", "Next": "Again"}, "Again": {"Type": "Choice", "Choices": [{"Variable": "$.end", "IsPresent": true, "Next": "Done"}], "Default": "G"}, "Done": {"Type": "Succeed"}}}`

// How long it takes from the commit of a change until a client has read the frame that tells it.
func BenchmarkShown(b *testing.B) {
	s := open(b, Config{})
	arn := s.start(s.create("round", endless), "x", "{}")
	var last, at atomic.Int64
	defer s.api.Engine().Watch(func(_ store.Record, events []history.Event) {
		at.Store(time.Now().UnixNano())
		last.Store(events[len(events)-1].ID)
	})()
	f := s.follow("/events?arn="+url.QueryEscape(arn), "")
	defer f.stop()
	for f.next().change(b).Last < 4 { //nolint:revive // the first task has begun
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		time.Sleep(time.Duration(i*37%300) * time.Millisecond) // changes come at any time after a frame
		seen := last.Load()
		s.gate <- struct{}{}
		for last.Load() == seen {
			time.Sleep(50 * time.Microsecond)
		}
		begun := time.Unix(0, at.Load())
		for want := last.Load(); f.next().change(b).Last < want; { //nolint:revive // it comes
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(0, "ns/op")
}

// What those who look on cost the executions: 200 of them with streams and a client that reads
// nothing, in relation to the same without. Both take turns, so the machine is the same. Without streams
// the ratio says how exact that is.
func BenchmarkStreams(b *testing.B) {
	for _, streams := range []int{0, maxStreams} {
		b.Run(fmt.Sprint(streams), func(b *testing.B) { benchmarkStreams(b, streams) })
	}
}

func benchmarkStreams(b *testing.B, streams int) {
	with, without := open(b, Config{}), open(b, Config{})
	const definition = `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {` + function + `echo", "Next": "C"}, "C": {"Type": "Pass", "End": true}}}`
	machines := map[*site]string{with: with.create("m", definition), without: without.create("m", definition)}
	long := with.start(with.create("round", endless), "x", "{}")
	for i := range streams {
		path := "/events"
		if i%2 == 0 {
			path += "?arn=" + url.QueryEscape(long)
		}
		if i == 1 {
			defer with.neverRead(path)()
			continue
		}
		f := with.follow(path, "")
		defer f.stop()
		go func() { _, _ = io.Copy(io.Discard, f.body) }()
	}
	n := 0
	round := func(s *site) time.Duration {
		begun := time.Now()
		for range 200 {
			n++
			s.start(machines[s], fmt.Sprint("e", n), "{}")
		}
		return time.Since(begun)
	}
	round(with)
	round(without)
	var ratios []float64
	for i := 0; b.Loop(); i++ {
		first, second := with, without
		if i%2 == 1 {
			first, second = second, first
		}
		took := map[*site]time.Duration{first: round(first)}
		took[second] = round(second)
		ratios = append(ratios, float64(took[with])/float64(took[without]))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(0, "ns/op")
}

// neverRead opens a stream from which nobody reads.
func (s *site) neverRead(path string) (stop func()) {
	s.t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.server.URL, "http://"))
	require.NoError(s.t, err)
	_, err = fmt.Fprintf(connection, "GET %s%s HTTP/1.1\r\nHost: localhost\r\n\r\n", prefix, path)
	require.NoError(s.t, err)
	return func() { _ = connection.Close() }
}
