package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// changer makes random changes of a few executions. It knows their revisions, so
// that most changes are accepted.
type changer struct {
	rng       *rand.Rand
	prefix    string
	revisions map[string]int64
	messages  int
}

var owners = []string{"", "a", "b"}

func (g *changer) batch() (changes []store.Change) {
	named := make(map[string]bool)
	for range 1 + g.rng.IntN(5) {
		id := g.id()
		if named[id] {
			continue
		}
		named[id] = true
		c := g.change(id)
		if child := g.id(); !named[child] && g.rng.IntN(8) == 0 && !c.Delete {
			named[child] = true
			c.Children = []store.Change{g.create(child)}
		}
		changes = append(changes, c)
	}
	if g.rng.IntN(3) == 0 {
		changes = append(changes, store.Change{Send: g.send(), Consume: g.consume(1)})
	}
	return changes
}

func (g *changer) id() string { return fmt.Sprint(g.prefix, g.rng.IntN(9)) }

func (g *changer) data() []byte {
	return bytes.Repeat([]byte{byte(g.rng.IntN(256))}, g.rng.IntN(3)*g.rng.IntN(700))
}

func (g *changer) create(id string) store.Change {
	r := filledRecord(id, g.rng)
	c := store.Change{By: "a", ID: id, Revision: 1, Record: &r, State: g.data(), Owner: owners[g.rng.IntN(3)], Due: at(g.rng.IntN(100))}
	g.fill(&c)
	return c
}

func (g *changer) change(id string) store.Change {
	from := g.revisions[id]
	if g.rng.IntN(12) == 0 {
		from = int64(g.rng.IntN(5))
	}
	if from == 0 {
		return g.create(id)
	}
	c := store.Change{By: owners[1+g.rng.IntN(2)], ID: id, From: from, Revision: from + int64(g.rng.IntN(2)), Owner: owners[g.rng.IntN(3)]}
	if g.rng.IntN(2) == 0 {
		c.Due = at(g.rng.IntN(100))
	}
	if g.rng.IntN(3) == 0 {
		r := filledRecord(id, g.rng)
		c.Record = &r
	}
	if g.rng.IntN(2) == 0 {
		c.State = g.data()
	}
	c.Delete, c.Clear = g.rng.IntN(20) == 0, g.rng.IntN(10) == 0
	g.fill(&c)
	return c
}

// fill adds rows, messages and history.
func (g *changer) fill(c *store.Change) {
	value := func() interp.ValueID {
		return interp.ValueID{Frame: interp.FrameID(g.rng.IntN(4)), Number: uint32(g.rng.IntN(4))}
	}
	for range g.rng.IntN(4) {
		c.Frames = append(c.Frames, store.Row{Frame: value().Frame, Data: g.data()})
		v := value()
		c.Values = append(c.Values, store.Row{Frame: v.Frame, Number: v.Number, Data: g.data()})
	}
	if g.rng.IntN(3) == 0 {
		c.Dropped = append(c.Dropped, value())
	}
	if c.From > 0 && g.rng.IntN(4) == 0 {
		c.Removed = append(c.Removed, value().Frame)
	}
	if g.rng.IntN(2) == 0 && c.Revision > c.From {
		c.History = &store.HistoryPart{First: c.Revision * 10, Last: c.Revision*10 + int64(g.rng.IntN(10)), Data: g.data()}
	}
	if g.rng.IntN(3) == 0 {
		c.Send = g.send()
	}
	if c.From > 0 && g.rng.IntN(4) == 0 {
		c.Consume = g.consume(1 + g.rng.IntN(2))
	}
}

func (g *changer) send() []store.Message {
	to := g.id()
	if g.rng.IntN(3) == 0 {
		to = "activity:" + g.prefix
	}
	g.messages++
	id := fmt.Sprint(g.prefix, "message ", g.messages-g.rng.IntN(2))
	return []store.Message{{ID: id, To: to, From: g.id(), Kind: "kind", Task: interp.TaskID{Frame: 1, Attempt: g.rng.Uint32()}, Data: g.data()}}
}

func (g *changer) consume(n int) (found []string) {
	for range n {
		found = append(found, fmt.Sprint(g.prefix, "message ", g.messages-g.rng.IntN(6)))
	}
	return found
}

func (g *changer) poll() store.Poll {
	return store.Poll{
		Owner: owners[1+g.rng.IntN(2)], Lease: time.Duration(g.rng.IntN(8)) * time.Hour, Now: at(g.rng.IntN(120)),
		Limit: g.rng.IntN(4), Queues: []string{"activity:" + g.prefix}, Messages: g.rng.IntN(4),
	}
}

// learn takes note of what was stored.
func (g *changer) learn(changes []store.Change, refused []error) {
	for i, c := range changes {
		if refused != nil && refused[i] != nil || c.ID == "" {
			continue
		}
		g.revisions[c.ID] = c.Revision
		if c.Delete {
			delete(g.revisions, c.ID)
		}
		for _, child := range c.Children {
			if g.revisions[child.ID] == 0 {
				g.revisions[child.ID] = 1
			}
		}
	}
}
