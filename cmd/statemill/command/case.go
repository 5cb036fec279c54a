package command

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// cases are the executions of a server that a test case of a mock file performs. A client
// names the case behind the ARN of a state machine: "...:stateMachine:Order#HappyPath".
type cases struct {
	file  string
	tasks runtime.Mux // performs the states that a case does not name

	mu     sync.Mutex
	engine *runtime.Engine
	text   []byte
	size   int64
	at     time.Time                  // when the file was changed
	chosen map[string]*mocking.Served // by execution
}

// openCases reads a mock file.
func openCases(file string, tasks runtime.Mux) (*cases, error) {
	c := &cases{file: file, tasks: tasks, chosen: make(map[string]*mocking.Served)}
	if err := c.read(); err != nil {
		return nil, err
	}
	v, err := jsonvalue.Parse(c.text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if machines, _ := v.Get("StateMachines"); machines.Kind() != jsonvalue.KindObject {
		return nil, fmt.Errorf("%s: expected a mock file of Step Functions Local, an object with StateMachines and MockedResponses", file)
	}
	return c, nil
}

// read reads the file if it has changed.
func (c *cases) read() error {
	info, err := os.Stat(c.file)
	if err != nil {
		return err
	}
	if c.text != nil && info.Size() == c.size && info.ModTime().Equal(c.at) {
		return nil
	}
	text, err := os.ReadFile(c.file)
	if err != nil {
		return err
	}
	c.text, c.size, c.at = text, info.Size(), info.ModTime()
	return nil
}

// choose gives an execution the answers of a case. A repeated request changes nothing.
func (c *cases) choose(execution, machine, testCase string, p *runtime.Program) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.chosen[execution] != nil {
		return nil
	}
	if err := c.read(); err != nil {
		return err
	}
	var states []string
	for s := range p.StateMachine().All() {
		states = append(states, s.Info().Name)
	}
	file, err := mocking.ReadMockFile(c.text, machine, testCase, states)
	if err != nil {
		return fmt.Errorf("%s: %w", c.file, err)
	}
	served, err := file.Serve(p, c.tasks, func(ctx context.Context, token string, output jsonvalue.Value) error {
		return c.engine.SucceedTask(ctx, token, output)
	})
	if err != nil {
		return fmt.Errorf("%s: the test case %q of %s: %w", c.file, testCase, machine, err)
	}
	c.chosen[execution] = served
	return nil
}

// tasksOf returns who performs the tasks of an execution that has a case.
func (c *cases) tasksOf(execution string) runtime.TaskInvoker {
	c.mu.Lock()
	defer c.mu.Unlock()
	if served := c.chosen[execution]; served != nil {
		return served
	}
	return nil
}

// forget lets go of an execution that is not kept when it leaves memory, one of an EXPRESS
// state machine. Another may come back.
func (c *cases) forget(execution string) {
	if !strings.Contains(execution, ":express:") {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.chosen, execution)
}
