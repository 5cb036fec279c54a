package awstest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

func configAt(url string) aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""), RetryMaxAttempts: 1}
}

// New takes clients and single operations, and says what it cannot take.
func TestNew(t *testing.T) {
	s := &stub{answers: []string{`200 {"MessageId":"id"}`}}
	server := httptest.NewServer(s)
	defer server.Close()
	client := sqs.NewFromConfig(configAt(server.URL))
	tasks, err := awstasks.New(awstasks.Op(client.SendMessage))
	require.NoError(t, err)
	require.Contains(t, s.perform(t, tasks, "arn:aws:states:::aws-sdk:sqs:sendMessage", `{"QueueUrl": "q", "MessageBody": "x"}`), `{"MessageId":"id"}`)
	require.Contains(t, s.perform(t, tasks, "arn:aws:states:::aws-sdk:sqs:deleteMessage", `{}`), "SQS has no operation DeleteMessage")
	for text, given := range map[string][]any{
		"two clients of SQS":                {client, client},
		"SendMessage of SQS is there twice": {awstasks.Op(client.SendMessage), awstasks.Op(client.SendMessage)},
		"string is no client":               {"sqs"},
		"is nil":                            {(*sqs.Client)(nil)},
		"no operation of a client":          {awstasks.Operation{}},
	} {
		_, err := awstasks.New(given...)
		require.ErrorContains(t, err, text)
	}
}

// A server that cannot be reached is no answer of the service.
func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	tasks, err := awstasks.New(dynamodb.NewFromConfig(configAt(server.URL)))
	require.NoError(t, err)
	require.Regexp(t, "DynamoDb.SdkClientException: Unable to execute HTTP request: .*refused", new(stub).perform(t, tasks, "arn:aws:states:::aws-sdk:dynamodb:listTables", `{}`))
}

// executions is a stand-in of Step Functions whose executions run until they are stopped.
type executions struct {
	mu     sync.Mutex
	called []string
	asked  chan bool
}

func (x *executions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	x.mu.Lock()
	x.called = append(x.called, operation)
	x.mu.Unlock()
	status := "RUNNING"
	if operation == "DescribeExecution" {
		select {
		case x.asked <- true:
		default:
		}
	}
	_, _ = w.Write([]byte(`{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:m:n","status":"` + status + `","startDate":1767323045,"stopDate":1767323045}`))
}

func (x *executions) count(operation string) (n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range x.called {
		if c == operation {
			n++
		}
	}
	return n
}

// A job goes on when the process ends that waits for it, and is not started again; it is stopped when nobody wants it any more.
func TestJobSurvives(t *testing.T) {
	service := &executions{asked: make(chan bool)}
	server := httptest.NewServer(service)
	defer server.Close()
	program := compiled(t, `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync", "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"}, "End": true}}}`)
	s := store.Memory()
	open := func() *runtime.Engine {
		tasks, err := awstasks.New(sfn.NewFromConfig(configAt(server.URL)))
		require.NoError(t, err)
		tasks.Poll = time.Millisecond
		e, err := runtime.Open(t.Context(), s, runtime.EngineConfig{Name: "process", Tasks: tasks})
		require.NoError(t, err)
		return e
	}
	e := open()
	record, err := e.Start(t.Context(), program, runtime.Identity{}, jsonvalue.Object(), nil)
	require.NoError(t, err)
	<-service.asked
	require.NoError(t, e.Close(t.Context()))
	require.Zero(t, service.count("StopExecution"))

	e = open()
	<-service.asked
	_, err = e.Stop(t.Context(), record.Execution, "", "")
	require.NoError(t, err)
	require.NoError(t, e.Close(context.WithoutCancel(t.Context())))
	require.Equal(t, 1, service.count("StartExecution"))
	require.Equal(t, 1, service.count("StopExecution"))
	require.True(t, slices.Contains(service.called, "DescribeExecution"))
}
