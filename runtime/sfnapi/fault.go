package sfnapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// fault is an error that the client sees: the name, the words and the status that AWS
// gives it.
type fault struct {
	namespace string // of the type; "": that of the service
	name      string // "StateMachineDoesNotExist"
	message   string
	status    int    // Default: 400
	reason    string // of a ValidationException; "": none
	resource  string // resourceName; "": none
}

// The namespaces of types in answers (recorded).
const (
	serviceErrors    = "com.amazonaws.swf.service.v2.model"
	constraintErrors = "com.amazon.coral.validate"
	throttlingErrors = "com.amazon.coral.availability"
	protocolErrors   = "com.amazon.coral.service"
)

// Error returns "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'".
func (f *fault) Error() string { return f.name + ": " + f.message }

// answer returns the body of the answer.
func (f *fault) answer() jsonvalue.Value {
	namespace, message := f.namespace, "message"
	if namespace == "" {
		namespace = serviceErrors
	}
	if f.name == "AccessDeniedException" {
		message = "Message" // recorded
	}
	answer := fields{"__type": text(namespace + "#" + f.name), message: text(f.message)}
	if f.reason != "" {
		answer["reason"] = text(f.reason)
	}
	if f.resource != "" {
		answer["resourceName"] = text(f.resource)
	}
	return answer.value()
}

// code returns the status of the answer.
func (f *fault) code() int {
	if f.status == 0 {
		return http.StatusBadRequest
	}
	return f.status
}

func refuse(name, format string, args ...any) *fault {
	return &fault{name: name, message: fmt.Sprintf(format, args...)}
}

// invalid is a ValidationException of the service itself. Those of constraints have
// another namespace.
func invalid(format string, args ...any) *fault {
	return refuse("ValidationException", format, args...)
}

func invalidARN(why, text string) *fault {
	return refuse("InvalidArn", "Invalid Arn: '%s: %s'", why, text)
}

func invalidName(name string) *fault { return refuse("InvalidName", "Invalid Name: '%s'", name) }

func invalidToken() *fault { return refuse("InvalidToken", "Invalid Token: 'Invalid token'") }

func noStateMachine(arn string) *fault {
	return refuse("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

// notThere reports whether a refusal says that there is no such state machine.
func notThere(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.name == "StateMachineDoesNotExist"
}

func noVersion(arn string) *fault {
	return refuse("StateMachineDoesNotExist", "State Machine Version Does Not Exist: '%s'", arn)
}

// stateMachineDeleting has words that no recording shows (unsure).
func stateMachineDeleting(arn string) *fault {
	return refuse("StateMachineDeleting", "State Machine is being deleted: '%s'", arn)
}

func stateMachineExists(what string) *fault {
	return refuse("StateMachineAlreadyExists", "State Machine Already Exists: %s", what)
}

func wrongType() *fault {
	return refuse("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
}

func noResource(arn string) *fault {
	f := refuse("ResourceNotFound", "Resource not found: '%s'", arn)
	f.resource = arn
	return f
}

func noExecution(arn string) *fault {
	return refuse("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
}

func executionExists(arn string) *fault {
	return refuse("ExecutionAlreadyExists", "Execution Already Exists: '%s'", arn)
}

func invalidInput(why string) *fault {
	return refuse("InvalidExecutionInput", "Invalid State Machine Execution Input: '%s'", why)
}

// conflict tells that others have changed a document again and again.
func conflict() *fault {
	return refuse("ConflictException", "The state machine is being changed by another request.")
}

// protocol returns the fault of a request that no operation sees. Its name is that of
// Coral, the framework of AWS; its words are our own.
func protocol(status int, name, format string, args ...any) *fault {
	return &fault{namespace: protocolErrors, name: name, message: fmt.Sprintf(format, args...), status: status}
}

func throttled() *fault {
	return &fault{namespace: throttlingErrors, name: "ThrottlingException", message: "Rate exceeded"}
}

// unavailable is repeated by clients.
func unavailable() *fault {
	return protocol(http.StatusServiceUnavailable, "ServiceUnavailable", "The server is shutting down.")
}

// faultOf returns what a client sees of an error. Of one that is not meant for clients
// it sees nothing but that it happened; internal is true then.
func faultOf(err error) (f *fault, internal bool) {
	switch {
	case errors.As(err, &f):
		return f, false
	case errors.Is(err, runtime.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return unavailable(), false
	case errors.Is(err, runtime.ErrRefused), errors.Is(err, runtime.ErrNoTask):
		return invalid("This cannot run here: %s", strings.ReplaceAll(err.Error(), "runtime: ", "")), false
	}
	return protocol(http.StatusInternalServerError, "InternalFailure", "The request has failed because of an error of the server."), true
}
