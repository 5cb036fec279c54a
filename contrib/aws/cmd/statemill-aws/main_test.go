package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/cmd/statemill/command"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// stub answers every request alike, and notes what it is asked.
type stub struct{ asked []string }

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, r.Header.Get("X-Amz-Target"))
	_, _ = io.WriteString(w, `{"MessageId": "m"}`)
}

// Services with an endpoint are called, and no others.
func TestServices(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	s := new(stub)
	server := httptest.NewServer(s)
	defer server.Close()
	tasks, files, err := services(t.Context(), command.Endpoints{Services: map[string]string{"sqs": server.URL}})
	require.NoError(t, err)
	require.Nil(t, files)
	out, err := tasks.InvokeTask(t.Context(), &runtime.Task{Resource: "arn:aws:states:::aws-sdk:sqs:sendMessage", Input: jsonvalue.MustParse(`{"QueueUrl": "q", "MessageBody": "x"}`)})
	require.NoError(t, err)
	require.Equal(t, `{"MessageId":"m"}`, out.String())
	require.Equal(t, []string{"AmazonSQS.SendMessage"}, s.asked)
	_, err = tasks.(runtime.Resolver).Resolve("arn:aws:states:::sns:publish")
	require.ErrorContains(t, err, "there is no client of the service")

	tasks, files, err = services(t.Context(), command.Endpoints{All: server.URL})
	require.NoError(t, err)
	require.NotNil(t, files)
	for resource, called := range map[string]bool{"arn:aws:states:::sns:publish": true, "arn:aws:states:::aws-sdk:s3:getObject": true, "arn:aws:states:::states:startExecution": false} {
		_, err = tasks.(runtime.Resolver).Resolve(resource)
		require.Equal(t, called, err == nil, "%s: %v", resource, err)
	}
	_, _, err = services(t.Context(), command.Endpoints{Services: map[string]string{"kms": server.URL}})
	require.ErrorContains(t, err, "there is no client of kms: this program has those of athena, batch, dynamodb,")
}

// The command takes the variables of Step Functions Local.
func TestServe(t *testing.T) {
	definition := filepath.Join(t.TempDir(), "tell.asl.json")
	require.NoError(t, os.WriteFile(definition, []byte(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "q", "MessageBody": "x"}, "End": true}}}`), 0o600))
	var out, errs bytes.Buffer
	t.Setenv("SQS_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	status := command.Run(t.Context(), []string{"serve", "--check", "--db", "memory", "--listen", "127.0.0.1:0", definition}, &out, &errs, services)
	require.Zero(t, status, errs.String())
	require.True(t, strings.Contains(out.String(), "All is well"), out.String())
}

// The command validates tasks by what the operations of its clients take.
func TestValidate(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	definition := filepath.Join(t.TempDir(), "tell.asl.yaml")
	require.NoError(t, os.WriteFile(definition, []byte(`StartAt: Tell
States:
  Tell:
    Type: Task
    Resource: arn:aws:states:::aws-sdk:sqs:sendMessage
    Parameters:
      QueueUrl: q
      MessageBody: x
      DelaySecond: 2
    Next: Keep
  Keep:
    Type: Task
    Resource: arn:aws:states:::aws-sdk:s3:putObjekt
    End: true
`), 0o644))
	var out, errs bytes.Buffer
	require.Equal(t, 1, command.Run(t.Context(), []string{"validate", definition}, &out, &errs, services))
	require.Contains(t, out.String(), `tell.asl.yaml:9:20: SCHEMA_VALIDATION_FAILED: The field "DelaySecond" is not supported by Step Functions. Did you mean 'DelaySeconds'?`)
	require.Contains(t, out.String(), `tell.asl.yaml:13:15: SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::aws-sdk:s3:putObjekt is not recognized.`)
	require.Contains(t, out.String(), `did you mean "putObject"?`)
	require.Equal(t, 0, command.Run(t.Context(), []string{"validate", definition}, &out, &errs, nil), "without clients nobody knows")
}
