package interp

import "github.com/statemill/statemill/asl"

// stubState is a Parallel or Map state whose work is one task. It evaluates its own
// fields as the state does.
type stubState struct {
	state
	resumer
}

// insides tells how many tasks and distributed Map states were found before the inside
// of a Parallel or Map state.
type insides struct{ tasks, distributed int }

func (c *compiler) inside() insides { return insides{len(c.tasks), len(c.maps)} }

// stub makes a Parallel or Map state one task. Nothing inside it is ever performed.
func (c *compiler) stub(n *node, info *asl.StateInfo, s interface {
	state
	resumer
}, inside insides) {
	c.tasks, c.maps = c.tasks[:inside.tasks], c.maps[:inside.distributed]
	n.kind, n.state = kindStub, &stubState{s, s}
	c.performed(n, &asl.Task{StateInfo: *info})
}

func (s *stubState) enter(t *turn) *failure {
	t.plan.role, t.plan.timeout, t.plan.heartbeat = "", 0, 0
	return s.state.enter(t)
}

func (x *Execution) emitStubStarted(t *turn) {
	e := x.emit(t.f, t.f.node.started)
	if _, ok := t.f.node.state.(*stubState).state.(*mapState); ok && e != nil {
		e.Length = t.plan.items.value.Len()
	}
}

// emitStubEnded emits the success of the work. As with children, the event that
// follows points past it.
func (x *Execution) emitStubEnded(f *frame) {
	if !f.task.failed {
		before := f.last
		x.emit(f, f.node.succeeded)
		f.last = before
	}
}
