package interp

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/statemill/statemill/internal/uuid"
)

// ChildNames are the names of the children of a Map Run. Names and seeds are a function
// of the seed of the parent, the run and the index: who starts a child twice starts the same.
type ChildNames struct {
	Prefix  string // of the ARN
	Express bool
	Seed    Seed   // of the parent
	Run     string // as MapRunID prints it
}

// ChildNames returns the names of the children of a Map Run; ok is false if it has ended.
func (x *Execution) ChildNames(run MapRunID) (names ChildNames, ok bool) {
	f := x.run(run)
	if f == nil {
		return names, false
	}
	return x.childMaker(f).ChildNames, true
}

// Execution returns the ARN of a child by its index in the run.
func (n *ChildNames) Execution(index int64) string {
	execution, _, _ := n.of(index, n.hashed())
	return execution
}

// hashed returns what is hashed, with room for the index at its end.
func (n *ChildNames) hashed() []byte {
	return binary.BigEndian.AppendUint64(append(append([]byte("child"), n.Seed[:]...), n.Run...), 0)
}

// of returns the names and the seed of a child.
func (n *ChildNames) of(index int64, hashed []byte) (execution, name string, seed Seed) {
	binary.BigEndian.PutUint64(hashed[len(hashed)-8:], uint64(index))
	sum := sha256.Sum256(hashed)
	name = uuid.Format([16]byte(sum[:16]), 3)
	copy(seed[:], sum[16:])
	execution = n.Prefix + name
	if n.Express {
		id := sha256.Sum256(sum[:])
		execution += ":" + uuid.Format([16]byte(id[:16]), 4)
	}
	return execution, name, seed
}

// childMaker makes the headers of the children of a Map Run.
type childMaker struct {
	ChildNames
	shared Header
	input  []byte // of the hash
}

func (x *Execution) childMaker(f *frame) *childMaker {
	d, label := f.node.state.(*mapState).distributed.definition, x.labelled(f)
	c := &childMaker{ChildNames: ChildNames{Prefix: x.arn("execution", label+":"), Express: d.Express, Seed: x.seed, Run: f.runID().String()}}
	if d.Express {
		c.Prefix = x.arn("express", label+":")
	}
	c.shared.Identity = Identity{
		StateMachine: x.arn("stateMachine", label), StateMachineName: x.identity.StateMachineName,
		RoleARN: x.identity.RoleARN, TraceHeader: x.identity.TraceHeader, MapRun: x.mapRunARN(f),
	}
	c.shared.Parent = Parent{Execution: x.identity.Execution, Run: c.Run, Map: f.node.name, Express: d.Express}
	c.input = c.hashed()
	return c
}

func (c *childMaker) header(index, items int64) Header {
	h := c.shared
	h.Execution, h.ExecutionName, h.Seed = c.of(index, c.input)
	h.Parent.Index, h.Parent.Items = index, items
	return h
}
