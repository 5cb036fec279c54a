package sdktest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/sfnapi"
)

const definition = `{"Comment": "<你好>", "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
	"Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "TimeoutSeconds": 600, "End": true}}}`

var tokens = make(chan string, 10)

func open(t *testing.T) *sfnapi.Handler {
	t.Helper()
	h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{Account: "123456789012", Engine: runtime.EngineConfig{
		Tasks: runtime.Mux{"*:sqs:sendMessage*": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			tokens <- task.Token()
			return jsonvalue.Object(), nil
		})},
	}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close(context.Background())) })
	return h
}

func options(region string) sfn.Options {
	return sfn.Options{
		Region: region, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	}
}

// In one process the host is never looked up, so that nothing is to be said about
// endpoints, nor about the prefix before the host of TestState.
func TestRoundTrip(t *testing.T) {
	o := options("eu-central-1")
	o.HTTPClient = &http.Client{Transport: open(t)}
	client := sfn.New(o)
	walk(t, client, "eu-central-1")
	tested, err := client.TestState(t.Context(), &sfn.TestStateInput{Definition: aws.String(`{"Type": "Pass", "End": true}`), Input: aws.String(`{"a": 1}`)})
	require.NoError(t, err)
	require.Equal(t, `{"a":1}`, *tested.Output)
}

func TestPort(t *testing.T) {
	h := open(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- h.Serve(ctx, l) }()
	o := options("us-east-1")
	o.BaseEndpoint = aws.String("http://" + l.Addr().String())
	o.APIOptions = append(o.APIOptions, withoutPrefix)
	walk(t, sfn.New(o), "us-east-1")
	cancel()
	require.NoError(t, <-served)
}

// walk calls every operation that is there once.
func walk(t *testing.T, client *sfn.Client, region string) {
	ctx, role := t.Context(), aws.String("arn:aws:iam::123456789012:role/r")
	made, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("walk"), Definition: aws.String(definition), RoleArn: role, Publish: true, VersionDescription: aws.String("first"),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("")}},
	})
	require.NoError(t, err)
	require.Equal(t, "arn:aws:states:"+region+":123456789012:stateMachine:walk:1", *made.StateMachineVersionArn)
	_, err = client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: made.StateMachineArn, TracingConfiguration: &types.TracingConfiguration{Enabled: true}})
	require.NoError(t, err)
	described, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: made.StateMachineArn})
	require.NoError(t, err)
	require.Equal(t, definition, *described.Definition)
	require.Equal(t, *made.CreationDate, *described.CreationDate)
	require.NotEmpty(t, *described.RevisionId)
	valid, err := client.ValidateStateMachineDefinition(ctx, &sfn.ValidateStateMachineDefinitionInput{Definition: aws.String("{"), MaxResults: 1})
	require.NoError(t, err)
	require.Equal(t, types.ValidateStateMachineDefinitionResultCodeFail, valid.Result)

	executions(t, client, made.StateMachineArn)
	aliases(t, client, made.StateMachineArn)
	activities(t, client)
	mapRuns(t, client)
	refusals(t, client, made.StateMachineArn)

	listed, err := client.ListStateMachines(ctx, &sfn.ListStateMachinesInput{})
	require.NoError(t, err)
	require.Len(t, listed.StateMachines, 2)
	_, err = client.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: made.StateMachineArn})
	require.NoError(t, err)
	var gone *types.StateMachineDoesNotExist
	_, err = client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: made.StateMachineArn})
	require.ErrorAs(t, err, &gone)
}

func executions(t *testing.T, client *sfn.Client, machine *string) {
	t.Helper()
	ctx := t.Context()
	one, err := client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: machine, Input: aws.String(`"in"`)})
	require.NoError(t, err)
	token := <-tokens
	_, err = client.SendTaskHeartbeat(ctx, &sfn.SendTaskHeartbeatInput{TaskToken: &token})
	require.NoError(t, err)
	_, err = client.SendTaskFailure(ctx, &sfn.SendTaskFailureInput{TaskToken: &token, Error: aws.String("E"), Cause: aws.String("原因")})
	require.NoError(t, err)
	require.Equal(t, types.ExecutionStatusFailed, ended(t, client, one.ExecutionArn).Status)
	_, err = client.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: one.ExecutionArn})
	require.NoError(t, err)
	token = <-tokens
	_, err = client.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: &token, Output: aws.String(`{"o": 1}`)})
	require.NoError(t, err)
	over := ended(t, client, one.ExecutionArn)
	require.Equal(t, `{"o":1}`, *over.Output)
	require.EqualValues(t, 1, *over.RedriveCount)
	_, err = client.StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: one.ExecutionArn})
	require.NoError(t, err)
	_, err = client.DescribeStateMachineForExecution(ctx, &sfn.DescribeStateMachineForExecutionInput{ExecutionArn: one.ExecutionArn})
	require.NoError(t, err)

	var events []types.HistoryEvent
	for pages := sfn.NewGetExecutionHistoryPaginator(client, &sfn.GetExecutionHistoryInput{ExecutionArn: one.ExecutionArn, MaxResults: 3}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		require.NoError(t, err)
		events = append(events, page.Events...)
	}
	require.Equal(t, types.HistoryEventTypeExecutionSucceeded, events[len(events)-1].Type)
	require.EqualValues(t, len(events), events[len(events)-1].Id)
	express, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("express"), Type: types.StateMachineTypeExpress, RoleArn: aws.String("arn:r"),
		Definition: aws.String(`{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`),
	})
	require.NoError(t, err)
	sync, err := client.StartSyncExecution(ctx, &sfn.StartSyncExecutionInput{StateMachineArn: express.StateMachineArn, Input: aws.String("[1]")})
	require.NoError(t, err)
	require.Equal(t, types.SyncExecutionStatusSucceeded, sync.Status)
	require.Equal(t, "[1]", *sync.Output)
	require.EqualValues(t, 100, sync.BillingDetails.BilledDurationInMilliseconds)
	_, err = client.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: express.StateMachineArn})
	require.NoError(t, err)
	list, err := client.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: machine, StatusFilter: types.ExecutionStatusSucceeded})
	require.NoError(t, err)
	require.Len(t, list.Executions, 1)
}

// aliases lead to versions, and hold them.
func aliases(t *testing.T, client *sfn.Client, machine *string) {
	t.Helper()
	ctx := t.Context()
	second, err := client.PublishStateMachineVersion(ctx, &sfn.PublishStateMachineVersionInput{StateMachineArn: machine, Description: aws.String("second")})
	require.NoError(t, err)
	versions, err := client.ListStateMachineVersions(ctx, &sfn.ListStateMachineVersionsInput{StateMachineArn: machine})
	require.NoError(t, err)
	require.Len(t, versions.StateMachineVersions, 2)
	route := func(weight int32, version *string) []types.RoutingConfigurationListItem {
		return []types.RoutingConfigurationListItem{{StateMachineVersionArn: version, Weight: weight}}
	}
	live, err := client.CreateStateMachineAlias(ctx, &sfn.CreateStateMachineAliasInput{Name: aws.String("live"), RoutingConfiguration: route(100, second.StateMachineVersionArn)})
	require.NoError(t, err)
	var invalid *types.ValidationException
	_, err = client.UpdateStateMachineAlias(ctx, &sfn.UpdateStateMachineAliasInput{StateMachineAliasArn: live.StateMachineAliasArn, RoutingConfiguration: route(99, second.StateMachineVersionArn)})
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, types.ValidationExceptionReasonInvalidRoutingConfiguration, invalid.Reason)
	_, err = client.UpdateStateMachineAlias(ctx, &sfn.UpdateStateMachineAliasInput{StateMachineAliasArn: live.StateMachineAliasArn, Description: aws.String("the one")})
	require.NoError(t, err)
	described, err := client.DescribeStateMachineAlias(ctx, &sfn.DescribeStateMachineAliasInput{StateMachineAliasArn: live.StateMachineAliasArn})
	require.NoError(t, err)
	require.Equal(t, "the one", *described.Description)
	listed, err := client.ListStateMachineAliases(ctx, &sfn.ListStateMachineAliasesInput{StateMachineArn: machine})
	require.NoError(t, err)
	require.Len(t, listed.StateMachineAliases, 1)
	var used *types.ConflictException
	_, err = client.DeleteStateMachineVersion(ctx, &sfn.DeleteStateMachineVersionInput{StateMachineVersionArn: second.StateMachineVersionArn})
	require.ErrorAs(t, err, &used)
	_, err = client.DeleteStateMachineAlias(ctx, &sfn.DeleteStateMachineAliasInput{StateMachineAliasArn: live.StateMachineAliasArn})
	require.NoError(t, err)
	_, err = client.DeleteStateMachineVersion(ctx, &sfn.DeleteStateMachineVersionInput{StateMachineVersionArn: second.StateMachineVersionArn})
	require.NoError(t, err)

	_, err = client.TagResource(ctx, &sfn.TagResourceInput{ResourceArn: machine, Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("test")}}})
	require.NoError(t, err)
	_, err = client.UntagResource(ctx, &sfn.UntagResourceInput{ResourceArn: machine, TagKeys: []string{"team"}})
	require.NoError(t, err)
	tags, err := client.ListTagsForResource(ctx, &sfn.ListTagsForResourceInput{ResourceArn: machine})
	require.NoError(t, err)
	require.Len(t, tags.Tags, 1)
}

// activities have their tasks from workers.
func activities(t *testing.T, client *sfn.Client) {
	t.Helper()
	ctx := t.Context()
	pack, err := client.CreateActivity(ctx, &sfn.CreateActivityInput{Name: aws.String("pack")})
	require.NoError(t, err)
	described, err := client.DescribeActivity(ctx, &sfn.DescribeActivityInput{ActivityArn: pack.ActivityArn})
	require.NoError(t, err)
	require.Equal(t, "pack", *described.Name)
	all, err := client.ListActivities(ctx, &sfn.ListActivitiesInput{})
	require.NoError(t, err)
	require.Len(t, all.Activities, 1)
	machine, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("packing"), RoleArn: aws.String("arn:r"),
		Definition: aws.String(`{"StartAt": "P", "States": {"P": {"Type": "Task", "Resource": "` + *pack.ActivityArn + `", "End": true}}}`)})
	require.NoError(t, err)
	one, err := client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: machine.StateMachineArn, Input: aws.String("[7]")})
	require.NoError(t, err)
	task, err := client.GetActivityTask(ctx, &sfn.GetActivityTaskInput{ActivityArn: pack.ActivityArn, WorkerName: aws.String("w")})
	require.NoError(t, err)
	_, err = client.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: task.TaskToken, Output: task.Input})
	require.NoError(t, err)
	require.Equal(t, "[7]", *ended(t, client, one.ExecutionArn).Output)
	_, err = client.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: machine.StateMachineArn})
	require.NoError(t, err)
	_, err = client.DeleteActivity(ctx, &sfn.DeleteActivityInput{ActivityArn: pack.ActivityArn})
	require.NoError(t, err)
}

// ended waits for the end of an execution.
func ended(t *testing.T, client *sfn.Client, execution *string) *sfn.DescribeExecutionOutput {
	t.Helper()
	for {
		d, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: execution})
		require.NoError(t, err)
		if d.Status != types.ExecutionStatusRunning {
			return d
		}
	}
}

// refusals have types, and those that the model does not know have codes.
func refusals(t *testing.T, client *sfn.Client, machine *string) {
	t.Helper()
	ctx := t.Context()
	var noARN *types.InvalidArn
	_, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String("x")})
	require.ErrorAs(t, err, &noARN)
	require.Equal(t, "Invalid Arn: 'Invalid ARN prefix: x'", noARN.ErrorMessage())
	var exists *types.StateMachineAlreadyExists
	_, err = client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("walk"), Definition: aws.String(definition + " "), RoleArn: aws.String("arn:r")})
	require.ErrorAs(t, err, &exists)
	var refused smithy.APIError
	_, err = client.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: machine, StatusFilter: "ENDED"})
	require.True(t, errors.As(err, &refused) && refused.ErrorCode() == "ValidationException", err)
	var missing *types.ResourceNotFound
	_, err = client.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: aws.String(strings.Replace(*machine, ":stateMachine:", ":mapRun:", 1) + "/l:x")})
	require.ErrorAs(t, err, &missing)
}

// mapRuns starts a distributed Map state, and looks at its Map Run and its children.
func mapRuns(t *testing.T, client *sfn.Client) {
	t.Helper()
	ctx := t.Context()
	made, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{Name: aws.String("distributed"), RoleArn: aws.String("arn:r"),
		Definition: aws.String(`{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
			"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}}}}`)})
	require.NoError(t, err)
	started, err := client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: made.StateMachineArn, Input: aws.String("[1, 2, 3]")})
	require.NoError(t, err)
	var runs *sfn.ListMapRunsOutput
	require.Eventually(t, func() bool {
		runs, err = client.ListMapRuns(ctx, &sfn.ListMapRunsInput{ExecutionArn: started.ExecutionArn})
		return err == nil && len(runs.MapRuns) == 1
	}, time.Minute, time.Millisecond)
	run := runs.MapRuns[0].MapRunArn
	_, err = client.UpdateMapRun(ctx, &sfn.UpdateMapRunInput{MapRunArn: run, MaxConcurrency: aws.Int32(7), ToleratedFailurePercentage: aws.Float32(12.5)})
	require.NoError(t, err)
	described, err := client.DescribeMapRun(ctx, &sfn.DescribeMapRunInput{MapRunArn: run})
	require.NoError(t, err)
	require.Equal(t, types.MapRunStatusRunning, described.Status)
	require.Equal(t, int32(7), described.MaxConcurrency)
	require.Equal(t, int64(3), described.ExecutionCounts.Running)
	children, err := client.ListExecutions(ctx, &sfn.ListExecutionsInput{MapRunArn: run, MaxResults: 2})
	require.NoError(t, err)
	require.Len(t, children.Executions, 2)
	require.NotNil(t, children.NextToken)
	require.Equal(t, int32(1), *children.Executions[0].ItemCount)
	_, err = client.StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: started.ExecutionArn})
	require.NoError(t, err)
	ended(t, client, children.Executions[0].ExecutionArn)
}

// withoutPrefix keeps the SDK from putting "sync-" before the host, which no resolver knows.
func withoutPrefix(s *middleware.Stack) error {
	return s.Initialize.Add(middleware.InitializeMiddlewareFunc("without prefix", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error,
	) {
		return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
	}), middleware.Before)
}
