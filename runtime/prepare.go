package runtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/dataset"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/objects"
)

// abilities say what a driver can do for the programs that it runs.
type abilities struct {
	tokens   bool // answers by token can arrive
	children bool // distributed Map states can run
	objects  bool // they can have an ItemReader, and a ResultWriter
	formats  objects.Formats

	// builtIn returns who performs a task that the user's tasks do not; nil: nobody, and
	// perhaps why. Default: nobody performs any.
	builtIn func(task *asl.Task) (TaskInvoker, error)
}

var errNoProgram = errors.New("runtime: no program")

// prepare finds who performs each task, in the order of Program.Tasks, and refuses
// a program that a driver could not run to its end.
func prepare(p *Program, tasks TaskInvoker, can abilities) ([]TaskInvoker, error) {
	if p == nil || p.StateMachine() == nil {
		return nil, errNoProgram
	}
	var problems []error
	performers := make([]TaskInvoker, len(p.Tasks()))
	for i, task := range p.Tasks() {
		performer, err := performerOf(task, tasks, can)
		if err != nil {
			problems = append(problems, stateError(p, &task.StateInfo, err))
		}
		performers[i] = performer
	}
	if p.Alone() {
		problems = append(problems, errors.New("runtime: a single state can be tested, not run"))
	}
	for _, m := range p.Distributed() {
		switch {
		case !can.children:
			problems = append(problems, stateError(p, &m.StateInfo, errors.New("a distributed Map state cannot be run in this process")))
		case (m.ItemReader != nil || writesObjects(m)) && !can.objects:
			problems = append(problems, stateError(p, &m.StateInfo, errors.New("its ItemReader or ResultWriter needs objects, and there are none: Objects is nil")))
		case m.ItemReader != nil:
			if err := dataset.Readable(m.ItemReader, can.formats); err != nil {
				problems = append(problems, stateError(p, &m.StateInfo, err))
			}
		}
	}
	if problems != nil {
		return nil, &refusal{errors.Join(problems...)}
	}
	return performers, nil
}

// ErrRefused is behind the errors of a program that a driver could not run to its end, so
// that it did not begin: nobody performs a task, or a state needs what is not there.
var ErrRefused = errors.New("runtime: the program cannot be run here")

// refusal is an error that is ErrRefused besides what it says.
type refusal struct{ error }

func (r *refusal) Is(target error) bool { return target == ErrRefused }

func (r *refusal) Unwrap() error { return r.error }

// performersOf finds who performs each task of a program that was accepted before. A
// task that nobody performs any more fails when it is started.
func performersOf(p *Program, tasks TaskInvoker, can abilities) []TaskInvoker {
	performers := make([]TaskInvoker, len(p.Tasks()))
	for i, task := range p.Tasks() {
		performer, err := performerOf(task, tasks, can)
		if err != nil {
			performer = InvokerFunc(func(context.Context, *Task) (jsonvalue.Value, error) { return jsonvalue.Value{}, err })
		}
		performers[i] = performer
	}
	return performers
}

func performerOf(task *asl.Task, tasks TaskInvoker, can abilities) (TaskInvoker, error) {
	performer, err := chosenFor(task, tasks, can)
	if can.builtIn == nil {
		return performer, err
	}
	_, resolves := tasks.(Resolver)
	if err == nil && (resolves || !startsExecution(&task.Resource)) || err != nil && !errors.Is(err, ErrNoTask) {
		return performer, err
	}
	own, why := can.builtIn(task)
	switch {
	case own != nil:
		return own, nil
	case err != nil && why != nil:
		err = fmt.Errorf("%w: %w", err, why)
	}
	return performer, err
}

// chosenFor finds which of the user's tasks performs a task.
func chosenFor(task *asl.Task, tasks TaskInvoker, can abilities) (TaskInvoker, error) {
	if task.Resource.Pattern == asl.WaitForTaskToken && !can.tokens {
		return nil, errors.New("its answer comes by task token, and Runner.Callbacks is nil")
	}
	if tasks == nil {
		return nil, fmt.Errorf("%w %q", ErrNoTask, task.Resource.Text)
	}
	resolver, ok := tasks.(Resolver)
	if !ok {
		return tasks, nil
	}
	performer, err := resolver.Resolve(task.Resource.Text)
	if err == nil && performer == nil {
		err = fmt.Errorf("%w %q", ErrNoTask, task.Resource.Text)
	}
	return performer, err
}

// stateError says where in the definition a problem is.
func stateError(p *Program, s *asl.StateInfo, err error) error {
	at, _ := p.StateMachine().Position(s.Location)
	return fmt.Errorf("state %q (%s): %w", s.Name, at, err)
}
