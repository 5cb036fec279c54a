// Package generate makes random state machines from seeds, with an input,
// limits and mocked tasks, so that ways to run an execution can be compared on
// thousands of programs. A seed always makes the same case.
package generate

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// Start is when the executions of all cases begin: the instant at which the
// clock of a testing/synctest bubble starts.
var Start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Case is a random program with everything that its execution depends on.
type Case struct {
	Seed       uint64
	Definition []byte
	Program    *interp.Program
	Header     interp.Header
	Limits     interp.Limits
	Input      jsonvalue.Value
	Stop       time.Duration // when the execution is aborted, should it still run
	Redrives   int           // for replays that redrive
	Inline     int           // interp.Config.Inline
}

// New makes the case of a seed. An error means that the generator wrote a
// definition that is not valid.
func New(seed uint64) (*Case, error) {
	r := rand.New(rand.NewPCG(seed, 1))
	m := machine{Rand: r, budget: 3 + r.IntN(12)}
	text, err := json.MarshalIndent(m.definition(), "", " ")
	if err != nil {
		return nil, err
	}
	c := &Case{Seed: seed, Definition: text, Limits: limits(r), Input: input(r)}
	c.Stop = time.Duration(1+r.IntN(4000))*time.Second + 333*time.Nanosecond
	c.Redrives = r.IntN(3)
	c.Inline = pick(r, 0, 30, 1024)
	binary.BigEndian.PutUint64(c.Header.Seed[:], seed)
	c.Header.Identity = identity(seed)
	sm, err := asl.Parse(text)
	if err == nil {
		c.Program, err = interp.Compile(sm)
	}
	if err != nil {
		return c, fmt.Errorf("seed %d: %w\n%s", seed, err, text)
	}
	return c, nil
}

// Replay returns the execution of the case in virtual time.
func (c *Case) Replay() replay.Replay {
	return replay.Replay{
		Program: c.Program, Header: c.Header, Limits: c.Limits, Input: c.Input,
		Start: Start, Stop: c.Stop, Inline: c.Inline, Perform: c.Perform,
	}
}

func identity(seed uint64) interp.Identity {
	const prefix = "arn:aws:states:us-east-1:123456789012:"
	name := fmt.Sprintf("run-%d", seed)
	return interp.Identity{
		Execution: prefix + "execution:random:" + name, ExecutionName: name,
		StateMachine: prefix + "stateMachine:random", StateMachineName: "random",
		RoleARN: "arn:aws:iam::123456789012:role/random",
	}
}

// limits are small, so that they are met: a Step is cut, tasks wait for slots,
// results are too large, histories full.
func limits(r *rand.Rand) interp.Limits {
	return interp.Limits{
		Payload:    pick(r, 0, 0, 4000),
		Variables:  pick(r, 0, 0, 0, 600),
		History:    pick(r, 250, 500, 500, 40),
		Iterations: pick(r, 0, 1, 2),
		InFlight:   pick(r, 0, 0, 1, 2),
		Steps:      pick(r, 0, 0, 1, 2, 3, 7),
		Work:       pick(r, 0, 0, 0, 1, 60),
	}
}

func input(r *rand.Rand) jsonvalue.Value {
	list := make([]jsonvalue.Value, r.IntN(5))
	for i := range list {
		list[i] = jsonvalue.Int(int64(r.IntN(10)))
	}
	v, err := jsonvalue.Of(map[string]any{
		"n": 1 + r.IntN(4), "s": pick(r, "", "text", "größer \U0001F600"), "list": list,
		"o":  map[string]any{"x": r.IntN(2) == 0, "y": nil, "f": 1.5},
		"at": Start.Add(time.Duration(r.IntN(60)) * time.Second).Format(time.RFC3339),
	})
	if err != nil {
		panic(err)
	}
	return v
}

// pick returns one of the choices.
func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }
