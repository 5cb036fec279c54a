// Package awstasks performs tasks that call AWS, or anything that speaks its protocols, through your own clients of aws-sdk-go-v2:
//
//	tasks, err := awstasks.New(dynamodb.NewFromConfig(cfg), sqs.NewFromConfig(cfg))
//	r := runtime.Runner{Tasks: runtime.Mux{"arn:aws:*": tasks}}
//
// A task with the Resource arn:aws:states:::aws-sdk:SERVICE:ACTION calls the operation of the client, with the parameters, results and
// error names that Step Functions shows: those of the SDK for Java. The optimized integrations with which Step Functions has begun,
// like arn:aws:states:::sqs:sendMessage, have the names of the service's model and the metadata of the response. The package imports no
// client: what it can call is what New is given.
//
// # What goes out
//
// Where the API has a string, an object or array goes out as JSON. Bytes and the body of an object of S3 are the JSON text of a value: a
// string keeps its quotes. A member that the API does not have fails the task with States.Runtime, and so does a value of another
// type; a parameter that is required and missing is for the service to refuse, unless the path of the request is made of it. The
// optimized integrations leave out parameters that they do not know. Check tells all that before a machine runs. Idempotency tokens are made of Task.ID: an attempt that is
// performed again after a crash does nothing twice, where the API has such a token.
//
// # Errors
//
//	DynamoDb.ResourceNotFoundException     aws-sdk: the error that the API models
//	DynamoDb.DynamoDbException             aws-sdk: one that it does not model
//	DynamoDB.AmazonDynamoDBException       the optimized integration: likewise
//	Sqs.SdkClientException                 no answer
//	States.Runtime                         the parameters do not fit
//	States.TaskFailed                      a job that a .sync task waited for has failed; a role that cannot be assumed
//	States.DataLimitExceeded               a streamed body has more than 262,144 bytes, or a response more than 16 MiB
package awstasks

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/uuid"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Tasks is a runtime.TaskInvoker and a runtime.Resolver. Its fields may be set before it is used; it may be used by many
// goroutines then.
type Tasks struct {
	// AssumeRole returns the credentials of the role in a task's Credentials; stscreds.NewAssumeRoleProvider makes some. It is called once
	// for each role while no more than 1,000 are in use, and by one goroutine at a time; what it returns is asked again when its
	// credentials expire. Default: nil, and a task with a role fails.
	AssumeRole func(roleARN string) aws.CredentialsProvider

	// Poll is the first pause of a task that waits for a job (.sync). The pauses double, up to 20 times it. Default: 1 second.
	Poll time.Duration

	// Unions are needed for inputs with unions of clients without schemas: a task whose parameters have one says which. Default: none.
	Unions []Union

	services map[string]*service // by the name in resources: "dynamodb"
	roles    roles
}

// New returns Tasks that call clients of aws-sdk-go-v2, and operations made by Op. The error names what is neither, and two of one
// service.
func New(clientsAndOps ...any) (*Tasks, error) {
	t := &Tasks{services: make(map[string]*service)}
	var errs []error
	for _, given := range clientsAndOps {
		if op, ok := given.(Operation); ok {
			errs = append(errs, t.addOperation(op))
			continue
		}
		s, err := serviceOf(given)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		key := strings.ToLower(s.name)
		if other := t.services[key]; other != nil {
			errs = append(errs, fmt.Errorf("awstasks: two clients of %s", s.id))
		}
		t.services[key] = s
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Tasks) addOperation(op Operation) error {
	if !op.call.IsValid() || op.call.IsNil() || !isOperation(op.call.Type()) {
		return errors.New("awstasks: Op of a function that is no operation of a client of aws-sdk-go-v2")
	}
	id, name := identify(op.call)
	if id == "" || name == "" {
		return fmt.Errorf("awstasks: %s is no operation of a client of aws-sdk-go-v2", op.call.Type())
	}
	key := strings.ToLower(serviceName(id))
	s := t.services[key]
	if s == nil {
		s = &service{id: id, name: serviceName(id), given: make(map[string]reflect.Value)}
		t.services[key] = s
	}
	if _, twice := s.given[name]; twice || s.client.IsValid() {
		return fmt.Errorf("awstasks: %s of %s is there twice", name, id)
	}
	s.given[name] = op.call
	return nil
}

// call is a task that is performed.
type call struct {
	tasks     *Tasks
	task      *runtime.Task
	service   *service
	optimized *optimized // nil: aws-sdk
	form      *form      // nil: the action is the operation
	operation reflect.Value
	role      aws.CredentialsProvider // nil: the client's own
}

// Resolve implements runtime.Resolver: a service without client and an action that it does not have are refused before the first state.
func (t *Tasks) Resolve(resource string) (runtime.TaskInvoker, error) {
	r := asl.ParseResource(resource)
	if _, err := t.find(resource, r); err != nil {
		return nil, err
	}
	return t, nil
}

// InvokeTask implements runtime.TaskInvoker.
func (t *Tasks) InvokeTask(ctx context.Context, task *runtime.Task) (out jsonvalue.Value, err error) {
	c, err := t.find(task.Resource, asl.ParseResource(task.Resource))
	if err != nil {
		return out, err
	}
	c.task = task
	if task.RoleARN != "" {
		if c.role, err = t.role(task.RoleARN); err != nil {
			return out, c.failure(ctx, new(reply), err)
		}
	}
	if c.optimized != nil {
		return c.optimized.perform(ctx, c)
	}
	params := task.Input
	if c.service.name == "S3" {
		params = withContentType(task.Action, params)
	}
	answer, err := c.send(ctx, params)
	if err != nil {
		return out, err
	}
	if c.service.name == "S3" {
		return c.withOwnMetadata(answer.value), nil
	}
	return answer.value, nil
}

// withContentType says what an object is, as Step Functions does if nobody else says it (recorded).
func withContentType(action string, params jsonvalue.Value) jsonvalue.Value {
	if _, told := params.Get("ContentType"); action != "putObject" || told || params.Kind() != jsonvalue.KindObject {
		return params
	}
	return params.With("ContentType", jsonvalue.String("text/plain; charset=UTF-8"))
}

// withOwnMetadata shows that an object has no metadata of its own (recorded).
func (c *call) withOwnMetadata(v jsonvalue.Value) jsonvalue.Value {
	_, could := c.operation.Type().Out(0).Elem().FieldByName("Metadata")
	if _, has := v.Get("Metadata"); has || !could {
		return v
	}
	return sorted(append(slices.Collect(membersOf(v)), jsonvalue.Member{Name: "Metadata", Value: jsonvalue.Object()}))
}

// find returns the call that a resource asks for.
func (t *Tasks) find(resource string, r asl.Resource) (*call, error) {
	name, sdk := strings.CutPrefix(r.Service, "aws-sdk:")
	c := &call{tasks: t}
	if !sdk {
		if c.optimized = optimizedOf(r); c.optimized == nil {
			return nil, fmt.Errorf("%w %q: it is no integration of a service that this package knows", runtime.ErrNoTask, resource)
		}
		name = c.optimized.service
	}
	c.form = forms[r.Service+":"+r.Action]
	if c.form != nil && c.form.service != "" {
		name = c.form.service
	}
	if c.service = t.services[name]; c.service == nil {
		return nil, fmt.Errorf("%w %q: there is no client of the service", runtime.ErrNoTask, resource)
	}
	action := r.Action
	if c.optimized != nil && r.Region != "" {
		action = "invoke" // the ARN of a function
	}
	if c.form != nil {
		action = c.form.operation
	}
	var ok bool
	if c.operation, ok = c.service.operation(action); !ok || unsupported[name+":"+action] {
		return nil, fmt.Errorf("%w %q: %s has no operation %s", runtime.ErrNoTask, resource, c.service.id, capital(action))
	}
	return c, c.possible(resource, r)
}

// unsupported are actions that Step Functions does not have, besides those that answer by a stream of events.
var unsupported = map[string]bool{"lambda:invokeAsync": true}

// send calls the operation with parameters.
func (c *call) send(ctx context.Context, params jsonvalue.Value) (*reply, error) {
	answer, err := c.sendTo(ctx, c.operation, c.form.request(params))
	if err == nil {
		answer.value = c.form.response(answer.value)
	}
	return answer, err
}

func (c *call) sendTo(ctx context.Context, operation reflect.Value, params jsonvalue.Value) (*reply, error) {
	answer, err := c.request(operation, params).send(ctx)
	if err != nil {
		return nil, c.failure(ctx, answer, err)
	}
	return answer, nil
}

func (c *call) request(operation reflect.Value, params jsonvalue.Value) *request {
	return &request{
		call: operation, naming: naming{c.optimized != nil}, params: params, token: c.token(), credentials: c.role, unions: c.tasks.unions(),
	}
}

// unions returns the members of unions by their types; nil: none are known.
func (t *Tasks) unions() map[reflect.Type]map[string]reflect.Type {
	if len(t.Unions) == 0 {
		return nil
	}
	all := make(map[reflect.Type]map[string]reflect.Type)
	for _, u := range t.Unions {
		all[u.of] = u.members
	}
	return all
}

// token returns an idempotency token that is the same if the attempt is performed again: a UUID, because some APIs take nothing else.
func (c *call) token() string {
	sum := sha256.Sum256([]byte(c.task.ID()))
	return uuid.Format([16]byte(sum[:16]), 4)
}
