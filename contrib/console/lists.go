package console

import (
	"net/http"
	"strings"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

const (
	pageSize = 50
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
	q := store.Query{ID: values.Get("arn"), StateMachine: values.Get("machine"), MapRun: values.Get("run"), Status: interp.Status(values.Get("status")), After: values.Get("after"), Limit: 200}
	prefix := values.Get("prefix")
	rows, next := []executionRow{}, ""
	for seen := 0; seen < maxScan && len(rows) < pageSize; {
		records, err := c.config.API.Engine().List(r.Context(), q)
		if err != nil {
			return nil, err
		}
		next = ""
		for i := range records {
			one := &records[i]
			q.After = one.Execution
			if (q.ID != "" || q.MapRun != "" || one.MapRun == "") && strings.HasPrefix(one.ExecutionName, prefix) && millis(one.Start) >= since {
				rows = append(rows, rowOf(one))
			}
			if len(rows) == pageSize {
				break
			}
		}
		if seen += len(records); len(records) < q.Limit && (len(records) == 0 || q.After == records[len(records)-1].Execution) {
			break
		}
		next = q.After
	}
	return struct {
		Executions []executionRow `json:"executions"`
		Next       string         `json:"next,omitempty"` // for after; there may be more
	}{rows, next}, nil
}
