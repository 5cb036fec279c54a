package awstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/databrew"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emrcontainers"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
)

// stub answers requests from a list, and notes them.
type stub struct {
	answers []string // "STATUS [NAME: VALUE]... BODY"; the last one is repeated
	told    strings.Builder
}

// ServeHTTP implements http.Handler.
func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(&s.told, "%s %s", r.Method, r.URL.RequestURI())
	for _, name := range []string{"X-Amz-Target", "X-Amz-Invocation-Type", "Content-Type"} {
		if v := r.Header.Get(name); v != "" && name != "Content-Type" || strings.HasPrefix(v, "text/") {
			fmt.Fprintf(&s.told, " %s", v)
		}
	}
	if id := regexp.MustCompile(`Credential=(\w+)/`).FindStringSubmatch(r.Header.Get("Authorization")); id != nil && id[1] != "key" {
		fmt.Fprintf(&s.told, " by %s", id[1])
	}
	fmt.Fprintf(&s.told, " %s\n", body)
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	status, rest, _ := strings.Cut(answer, " ")
	for strings.HasPrefix(rest, "[") {
		header, more, _ := strings.Cut(rest[1:], "] ")
		name, value, _ := strings.Cut(header, ": ")
		w.Header().Set(name, value)
		rest = more
	}
	code, _ := strconv.Atoi(status)
	w.WriteHeader(code)
	_, _ = io.WriteString(w, rest)
}

// clientsAt returns clients of all services that are tested.
func clientsAt(url string) []any {
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		RetryMaxAttempts: 1,
	}
	return []any{
		dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg), sns.NewFromConfig(cfg), lambda.NewFromConfig(cfg), sfn.NewFromConfig(cfg),
		eventbridge.NewFromConfig(cfg), ecs.NewFromConfig(cfg), batch.NewFromConfig(cfg), glue.NewFromConfig(cfg), athena.NewFromConfig(cfg),
		codebuild.NewFromConfig(cfg), databrew.NewFromConfig(cfg), emr.NewFromConfig(cfg), emrcontainers.NewFromConfig(cfg),
		emrserverless.NewFromConfig(cfg), mediaconvert.NewFromConfig(cfg), bedrock.NewFromConfig(cfg), bedrockruntime.NewFromConfig(cfg), sagemaker.NewFromConfig(cfg),
		s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
	}
}

// TestCalls performs the tasks of testdata: a case has a Resource and what the service answers; an input is the parameters. It prints
// the requests, and what comes of the task.
func TestCalls(t *testing.T) {
	golden.Run(t, "testdata/*.txt", func(t *testing.T, c *golden.Case) func(string) string {
		lines := strings.Split(strings.TrimSpace(c.Setup), "\n")
		return func(input string) string {
			s := &stub{answers: slices.Clone(lines[1:])}
			server := httptest.NewServer(s)
			defer server.Close()
			tasks, err := awstasks.New(clientsAt(server.URL)...)
			require.NoError(t, err)
			tasks.Poll = time.Millisecond
			tasks.AssumeRole = func(role string) aws.CredentialsProvider {
				if strings.HasSuffix(role, "nobody") {
					return nil
				}
				return credentials.NewStaticCredentialsProvider("role", "secret", "")
			}
			return s.perform(t, tasks, lines[0], input)
		}
	})
}

func compiled(t *testing.T, definition string) *runtime.Program {
	t.Helper()
	machine, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	program, err := runtime.Compile(machine)
	require.NoError(t, err)
	return program
}

// perform performs a task in an execution.
func (s *stub) perform(t *testing.T, tasks runtime.TaskInvoker, resource, input string) string {
	t.Helper()
	resource, role, _ := strings.Cut(resource, " ")
	state := fmt.Sprintf(`{"Type": "Task", "Resource": %q, "End": true`, resource)
	if role != "" {
		state += fmt.Sprintf(`, "Credentials": {"RoleArn": %q}`, role)
	}
	program := compiled(t, `{"StartAt": "T", "States": {"T": `+state+`}}}`)
	var told []string
	r := runtime.Runner{
		Tasks: tasks, Callbacks: new(runtime.Callbacks), Seed: runtime.Seed{1},
		Identity: runtime.Identity{
			Execution: "arn:aws:states:us-east-1:123456789012:execution:machine:one", RoleARN: "arn:aws:iam::123456789012:role/execution",
		},
		Observe: func(e history.Event) {
			if e.Type == "TaskSubmitted" {
				told = append(told, "submitted "+e.Output.String())
			}
		},
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := r.Run(ctx, program, jsonvalue.MustParse(input))
	var failed *runtime.ExecutionError
	switch {
	case errors.As(err, &failed):
		told = append(told, failed.Name+": "+failed.Cause)
	case err != nil:
		told = append(told, err.Error())
	default:
		told = append(told, out.String())
	}
	text := s.told.String() + strings.Join(told, "\n") + "\n"
	text = regexp.MustCompile(`"Date":(\[?)"[^"]+"`).ReplaceAllString(text, `"Date":$1"date"`)
	return regexp.MustCompile(`127.0.0.1:\d+`).ReplaceAllString(text, "server")
}
