package interp

import (
	"sync/atomic"

	"github.com/statemill/statemill/jsonvalue"
)

// env holds the values of an execution that its turns read. A turn has an env
// and a frame and cannot reach the Execution, so code that runs side by side
// cannot change the machine.
type env struct {
	identity *Identity
	parent   *Parent // nil: none
	seed     Seed
	limits   *Limits
	input    jsonvalue.Value // of the execution
	now      int64           // of the Step; instants in milliseconds
	started  int64
	redriven int64 // 0: never
	redrives int
	inspects bool // one state is inspected alone
	children bool // Config.Children

	synchronous bool // Config.Synchronous

	missing func(activity string) bool // Config.Missing; nil: none is

	interrupted func() bool                  // Config.Interrupted; nil: never
	reach       func(point int, visit int64) // Config.Reach; nil: nobody counts

	scaleWait func(millis int64) int64 // Config.ScaleWait; nil: not

	context atomic.Pointer[[]jsonvalue.Member] // see identityContext
}

// token returns the task token of a task.
func (e *env) token(id TaskID) string { return e.seed.token(e.identity.Execution, id) }

// parentMap returns the Map state that started the execution; "": none did.
func (e *env) parentMap() string {
	if e.parent == nil {
		return ""
	}
	return e.parent.Map
}

// fits reports whether data keeps to the quota of what enters or leaves a state.
func (e *env) fits(d *datum) bool { return d.fits(e.limits.Payload) }
