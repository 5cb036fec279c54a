package sfnapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// Config says how a [Handler] answers. The zero Config serves clients of this machine.
type Config struct {
	// Engine runs the executions. A task is first for its Tasks. If they do not perform it,
	// three integrations are built in: lambda:invoke calls the functions of Tasks, states:startExecution
	// starts state machines of the API, unless its StateMachine is set, and aws-sdk:sfn calls operations of the API.
	// Its Logger gets a line for each request, without the data of the request.
	Engine runtime.EngineConfig

	// Executions run the executions of STANDARD state machines instead of an Engine: such as
	// workflows of Temporal. Who performs their tasks is their own business. What they do not offer
	// (tasks for GetActivityTask, Map Runs, logs) is refused. Of Engine, what concerns EXPRESS
	// state machines holds. Whoever made them closes them. Default: nil, an Engine on the store.
	Executions runtime.Executions

	// Documents keep the state machines. Default: the store of the executions, if it
	// keeps documents; else memory.
	Documents store.Documents

	// Account is the account in all ARNs, twelve digits on AWS. Default: 000000000000.
	Account string

	// Region is that of requests without credentials; those that are signed name theirs.
	// Default: us-east-1.
	Region string

	// Secret returns the secret of an access key; ok is false if there is no such key. If Secret is
	// set, every request must be signed with a key that it knows, by a clock that is off by less than
	// 15 minutes, and clients on other machines are served. What a session token says is not looked
	// at. Default: nil, any signature will do, and none.
	Secret func(accessKey string) (secret string, ok bool)

	// Public serves clients on other machines although Secret is nil. Whoever reaches the
	// address may then run workflows: nobody has to sign. Default: only loopback addresses are
	// served.
	Public bool

	// Origins are the pages that may call, "https://console.example.org". Default: none,
	// and a request that a browser sends from a page is refused.
	Origins []string

	// Log gets what executions write to log groups, in order for each execution, and after it
	// is durable; executions call it at once, and wait for it. A process that dies in between
	// leaves the records of one commit out. Default: Engine.Logger gets it, failures at level Error
	// and the rest at Info.
	Log func(LogRecord)

	// Express is how many executions of EXPRESS state machines run at a time; what would be
	// one more is refused as throttling, and SDKs try again. They run beside the Engine, in
	// memory: when the process ends, they are gone. Tasks, Limits, Seed, Observe, Reach and
	// Evicted of Engine hold for them too. Default: 1,000.
	Express int64

	// Case takes the test case that a client of Step Functions Local names behind the ARN of a
	// state machine when it starts an execution, "...:stateMachine:Order#HappyPath". It is called before the
	// execution begins, also when a request is repeated; an error refuses the request. Default:
	// nil, and such an ARN is refused.
	Case func(execution, machine, testCase string, p *runtime.Program) error

	// Poll is how long GetActivityTask waits for a task. Default: 60 s.
	Poll time.Duration

	// MaxBody is the most bytes of the body of a request. Default: 2 MiB.
	MaxBody int64
}

// maxRequests is how many requests are answered at a time. SDKs repeat those beyond.
const maxRequests = 4096

// Handler answers requests of the Step Functions API. It is safe for concurrent use.
// Close it.
type Handler struct {
	config     Config
	engine     *runtime.Engine // nil: Config.Executions
	executions runtime.Executions
	opened     chan struct{} // closed when the engine is known: it starts tasks before, that were under way in another process
	documents  store.Documents
	revisions  revisions
	express    express
	running    *semaphore.Weighted
	beside     http.ServeMux // of Handle

	ctx    context.Context // of the work that goes on after a request; Close ends it
	cancel context.CancelFunc

	mu       sync.Mutex
	closing  bool
	polls    map[string]int  // how many workers wait, by activity
	deleting map[string]bool // deletions that go on after a request, by key: whether they were asked for again
	work     sync.WaitGroup  // requests and what goes on after them
}

// Open returns a Handler whose executions are in the store s, and goes on with those
// that are there. Default of s: one in memory.
func Open(ctx context.Context, s store.Store, c Config) (*Handler, error) {
	if s == nil {
		s = store.Memory()
	}
	c.complete(s)
	if err := c.check(); err != nil {
		return nil, err
	}
	h := &Handler{
		config: c, documents: c.Documents, running: semaphore.NewWeighted(maxRequests),
		opened: make(chan struct{}), polls: make(map[string]int), deleting: make(map[string]bool),
	}
	h.ctx, h.cancel = context.WithCancel(context.WithoutCancel(ctx))
	h.express.slots = semaphore.NewWeighted(c.Express)
	h.express.ctx, h.express.cutOff = context.WithCancelCause(context.WithoutCancel(ctx))
	if err := h.openExecutions(ctx, s); err != nil {
		h.cancel()
		h.express.cutOff(err)
		return nil, err
	}
	close(h.opened)
	if err := h.resumeDeletions(ctx); err != nil {
		return nil, errors.Join(err, h.Close(ctx))
	}
	return h, nil
}

// openExecutions opens the Engine, unless others run the executions.
func (h *Handler) openExecutions(ctx context.Context, s store.Store) (err error) {
	c := &h.config
	if h.executions = c.Executions; h.executions != nil {
		return nil
	}
	engine := c.Engine
	engine.Tasks, engine.Committed = resources{tasks: c.Engine.Tasks, handler: h}, h.committed
	if of := engine.TasksOf; of != nil {
		engine.TasksOf = func(execution string) runtime.TaskInvoker {
			if own := of(execution); own != nil {
				return resources{tasks: own, handler: h}
			}
			return nil
		}
	}
	if engine.Activity == nil {
		engine.Activity = h.activityExists
	}
	if engine.StateMachine == nil {
		engine.StateMachine = h.nested
	}
	if h.engine, err = runtime.Open(ctx, s, engine); err != nil {
		return err
	}
	h.executions = h.engine
	return nil
}

// complete sets what is left out. The store is that of the executions.
func (c *Config) complete(s store.Store) {
	if c.Documents == nil {
		c.Documents, _ = s.(store.Documents)
	}
	if c.Documents == nil {
		c.Documents = store.Memory()
	}
	c.Account = cmp.Or(c.Account, "000000000000")
	c.Region = cmp.Or(c.Region, "us-east-1")
	c.Poll = cmp.Or(max(c.Poll, 0), time.Minute)
	c.Express = cmp.Or(max(c.Express, 0), 1000)
	c.MaxBody = cmp.Or(max(c.MaxBody, 0), 2<<20)
}

// awaitOpen waits until the Engine is known. Requests come later than that, but tasks may not.
func (h *Handler) awaitOpen(ctx context.Context) error {
	select {
	case <-h.opened:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// check refuses what could be in no ARN.
func (c *Config) check() error {
	for _, digit := range c.Account {
		if digit < '0' || digit > '9' {
			return errors.New("sfnapi: Config.Account has other characters than digits: " + c.Account)
		}
	}
	if !isRegion(c.Region) {
		return errors.New("sfnapi: Config.Region is no region: " + c.Region)
	}
	return nil
}

// Engine returns the Engine that runs the executions; nil: there are Config.Executions.
func (h *Handler) Engine() *runtime.Engine { return h.engine }

// Close lets the requests end that are under way, refuses others, and closes the Engine
// as its Close does: no execution of it fails. Express executions have ten seconds, or half the
// time until the deadline of ctx; then they are aborted, and who waits for one is told that the
// server is away. The store stays open. If ctx ends first, Close returns its error; it may be
// called again.
func (h *Handler) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closing = true
	h.mu.Unlock()
	h.cancel()
	grace := lastRequests
	if deadline, ok := ctx.Deadline(); ok {
		grace = min(grace, time.Until(deadline)/2)
	}
	late := time.AfterFunc(grace, func() { h.express.cutOff(errCutOff) })
	defer late.Stop()
	ended := make(chan struct{})
	go func() {
		h.work.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	h.express.cutOff(errCutOff)
	if h.engine == nil {
		return nil
	}
	return h.engine.Close(ctx)
}

// enter counts work that Close waits for, unless the Handler is closed.
func (h *Handler) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return false
	}
	h.work.Add(1)
	return true
}

func (h *Handler) isClosing() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closing
}

// goOn does work that goes on after a request. It ends with the context of the Handler.
func (h *Handler) goOn(do func()) {
	if h.enter() {
		go func() {
			defer h.work.Done()
			do()
		}()
	}
}
