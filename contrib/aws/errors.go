package awstasks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime"
)

// failure returns the error of a task whose call has failed, as Step Functions shows it.
func (c *call) failure(ctx context.Context, answer *reply, err error) error {
	var refused *refusal
	var unassumed *unassumedError
	var unsent *smithy.SerializationError
	var api smithy.APIError
	switch {
	case errors.As(err, &refused):
		return c.unusable(refused.what)
	case ctx.Err() != nil:
		return err // the task has timed out, or is not wanted any more
	case errors.As(err, &unassumed):
		return unassumed.failure(c.task)
	case errors.Is(err, errTooLarge):
		return &runtime.TaskError{Name: asl.StatesDataLimitExceeded, Cause: fmt.Sprintf(
			"The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", c.task.Service)}
	case errors.As(err, &unsent):
		for errors.As(unsent.Err, &unsent) { // within it is another one
		}
		return c.unusable(unsent.Err.Error()) // a part of the path is missing (unsure)
	case errors.As(err, &api):
		return c.serviceFailure(answer, err, api)
	}
	return &runtime.TaskError{Name: c.prefix() + ".SdkClientException", Cause: "Unable to execute HTTP request: " + unreachable(err)}
}

// unusable returns the error of parameters that cannot be sent.
func (c *call) unusable(what string) error {
	return c.task.RuntimeError("The Parameters '%s' could not be used to start the Task: [%s]", c.task.Input, what)
}

// unreachable says why a server cannot be reached, in the words of Java where they are known.
func unreachable(err error) string {
	var name *net.DNSError
	if errors.As(err, &name) {
		return name.Name + ": Name or service not known"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return err.Error()
}

func (c *call) prefix() string {
	if c.optimized != nil {
		return c.optimized.prefix
	}
	return c.service.name
}

// serviceFailure returns the error of a request that the service has refused.
func (c *call) serviceFailure(answer *reply, err error, api smithy.APIError) error {
	id := answer.id
	var told interface{ ServiceRequestID() string }
	if errors.As(err, &told) && told.ServiceRequestID() != "" {
		id = told.ServiceRequestID()
	}
	if o := c.optimized; o != nil {
		if id == "" {
			id = "null"
		}
		return &runtime.TaskError{Name: o.prefix + "." + o.class(api), Cause: fmt.Sprintf(
			"%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)", api.ErrorMessage(), o.client, answer.status, errorCode(api), id)}
	}
	class := c.service.name + "Exception"
	if shape, modelled := shapeOf(api); modelled {
		class = exceptionName(shape)
	} else if c.service.name == "S3" && s3Errors[errorCode(api)] {
		class = exceptionName(errorCode(api))
	}
	var host interface{ ServiceHostID() string }
	if errors.As(err, &host) && host.ServiceHostID() != "" {
		id += ", Extended Request ID: " + host.ServiceHostID()
	}
	return &runtime.TaskError{Name: c.service.name + "." + class, Cause: fmt.Sprintf(
		"%s (Service: %s, Status Code: %d, Request ID: %s) (SDK Attempt Count: %d)", api.ErrorMessage(), c.service.name, answer.status, id, answer.attempts)}
}

// shapeOf returns the name of the shape of an error that the API models.
func shapeOf(api smithy.APIError) (shape string, modelled bool) {
	if _, generic := api.(*smithy.GenericAPIError); generic {
		return "", false
	}
	t := reflect.TypeOf(api)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name(), true
}

// s3Errors are the errors that the API of S3 models. The SDK for Java knows them in the answers of all operations (recorded:
// AccessDenied), that for Go each in the answers of some.
var s3Errors = map[string]bool{
	"AccessDenied": true, "BucketAlreadyExists": true, "BucketAlreadyOwnedByYou": true, "EncryptionTypeMismatch": true, "IdempotencyParameterMismatch": true,
	"InvalidObjectState": true, "InvalidRequest": true, "InvalidWriteOffset": true, "NoSuchBucket": true, "NoSuchKey": true, "NoSuchUpload": true,
	"ObjectAlreadyInActiveTierError": true, "ObjectNotInActiveTierError": true, "TooManyParts": true,
}

// class returns the class of an exception as the first SDK for Java had it.
func (o *optimized) class(api smithy.APIError) string {
	shape, modelled := shapeOf(api)
	switch {
	case !modelled:
		return o.base
	case strings.HasSuffix(shape, "Exception"):
		return shape
	}
	return shape + "Exception"
}

// errorCode returns the code of an error without what some protocols put around it.
func errorCode(api smithy.APIError) string {
	code := api.ErrorCode()
	return code[strings.LastIndexByte(code, '#')+1:]
}

// unassumedError is why there are no credentials of a role.
type unassumedError struct{ err error }

func (e *unassumedError) Error() string { return e.err.Error() }
func (e *unassumedError) Unwrap() error { return e.err }

// failure returns the error of the task that has named the role. For one that must not be assumed AWS's text is known (recorded).
func (e *unassumedError) failure(task *runtime.Task) error {
	var api smithy.APIError
	if errors.As(e.err, &api) && api.ErrorCode() != "AccessDenied" {
		return &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: fmt.Sprintf("The task state's role, %s, cannot be assumed: %s", task.RoleARN, api.ErrorMessage())} // (unsure)
	}
	if api == nil && !errors.Is(e.err, errNoRole) {
		return &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: fmt.Sprintf("The task state's role, %s, cannot be assumed: %s", task.RoleARN, unreachable(e.err))} // (unsure)
	}
	return &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: fmt.Sprintf("The role %s is not authorized to assume the task state's role, %s.", cmp.Or(task.ExecutionRoleARN, task.RoleARN), task.RoleARN)}
}
