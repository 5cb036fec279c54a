package sqlstore

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// entry is a line of the ledger, which is durable before what it tells has an effect.
type entry struct {
	What    string // begin, end, token, ask, answered or handed
	Process int    // the how manieth
	Task    string `json:",omitempty"` // its Task.ID
	Token   string `json:",omitempty"`
}

// ledger is a file of entries.
type ledger struct {
	process int
	mu      sync.Mutex
	file    *os.File
}

func openLedger(dir string, process int) (*ledger, error) {
	file, err := os.OpenFile(filepath.Join(dir, "ledger"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	return &ledger{process: process, file: file}, err
}

func (l *ledger) note(e entry) error {
	e.Process = l.process
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return l.file.Sync()
}

// readLedger returns what is in the ledger. A line that the death of its process cut
// off is left out.
func readLedger(dir string) (entries []entry, err error) {
	file, err := os.Open(filepath.Join(dir, "ledger"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// mill is the engine of a process and the ledger of its tasks.
type mill struct {
	*runtime.Engine
	ledger *ledger
	tokens chan string // that the process answers
	asks   chan string // that the test answers
	failed chan string // executions that are to be redriven
	child  *runtime.Program
}

// openMill opens the store of a folder, and goes on with what earlier processes have left:
// tokens without an answer, and executions that have failed.
func openMill(ctx context.Context, dir string, process int) (*mill, io.Closer, error) {
	s, lease, err := openVictims(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	const many = 100_000
	m := &mill{tokens: make(chan string, many), asks: make(chan string, many), failed: make(chan string, many)}
	if m.child, err = compiled(killedChild); err != nil {
		return nil, nil, err
	}
	if err := m.takeOver(dir); err != nil {
		return nil, nil, err
	}
	if m.ledger, err = openLedger(dir, process); err != nil {
		return nil, nil, err
	}
	perform := runtime.InvokerFunc(m.perform)
	config := runtime.EngineConfig{
		Tasks:        runtime.Mux{"double": perform, "flaky": perform, "breaks": perform, "last": perform, "arn:aws:states:::sqs:*": perform},
		StateMachine: m.machine,
		Lease:        lease,
		Observe: func(e history.Event) {
			if e.Type == "ExecutionFailed" {
				m.failed <- e.Execution
			}
		},
	}
	err = again(func() (err error) {
		m.Engine, err = runtime.Open(ctx, s, config)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	broken, err := m.list(ctx, store.Query{Status: interp.Failed, Limit: many})
	for i := range broken {
		m.failed <- broken[i].Execution
	}
	return m, s.(io.Closer), err
}

// openVictims opens the store of a folder. The lease is short where others wait for it.
func openVictims(ctx context.Context, dir string) (s store.Store, lease time.Duration, err error) {
	if schema := os.Getenv(victimSchema); schema != "" {
		err = again(func() (err error) {
			s, err = OpenPostgres(ctx, os.Getenv(postgresVariable), schema)
			return err
		})
		return s, victimLease, err
	}
	file := filepath.Join(dir, sharedFile)
	if _, err := os.Stat(file); err != nil {
		s, err := OpenSQLite(ctx, filepath.Join(dir, "executions.db"))
		return s, 0, err
	}
	pool, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(60000)"+durable)
	if err != nil {
		return nil, 0, err
	}
	s, err = UseSQLite(ctx, pool)
	return s, victimLease, err
}

// list lists, also while the store is away.
func (m *mill) list(ctx context.Context, q store.Query) (records []store.Record, err error) {
	err = again(func() error {
		records, err = m.List(ctx, q)
		return err
	})
	return records, err
}

// machine implements EngineConfig.StateMachine.
func (m *mill) machine(_ context.Context, arn string) (runtime.Machine, error) {
	return runtime.Machine{Program: m.child, Identity: runtime.Identity{StateMachine: arn, StateMachineName: "child"}}, nil
}

// takeOver finds the tokens that have no answer yet.
func (m *mill) takeOver(dir string) error {
	entries, err := readLedger(dir)
	answered := map[string]bool{}
	for _, e := range entries {
		answered[e.Token] = answered[e.Token] || e.What == "answered"
	}
	for _, e := range entries {
		queue := map[string]chan string{"token": m.tokens, "ask": m.asks}[e.What]
		if queue != nil && !answered[e.Token] {
			answered[e.Token] = true
			queue <- e.Token
		}
	}
	return err
}

// perform performs every task, between two entries of the ledger.
func (m *mill) perform(_ context.Context, task *runtime.Task) (out jsonvalue.Value, err error) {
	if err := m.ledger.note(entry{What: "begin", Task: task.ID()}); err != nil {
		return out, err
	}
	switch {
	case task.Resource == "double":
		n, _ := task.Input.AsInt64()
		out = jsonvalue.Int(2 * n)
	case task.Resource == "flaky" && task.RetryCount == 0:
		err = &runtime.TaskError{Name: "Flaky"}
	case task.Resource == "flaky":
		out = jsonvalue.String("calm")
	case task.Resource == "last":
		out = task.Input
	case task.Resource == "breaks":
		if redrives, _ := task.Input.Get("redrives"); redrives.Equal(jsonvalue.Int(0)) {
			err = &runtime.TaskError{Name: "Broken"}
		}
	default:
		what, queue := "token", m.tokens
		if to, _ := task.Input.Get("QueueUrl"); to.Equal(jsonvalue.String("test")) {
			what, queue = "ask", m.asks
		}
		if err := m.ledger.note(entry{What: what, Token: task.Token()}); err != nil {
			return out, err
		}
		queue <- task.Token()
	}
	if noted := m.ledger.note(entry{What: "end", Task: task.ID()}); noted != nil {
		return out, noted
	}
	return out, err
}

// serve answers tokens, works for the activity and redrives, until ctx ends.
func (m *mill) serve(ctx context.Context) error {
	failed := make(chan error, 4)
	parts := []func(context.Context) error{m.answerTokens, m.pack, m.pack, m.redrive}
	for _, part := range parts {
		go func() { failed <- part(ctx) }()
	}
	for range parts {
		if err := <-failed; err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

func (m *mill) answerTokens(ctx context.Context) error {
	for {
		select {
		case token := <-m.tokens:
			if _, err := m.answer(ctx, token, `"answer"`); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// answer answers a token, and reports whether the answer was taken.
func (m *mill) answer(ctx context.Context, token, answer string) (taken bool, err error) {
	err = again(func() error { return m.SucceedTask(ctx, token, jsonvalue.MustParse(answer)) })
	if err != nil && !errors.Is(err, runtime.ErrTaskOver) {
		return false, err
	}
	return err == nil, m.ledger.note(entry{What: "answered", Token: token})
}

// again asks until an answer is final.
func again(ask func() error) (err error) {
	for err = ask(); errors.Is(err, runtime.ErrLost) || isAway(err); err = ask() {
		if isAway(err) {
			time.Sleep(10 * time.Millisecond)
		}
	}
	return err
}

// pack is a worker of the activity.
func (m *mill) pack(ctx context.Context) error {
	for {
		var task *runtime.ActivityTask
		err := again(func() (err error) {
			task, err = m.PollActivity(ctx, killedActivity, "packer")
			return err
		})
		if err != nil {
			return err
		}
		if err := m.ledger.note(entry{What: "handed", Token: task.Token}); err != nil {
			return err
		}
		err = again(func() error {
			return m.SucceedTask(ctx, task.Token, jsonvalue.String("packed "+task.Input.String()))
		})
		if err != nil && !errors.Is(err, runtime.ErrTaskOver) {
			return err
		}
	}
}

func (m *mill) redrive(ctx context.Context) error {
	for {
		select {
		case id := <-m.failed:
			err := again(func() error {
				_, err := m.Redrive(ctx, id, nil)
				return err
			})
			if err != nil && !errors.Is(err, runtime.ErrNotRedrivable) {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}
