package awstasks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/statemill/statemill/jsonvalue"
)

// service is a service that the user has given a client of, or some of its operations.
type service struct {
	id     string                   // what the client calls it: "DynamoDB"
	name   string                   // as serviceName has it
	client reflect.Value            // zero: there are operations alone
	given  map[string]reflect.Value // those, by name
}

// Operation is one operation of a client. See Op.
type Operation struct{ call reflect.Value }

// Op returns one operation of a client: Op(client.PutItem). A program that has only those it needs is smaller than one with whole
// clients, of which the linker keeps every operation.
func Op[In, Out, Options any](f func(context.Context, *In, ...func(*Options)) (*Out, error)) Operation {
	return Operation{reflect.ValueOf(f)}
}

var (
	contextType  = reflect.TypeFor[context.Context]()
	errorType    = reflect.TypeFor[error]()
	protocolType = reflect.TypeFor[smithyhttp.ClientProtocol]()
	stackType    = reflect.TypeFor[[]func(*middleware.Stack) error]()
)

// isOperation reports whether a function has the form of an operation: (ctx, *XInput, ...func(*Options)) (*XOutput, error). One
// that answers by a stream of events is none: Step Functions has no such actions.
func isOperation(t reflect.Type) bool {
	if t.Kind() != reflect.Func || t.NumIn() != 3 || !t.IsVariadic() || t.NumOut() != 2 || t.In(0) != contextType || t.Out(1) != errorType {
		return false
	}
	_, streams := t.Out(0).MethodByName("GetStream")
	return !streams && isPointerToStruct(t.Out(0)) && isPointerToStruct(t.In(1)) && strings.HasSuffix(t.In(1).Elem().Name(), "Input") && changesOptions(t.In(2).Elem())
}

func isPointerToStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}

// changesOptions reports whether a function is what changes the Options of a client for one call.
func changesOptions(t reflect.Type) bool {
	if t.Kind() != reflect.Func || t.NumIn() != 1 || t.NumOut() != 0 || !isPointerToStruct(t.In(0)) {
		return false
	}
	f, ok := t.In(0).Elem().FieldByName("APIOptions")
	return ok && f.Type == stackType
}

// errProbed ends a call that was made to ask who answers.
var errProbed = errors.New("awstasks: asked")

// identify asks an operation which service and operation it is, without a request. What is no client of the SDK, but looks like one,
// may do anything: it gets a context that has ended, and may panic.
func identify(call reflect.Value) (service, operation string) {
	defer func() { _ = recover() }()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	ask := func(ctx context.Context, _ middleware.InitializeInput, _ middleware.InitializeHandler) (out middleware.InitializeOutput, m middleware.Metadata, err error) {
		if service = awsmiddleware.GetServiceID(ctx); service == "" {
			service = middleware.GetServiceID(ctx)
		}
		if operation = awsmiddleware.GetOperationName(ctx); operation == "" {
			operation = middleware.GetOperationName(ctx)
		}
		return out, m, errProbed
	}
	options := optionsOf(call, func(o reflect.Value) {
		addStack(o, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("StatemillProbe", ask), middleware.Before)
		})
	})
	call.Call([]reflect.Value{reflect.ValueOf(ended), reflect.New(call.Type().In(1).Elem()), options})
	return service, operation
}

// optionsOf returns the functional option of an operation that calls change with its Options.
func optionsOf(call reflect.Value, change func(o reflect.Value)) reflect.Value {
	return reflect.MakeFunc(call.Type().In(2).Elem(), func(args []reflect.Value) []reflect.Value {
		change(args[0].Elem())
		return nil
	})
}

func addStack(o reflect.Value, change func(*middleware.Stack) error) {
	f := o.FieldByName("APIOptions")
	f.Set(reflect.Append(f, reflect.ValueOf(change)))
}

// serviceOf returns the service of a client.
func serviceOf(client any) (*service, error) {
	s := &service{client: reflect.ValueOf(client)}
	if client == nil || s.client.Kind() == reflect.Pointer && s.client.IsNil() {
		return nil, fmt.Errorf("awstasks: %T is nil", client)
	}
	for i := range s.client.NumMethod() {
		if m := s.client.Method(i); isOperation(m.Type()) {
			if s.id, _ = identify(m); s.id != "" {
				s.name = serviceName(s.id)
				return s, nil
			}
		}
	}
	return nil, fmt.Errorf("awstasks: %T is no client of aws-sdk-go-v2", client)
}

// operation finds an operation by the action of a resource: "putItem".
func (s *service) operation(action string) (call reflect.Value, ok bool) {
	name := capital(action)
	if call, ok = s.given[name]; ok || !s.client.IsValid() {
		return call, ok
	}
	call = s.client.MethodByName(name)
	return call, call.IsValid() && isOperation(call.Type())
}

// actions returns the actions that tasks may have.
func (s *service) actions() (names []string) {
	for i := range s.client.NumMethod() {
		if isOperation(s.client.Method(i).Type()) {
			name := s.client.Type().Method(i).Name
			if name = strings.ToLower(name[:1]) + name[1:]; !unsupported[strings.ToLower(s.name)+":"+name] {
				names = append(names, name)
			}
		}
	}
	return names
}

// hasSchemas reports whether a client writes and reads by schemas.
func hasSchemas(call reflect.Value) bool {
	f, ok := call.Type().In(2).Elem().In(0).Elem().FieldByName("Protocol")
	return ok && f.Type == protocolType
}

// request is one call of an operation.
type request struct {
	call        reflect.Value
	naming      naming
	params      jsonvalue.Value
	token       string                  // an idempotency token, the same if the call is repeated
	credentials aws.CredentialsProvider // nil: those of the client
	unions      map[reflect.Type]map[string]reflect.Type
}

// reply is what came of a call. After an error it has what is known.
type reply struct {
	value    jsonvalue.Value
	header   http.Header
	status   int
	id       string // of the request, as the service names it
	attempts int
}

// send calls the operation. The error is a *refusal if the parameters do not fit, or as the SDK returns it.
func (r *request) send(ctx context.Context) (*reply, error) {
	answer := &reply{attempts: 1}
	if r.params.Kind() != jsonvalue.KindObject {
		return answer, &refusal{"The parameters must be an object"}
	}
	in := reflect.New(r.call.Type().In(1).Elem())
	fits := structs{naming: r.naming, unions: r.unions, lenient: hasSchemas(r.call)}
	if err := fits.fillStruct(in.Elem(), "", r.params, false); err != nil {
		return answer, err
	}
	if !fits.lenient && withoutBucket(in.Elem()) {
		return answer, missing("Bucket")
	}
	by := &protocol{naming: r.naming, params: r.params}
	returned := r.call.Call([]reflect.Value{reflect.ValueOf(ctx), in, optionsOf(r.call, func(o reflect.Value) { r.configure(o, answer, by) })})
	if err, _ := returned[1].Interface().(error); err != nil {
		return answer, err
	}
	if returned[0].IsNil() {
		return answer, errors.New("the client has returned neither an output nor an error")
	}
	if answer.value = by.out; by.read {
		return answer, nil
	}
	fits.lenient = false
	var err error
	answer.value, err = fits.show(returned[0])
	return answer, err
}

// withoutBucket reports whether the name of a bucket is missing. It would be the first part of the key then; other parts of paths are
// looked at by the clients.
func withoutBucket(in reflect.Value) bool {
	f := in.FieldByName("Bucket")
	return strings.HasSuffix(in.Type().PkgPath(), "/service/s3") && f.IsValid() && f.Kind() == reflect.Pointer && (f.IsNil() || f.Elem().Kind() == reflect.String && f.Elem().Len() == 0)
}

// configure sets what one call has besides what the user has configured.
func (r *request) configure(o reflect.Value, answer *reply, by *protocol) {
	addStack(o, answer.watch)
	set := func(field string, value any) {
		if f := o.FieldByName(field); f.IsValid() && value != nil && reflect.TypeOf(value).AssignableTo(f.Type()) {
			f.Set(reflect.ValueOf(value))
		}
	}
	if r.credentials != nil {
		set("Credentials", r.credentials)
	}
	set("IdempotencyTokenProvider", idempotencyToken(r.token))
	if f := o.FieldByName("Protocol"); f.IsValid() && f.Type() == protocolType && !f.IsNil() {
		by.ClientProtocol = f.Interface().(smithyhttp.ClientProtocol)
		f.Set(reflect.ValueOf(by))
	}
}

// idempotencyToken is the token of one call.
type idempotencyToken string

// GetIdempotencyToken implements the SDK's IdempotencyTokenProvider.
func (t idempotencyToken) GetIdempotencyToken() (string, error) { return string(t), nil }

// maxResponse is how many bytes of a response are read. No result is as large.
const maxResponse = 16 << 20

// bounded is the body of a response that may not end.
type bounded struct {
	io.ReadCloser
	left int // how many bytes may be read; 0: it is too large
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// watch notes the response and the number of attempts. What is required is the service's to say: AWS sends what the definition has.
func (a *reply) watch(stack *middleware.Stack) error {
	_, _ = stack.Initialize.Remove("OperationInputValidation") // an operation without required members has none
	response := func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, m, err := next.HandleDeserialize(ctx, in)
		if r, ok := out.RawResponse.(*smithyhttp.Response); ok && r != nil {
			a.header, a.status = r.Header, r.StatusCode
			if r.Body != nil {
				r.Body = &bounded{ReadCloser: r.Body, left: maxResponse + 1}
			}
		}
		return out, m, err
	}
	whole := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		out, m, err := next.HandleInitialize(ctx, in)
		if results, ok := retry.GetAttemptResults(m); ok && len(results.Results) > 0 {
			a.attempts = len(results.Results)
		}
		a.id, _ = awsmiddleware.GetRequestIDMetadata(m)
		return out, m, err
	}
	return errors.Join(
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("StatemillResponse", response), middleware.After), // what clients have of their own reads the body, too
		stack.Initialize.Add(middleware.InitializeMiddlewareFunc("StatemillAttempts", whole), middleware.Before),
	)
}
