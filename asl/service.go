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

// known reports whether AWS knows the resource, as far as that can be told
// without asking it.
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

// resource checks the Resource of a Task state.
func (c *checker) resource(n node) {
	if !c.expectKind(n, textKind) {
		return
	}
	r := c.resourceOf(n.text())
	switch {
	case c.Express && r.Pattern == Activity:
		c.report(n, codeSchema, "Express state machine does not support Activity ARN")
	case c.Express && r.Pattern == Sync && r.known():
		c.report(n, codeSchema, "Express state machine does not support '.sync' service integration")
	case c.Express && r.Pattern == WaitForTaskToken && r.known():
		c.report(n, codeSchema, "Express state machine does not support '.waitForTaskToken' service integration ")
	case c.Substitutions && strings.Contains(r.Text, "${"):
		c.report(n, codeSchema, "Value is not a valid resource ARN").Hint = "the ${ has no }"
	case c.AnyResource || r.known():
	case !isARN(r.Text):
		c.report(n, codeSchema, "Value is not a valid resource ARN")
	default:
		c.report(n, codeSchema, "The resource provided "+r.Text+
			" is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.")
	}
}

// resourceOf takes a Resource apart. Several stages ask for the same one.
func (c *checker) resourceOf(text string) Resource {
	if c.resourceMemo.Text != text {
		c.resourceMemo = parseResource(text)
	}
	return c.resourceMemo
}

// serviceResource checks the Resource of a reader or writer.
func (c *checker) serviceResource(n node, s *shape) {
	if !c.expectKind(n, textKind) {
		return
	}
	head, rest, ok := parseARN(n.text())
	if ok && strings.HasPrefix(head.partition, "aws") && head.service == "states" && head.region == "" && head.account == "" &&
		slices.Contains(s.values, rest) {
		return
	}
	c.schema(n, "The field 'Resource' does not match any of the allowed values")
}

// taskParameters checks that the call of an optimized integration has the
// fields that it must have.
func (c *checker) taskParameters(n node, r Resource) {
	if r.Pattern == Activity && n.has("Credentials") {
		member, _ := n.get("Credentials")
		c.reportAt(n, member, codeSchema, "The field 'Credentials' is not supported for activities").markName = true
	}
	s := findService(r.Service, r.Action)
	if s == nil || r.Region != "" {
		return
	}
	for _, field := range []string{"Parameters", "Arguments"} {
		if parameters, ok := n.get(field); ok && parameters.kind() == objectKind {
			c.callFields(parameters, s, r)
		}
	}
}

// callFields checks what a call is given. AWS says what is missing, and only if
// nothing is, what does not belong there.
func (c *checker) callFields(parameters node, s *service, r Resource) {
	complete := true
	for _, name := range s.required {
		if !parameters.hasField(name) {
			c.report(parameters, codeSchema, "The field '"+name+"' is required but was missing")
			complete = false
		}
	}
	for _, name := range s.noSync {
		if complete && r.Pattern == Sync && parameters.hasField(name) {
			c.report(parameters, codeSchema, "The field '"+name+"' is not supported by Step Functions")
		}
	}
}

// hasField reports whether a template has a field, literal or computed.
func (n node) hasField(name string) bool { return n.has(name) || n.has(name+".$") }
