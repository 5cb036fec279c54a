package asl

import (
	"slices"
	"strings"
)

// service is a row of the table of optimized integrations: which patterns
// Step Functions offers for an action of a service besides the plain call,
// and which fields the call must have.
type service struct {
	name     string
	actions  []string // nil: any
	sync     bool
	token    bool
	required []string
	noSync   []string // fields that .sync does not take
}

// serviceTable holds the optimized integrations, and those calls of the SDK
// whose required fields were recorded. The first row that fits counts.
var serviceTable = [...]service{
	{name: "lambda", actions: []string{"invoke"}, token: true, required: []string{"FunctionName"}},
	{name: "apigateway", actions: []string{"invoke"}, token: true},
	{name: "http", actions: []string{"invoke"}},
	{name: "dynamodb", actions: []string{"putItem"}, required: []string{"TableName", "Item"}},
	{name: "dynamodb", actions: []string{"getItem"}, required: []string{"TableName", "Key"}},
	{name: "dynamodb", actions: []string{"updateItem", "deleteItem"}},
	{name: "sqs", actions: []string{"sendMessage"}, token: true, required: []string{"QueueUrl", "MessageBody"}},
	{name: "sns", actions: []string{"publish"}, token: true, required: []string{"Message"}},
	{name: "events", actions: []string{"putEvents"}, token: true, required: []string{"Entries"}},
	{name: "states", actions: []string{"startExecution"}, sync: true, token: true, required: []string{"StateMachineArn"}},
	{name: "ecs", actions: []string{"runTask"}, sync: true, token: true, required: []string{"TaskDefinition"}, noSync: []string{"StartedBy", "Count"}},
	{name: "batch", actions: []string{"submitJob"}, sync: true},
	{name: "glue", actions: []string{"startJobRun"}, sync: true, required: []string{"JobName"}},
	{name: "databrew", actions: []string{"startJobRun"}, sync: true},
	{name: "codebuild", actions: []string{"startBuild", "startBuildBatch", "stopBuild", "stopBuildBatch", "batchDeleteBuilds", "batchGetReports"}, sync: true},
	{name: "athena", actions: []string{"startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"}, sync: true},
	{name: "bedrock", actions: []string{"invokeModel", "createModelCustomizationJob"}, sync: true, token: true},
	{name: "bedrock-agentcore"},
	{name: "mediaconvert", actions: []string{"createJob"}, sync: true},
	{name: "eks", sync: true, token: true},
	{name: "elasticmapreduce", sync: true},
	{name: "emr-containers", sync: true},
	{name: "emr-serverless", sync: true},
	{name: "sagemaker", sync: true},
	{name: "aws-sdk:s3", actions: []string{"putObject"}, required: []string{"Bucket", "Key", "Body"}},
}

// findService returns the row for an action, or nil.
func findService(name, action string) *service {
	for i := range serviceTable {
		s := &serviceTable[i]
		if s.name == name && (s.actions == nil || slices.Contains(s.actions, action)) {
			return s
		}
	}
	return nil
}

// known reports whether AWS knows the resource, as far as its form tells.
func (r Resource) known() bool {
	switch {
	case r.Service == "":
		return false
	case r.Pattern == Activity:
		return true
	case r.Region != "" || strings.HasPrefix(r.Text, "arn:") && strings.Contains(r.Text, ":function:"):
		return r.Action != ""
	case strings.HasPrefix(r.Service, "aws-sdk:"):
		return r.Pattern != Sync && 'a' <= r.Action[0] && r.Action[0] <= 'z'
	}
	s := findService(r.Service, r.Action)
	if s == nil || r.Version != "" && r.Service != "states" {
		return false
	}
	return r.Pattern == RequestResponse || r.Pattern == Sync && s.sync || r.Pattern == WaitForTaskToken && s.token
}
