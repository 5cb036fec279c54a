package sfnapi

import (
	"errors"
	"strconv"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/store"
)

type getExecutionHistoryIn struct {
	ARN        string  `sfn:"executionArn,required,1..256"`
	MaxResults int64   `sfn:"maxResults,0..1000"`
	Reverse    bool    `sfn:"reverseOrder"`
	NextToken  *string `sfn:"nextToken,1..1024"`
	Data       *bool   `sfn:"includeExecutionData"`
}

// getExecutionHistory goes on after an event, and before it if the order is reversed: a
// page does not depend on events that have come since the page before.
func (s *scope) getExecutionHistory(in *getExecutionHistoryIn) (fields, error) {
	a, err := s.parseExecution(in.ARN)
	if err != nil {
		return nil, err
	}
	page, err := s.paged(in.NextToken, in.MaxResults, in.ARN, strconv.FormatBool(in.Reverse))
	if err != nil {
		return nil, err
	}
	after, limit := int64(0), page.limit+1
	if page.after != "" {
		if after, err = strconv.ParseInt(page.after, 10, 64); err != nil {
			return nil, invalidToken()
		}
	}
	if in.Reverse {
		limit = -limit
	}
	events, err := s.handler.engine.History(s.ctx, a.String(), after, limit)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noExecution(in.ARN)
	}
	if err != nil {
		return nil, err
	}
	answer := fields{}
	if len(events) > page.limit {
		events = events[:page.limit]
		answer["nextToken"] = text(page.next(strconv.FormatInt(events[page.limit-1].ID, 10)))
	}
	items := make([]jsonvalue.Value, len(events))
	for i, event := range events {
		if in.Data != nil && !*in.Data {
			event = event.Redacted()
		}
		items[i] = must(jsonvalue.Of(event))
	}
	answer["events"] = jsonvalue.Array(items...)
	return answer, nil
}
