package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/statemill/statemill/runtime/history"
)

// progress is one line on a terminal that says where an execution is. It is written again at
// most ten times a second, and not at all for what is over sooner.
type progress struct {
	to      io.Writer
	tick    <-chan time.Time // when the line may be written
	stopped chan struct{}
	over    chan struct{}

	mu    sync.Mutex
	start time.Time
	now   string
}

// redraw is how often the line is written.
const redraw = 100 * time.Millisecond

func newProgress(to io.Writer, tick <-chan time.Time) *progress {
	p := &progress{to: to, tick: tick, stopped: make(chan struct{}), over: make(chan struct{})}
	go p.draw()
	return p
}

// observe notes where the execution is.
func (p *progress) observe(e history.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.start.IsZero() {
		p.start = e.Time
	}
	if strings.HasSuffix(e.Type, "StateEntered") {
		p.now = fmt.Sprintf("%8v  %s ...", e.Time.Sub(p.start).Round(time.Millisecond), e.Name)
	}
}

// widest is how much of a line is shown, in characters: no line may wrap.
const widest = 79

func (p *progress) draw() {
	defer close(p.over)
	shown := ""
	for {
		select {
		case <-p.stopped:
			if shown != "" {
				fmt.Fprint(p.to, "\r\x1b[K")
			}
			return
		case <-p.tick:
		}
		p.mu.Lock()
		line := []rune(p.now)
		p.mu.Unlock()
		line = line[:min(len(line), widest)]
		if text := string(line); text != shown {
			fmt.Fprint(p.to, "\r\x1b[K"+text)
			shown = text
		}
	}
}

// stop clears the line.
func (p *progress) stop() {
	close(p.stopped)
	<-p.over
}
