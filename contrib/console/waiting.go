package console

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// waitingPage is the most executions of which one request looks for open tasks: each is loaded.
const waitingPage = 100

// openRow is a task that waits for an answer. Its token is not part of it.
type openRow struct {
	ID        string `json:"id"` // names the task beside the execution
	Execution string `json:"execution"`
	State     string `json:"state"`
	Resource  string `json:"resource"`
	Since     int64  `json:"since"`
	Deadline  int64  `json:"deadline,omitempty"`
	Input     string `json:"input"` // JSON, without the token
}

// taskOf is the id of an open task: who knows it, does not know the token.
func taskOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// waiting lists the open tasks of one execution, or of a page of those that run.
func (c *console) waiting(r *http.Request) (any, error) {
	engine := c.config.API.Engine()
	q := store.Query{ID: r.URL.Query().Get("arn")}
	next := ""
	if q.ID == "" {
		q = store.Query{Status: interp.Running, After: r.URL.Query().Get("after"), Limit: waitingPage}
		records, err := engine.List(r.Context(), q)
		if err != nil {
			return nil, err
		}
		if len(records) == waitingPage {
			next = records[len(records)-1].Execution
		}
	}
	open, err := engine.OpenTasks(r.Context(), q)
	if err != nil {
		return nil, err
	}
	rows := []openRow{}
	for i := range open {
		t := &open[i]
		rows = append(rows, openRow{taskOf(t.Token), t.Execution, t.State, t.Resource, millis(t.Since), millis(t.Deadline), string(hideTokens([]byte(t.Input.String())))})
	}
	return struct {
		Tasks []openRow `json:"tasks"`
		Next  string    `json:"next,omitempty"`
	}{rows, next}, nil
}

// openTask names an open task.
type openTask struct {
	Execution string `json:"execution"`
	ID        string `json:"id"`
}

// find returns the open task that a request names.
func (c *console) find(r *http.Request, named openTask) (*runtime.OpenTask, error) {
	if named.Execution == "" {
		return nil, invalid("The execution is missing.")
	}
	open, err := c.config.API.Engine().OpenTasks(r.Context(), store.Query{ID: named.Execution})
	if err != nil {
		return nil, err
	}
	for i := range open {
		if taskOf(open[i].Token) == named.ID {
			return &open[i], nil
		}
	}
	return nil, &refusal{http.StatusNotFound, "TaskDoesNotExist", "The task does not wait for an answer any more."}
}

// token shows the token of an open task.
func (c *console) token(r *http.Request) (any, error) {
	var named openTask
	if err := readJSON(r, &named); err != nil {
		return nil, err
	}
	task, err := c.find(r, named)
	if err != nil {
		return nil, err
	}
	return map[string]string{"token": task.Token}, nil
}

// taskAnswer is the result of an open task, or its failure.
type taskAnswer struct {
	openTask
	Output *string `json:"output"` // JSON; nil: the task has failed
	Error  *string `json:"error"`
	Cause  *string `json:"cause"`
}

// answerTask answers an open task.
func (c *console) answerTask(r *http.Request) (any, error) {
	var told taskAnswer
	if err := readJSON(r, &told); err != nil {
		return nil, err
	}
	task, err := c.find(r, told.openTask)
	if err != nil {
		return nil, err
	}
	in := map[string]any{"taskToken": task.Token}
	if told.Output != nil {
		in["output"] = *told.Output
		return struct{}{}, c.ask(r.Context(), "SendTaskSuccess", "", in, nil)
	}
	if told.Error != nil {
		in["error"] = *told.Error
	}
	if told.Cause != nil {
		in["cause"] = *told.Cause
	}
	return struct{}{}, c.ask(r.Context(), "SendTaskFailure", "", in, nil)
}
