package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

const (
	pageSize = 50
	readSize = 200  // records that are read at a time
	maxScan  = 2000 // records that are looked at for a page
)

// executions lists those that agree with the filters of the query, newest first. Children of Map
// Runs are not in it unless the Map Run is asked for.
func (c *console) executions(r *http.Request) (any, error) {
	values := r.URL.Query()
	since, err := number(r, "since", 0)
	if err != nil {
		return nil, err
	}
	q := store.Query{
		ID: values.Get("arn"), StateMachine: values.Get("machine"), MapRun: values.Get("run"),
		Status: interp.Status(values.Get("status")), After: values.Get("after"), Limit: readSize,
	}
	prefix, children := values.Get("prefix"), q.ID != "" || q.MapRun != ""
	rows, next, err := c.listed(r.Context(), q, func(r *store.Record) bool {
		return (children || r.MapRun == "") && strings.HasPrefix(r.ExecutionName, prefix) && millis(r.Start) >= since
	})
	return struct {
		Executions []executionRow `json:"executions"`
		Next       string         `json:"next,omitempty"` // for after; there may be more
	}{rows, next}, err
}

// listed reads records until a page is full or enough have been looked at. next is the last of them; "": there
// are no more.
func (c *console) listed(ctx context.Context, q store.Query, fits func(*store.Record) bool) (rows []executionRow, next string, err error) {
	rows = []executionRow{}
	for seen := 0; seen < maxScan; seen += q.Limit {
		records, err := c.config.API.Engine().List(ctx, q)
		if err != nil {
			return nil, "", err
		}
		over := len(records) < q.Limit
		for i := range records {
			q.After = records[i].Execution
			if fits(&records[i]) {
				rows = append(rows, rowOf(&records[i]))
			}
			if len(rows) == pageSize && !(over && i == len(records)-1) {
				return rows, q.After, nil
			}
		}
		if over {
			return rows, "", nil
		}
	}
	return rows, q.After, nil
}
