package asltemporal

import (
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/runtime/history"
)

// watch sees what a run does. A nil watch sees nothing.
type watch struct {
	events func(history.Event) // nil: nobody wants them
}

func (w *watch) observe(events []history.Event) {
	if w == nil || w.events == nil {
		return
	}
	for _, e := range events {
		w.events(e)
	}
}

func (w *watch) activity(o *workflow.ActivityOptions, kind string, input converter.RawValue, what *about) {
}
func (w *watch) timer(d time.Duration)                   {}
func (w *watch) result(out converter.RawValue)           {}
func (w *watch) failure(name, cause string, end *ending) {}
func (w *watch) carried(state []byte)                    {}
