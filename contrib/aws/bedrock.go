package awstasks

import (
	"context"
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
)

// performBedrock asks a model, or starts a job. What a model answers is shown as JSON, without metadata (unsure).
func performBedrock(ctx context.Context, c *call) (jsonvalue.Value, error) {
	if c.task.Action != "invokeModel" {
		return performOptimized(ctx, c)
	}
	params := c.task.Input
	for _, name := range []string{"Input", "Output"} {
		if v, _ := params.Get(name); !v.IsNull() {
			return jsonvalue.Value{}, c.unusable(fmt.Sprintf("The field '%s' is not supported: what a model is asked and answers is not kept in S3 here", name))
		}
	}
	for _, name := range []string{"Accept", "ContentType"} {
		if v, _ := params.Get(name); v.IsNull() && params.Kind() == jsonvalue.KindObject {
			params = params.With(name, jsonvalue.String("application/json"))
		}
	}
	answer, err := c.send(ctx, params)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	if body, ok := answer.value.Get("Body"); ok {
		answer.value = answer.value.With("Body", parsed(body))
	}
	return answer.value, nil
}
