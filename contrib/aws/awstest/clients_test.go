package awstest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	awstasks "github.com/statemill/statemill/contrib/aws"
)

// mock looks like a client, and answers by itself.
type mock struct {
	called int
	answer func() (*sqs.SendMessageOutput, error)
}

func (m *mock) SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	m.called++
	return m.answer()
}

// wrapped is a client with something around one operation.
type wrapped struct {
	*sqs.Client
	answer func() (*sqs.SendMessageOutput, error)
}

func (w wrapped) SendMessage(ctx context.Context, in *sqs.SendMessageInput, change ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	if w.answer != nil {
		return w.answer()
	}
	return w.Client.SendMessage(ctx, in, change...)
}

// strange has methods that are like operations, and none that is one.
type strange struct{}

func (strange) A(context.Context, *sqs.SendMessageInput, ...func(int)) (*sqs.SendMessageOutput, error) {
	panic("called")
}

func (strange) B(context.Context, *sqs.SendMessageInput, ...func(*int)) (*sqs.SendMessageOutput, error) {
	panic("called")
}

func (strange) C(context.Context, *sqs.SendMessageInput, ...func(*struct{ APIOptions int })) (*sqs.SendMessageOutput, error) {
	panic("called")
}

// What is like a client, but none, is refused; what wraps a client is one.
func TestOddClients(t *testing.T) {
	for _, answer := range []func() (*sqs.SendMessageOutput, error){
		func() (*sqs.SendMessageOutput, error) { panic("an unexpected call") },
		func() (*sqs.SendMessageOutput, error) { return nil, errors.New("no") },
		func() (*sqs.SendMessageOutput, error) { return nil, nil },
	} {
		_, err := awstasks.New(&mock{answer: answer})
		require.ErrorContains(t, err, "*awstest.mock is no client of aws-sdk-go-v2")
		_, err = awstasks.New(awstasks.Op((&mock{answer: answer}).SendMessage))
		require.ErrorContains(t, err, "is no operation of a client of aws-sdk-go-v2")
	}
	for _, given := range []any{nil, strange{}, &strange{}, (*mock)(nil), wrapped{}, new(wrapped), 7, func() {}} {
		_, err := awstasks.New(given)
		require.Error(t, err, "%T", given)
	}
	s := &stub{answers: []string{`200 {"MessageId":"id"}`}}
	server := httptest.NewServer(s)
	defer server.Close()
	client := sqs.NewFromConfig(configAt(server.URL))
	const resource, input = "arn:aws:states:::aws-sdk:sqs:sendMessage", `{"QueueUrl": "q", "MessageBody": "x"}`
	tasks, err := awstasks.New(wrapped{Client: client})
	require.NoError(t, err)
	require.Contains(t, s.perform(t, tasks, resource, input), `{"MessageId":"id"}`)
	tasks, err = awstasks.New(wrapped{Client: client, answer: func() (*sqs.SendMessageOutput, error) { return nil, nil }})
	require.NoError(t, err)
	require.Contains(t, s.perform(t, tasks, resource, input), "Sqs.SdkClientException")
}

// A body that is larger than a result may be is not shown in part, also if most of it is no text.
func TestBodyTooLarge(t *testing.T) {
	for body, want := range map[string]string{
		strings.Repeat("\xff", 300_000):  "States.DataLimitExceeded: The state/task 'aws-sdk:s3' returned a result with a size",
		strings.Repeat("x", 262_145):     "States.DataLimitExceeded",
		strings.Repeat("\xff", 3):        `"Body":"���"`,
		strings.Repeat("x", 262_144-500): `"Body":"xxx`,
		"":                               `"Body":""`,
	} {
		s := &stub{answers: []string{"200 " + body}}
		server := httptest.NewServer(s)
		tasks, err := awstasks.New(clientsAt(server.URL)...)
		require.NoError(t, err)
		require.Contains(t, s.perform(t, tasks, "arn:aws:states:::aws-sdk:s3:getObject", `{"Bucket": "b", "Key": "k"}`), want)
		server.Close()
	}
}

// A body that ends too early is no result.
func TestBodyCut(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	}))
	defer server.Close()
	tasks, err := awstasks.New(clientsAt(server.URL)...)
	require.NoError(t, err)
	require.Contains(t, new(stub).perform(t, tasks, "arn:aws:states:::aws-sdk:s3:getObject", `{"Bucket": "b", "Key": "k"}`), "S3.SdkClientException: ")
	require.Contains(t, new(stub).perform(t, tasks, "arn:aws:states:::aws-sdk:dynamodb:listTables", `{}`), "DynamoDb.SdkClientException: ")
}

// The client's own retries are told in the cause.
func TestAttempts(t *testing.T) {
	s := &stub{answers: []string{`500 {}`}}
	server := httptest.NewServer(s)
	defer server.Close()
	tasks, err := awstasks.New(sqs.NewFromConfig(configAt(server.URL), func(o *sqs.Options) {
		o.RetryMaxAttempts, o.Retryer = 0, retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.Backoff = 3, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	}))
	require.NoError(t, err)
	told := s.perform(t, tasks, "arn:aws:states:::aws-sdk:sqs:listQueues", `{}`)
	require.Contains(t, told, "(SDK Attempt Count: 3)")
	require.Equal(t, 3, strings.Count(told, "POST /"))
}

// denied are credentials that nobody gets.
type denied struct{ err error }

func (d denied) Retrieve(context.Context) (aws.Credentials, error) { return aws.Credentials{}, d.err }

// Credentials of a role are asked for once, and again when they have expired. What is wrong with them is no error of the service.
func TestRoles(t *testing.T) {
	s := &stub{answers: []string{`200 {"MessageId":"id"}`}}
	server := httptest.NewServer(s)
	defer server.Close()
	tasks, err := awstasks.New(clientsAt(server.URL)...)
	require.NoError(t, err)
	const resource, input = "arn:aws:states:::aws-sdk:sqs:sendMessage", `{"QueueUrl": "q", "MessageBody": "x"}`
	var made, asked atomic.Int64
	tasks.AssumeRole = func(role string) aws.CredentialsProvider {
		made.Add(1)
		switch role {
		case "denied":
			return denied{&smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}}
		case "throttled":
			return denied{&smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}}
		case "away":
			return denied{errors.New("no route")}
		}
		return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			found, err := credentials.NewStaticCredentialsProvider("role", "secret", "").Retrieve(ctx)
			found.CanExpire = role == "short"
			asked.Add(1)
			return found, err
		})
	}
	for range 3 {
		require.Contains(t, s.perform(t, tasks, resource+" long", input), "by role")
	}
	require.Equal(t, []int64{1, 1}, []int64{made.Load(), asked.Load()})
	for range 3 {
		require.Contains(t, s.perform(t, tasks, resource+" short", input), "by role")
	}
	require.Equal(t, []int64{2, 4}, []int64{made.Load(), asked.Load()})
	require.Contains(t, s.perform(t, tasks, resource+" denied", input), "States.TaskFailed: The role arn:aws:iam::123456789012:role/execution is not authorized to assume the task state's role, denied.")
	require.Contains(t, s.perform(t, tasks, resource+" throttled", input), "States.TaskFailed: The task state's role, throttled, cannot be assumed: Rate exceeded")
	require.Contains(t, s.perform(t, tasks, resource+" away", input), "States.TaskFailed: The task state's role, away, cannot be assumed: failed to refresh cached credentials, no route")
}

// plain are options of a client without schemas.
type plain struct {
	APIOptions []func(*middleware.Stack) error
}

// withoutSchemas makes an operation of DynamoDB one that has no schemas.
func withoutSchemas[In, Out any](f func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error)) awstasks.Operation {
	return awstasks.Op(func(ctx context.Context, in *In, change ...func(*plain)) (*Out, error) {
		return f(ctx, in, func(o *dynamodb.Options) {
			p := plain{o.APIOptions}
			for _, c := range change {
				c(&p)
			}
			o.APIOptions = p.APIOptions
		})
	})
}

// attributes are the members of the union that DynamoDB has.
var attributes = awstasks.UnionOf[types.AttributeValue](&types.AttributeValueMemberB{}, &types.AttributeValueMemberBOOL{}, &types.AttributeValueMemberBS{}, &types.AttributeValueMemberL{}, &types.AttributeValueMemberM{},
	&types.AttributeValueMemberN{}, &types.AttributeValueMemberNS{}, &types.AttributeValueMemberNULL{}, &types.AttributeValueMemberS{}, &types.AttributeValueMemberSS{})

// Both codecs make the same request of parameters, and show the same of a response.
func TestCodecs(t *testing.T) {
	const all = `{"s":{"S":"x"},"n":{"N":"1.0"},"b":{"B":"eA=="},"bool":{"BOOL":true},"null":{"NULL":true},"ss":{"SS":["x"]},"bs":{"BS":["eA=="]},"l":{"L":[{"S":"x"},{"M":{}}]},"m":{"M":{"a":{"L":[]}}}}`
	for _, c := range []struct{ action, input, answer string }{
		{"putItem", `{"TableName": "t", "Item": {"a": {"S": "x"}}}`, `200 {"Attributes":` + all + `}`},
		{"putItem", `{"TableName": "t", "Item": {"a": {"M": {"b": {"L": [{"Bool": "true"}, {"Nul": true}, {"Ns": ["1"]}]}}}}}`, `200 {}`},
		{"putItem", `{"TableName": "t", "Item": {"a": {"B": "x"}}, "Expected": {"e": {"Exists": "false"}}}`, `200 {"ItemCollectionMetrics":{"SizeEstimateRangeGB":[0.5,1]}}`},
		{"putItem", `{"TableName": "t", "Item": {"a": {"B": null, "S": "x"}, "gone": null}, "ReturnValues": null}`, `200 {"Attributes":{"a":{"M":{}},"b":{"L":[]}}}`},
		{"putItem", `{"TableName": {"a": 1}, "Item": {}}`, `400 {"__type":"ResourceNotFoundException","message":"no"}`},
		{"putItem", `{"TableName": null}`, `400 {"__type":"ValidationException","message":"no"}`},
		{"putItem", `{"TableName": 7}`, ``},
		{"putItem", `{"TableName": "t", "Item": {"a": {"S": "x", "N": "1"}}}`, ``},
		{"putItem", `{"TableName": "t", "Item": {"a": {"Bogus": "x"}}}`, ``},
		{"putItem", `{"TableName": "t", "Item": {"a": {"L": [null]}}}`, ``},
		{"putItem", `{"TableName": "t", "Item": [1]}`, ``},
		{"putItem", `{"tableName": "t"}`, ``},
		{"describeTable", `{"TableName": "t"}`, `200 {"Table":{"CreationDateTime":1767323045.5,"ItemCount":9007199254740993,"TableSizeBytes":0,"TableStatus":"ACTIVE","KeySchema":[],"OnDemandThroughput":{}}}`},
		{"query", `{"TableName": "t", "Limit": 3, "ConsistentRead": true, "ExpressionAttributeNames": {"#a": "b"}}`, `200 {"Items":[{"a":{"N":"1"}}],"Count":1,"ScannedCount":1,"LastEvaluatedKey":{}}`},
		{"query", `{"TableName": "t", "Limit": 3.0}`, ``},
	} {
		var told [2]string
		for i, wrap := range []func(*dynamodb.Client) []any{
			func(c *dynamodb.Client) []any { return []any{c} },
			func(c *dynamodb.Client) []any {
				return []any{withoutSchemas(c.PutItem), withoutSchemas(c.DescribeTable), withoutSchemas(c.Query)}
			},
		} {
			s := &stub{answers: []string{c.answer}}
			server := httptest.NewServer(s)
			tasks, err := awstasks.New(wrap(dynamodb.NewFromConfig(configAt(server.URL)))...)
			require.NoError(t, err)
			tasks.Unions = []awstasks.Union{attributes}
			told[i] = s.perform(t, tasks, "arn:aws:states:::aws-sdk:dynamodb:"+c.action, c.input)
			if request, result, ok := strings.Cut(told[i], "\n"); ok && strings.HasPrefix(request, "POST") {
				at := strings.Index(request, "{")
				var body map[string]any
				require.NoError(t, json.Unmarshal([]byte(request[at:]), &body))
				sorted, err := json.Marshal(body) // the codecs write members in orders of their own
				require.NoError(t, err)
				told[i] = request[:at] + string(sorted) + "\n" + result
			}
			server.Close()
		}
		require.Equal(t, told[0], told[1], "%s %s", c.action, c.input)
	}
}

// A union without a schema is refused until its members are named; what is no member is a fault of the program.
func TestUnions(t *testing.T) {
	s := &stub{answers: []string{`200 {}`}}
	server := httptest.NewServer(s)
	defer server.Close()
	tasks, err := awstasks.New(withoutSchemas(dynamodb.NewFromConfig(configAt(server.URL)).PutItem))
	require.NoError(t, err)
	require.Contains(t, s.perform(t, tasks, "arn:aws:states:::aws-sdk:dynamodb:putItem", `{"TableName": "t", "Item": {"a": {"S": "x"}}}`),
		"The field 'a' is a union: Tasks.Unions must name the members of types.AttributeValue")
	require.Panics(t, func() { awstasks.UnionOf[types.AttributeValue](nil) })
	require.Panics(t, func() { awstasks.UnionOf[types.AttributeValue](&types.UnknownUnionMember{}, nil) })
	require.Panics(t, func() { awstasks.UnionOf(s3.Options{}) })
}

// What is deeper than a value may be is no result, and what is as deep is sent and shown.
func TestDeep(t *testing.T) {
	nested := func(n int) string { return strings.Repeat(`{"L":[`, n) + `{"S":"x"}` + strings.Repeat(`]}`, n) }
	for n, want := range map[int]string{100: `{"S":"x"}`, 100_000: "DynamoDb.SdkClientException: "} {
		s := &stub{answers: []string{`200 {"Attributes":{"a":` + nested(n) + `}}`}}
		server := httptest.NewServer(s)
		tasks, err := awstasks.New(clientsAt(server.URL)...)
		require.NoError(t, err)
		require.Contains(t, s.perform(t, tasks, "arn:aws:states:::aws-sdk:dynamodb:putItem", `{"TableName": "t", "Item": {"a": `+nested(400)+`}}`), want)
		server.Close()
	}
}

// A response that does not end, of whatever protocol, is not read for ever.
func TestEndless(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/refused") {
			w.WriteHeader(http.StatusBadRequest)
		}
		for chunk := bytes.Repeat([]byte(" "), 1<<20); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	tasks, err := awstasks.New(clientsAt(server.URL)...)
	require.NoError(t, err)
	for _, call := range [][2]string{
		{"aws-sdk:dynamodb:listTables", `{}`}, {"aws-sdk:s3:listObjects", `{"Bucket": "b"}`}, {"aws-sdk:lambda:listFunctions", `{}`},
		{"aws-sdk:s3:getObject", `{"Bucket": "b", "Key": "refused"}`},
	} {
		require.Contains(t, new(stub).perform(t, tasks, "arn:aws:states:::"+call[0], call[1]), "States.DataLimitExceeded", call[0])
	}
}
