package awstasks

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// optimized is an integration that Step Functions has of its own, with the names of the first SDK for Java.
type optimized struct {
	service string // the name of the service in aws-sdk resources
	prefix  string // of error names
	base    string // the class of errors that the API does not model
	client  string // in causes
	actions []string

	perform func(ctx context.Context, c *call) (jsonvalue.Value, error)
}

// integrations are those that are known, by the service of their resources. Of names with ? it is not known what AWS shows (unsure).
var integrations = map[string]*optimized{
	"dynamodb":         {service: "dynamodb", prefix: "DynamoDB", base: "AmazonDynamoDBException", client: "AmazonDynamoDBv2", actions: []string{"getItem", "putItem", "updateItem", "deleteItem"}},
	"sqs":              {service: "sqs", prefix: "SQS", base: "AmazonSQSException", client: "AmazonSQS", actions: []string{"sendMessage"}},
	"sns":              {service: "sns", prefix: "SNS", base: "AmazonSNSException", client: "AmazonSNS", actions: []string{"publish"}},
	"lambda":           {service: "lambda", prefix: "Lambda", base: "AWSLambdaException", client: "AWSLambda", actions: []string{"invoke"}},
	"states":           {service: "sfn", prefix: "StepFunctions", base: "AWSStepFunctionsException", client: "AWSStepFunctions", actions: []string{"startExecution"}},
	"events":           {service: "eventbridge", prefix: "EventBridge", base: "AmazonEventBridgeException", client: "AmazonEventBridge", actions: []string{"putEvents"}},
	"ecs":              {service: "ecs", prefix: "ECS", base: "AmazonECSException", client: "AmazonECS", actions: []string{"runTask"}},
	"batch":            {service: "batch", prefix: "Batch", base: "AWSBatchException", client: "AWSBatch", actions: []string{"submitJob"}},
	"glue":             {service: "glue", prefix: "Glue", base: "AWSGlueException", client: "AWSGlue", actions: []string{"startJobRun"}},
	"databrew":         {service: "databrew", prefix: "DataBrew", base: "AWSGlueDataBrewException", client: "AWSGlueDataBrew", actions: []string{"startJobRun"}},
	"athena":           {service: "athena", prefix: "Athena", base: "AmazonAthenaException", client: "AmazonAthena", actions: []string{"startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"}},
	"codebuild":        {service: "codebuild", prefix: "CodeBuild", base: "AWSCodeBuildException", client: "AWSCodeBuild", actions: []string{"startBuild", "stopBuild", "batchDeleteBuilds", "batchGetReports", "startBuildBatch", "stopBuildBatch", "retryBuildBatch", "deleteBuildBatch"}},
	"sagemaker":        {service: "sagemaker", prefix: "SageMaker", base: "AmazonSageMakerException", client: "AmazonSageMaker", actions: []string{"createTrainingJob", "createTransformJob", "createEndpoint", "createEndpointConfig", "createHyperParameterTuningJob", "createLabelingJob", "createModel", "createProcessingJob", "updateEndpoint"}},
	"emr-containers":   {service: "emrcontainers", prefix: "EMRContainers", base: "AmazonEMRContainersException", client: "AmazonEMRContainers", actions: []string{"createVirtualCluster", "deleteVirtualCluster", "startJobRun"}},
	"emr-serverless":   {service: "emrserverless", prefix: "EMRServerless", base: "AWSEMRServerlessException", client: "AWSEMRServerless", actions: []string{"createApplication", "startApplication", "stopApplication", "deleteApplication", "startJobRun", "cancelJobRun"}},
	"elasticmapreduce": {service: "emr", prefix: "ElasticMapReduce", base: "AmazonElasticMapReduceException", client: "AmazonElasticMapReduce", actions: []string{"createCluster", "terminateCluster", "addStep", "cancelStep", "setClusterTerminationProtection"}},
	"bedrock":          {service: "bedrock", prefix: "Bedrock", base: "AmazonBedrockException", client: "AmazonBedrock", actions: []string{"invokeModel", "createModelCustomizationJob"}},
	"mediaconvert":     {service: "mediaconvert", prefix: "MediaConvert", base: "AWSMediaConvertException", client: "AWSMediaConvert", actions: []string{"createJob"}},
}

func init() {
	for _, o := range integrations {
		o.perform = performOptimized
	}
	integrations["lambda"].perform = performLambda
	integrations["events"].perform = performEvents
	integrations["states"].perform = performStart
	integrations["ecs"].perform = performECS
	integrations["bedrock"].perform = performBedrock
}

// optimizedOf returns the integration of a resource; nil: there is none.
func optimizedOf(r asl.Resource) *optimized {
	o := integrations[r.Service]
	if o == nil || r.Region == "" && !slices.Contains(o.actions, r.Action) || r.Pattern == asl.Activity {
		return nil
	}
	return o
}

// possible refuses a pattern that the integration does not have.
func (c *call) possible(resource string, r asl.Resource) error {
	switch {
	case r.Pattern != asl.Sync:
		return nil
	case c.optimized == nil:
		return fmt.Errorf("%w %q: an aws-sdk task cannot wait for a job", runtime.ErrNoTask, resource)
	}
	job := jobs[r.Service+":"+r.Action]
	if job == nil {
		return fmt.Errorf("%w %q: it cannot wait for a job", runtime.ErrNoTask, resource)
	}
	for _, needed := range []string{job.describe, job.stop} {
		if _, ok := c.service.operation(needed); !ok && needed != "" {
			return fmt.Errorf("%w %q: %s has no operation %s, which waiting for the job needs", runtime.ErrNoTask, resource, c.service.id, capital(needed))
		}
	}
	return nil
}

// performOptimized performs a task with its parameters as they are.
func performOptimized(ctx context.Context, c *call) (jsonvalue.Value, error) {
	return c.performWith(ctx, c.task.Input)
}

// performWith calls the operation, and waits for the job that it starts if the task does.
func (c *call) performWith(ctx context.Context, params jsonvalue.Value) (jsonvalue.Value, error) {
	if c.task.Pattern == asl.Sync {
		return c.runJob(ctx, params)
	}
	answer, err := c.send(ctx, params)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	return c.withMetadata(answer), nil
}

// spellings are names of headers as services send them, which net/http has changed.
var spellings = map[string]string{
	"X-Amzn-Requestid": "x-amzn-RequestId", "X-Amz-Crc32": "x-amz-crc32", "X-Amzn-Remapped-Content-Length": "x-amzn-Remapped-Content-Length",
}

// spelling returns the name of a header as the service sends it.
func (c *call) spelling(name string) string {
	if name == "Connection" && slices.Contains([]string{"sqs", "sns", "states"}, c.task.Service) {
		return "connection" // (recorded)
	}
	return cmp.Or(spellings[name], name)
}

// withMetadata adds what the responses of optimized integrations have besides the result.
func (c *call) withMetadata(r *reply) jsonvalue.Value {
	var all, last []jsonvalue.Member
	for name, values := range r.header {
		name = c.spelling(name)
		texts := make([]jsonvalue.Value, len(values))
		for i, v := range values {
			texts[i] = jsonvalue.String(v)
		}
		all = append(all, jsonvalue.Member{Name: name, Value: jsonvalue.Array(texts...)})
		last = append(last, jsonvalue.Member{Name: name, Value: texts[len(texts)-1]})
	}
	members := slices.Collect(membersOf(r.value))
	return sorted(append(members,
		jsonvalue.Member{Name: "SdkHttpMetadata", Value: jsonvalue.Object(
			jsonvalue.Member{Name: "AllHttpHeaders", Value: sorted(all)},
			jsonvalue.Member{Name: "HttpHeaders", Value: sorted(last)},
			jsonvalue.Member{Name: "HttpStatusCode", Value: jsonvalue.Int(int64(max(r.status, http.StatusOK)))},
		)},
		jsonvalue.Member{Name: "SdkResponseMetadata", Value: jsonvalue.Object(jsonvalue.Member{Name: "RequestId", Value: jsonvalue.String(r.id)})},
	))
}

// performLambda calls a function. The error of a function is the task's.
func performLambda(ctx context.Context, c *call) (jsonvalue.Value, error) {
	params, direct := c.task.Input, strings.Contains(c.task.Resource, ":function:")
	if direct {
		r := asl.ParseResource(c.task.Resource)
		params = jsonvalue.Object(jsonvalue.Member{Name: "FunctionName", Value: jsonvalue.String(c.task.Resource)}, jsonvalue.Member{Name: "Payload", Value: jsonvalue.String(c.task.Input.String())})
		if r.Version != "" {
			params = params.With("Qualifier", jsonvalue.String(r.Version)).
				With("FunctionName", jsonvalue.String(strings.TrimSuffix(c.task.Resource, ":"+r.Version)))
		}
	}
	answer, err := c.send(ctx, withPayload(params))
	if err != nil {
		return jsonvalue.Value{}, err
	}
	text, _ := answer.value.Get("Payload")
	payload := parsed(text)
	if _, failed := answer.value.Get("FunctionError"); failed {
		return jsonvalue.Value{}, functionFailure(payload, text)
	}
	if direct {
		return payload, nil
	}
	if !text.IsNull() {
		answer.value = answer.value.With("Payload", payload)
	}
	return c.withMetadata(answer), nil
}

// withPayload gives a function an empty object if it has no Payload.
func withPayload(params jsonvalue.Value) jsonvalue.Value {
	if payload, _ := params.Get("Payload"); payload.IsNull() && params.Kind() == jsonvalue.KindObject {
		return params.With("Payload", jsonvalue.Object())
	}
	return params
}

// parsed returns the JSON in a text, or the text if it has none.
func parsed(text jsonvalue.Value) jsonvalue.Value {
	s, ok := text.AsString()
	if !ok || s == "" {
		return jsonvalue.Value{}
	}
	if v, err := jsonvalue.Parse([]byte(s)); err == nil {
		return v
	}
	return text
}

// functionFailure returns the error of a function that has failed.
func functionFailure(payload, text jsonvalue.Value) error {
	name := "Lambda.Unknown"
	if kind, ok := payload.Get("errorType"); ok {
		if s, isText := kind.AsString(); isText && s != "" {
			name = s
		}
	}
	cause, _ := text.AsString()
	return &runtime.TaskError{Name: name, Cause: cause}
}

// performEvents adds to each entry who sends it, and fails if an entry has failed. Neither has metadata (recorded).
func performEvents(ctx context.Context, c *call) (jsonvalue.Value, error) {
	params := c.task.Input
	if entries, ok := params.Get("Entries"); ok && entries.Kind() == jsonvalue.KindArray {
		var marked []jsonvalue.Value
		for _, entry := range entries.Elements() {
			marked = append(marked, withResources(entry, c.task.Execution))
		}
		params = params.With("Entries", jsonvalue.Array(marked...))
	}
	answer, err := c.send(ctx, params)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	failed, _ := answer.value.Get("FailedEntryCount")
	if n, _ := failed.AsInt64(); n > 0 {
		return jsonvalue.Value{}, &runtime.TaskError{Name: "EventBridge.FailedEntry", Cause: answer.value.String()}
	}
	return answer.value, nil
}

// withResources adds the state machine and the execution, in this order (recorded).
func withResources(entry jsonvalue.Value, execution string) jsonvalue.Value {
	if entry.Kind() != jsonvalue.KindObject {
		return entry
	}
	var all []jsonvalue.Value
	if own, ok := entry.Get("Resources"); ok && own.Kind() == jsonvalue.KindArray {
		for _, r := range own.Elements() {
			all = append(all, r)
		}
	}
	if parts := strings.Split(execution, ":"); len(parts) > 6 {
		machine := strings.Join(append(slices.Clone(parts[:5]), "stateMachine", parts[6]), ":")
		all = append(all, jsonvalue.String(machine))
	}
	return entry.With("Resources", jsonvalue.Array(append(all, jsonvalue.String(execution))...))
}

// performStart starts an execution, with a name of its own that is the same if the attempt is performed again.
func performStart(ctx context.Context, c *call) (jsonvalue.Value, error) {
	params := c.task.Input
	if name, _ := params.Get("Name"); name.IsNull() && params.Kind() == jsonvalue.KindObject {
		params = params.With("Name", jsonvalue.String(c.token()))
	}
	return c.performWith(ctx, params)
}

// performECS says who runs the task. One that is waited for is one task, and nobody else's.
func performECS(ctx context.Context, c *call) (jsonvalue.Value, error) {
	params := c.task.Input
	if own, _ := params.Get("StartedBy"); params.Kind() == jsonvalue.KindObject && (c.task.Pattern == asl.Sync || own.IsNull()) {
		params = params.With("StartedBy", jsonvalue.String("AWS Step Functions"))
	}
	if c.task.Pattern == asl.Sync {
		params = params.Without("Count")
	}
	return c.performWith(ctx, params)
}
