package command

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/statemill/statemill/runtime/history"
)

// progress is one line on a terminal that says where an execution is. It is written again at
// most ten times a second, and not at all for what is over sooner.
type progress struct {
	to      io.Writer
	width   func() int       // of the terminal, in columns
	tick    <-chan time.Time // when the line may be written
	stopped chan struct{}
	over    chan struct{}

	mu    sync.Mutex
	start time.Time
	now   string
}

// redraw is how often the line is written.
const redraw = 100 * time.Millisecond

func newProgress(to io.Writer, tick <-chan time.Time, width func() int) *progress {
	p := &progress{to: to, width: width, tick: tick, stopped: make(chan struct{}), over: make(chan struct{})}
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

func (p *progress) draw() {
	defer close(p.over)
	var shown []rune
	for {
		select {
		case <-p.stopped:
			if shown != nil {
				fmt.Fprint(p.to, erase(len(shown), p.width()))
			}
			return
		case <-p.tick:
		}
		p.mu.Lock()
		line := []rune(p.now)
		p.mu.Unlock()
		width := p.width()
		line = line[:min(len(line), max(width-len("^C")-1, 0))] // no line may wrap, also if the terminal shows that Ctrl-C was pressed
		if !slices.Equal(line, shown) {
			fmt.Fprint(p.to, erase(len(shown), width)+string(line))
			shown = line
		}
	}
}

// erase removes a line of some characters. A terminal that has become narrow since has made several rows of it.
func erase(characters, width int) string {
	if rows := (characters - 1) / max(width, 1); rows > 0 {
		return fmt.Sprintf("\r\x1b[%dA\x1b[J", rows)
	}
	return "\r\x1b[K"
}

// stop clears the line.
func (p *progress) stop() {
	close(p.stopped)
	<-p.over
}
