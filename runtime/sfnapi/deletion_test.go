package sfnapi

import (
	"context"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

const (
	waits      = `{"name": "a", "roleArn": "arn:r", "definition": "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":60,\"Next\":\"P\"},\"P\":{\"Type\":\"Pass\",\"End\":true}}}"}`
	theMachine = "arn:aws:states:us-east-1:000000000000:stateMachine:a"
	one        = "arn:aws:states:us-east-1:000000000000:execution:a:one"
)

// must200 calls an operation that is not refused.
func must200(t *testing.T, h *Handler, operation, body string) {
	t.Helper()
	status, fault, _ := ask(h, nil, "POST", operation, body)
	require.Equal(t, 200, status, "%s: %s", operation, fault)
}

func refused(t *testing.T, h *Handler, want, operation, body string) {
	t.Helper()
	_, fault, _ := ask(h, nil, "POST", operation, body)
	require.Equal(t, want, fault, operation)
}

func named(s string) string { return `{"stateMachineArn": "` + s + `", "name": "one"}` }

// A state machine that is deleted is there until its executions have failed at their next
// transition; a process that dies meanwhile does not forget it.
func TestDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.Memory()
		h, err := Open(t.Context(), s, Config{})
		require.NoError(t, err)
		must200(t, h, "CreateStateMachine", waits)
		must200(t, h, "UpdateStateMachine", `{"stateMachineArn": "`+theMachine+`", "roleArn": "arn:s", "publish": true}`)
		must200(t, h, "StartExecution", named(theMachine))
		must200(t, h, "DeleteStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
		time.Sleep(30 * time.Second)
		must200(t, h, "DescribeStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
		refused(t, h, "StateMachineDeleting", "StartExecution", `{"stateMachineArn": "`+theMachine+`"}`)
		require.NoError(t, h.Close(t.Context()))

		h, err = Open(t.Context(), s, Config{})
		require.NoError(t, err)
		must200(t, h, "DescribeExecution", `{"executionArn": "`+one+`"}`)
		_, err = h.Engine().Wait(t.Context(), one)
		require.ErrorContains(t, err, "State machine a has been deleted")
		time.Sleep(2 * time.Minute)
		refused(t, h, "StateMachineDoesNotExist", "DescribeStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
		refused(t, h, "ExecutionDoesNotExist", "DescribeExecution", `{"executionArn": "`+one+`"}`)
		left, err := s.Scan(t.Context(), "", "", 0)
		require.NoError(t, err)
		require.Empty(t, left)
		must200(t, h, "CreateStateMachine", waits)
		must200(t, h, "StartExecution", named(theMachine))
		require.NoError(t, h.Close(t.Context()))
	})
}

// Whoever changes the document of a state machine while it is being deleted does not keep
// it there.
func TestTagWhileDeleted(t *testing.T) {
	s := store.Memory()
	d := &overtaken{Documents: s, key: "/m/a"}
	h := openTest(t, Config{Documents: d})
	must200(t, h, "CreateStateMachine", waits)
	d.then = func() {
		must200(t, h, "TagResource", `{"resourceArn": "`+theMachine+`", "tags": [{"key": "late", "value": ""}]}`)
	}
	must200(t, h, "DeleteStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
	left, err := s.Scan(t.Context(), "", "", 0)
	require.NoError(t, err)
	require.Empty(t, left)
}

// However often a deletion is asked for, one goroutine goes on with it.
func TestManyDeletions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := Open(t.Context(), nil, Config{})
		require.NoError(t, err)
		must200(t, h, "CreateStateMachine", waits)
		must200(t, h, "StartExecution", named(theMachine))
		for range 100 {
			must200(t, h, "DeleteStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
		}
		synctest.Wait()
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		require.Equal(t, 1, strings.Count(string(stacks), "sfnapi.(*deletion).end("))
		time.Sleep(5 * time.Minute)
		refused(t, h, "StateMachineDoesNotExist", "DescribeStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
		require.Empty(t, h.deleting)
		require.NoError(t, h.Close(t.Context()))
	})
}

// Who creates a state machine that is deleted at this moment gets a new one.
func TestCreateWhileDeleted(t *testing.T) {
	docs := &interrupted{Documents: store.Memory()} // between the machine and its revision
	h := openTest(t, Config{Documents: docs})
	must200(t, h, "CreateStateMachine", waits)
	docs.seen, docs.then = 0, func() { must200(t, h, "DeleteStateMachine", `{"stateMachineArn": "`+theMachine+`"}`) }
	must200(t, h, "CreateStateMachine", waits)
	must200(t, h, "DescribeStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
}

// overtaken are documents that do something before one of them is deleted.
type overtaken struct {
	store.Documents
	key  string
	once sync.Once
	then func()
}

func (d *overtaken) Write(ctx context.Context, docs ...store.Document) error {
	for _, doc := range docs {
		if doc.Data == nil && !doc.Same && strings.HasSuffix(doc.Key, d.key) {
			d.once.Do(d.then)
		}
	}
	return d.Documents.Write(ctx, docs...)
}

// interrupted are documents that do something before the second look at a key.
type interrupted struct {
	store.Documents
	key  string
	once sync.Once
	seen int
	then func()
}

func (d *interrupted) Read(ctx context.Context, keys ...string) ([]store.Document, error) {
	if d.then != nil && len(keys) == 1 && strings.HasSuffix(keys[0], d.key) {
		if d.seen++; d.seen == 2 {
			d.once.Do(d.then)
		}
	}
	return d.Documents.Read(ctx, keys...)
}

// An execution that starts while its state machine is being deleted is deleted as well.
func TestStartWhileDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.Memory()
		docs := &interrupted{Documents: s, key: "/m/a"}
		h, err := Open(t.Context(), s, Config{Documents: docs})
		require.NoError(t, err)
		must200(t, h, "CreateStateMachine", waits)
		other, err := Open(t.Context(), store.Memory(), Config{Documents: s}) // it sees no execution
		require.NoError(t, err)
		docs.seen, docs.then = 0, func() { must200(t, other, "DeleteStateMachine", `{"stateMachineArn": "`+theMachine+`"}`) }
		refused(t, h, "StateMachineDoesNotExist", "StartExecution", named(theMachine))
		must200(t, h, "DescribeExecution", `{"executionArn": "`+one+`"}`)
		time.Sleep(2 * time.Minute)
		refused(t, h, "ExecutionDoesNotExist", "DescribeExecution", `{"executionArn": "`+one+`"}`)
		require.NoError(t, other.Close(t.Context()))
		require.NoError(t, h.Close(t.Context()))
	})
}

// So is one whose client goes away at that instant.
func TestStartWhileDeletedAndAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := store.Memory()
		docs := &interrupted{Documents: s, key: "/m/a"}
		h, err := Open(t.Context(), s, Config{Documents: docs})
		require.NoError(t, err)
		must200(t, h, "CreateStateMachine", waits)
		other, err := Open(t.Context(), store.Memory(), Config{Documents: s}) // it sees no execution
		require.NoError(t, err)
		ctx, goAway := context.WithCancel(t.Context())
		docs.seen, docs.then = 0, func() {
			must200(t, other, "DeleteStateMachine", `{"stateMachineArn": "`+theMachine+`"}`)
			goAway()
		}
		r := httptest.NewRequestWithContext(ctx, "POST", "/", strings.NewReader(named(theMachine)))
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set("X-Amz-Target", targetPrefix+"StartExecution")
		h.ServeHTTP(httptest.NewRecorder(), r)
		require.Error(t, ctx.Err())
		must200(t, h, "DescribeExecution", `{"executionArn": "`+one+`"}`)
		time.Sleep(2 * time.Minute)
		refused(t, h, "ExecutionDoesNotExist", "DescribeExecution", `{"executionArn": "`+one+`"}`)
		require.NoError(t, other.Close(t.Context()))
		require.NoError(t, h.Close(t.Context()))
	})
}

// Of two redrives with one token, at one time, both are told of the one that happened.
func TestRedriveTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := Open(t.Context(), nil, Config{})
		require.NoError(t, err)
		must200(t, h, "CreateStateMachine", waits)
		must200(t, h, "StartExecution", named(theMachine))
		must200(t, h, "StopExecution", `{"executionArn": "`+one+`"}`)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { must200(t, h, "RedriveExecution", `{"executionArn": "`+one+`", "clientToken": "c"}`) })
		}
		both.Wait()
		must200(t, h, "StopExecution", `{"executionArn": "`+one+`"}`)
		must200(t, h, "RedriveExecution", `{"executionArn": "`+one+`", "clientToken": "c"}`)
		record, err := h.Engine().Describe(t.Context(), one)
		require.NoError(t, err)
		require.Equal(t, 1, record.Redrives)
		time.Sleep(redriveTokenLife)
		must200(t, h, "RedriveExecution", `{"executionArn": "`+one+`", "clientToken": "c"}`)
		record, err = h.Engine().Describe(t.Context(), one)
		require.NoError(t, err)
		require.Equal(t, 2, record.Redrives)
		require.NoError(t, h.Close(t.Context()))
	})
}
