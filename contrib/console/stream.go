package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	frameEvery = 250 * time.Millisecond // frames of a stream come at most so often
	frameTime  = 10 * time.Second       // a client that takes no frame for so long is cut off
	quiet      = 15 * time.Second       // then a comment is sent
	lookEvery  = 2 * time.Second        // another process may have changed an execution that runs
)

// stream sends frames to a client.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	filter  func([]byte) []byte // of frames
}

// events is the stream of changes: of an execution, or of the list of executions. The id of a
// frame says how far it goes, so a client that names it in Last-Event-ID misses nothing.
func (c *console) events(w http.ResponseWriter, r *http.Request) {
	arn := r.URL.Query().Get("arn")
	from := r.Header.Get("Last-Event-ID")
	if from == "" {
		from = r.URL.Query().Get("after")
	}
	next := c.hub.newsAfter(from)
	if arn != "" {
		f, done, err := c.hub.folded(r.Context(), arn)
		if err != nil {
			refuse(w, err)
			return
		}
		defer done()
		if next, err = f.after(from); err != nil {
			refuse(w, err)
			return
		}
	}
	end, ok := c.hub.begin()
	if !ok {
		w.Header().Set("Retry-After", "5")
		refuse(w, &refusal{http.StatusServiceUnavailable, "TooManyStreams", fmt.Sprintf("%d pages are being kept up to date already.", maxStreams)})
		return
	}
	defer end()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would wait for more
	s := &stream{w, http.NewResponseController(w), c.withoutTokens}
	s.run(r.Context(), c.hub, arn, next)
}

// next returns what is to be sent now, and the id of it; nil: nothing. goesOn says whether more
// may come without the hub saying so.
type next func(ctx context.Context) (id string, frame any, goesOn bool, err error)

// run sends frames until the client has gone, or cannot follow.
func (s *stream) run(ctx context.Context, h *hub, who string, next next) {
	if s.send("retry: 1000\n\n") != nil {
		return
	}
	silent := time.Now()
	for {
		changed, cancel := h.wait(who) // before the look: what comes after it, wakes
		id, frame, goesOn, err := next(ctx)
		if err != nil {
			cancel()
			return // the client comes again, and is told then
		}
		if frame != nil {
			text, err := json.Marshal(frame)
			if err == nil {
				err = s.send("id: " + id + "\nevent: change\ndata: " + string(s.filter(text)) + "\n\n")
			}
			if err != nil {
				cancel()
				return
			}
			silent = time.Now()
		}
		ok := s.rest(ctx, changed, frame != nil, goesOn)
		cancel()
		if !ok {
			return
		}
		if time.Since(silent) >= quiet {
			if s.send(": still there\n\n") != nil {
				return
			}
			silent = time.Now()
		}
	}
}

// rest waits until it is time to look again. It returns false when the stream is over.
func (s *stream) rest(ctx context.Context, changed <-chan struct{}, sent, goesOn bool) bool {
	if sent {
		pause := time.NewTimer(frameEvery)
		defer pause.Stop()
		select {
		case <-ctx.Done():
			return false
		case <-pause.C:
		}
	}
	long := quiet
	if goesOn {
		long = lookEvery
	}
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-changed:
	case <-timer.C:
	}
	return true
}

func (s *stream) send(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(frameTime)) // not all can
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

// change is a frame about an execution.
type change struct {
	Execution executionRow      `json:"execution"`
	Visits    []json.RawMessage `json:"visits"`
	Last      int64             `json:"last"` // the id of the last event
}

// after returns what has changed since an event. from is the id of a frame.
func (f *feed) after(from string) (next, error) {
	sent, err := int64(-1), error(nil)
	if from != "" {
		if sent, err = strconv.ParseInt(from, 10, 64); err != nil {
			return nil, invalid("Last-Event-ID must be a number.")
		}
	}
	var shown executionRow
	life := -1
	return func(ctx context.Context) (string, any, bool, error) {
		if err := f.update(ctx); err != nil {
			return "", nil, false, err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		row := rowOf(&f.record)
		if f.last < sent || life >= 0 && life != f.life { // another execution has the name
			sent = -1
		}
		life = f.life
		goesOn := row.Stop == 0
		if f.last == sent && row == shown {
			return "", nil, goesOn, nil
		}
		frame := change{Execution: row, Visits: f.since(sent), Last: f.last}
		sent, shown = f.last, row
		return strconv.FormatInt(sent, 10), frame, goesOn, nil
	}, nil
}

// news is a frame about the list of executions.
type news struct {
	Executions []executionRow `json:"executions"`
	Missed     bool           `json:"missed,omitempty"` // more has happened: the list must be read again
}

// newsAfter returns what has happened to executions since a frame.
func (h *hub) newsAfter(from string) next {
	epoch, text, _ := strings.Cut(from, "-")
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		number = 0
	}
	first := true
	return func(context.Context) (string, any, bool, error) {
		rows, now, last, missed := h.since(epoch, number)
		if len(rows) == 0 && !missed && !first {
			return "", nil, false, nil
		}
		if rows == nil {
			rows = []executionRow{}
		}
		frame := news{Executions: rows, Missed: missed && from != ""}
		first, from, epoch, number = false, now, now, last
		return fmt.Sprintf("%s-%d", now, last), frame, false, nil
	}
}
