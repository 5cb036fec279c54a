package awstest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/internal/golden"
)

// TestCheck checks Parameters, or Arguments if a case says JSONata, which begin the second line of a definition.
func TestCheck(t *testing.T) {
	clients, err := awstasks.New(clientsAt("http://127.0.0.1:1")...) // nobody is called
	require.NoError(t, err)
	plain, err := awstasks.New(withoutSchemas(dynamodb.NewFromConfig(configAt("http://127.0.0.1:1")).PutItem))
	require.NoError(t, err)
	golden.Run(t, "testdata/check/*.txt", func(_ *testing.T, c *golden.Case) func(string) string {
		tasks := clients
		if strings.Contains(c.Name, "without schemas") {
			tasks = plain
		}
		return func(input string) string {
			resource, language, _ := strings.Cut(c.Setup, " ")
			field := `"Parameters"`
			if language == "JSONata" {
				field = `"QueryLanguage": "JSONata", "Arguments"`
			}
			sm, err := asl.Parse(fmt.Appendf(nil, `{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true, "Resource": %q, %s:
%s}}}`, resource, field, input))
			if err != nil {
				return "asl: " + err.Error()
			}
			if found := tasks.Check(sm); len(found) > 0 {
				return found.Error()
			}
			return "fine"
		}
	})
}

// No more findings are returned than somebody reads.
func TestCheckMany(t *testing.T) {
	tasks, err := awstasks.New(clientsAt("http://127.0.0.1:1")...)
	require.NoError(t, err)
	var all strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&all, `, "P%d": 1`, i)
	}
	sm, err := asl.Parse([]byte(`{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true, "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Parameters": {"QueueNamePrefix": "x"` + all.String() + `}}}}`))
	require.NoError(t, err)
	require.Len(t, tasks.Check(sm), 1000)
}
