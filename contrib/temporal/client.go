package asltemporal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// Client starts executions as Temporal workflows, asks about them, answers their tasks and ends
// them. It has the methods of a runtime.Engine that users call. The id of an execution is the id of its
// workflow, and the type of the workflow is the end of the ARN of the state machine.
//
// Temporal and TaskQueue must be set. What else is set travels with each execution that Start
// begins, and holds for it to its end. A Client is safe for concurrent use while nobody changes it; do not copy it.
type Client struct {
	// Temporal is the connection to the server: with its namespace, data converter, codec,
	// context propagators. Whoever made it closes it.
	Temporal client.Client

	// Namespace is that of the connection, for PollActivity. Default: "default".
	Namespace string

	// TaskQueue is where the workers are that run the workflows.
	TaskQueue string

	// Limits bound each execution. Limits.Payload is at most 1 MiB. Default: the quotas of Step
	// Functions.
	Limits runtime.Limits

	// Checkpoint is the wait before which an execution goes on in a new run, so that a later
	// version of this module need not make again what came before: one for which nothing is
	// performed, and no timer is due within this time. Default: 1 h; negative: never.
	Checkpoint time.Duration

	// MaxHistory is how many events of Temporal's a run may have before the next one begins.
	// Default: 0, the server says when.
	MaxHistory int

	// Local are patterns, as in a runtime.Mux, of the tasks that run as local activities, in the
	// process that runs the workflow. They are quick ones: a second or so. Tasks with
	// HeartbeatSeconds, jobs and tasks that somebody else answers are none. Default: none.
	Local []string

	// ByHash sends the hash of the definition and not its text. The workers need Definitions, and so does History.
	// Default: the text is sent.
	ByHash bool

	// Definitions finds the definitions of executions that were started with ByHash, for History.
	// Default: none.
	Definitions Definitions

	// SearchAttributes are those of a new execution. Default: none.
	SearchAttributes func(p *runtime.Program, who runtime.Identity) temporal.SearchAttributes

	// DataConverter is that of Temporal, by which memos and histories are read. Default: that of the SDK.
	DataConverter converter.DataConverter

	histories histories
}

var _ runtime.Executions = (*Client)(nil)

// memo is what a workflow shows of its execution in lists.
type memo struct {
	Names      []string `json:"names"` // of the interp.Identity, in the order of its fields
	Definition []byte   `json:"definition"`
	Input      []byte   `json:"input"` // SHA-256
	Meta       []byte   `json:"meta,omitempty"`
	Start      int64    `json:"start"` // milliseconds
	Redrives   int      `json:"redrives,omitempty"`
	Redriven   int64    `json:"redriven,omitempty"` // milliseconds

	// Of a child of a Map Run:
	Parent         string `json:"parent,omitempty"`
	Item           int64  `json:"item,omitempty"`  // its index
	Items          int64  `json:"items,omitempty"` // how many it has
	ParentRedrives int    `json:"parentRedrives,omitempty"`
}

// memoKey is the key of the memo.
const memoKey = "statemill"

// identityOf returns pointers to the names of an identity, in the order of its fields.
func namesOf(id *runtime.Identity) []*string {
	return []*string{
		&id.Execution, &id.ExecutionName, &id.StateMachine, &id.StateMachineName, &id.RoleARN,
		&id.StateMachineVersion, &id.StateMachineAlias, &id.TraceHeader, &id.MapRun,
	}
}

// typeOf returns the type of the workflows of a state machine: the end of its ARN. That of the
// children of a Map Run is "Machine/Label".
func typeOf(stateMachine string) string {
	return stateMachine[strings.LastIndexByte(stateMachine, ':')+1:]
}

// maxID is how long a workflow id may be, in bytes.
const maxID = 1000

// Start begins an execution, and returns when the server has it. Fields of who that are empty
// are filled in as a Runner fills them in. If the id is taken, Start returns the record of that
// execution if it is the same one: it runs, and its definition and input are equal. Otherwise the
// error is store.ErrExists, for as long as the server keeps a workflow that is closed.
//
// Start cannot know what the workers perform: a task that nobody performs fails the execution
// with States.Runtime, or waits for a worker of its queue.
func (c *Client) Start(ctx context.Context, p *runtime.Program, who runtime.Identity, input jsonvalue.Value, meta []byte) (store.Record, error) {
	if err := c.admits(p); err != nil {
		return store.Record{}, err
	}
	var seed interp.Seed
	if _, err := rand.Read(seed[:]); err != nil {
		return store.Record{}, err
	}
	return c.begin(ctx, p, interp.Header{Identity: runtime.CompleteIdentity(who, seed), Seed: seed}, input, meta)
}

// begin starts the workflow of an execution.
func (c *Client) begin(ctx context.Context, p *runtime.Program, h interp.Header, input jsonvalue.Value, meta []byte) (store.Record, error) {
	who := h.Identity
	in, err := c.start(p, h)
	if err != nil {
		return store.Record{}, err
	}
	if len(p.Distributed()) > 0 {
		in.Meta = meta
	}
	if size := encoded(in) + input.Size(); size > maxPayload || len(who.Execution) > maxID {
		return store.Record{}, fmt.Errorf("asltemporal: %w: definition and input have %d bytes, and the id has %d: Temporal takes %d and %d", runtime.ErrRefused, size, len(who.Execution), maxPayload, maxID)
	}
	hash := sha256.Sum256(input.AppendJSON(nil))
	definition := p.Hash()
	m := memo{Definition: definition[:], Input: hash[:], Meta: meta, Start: time.Now().UnixMilli()}
	for _, name := range namesOf(&who) {
		m.Names = append(m.Names, *name)
	}
	record := m.record()
	record.Status, record.Input = interp.Running, input
	options := c.options(who.Execution, &m)
	options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
	if c.SearchAttributes != nil {
		options.TypedSearchAttributes = c.SearchAttributes(p, who)
	}
	_, err = c.Temporal.ExecuteWorkflow(ctx, options, typeOf(who.StateMachine), in, payload(input))
	var there *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &there) {
		return c.existing(ctx, &record)
	}
	return record, err
}

// options are those of every run that a Client starts.
func (c *Client) options(id string, m *memo) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: id, TaskQueue: c.TaskQueue, Memo: map[string]any{memoKey: m},
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}
}

// admits refuses programs that cannot run to their end.
func (c *Client) admits(p *runtime.Program) error {
	switch {
	case p == nil || p.StateMachine() == nil:
		return errors.New("asltemporal: no program")
	case p.Alone():
		return fmt.Errorf("asltemporal: %w: a single state can be tested, not run", runtime.ErrRefused)
	}
	return nil
}

// start makes the first argument of the workflow.
func (c *Client) start(p *runtime.Program, h interp.Header) (*start, error) {
	header, err := h.MarshalBinary()
	if err != nil {
		return nil, err
	}
	in := &start{Semantics: Semantics, Header: header, Local: c.Local, MaxHistory: c.MaxHistory}
	if c.ByHash {
		hash := p.Hash()
		in.Hash = hex.EncodeToString(hash[:])
	} else {
		in.Definition = string(p.StateMachine().Source())
	}
	if l := limits(c.Limits); l != (limits{}) {
		in.Limits = &l
	}
	switch {
	case c.Checkpoint == 0:
		in.Checkpoint = time.Hour.Milliseconds()
	case c.Checkpoint > 0:
		in.Checkpoint = max(c.Checkpoint.Milliseconds(), 1)
	}
	return in, in.Limits.check()
}

// existing returns the record of the execution that has the id, if it is the one that is asked for.
func (c *Client) existing(ctx context.Context, asked *store.Record) (store.Record, error) {
	have, err := c.Describe(ctx, asked.Execution)
	if err != nil {
		return store.Record{}, err
	}
	if have.Status == interp.Running && have.Definition == asked.Definition && have.InputHash == asked.InputHash {
		return have, nil
	}
	return store.Record{}, fmt.Errorf("%w: %s", store.ErrExists, asked.Execution)
}

// Wait waits for the end of an execution and returns its output, or a runtime.ExecutionError. If ctx
// ends first, Wait returns its cause, and the execution goes on.
func (c *Client) Wait(ctx context.Context, id string) (jsonvalue.Value, error) {
	var out converter.RawValue
	err := c.Temporal.GetWorkflow(ctx, id, "").Get(ctx, &out)
	if err == nil {
		return value(out)
	}
	if ctx.Err() != nil {
		return jsonvalue.Value{}, context.Cause(ctx)
	}
	end, ended := endOf(err)
	if !ended {
		return jsonvalue.Value{}, naming(id, err)
	}
	failed := &runtime.ExecutionError{Status: end.Status, Name: end.Error, Cause: end.Cause, State: end.State, Path: end.Path}
	failed.Location, failed.Position = end.Location, end.Position
	return jsonvalue.Value{}, failed
}

// endOf returns how an execution has ended without success; ended is false if the error says
// something else.
func endOf(err error) (end ending, ended bool) {
	var app *temporal.ApplicationError
	var cancelled *temporal.CanceledError
	var terminated *temporal.TerminatedError
	var timeout *temporal.TimeoutError
	switch {
	case errors.As(err, &app):
		if app.Details(&end) != nil {
			end.Status, end.HasError, end.HasCause = interp.Failed, true, true
		}
		end.Error, end.Cause = app.Type(), app.Message()
	case errors.As(err, &cancelled):
		if cancelled.Details(&end) != nil {
			end.Status = interp.Aborted
		}
	case errors.As(err, &terminated):
		end.Status = interp.Aborted
	case errors.As(err, &timeout):
		end.Status, end.HasError, end.Error = interp.TimedOut, true, "States.Timeout"
	default:
		return end, false
	}
	return end, true
}

// naming turns the server's word for an id that it does not know into store.ErrNotFound.
func naming(id string, err error) error {
	var unknown *serviceerror.NotFound
	if errors.As(err, &unknown) {
		return fmt.Errorf("execution %q: %w", id, store.ErrNotFound)
	}
	return err
}

func (c *Client) converter() converter.DataConverter {
	if c.DataConverter != nil {
		return c.DataConverter
	}
	return converter.GetDefaultDataConverter()
}
