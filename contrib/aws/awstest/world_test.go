package awstest

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/uuid"
	"github.com/statemill/statemill/jsonvalue"
)

// world stands in for the services of AWS that recorded cases call. It answers in the process, without a network, so that time
// may be virtual.
type world struct {
	mu       sync.Mutex
	requests uint64
	queues   map[string][]message // by the name
	topics   map[string]bool      // by the ARN
	tables   map[string]*table    // by the name
	apis     map[string]string    // the functions behind paths, by the host and path
	rules    map[string][]string  // the queues that get events, by the name of the rule
	patterns map[string]eventPattern
	buckets  *s3mem.Backend
	s3       http.Handler
	lambda   *recorded.Functions
	path     string                                       // of the API that is made
	proxies  map[string]func(body jsonvalue.Value) string // what is behind APIs, by the host
	ctx      context.Context                              // of what goes on beside the calls
	accounts map[string]http.RoundTripper                 // the APIs of Step Functions, by the account
}

func newWorld(lambdas []recorded.Lambda) *world {
	buckets := s3mem.New()
	return &world{
		queues: make(map[string][]message), topics: make(map[string]bool), tables: make(map[string]*table), apis: make(map[string]string),
		accounts: make(map[string]http.RoundTripper), proxies: make(map[string]func(jsonvalue.Value) string),
		rules: make(map[string][]string), patterns: make(map[string]eventPattern),
		buckets: buckets, s3: gofakes3.New(buckets).Server(), lambda: recorded.NewFunctions(lambdas),
	}
}

// clients returns clients of the services, which call them where AWS has them.
func (w *world) clients() []any {
	cfg := w.config()
	return []any{
		dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg), sns.NewFromConfig(cfg), lambda.NewFromConfig(cfg), eventbridge.NewFromConfig(cfg),
		secretsmanager.NewFromConfig(cfg), sfn.NewFromConfig(cfg), w.bucketsClient(),
	}
}

func (w *world) config() aws.Config {
	return aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""), HTTPClient: &http.Client{Transport: w}, RetryMaxAttempts: 1,
	}
}

func (w *world) bucketsClient() *s3.Client {
	return s3.NewFromConfig(w.config(), func(o *s3.Options) { o.UsePathStyle = true })
}

// scope are the access key and the service that a signature names.
var scope = regexp.MustCompile(`Credential=([^/]+)/\d+/[^/]+/([^/]+)/`)

// RoundTrip implements http.RoundTripper.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	service := ""
	if found := scope.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		if service = found[2]; service == "states" {
			return w.accounts[found[1]].RoundTrip(r)
		}
	}
	a := &answer{recorder: httptest.NewRecorder(), request: r}
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	a.body, _ = jsonvalue.Parse(body)
	w.mu.Lock()
	a.id = w.newID()
	w.mu.Unlock()
	if service == "lambda" { // it may take its time
		if err := w.function(a, body); err != nil {
			return nil, err
		}
	} else if err := w.respond(service, a, body); err != nil {
		return nil, err
	}
	response := a.recorder.Result()
	response.Request = r
	return response, nil
}

// respond answers at once.
func (w *world) respond(service string, a *answer, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case service == "s3":
		w.object(a, string(body))
	case service == "sns":
		w.publish(a, string(body))
	case strings.Contains(a.request.URL.Host, ".execute-api."):
		w.api(a, body)
	default:
		operate := operations[service+":"+a.operation()]
		if operate == nil {
			return fmt.Errorf("nothing stands in for %s %s", service, a.operation())
		}
		operate(w, a)
	}
	return nil
}

// operations are those of the services that speak JSON.
var operations = map[string]func(w *world, a *answer){
	"sqs:SendMessage": (*world).sendMessage, "sqs:ReceiveMessage": (*world).receiveMessage, "sqs:DeleteMessage": (*world).deleteMessage,
	"dynamodb:PutItem": (*world).putItem, "dynamodb:GetItem": (*world).getItem, "dynamodb:UpdateItem": (*world).updateItem,
	"dynamodb:DeleteItem": (*world).deleteItem, "dynamodb:Query": (*world).query,
	"events:PutEvents":            (*world).putEvents,
	"secretsmanager:CreateSecret": (*world).createSecret, "secretsmanager:ListSecrets": (*world).listSecrets,
}

// answer is a response that is made.
type answer struct {
	recorder *httptest.ResponseRecorder
	request  *http.Request
	id       string
	body     jsonvalue.Value // of the request
}

func (a *answer) operation() string {
	_, name, _ := strings.Cut(a.request.Header.Get("X-Amz-Target"), ".")
	return name
}

// text returns a member of the request.
func (a *answer) text(name string) string {
	v, _ := a.body.Get(name)
	return recorded.TextOf(v)
}

// json answers as services that speak JSON do.
func (a *answer) json(status int, body string) {
	a.head("application/x-amz-json-1.0")
	a.write(status, body)
}

// refuse answers with an error.
func (a *answer) refuse(kind, message string) {
	text, _ := json.Marshal(map[string]string{"__type": kind, "message": message})
	a.json(http.StatusBadRequest, string(text))
}

func (a *answer) head(kind string) {
	h := a.recorder.Header()
	h.Set("X-Amzn-Requestid", a.id)
	h.Set("Content-Type", kind)
	h.Set("Connection", "keep-alive")
	h.Set("Date", "Fri, 02 Jan 2026 03:04:05 GMT")
}

func (a *answer) write(status int, body string) {
	a.recorder.Header().Set("Content-Length", fmt.Sprint(len(body)))
	a.recorder.WriteHeader(status)
	_, _ = io.WriteString(a.recorder, body)
}

// fromTables answers as DynamoDB does.
func (a *answer) fromTables(body string) {
	a.recorder.Header().Set("Server", "Server")
	a.recorder.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(body))))
	a.json(http.StatusOK, body)
}

// newID returns an id that no other thing has.
func (w *world) newID() string {
	w.requests++
	var id [16]byte
	for i := range 8 {
		id[15-i] = byte(w.requests >> (8 * i))
	}
	return uuid.Format(id, 4)
}
