package runtime

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// Runner runs executions inside the process. The zero Runner runs programs
// without Task states. A Runner is a value: copy it and change the copy. It is
// safe for concurrent use while nobody changes it.
type Runner struct {
	// Tasks performs the tasks. Default: none.
	Tasks TaskInvoker

	// Observe is called with each event of the history, in order, before the
	// tasks that the event announces are performed, and the execution waits for
	// it. Several executions of one Runner call it at once. Default: nil, and no
	// events are made.
	Observe func(history.Event)

	// Callbacks takes the answers that come by task token. Default: nil, and
	// programs that wait for such answers are refused.
	Callbacks *Callbacks

	// Clock makes time virtual. Default: nil, the time of the system.
	Clock *VirtualClock

	// Seed determines all that is random: names, UUIDs, jitter, $random.
	// Default: zero, another seed for each run.
	Seed Seed

	// Identity is what the Context Object says. Default: names made from Seed
	// and ARNs of account 000000000000 for what is empty.
	Identity Identity

	// Limits bound each execution. Default: the quotas of Step Functions.
	Limits Limits

	// Logger gets what the history has no place for: stacks of panics, tasks
	// that outlive their context. Default: nil, nothing is logged.
	Logger *slog.Logger
}

// Run runs one execution from its start to its end.
//
// It returns the output if the execution succeeds, and an *[ExecutionError] if
// it fails, runs out of time, or is aborted because ctx ends. Any other error
// means that the execution was not begun: before the first state is entered,
// Run makes sure that somebody performs each task (see [Resolver]), that
// answers by token can arrive, and that no Map state is distributed, which only
// engines that keep executions can run.
//
// Run returns when the execution is over. Tasks that do not heed their context
// may still be running then, with one exception: a task that runs alone and has
// no deadline is performed on the goroutine of Run if ctx cannot end; Run
// cannot return before it, and Goexit in it ends that goroutine.
func (r Runner) Run(ctx context.Context, p *Program, input jsonvalue.Value) (jsonvalue.Value, error) {
	if p == nil {
		return jsonvalue.Value{}, errors.New("runtime: no program")
	}
	performers, err := r.prepare(p)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	d := driver{runner: &r, performers: performers, identity: r.Identity}
	seed := r.Seed
	if seed == (Seed{}) {
		if _, err := rand.Read(seed[:]); err != nil {
			return jsonvalue.Value{}, err
		}
	}
	completeIdentity(&d.identity, seed)
	config := interp.Config{Limits: r.Limits, History: r.Observe != nil, Forget: true}
	if config.History {
		buffer := eventBuffers.Get().(*[]history.Event)
		defer d.releaseBuffer(buffer)
		config.Buffer = *buffer
	}
	if r.Clock == nil {
		config.Each = d.crew.each
	}
	d.x = p.New(interp.Header{Identity: d.identity, Seed: seed}, config)
	return d.run(ctx, input)
}

// eventBuffers hold events from a step until they have been observed.
var eventBuffers = sync.Pool{New: func() any { b := make([]history.Event, 0, 16); return &b }}

// releaseBuffer gives the memory of the last step's events back.
func (d *driver) releaseBuffer(buffer *[]history.Event) {
	const maxKept = 512
	if cap(d.events) > maxKept {
		return
	}
	*buffer = d.events
	clear((*buffer)[:cap(*buffer)])
	eventBuffers.Put(buffer)
}

// completeIdentity fills in what is empty. The name of the execution is made
// from the seed, but does not tell it: tokens depend on its secrecy.
func completeIdentity(id *Identity, seed Seed) {
	const prefix = "arn:aws:states:us-east-1:000000000000:"
	if id.StateMachineName == "" {
		id.StateMachineName = "StateMachine"
	}
	if id.ExecutionName == "" {
		sum := sha256.Sum256(append([]byte("name"), seed[:]...))
		id.ExecutionName = formatUUID(sum[:16])
	}
	if id.StateMachine == "" {
		id.StateMachine = prefix + "stateMachine:" + id.StateMachineName
	}
	if id.Execution == "" {
		id.Execution = prefix + "execution:" + id.StateMachineName + ":" + id.ExecutionName
	}
	if id.RoleARN == "" {
		id.RoleARN = "arn:aws:iam::000000000000:role/StatemillRole"
	}
}

// formatUUID prints sixteen bytes as a UUID of version 4.
func formatUUID(b []byte) string {
	const digits = "0123456789abcdef"
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	text := make([]byte, 0, 36)
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = append(text, digits[c>>4], digits[c&15])
	}
	return string(text)
}

// prepare finds who performs each task, in the order of Program.Tasks, and refuses a program that could not be
// run to its end.
func (r *Runner) prepare(p *Program) ([]TaskInvoker, error) {
	var problems []error
	tasks := p.Tasks()
	performers := make([]TaskInvoker, len(tasks))
	for i, task := range tasks {
		performer, err := r.performer(task)
		if err != nil {
			problems = append(problems, stateError(p, &task.StateInfo, err))
		}
		performers[i] = performer
	}
	if p.Alone() {
		problems = append(problems, errors.New("runtime: a single state can be tested, not run"))
	}
	for _, m := range p.Distributed() {
		problems = append(problems, stateError(p, &m.StateInfo, errors.New("a distributed Map state cannot be run in this process")))
	}
	return performers, errors.Join(problems...)
}

func (r *Runner) performer(task *asl.Task) (TaskInvoker, error) {
	if task.Resource.Pattern == asl.WaitForTaskToken && r.Callbacks == nil {
		return nil, errors.New("its answer comes by task token, and Runner.Callbacks is nil")
	}
	if r.Tasks == nil {
		return nil, fmt.Errorf("%w %q", ErrNoTask, task.Resource.Text)
	}
	resolver, ok := r.Tasks.(Resolver)
	if !ok {
		return r.Tasks, nil
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
