package sfnapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// scope is one request: where it is, and when.
type scope struct {
	place
	handler   *Handler
	ctx       context.Context
	operation string
	now       time.Time
}

// prefix begins the keys of all documents of the place.
func (p place) prefix() string { return p.partition + "/" + p.region + "/" + p.account }

// operation is what a client can ask for.
type operation struct {
	in *shape // of its request
	do func(s *scope, body jsonvalue.Value) (jsonvalue.Value, error)
}

// operations are all that there are. They are known once the package is initialised, because
// operations start tasks, and tasks perform operations.
var operations map[string]*operation

func init() { operations = allOperations() }

func allOperations() map[string]*operation {
	return map[string]*operation{
		"CreateActivity":                   call((*scope).createActivity),
		"CreateStateMachine":               call((*scope).createStateMachine),
		"CreateStateMachineAlias":          call((*scope).createStateMachineAlias),
		"DeleteActivity":                   call((*scope).deleteActivity),
		"DeleteStateMachine":               call((*scope).deleteStateMachine),
		"DeleteStateMachineAlias":          call((*scope).deleteStateMachineAlias),
		"DeleteStateMachineVersion":        call((*scope).deleteStateMachineVersion),
		"DescribeActivity":                 call((*scope).describeActivity),
		"DescribeExecution":                call((*scope).describeExecution),
		"DescribeMapRun":                   call((*scope).describeMapRun),
		"DescribeStateMachine":             call((*scope).describeStateMachine),
		"DescribeStateMachineAlias":        call((*scope).describeStateMachineAlias),
		"DescribeStateMachineForExecution": call((*scope).describeStateMachineForExecution),
		getActivityTask:                    call((*scope).getActivityTask),
		"GetExecutionHistory":              call((*scope).getExecutionHistory),
		"ListActivities":                   call((*scope).listActivities),
		"ListExecutions":                   call((*scope).listExecutions),
		"ListMapRuns":                      call((*scope).listMapRuns),
		"ListStateMachineAliases":          call((*scope).listStateMachineAliases),
		"ListStateMachineVersions":         call((*scope).listStateMachineVersions),
		"ListStateMachines":                call((*scope).listStateMachines),
		"ListTagsForResource":              call((*scope).listTagsForResource),
		"PublishStateMachineVersion":       call((*scope).publishStateMachineVersion),
		"RedriveExecution":                 call((*scope).redriveExecution),
		"SendTaskFailure":                  call((*scope).sendTaskFailure),
		"SendTaskHeartbeat":                call((*scope).sendTaskHeartbeat),
		"SendTaskSuccess":                  call((*scope).sendTaskSuccess),
		"StartExecution":                   call((*scope).startExecution),
		"StartSyncExecution":               call((*scope).startSyncExecution),
		"StopExecution":                    call((*scope).stopExecution),
		"TagResource":                      call((*scope).tagResource),
		"TestState":                        call((*scope).testState),
		"UntagResource":                    call((*scope).untagResource),
		"UpdateMapRun":                     call((*scope).updateMapRun),
		"UpdateStateMachine":               call((*scope).updateStateMachine),
		"UpdateStateMachineAlias":          call((*scope).updateStateMachineAlias),
		"ValidateStateMachineDefinition":   call((*scope).validateStateMachineDefinition),
	}
}

// call makes an operation of a function that takes its request as a struct. The tags
// of the struct are those of type shape.
func call[In any](f func(*scope, *In) (fields, error)) *operation {
	s := shapeOf(reflect.TypeFor[In]())
	return &operation{in: s, do: func(scope *scope, body jsonvalue.Value) (jsonvalue.Value, error) {
		var in In
		if err := decode(s, body, reflect.ValueOf(&in).Elem()); err != nil {
			return jsonvalue.Value{}, err
		}
		answer, err := f(scope, &in)
		return answer.value(), err
	}}
}

// getActivityTask is the operation whose requests wait.
const getActivityTask = "GetActivityTask"

// targetPrefix begins the header X-Amz-Target of each request.
const targetPrefix = "AWSStepFunctions."

// healthPath is where load balancers ask.
const healthPath = "/_statemill/health"

// ServeHTTP implements http.Handler. The host and the path of a request do not matter,
// except for what Handle has added: clients put prefixes before the host, and proxies send the whole URL.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if other := h.besides(r); other != nil {
		other.ServeHTTP(w, r)
		return
	}
	id := randomUUID()
	w.Header().Set("x-amzn-RequestId", id)
	begun := time.Now()
	status, body, err := h.respond(w, r)
	switch {
	case errors.Is(err, http.ErrAbortHandler):
		panic(http.ErrAbortHandler) // the server closes the connection without a word
	case status == 0:
		f, internal := faultOf(err)
		if internal {
			h.log(slog.LevelError, "a request failed", "request", id, "error", err)
		}
		status, body = f.code(), appendAnswer(nil, f.answer())
		h.log(slog.LevelInfo, "request", "operation", operationOf(r), "fault", f.name, "request", id, "took", time.Since(begun))
	default:
		h.log(slog.LevelInfo, "request", "operation", operationOf(r), "request", id, "took", time.Since(begun))
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)) // not all can
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client has gone
	}
}

// operationOf returns the name of the operation for the log, "" if there is none.
func operationOf(r *http.Request) string {
	name, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	if operations[name] == nil {
		return ""
	}
	return name
}

// respond returns the status and body of an answer, or status 0 and what went wrong. A
// panic harms no other request.
func (h *Handler) respond(w http.ResponseWriter, r *http.Request) (status int, body []byte, err error) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		status, body, err = 0, nil, errors.New("a panic")
		if value == http.ErrAbortHandler { //nolint:errorlint // it is that very value
			err = http.ErrAbortHandler
			return
		}
		h.log(slog.LevelError, "a request panicked", "panic", value, "stack", string(debug.Stack()))
	}()
	if err := h.admit(w, r); err != nil {
		return 0, nil, err
	}
	switch {
	case r.Method == http.MethodGet && r.URL.Path == healthPath:
		return h.health()
	case r.Method == http.MethodOptions && r.Header.Get("Origin") != "":
		return http.StatusNoContent, nil, nil
	case r.Method != http.MethodPost:
		return 0, nil, protocol(http.StatusNotFound, "UnknownOperationException", "There is nothing here but the Step Functions API, by POST.")
	}
	answer, err := h.perform(w, r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, appendAnswer(nil, answer), nil
}

func (h *Handler) health() (status int, body []byte, err error) {
	if h.isClosing() {
		return 0, nil, unavailable()
	}
	return http.StatusOK, []byte(`{"status":"ok"}`), nil
}

// perform has the operation of a request performed.
func (h *Handler) perform(w http.ResponseWriter, r *http.Request) (jsonvalue.Value, error) {
	name, ours := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	o := operations[name]
	if !ours {
		return jsonvalue.Value{}, protocol(http.StatusBadRequest, "UnknownOperationException", "The header X-Amz-Target names no operation of Step Functions.")
	}
	if o == nil {
		return jsonvalue.Value{}, protocol(http.StatusBadRequest, "UnknownOperationException", "The operation %.100q is not served here.", name)
	}
	if name != getActivityTask { // whose requests wait, and have a bound of their own
		if !h.running.TryAcquire(1) {
			return jsonvalue.Value{}, throttled()
		}
		defer h.running.Release(1)
	}
	body, err := h.read(w, r)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	if !h.enter() {
		return jsonvalue.Value{}, unavailable()
	}
	defer h.work.Done()
	region := h.regionOf(r)
	return o.do(&scope{
		handler: h, ctx: r.Context(), operation: name, now: time.Now(),
		place: place{partition: partitionOf(region), region: region, account: h.config.Account},
	}, body)
}

// read reads the body of a request.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) (jsonvalue.Value, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(readTimeout)) // not all can
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.config.MaxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return jsonvalue.Value{}, protocol(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "The body has more than %d bytes.", tooLong.Limit)
	case err != nil:
		return jsonvalue.Value{}, serialization("The body ends too early.")
	}
	_ = control.SetReadDeadline(time.Time{})
	if err := h.authenticate(r, raw); err != nil {
		return jsonvalue.Value{}, err
	}
	body, err := jsonvalue.Parse(raw)
	if err != nil {
		return jsonvalue.Value{}, serialization("The body is not JSON: %s", err)
	}
	return body, nil
}

// regionOf returns the region of the credentials with which a request is signed:
//
//	Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261128/eu-west-1/states/aws4_request, ...
func (h *Handler) regionOf(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	credential, _, _ = strings.Cut(credential, ",")
	parts := strings.Split(credential, "/")
	if len(parts) < 5 || !isRegion(parts[len(parts)-3]) {
		return h.config.Region
	}
	return parts[len(parts)-3]
}

func isRegion(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (h *Handler) log(level slog.Level, message string, args ...any) {
	if logger := h.config.Engine.Logger; logger != nil {
		logger.Log(context.Background(), level, message, args...)
	}
}
