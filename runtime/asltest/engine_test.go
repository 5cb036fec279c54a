package asltest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/asltest"
	"github.com/statemill/statemill/runtime/store"
)

// inMemory opens an Engine on a store in memory.
func inMemory(t testing.TB, c runtime.EngineConfig) *runtime.Engine {
	e, err := runtime.Open(t.Context(), store.Memory(), c)
	require.NoError(t, err)
	return e
}

// By an Engine, a test has the same output, path and time.
func TestEngine(t *testing.T) {
	for name, mocks := range map[string]func(wf *asltest.Machine){
		"approved": func(wf *asltest.Machine) {
			wf.State("AskApproval").Returns(`{"by": "ann"}`).After(2 * time.Hour).Heartbeats(50 * time.Minute)
		},
		"busy": func(wf *asltest.Machine) {
			wf.Task("*:function:price").Fails("Lambda.TooManyRequestsException", "").Times(2).Returns(`{"total": 3}`)
			wf.State("AskApproval").Returns(`1`)
		},
		"silent":  func(wf *asltest.Machine) { wf.State("AskApproval").Hangs() },
		"refused": func(wf *asltest.Machine) { wf.State("AskApproval").Fails("Declined", "no") },
		"outside": func(wf *asltest.Machine) {
			wf.State("AskApproval").Hangs()
			wf.At(30*time.Minute, func(c *asltest.Control) {
				_ = c.Callbacks().Succeed(c.Token("AskApproval"), jsonvalue.String("yes"))
			})
		},
		"stopped": func(wf *asltest.Machine) {
			wf.State("AskApproval").Hangs()
			wf.At(time.Minute, func(c *asltest.Control) { c.Stop("Operator", "enough") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := func(engine func(testing.TB, runtime.EngineConfig) *runtime.Engine) *asltest.Run {
				wf := invoice(t)
				wf.Engine = engine
				mocks(wf)
				optional(wf)
				return wf.Run(twoLines)
			}
			here, durably := run(nil), run(inMemory)
			require.Equal(t, here.Output(), durably.Output())
			require.Equal(t, here.Elapsed(), durably.Elapsed())
			require.Equal(t, here.Err() == nil, durably.Err() == nil, "%v, %v", here.Err(), durably.Err())
			var types [2][]string
			for i, r := range []*asltest.Run{here, durably} {
				for _, e := range r.History() {
					types[i] = append(types[i], e.Type)
				}
			}
			require.Equal(t, types[0], types[1])
		})
	}
}
