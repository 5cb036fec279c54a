package awstest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// answering is a server that answers all requests alike, and notes the last one.
type answering struct{ body, answer string }

// Do implements aws.HTTPClient.
func (a *answering) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	a.body = string(body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.answer)), ContentLength: int64(len(a.answer))}, err
}

// both are tasks of DynamoDB with schemas and without.
func both(t testing.TB, a *answering) (all [2]*awstasks.Tasks) {
	t.Helper()
	client := dynamodb.NewFromConfig(aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""), RetryMaxAttempts: 1, HTTPClient: a})
	for i, given := range []any{client, withoutSchemas(client.PutItem)} {
		tasks, err := awstasks.New(given)
		require.NoError(t, err)
		tasks.Unions = []awstasks.Union{attributes}
		all[i] = tasks
	}
	return all
}

func put(tasks *awstasks.Tasks, input jsonvalue.Value) (jsonvalue.Value, error) {
	return tasks.InvokeTask(context.Background(), &runtime.Task{Resource: "arn:aws:states:::aws-sdk:dynamodb:putItem", Service: "aws-sdk:dynamodb", Action: "putItem", Input: input})
}

// Whatever the parameters are, they are sent or refused, and both codecs agree on that.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{
		`{"TableName": "t", "Item": {"a": {"M": {"b": {"L": [{"Bool": "true"}, {"Nul": null}, {"Ns": ["1"]}, {"Bs": [null, 1]}]}}}}}`,
		`{"TableName": {"a": [1e400]}, "Item": null, "Expected": {"": {"Exists": 1, "AttributeValueList": [{}]}}}`,
		`{"Item": {"a": {"S": "\ud800", "N": null}}, "ReturnValues": []}`, `[]`, `{"item": {}}`, `{"Expected": {"a": {"Value": "x"}}}`,
	} {
		f.Add(seed)
	}
	server := &answering{answer: "{}"}
	all := both(f, server)
	f.Fuzz(func(t *testing.T, text string) {
		input, err := jsonvalue.Parse([]byte(text))
		if err != nil {
			return
		}
		var told [2]string
		for i, tasks := range all {
			server.body = ""
			out, err := put(tasks, input)
			var failed *runtime.TaskError
			if errors.As(err, &failed) {
				told[i] = failed.Name // the first of several faults is not the same
				require.Equal(t, "States.Runtime", failed.Name, failed.Cause)
				require.Empty(t, server.body)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, "{}", out.String())
			var body any
			require.NoError(t, json.Unmarshal([]byte(server.body), &body))
			sorted, err := json.Marshal(body)
			require.NoError(t, err)
			told[i] = string(sorted)
		}
		require.Equal(t, told[0], told[1])
	})
}

// Whatever a server answers a client with schemas, it is a result or an error with a name. Without schemas, the client reads it.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"Attributes":{"a":{"M":{"b":{"L":[{"BOOL":true},{"NULL":null},null]}}}}}`, `{"ItemCollectionMetrics":{"SizeEstimateRangeGB":["NaN",1e400,-0]}}`, `null`, `[]`, `{"Attributes":`, `{"Attributes":{"a":{"B":"!"}}}`, `{"Attributes":{"0":{"M":{"0":{"L":[,null]`,
	} {
		f.Add(seed)
	}
	server := new(answering)
	tasks := both(f, server)[0]
	f.Fuzz(func(t *testing.T, answer string) {
		server.answer = answer
		out, err := put(tasks, jsonvalue.MustParse(`{"TableName": "t"}`))
		if err != nil {
			var failed *runtime.TaskError
			require.ErrorAs(t, err, &failed)
			return
		}
		_, err = jsonvalue.Parse([]byte(out.String()))
		require.NoError(t, err)
		require.True(t, answer == "" || json.Valid([]byte(answer)) || strings.TrimSpace(answer) == "")
	})
}
