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
	after := int64(0)
	if page.after != "" {
		if after, err = strconv.ParseInt(page.after, 10, 64); err != nil {
			return nil, invalidToken()
		}
	}
	items, more, err := s.events(a.String(), after, page.limit, in)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noExecution(in.ARN)
	}
	if err != nil {
		return nil, err
	}
	answer := fields{"events": jsonvalue.Array(items...)}
	if more > 0 {
		answer["nextToken"] = text(page.next(strconv.FormatInt(more, 10)))
	}
	return answer, nil
}

// maxHistoryPage is about how many bytes of events are in an answer at most: a page may have
// fewer events than the request asks for.
const maxHistoryPage = 4 << 20

// events returns up to limit events, and the id of the last one if others follow.
func (s *scope) events(execution string, after int64, limit int, in *getExecutionHistoryIn) (items []jsonvalue.Value, more int64, err error) {
	few := 32
	for size := 0; ; {
		asked := min(few, limit-len(items)+1)
		if in.Reverse {
			asked = -asked
		}
		found, err := s.handler.executions.History(s.ctx, execution, after, asked)
		if err != nil || len(found) == 0 {
			return items, 0, err
		}
		before := size
		for _, event := range found {
			if len(items) == limit || size > maxHistoryPage {
				return items, after, nil
			}
			after = event.ID
			if in.Data != nil && !*in.Data {
				event = event.Redacted()
			}
			item := must(jsonvalue.Of(event))
			size += item.Size()
			items = append(items, item)
		}
		if few < 256 && size-before < 4<<10*few { // large ones are read a few at a time, small ones in few steps
			few *= 2
		}
	}
}
