package interp

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/statemill/statemill/internal/uuid"
)

// childMaker makes the headers of the children of a Map Run. Names and seeds are a function
// of the seed of the parent, the run and the index: who starts a child twice starts the same.
type childMaker struct {
	shared  Header
	prefix  string // of the ARN
	express bool
	input   []byte // of the hash; room for the index at its end
}

func (x *Execution) childMaker(f *frame) *childMaker {
	d, label := f.node.state.(*mapState).distributed.definition, x.labelled(f)
	c := &childMaker{prefix: x.arn("execution", label+":"), express: d.Express}
	if d.Express {
		c.prefix = x.arn("express", label+":")
	}
	c.shared.Identity = Identity{
		StateMachine: x.arn("stateMachine", label), StateMachineName: x.identity.StateMachineName,
		RoleARN: x.identity.RoleARN, TraceHeader: x.identity.TraceHeader, MapRun: x.mapRunARN(f),
	}
	c.shared.Parent = Parent{Execution: x.identity.Execution, Run: f.runID().String(), Map: f.node.name, Express: d.Express}
	c.input = binary.BigEndian.AppendUint64(append(append([]byte("child"), x.seed[:]...), f.runID().String()...), 0)
	return c
}

func (c *childMaker) header(index, items int64) Header {
	h := c.shared
	binary.BigEndian.PutUint64(c.input[len(c.input)-8:], uint64(index))
	sum := sha256.Sum256(c.input)
	h.ExecutionName = uuid.Format([16]byte(sum[:16]), 3)
	copy(h.Seed[:], sum[16:])
	h.Execution = c.prefix + h.ExecutionName
	if c.express {
		id := sha256.Sum256(sum[:])
		h.Execution += ":" + uuid.Format([16]byte(id[:16]), 4)
	}
	h.Parent.Index, h.Parent.Items = index, items
	return h
}
