package recorded

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// Caller performs calls of the Step Functions API.
type Caller interface {
	// Call returns the status and the body of the answer.
	Call(operation string, args jsonvalue.Value) (status int, answer jsonvalue.Value, err error)
}

// Walk replays the calls of a case one after the other.
type Walk struct {
	Caller
	Case   *Case
	Suffix string // of the names of state machines, and of activities that have workers. Default: "", none
	Logs   Logs   // Default: nil, nobody can read them
	Tally  Tally  // is told of the calls. Default: nil, nobody is

	// Services performs what a case asks of other services: a call, or a fixture, which is something that a case finds there.
	// Its answer is what later calls may refer to. Default: nil, a case that asks for a call is skipped, and fixtures are there.
	Services func(step *Call, args jsonvalue.Value) (jsonvalue.Value, error)

	Patience time.Duration // for the end of an execution. Default: as long as anything takes
	Sleeps   time.Duration // the longest sleep. Default: likewise

	n       *Normaliser
	answers map[int]apiAnswer
	values  map[string]string // what the recording has to what was answered here
	made    []made
	threads map[string]*thread
}

// Tally is told of calls, and of those whose answers are compared.
type Tally interface {
	Called(operation string)
	Compared(operation string)
}

// made is what a call has created.
type made struct {
	kind   string // "StateMachine", "Activity"
	answer jsonvalue.Value
}

// apiAnswer is what came of a call.
type apiAnswer struct {
	operation string
	status    int
	body      jsonvalue.Value
}

// longPatience is as long as anything takes.
const longPatience = 24 * time.Hour

// Run replays the calls and compares their answers.
func (w *Walk) Run() error {
	w.n, w.answers, w.values, w.threads = NewNormaliser(w.Case), make(map[int]apiAnswer), make(map[string]string), make(map[string]*thread)
	w.Patience, w.Sleeps = cmp.Or(w.Patience, longPatience), cmp.Or(w.Sleeps, longPatience)
	defer w.cleanUp()
	for i := range w.Case.Calls {
		if err := w.step(&w.Case.Calls[i]); err != nil {
			return err
		}
	}
	return w.join()
}

func (w *Walk) step(step *Call) error {
	switch {
	case w.Services != nil && step.Thread != "":
		w.aside(step.Thread)
		return nil
	case w.Services == nil && (strings.HasPrefix(step.Fixture, "helper:") && step.Fixture != "helper:"+worker || step.Helper != "" && step.Helper != worker):
		return Needs("the helper " + step.Fixture + step.Helper)
	case step.Service == "logs" && (step.Op == "CreateLogGroup" || strings.HasPrefix(step.Op, "Describe")):
		return nil // every log group is there
	case step.Service == "cloudformation" && (step.Waiter != "" || step.StateMachine != nil || step.Op == "DeleteStack"):
		return w.stack(step)
	case step.Waiter != "" || step.Fixture != "" || step.Op != "" && step.Service != "" && step.Service != "stepfunctions":
		return w.elsewhere(step)
	case step.Op != "":
		return w.perform(step)
	case step.Await != "":
		return w.await(step)
	case step.Sleep > 0:
		time.Sleep(min(time.Duration(step.Sleep*float64(time.Second)), w.Sleeps))
	case step.Match != "":
		return w.compare(step)
	}
	return nil
}

// stack does what a stack of CloudFormation does to its state machine.
func (w *Walk) stack(step *Call) error {
	if step.StateMachine == nil {
		return nil
	}
	args, err := w.arguments(step.StateMachine)
	if err != nil {
		return err
	}
	status, body, err := w.Call("CreateStateMachine", args)
	if err == nil && status >= 400 {
		err = fmt.Errorf("call %d, %s: %s", step.I, step.Op, Brief(body))
	}
	return err
}

// elsewhere has something performed that is not the API's.
func (w *Walk) elsewhere(step *Call) error {
	if w.Services == nil && step.Fixture != "" {
		return nil
	}
	if w.Services == nil {
		return Needs("another service")
	}
	args, err := w.arguments(step.Args)
	if err != nil {
		return err
	}
	_, err = w.Services(step, args)
	return err
}

// thread is what a case does beside its other calls.
type thread struct {
	done chan struct{}
	err  error
}

// aside begins the calls of a thread, if they have not begun.
func (w *Walk) aside(name string) {
	if w.threads[name] != nil {
		return
	}
	t := &thread{done: make(chan struct{})}
	w.threads[name] = t
	go func() {
		defer close(t.done)
		t.err = w.callAside(name)
	}()
}

// callAside makes the calls of a thread. A later one refers to the answer of another service as REF#1.TaskToken.
func (w *Walk) callAside(name string) error {
	answers := make(map[int]jsonvalue.Value)
	for i := range w.Case.Calls {
		step := &w.Case.Calls[i]
		if step.Thread != name {
			continue
		}
		text := references.ReplaceAllStringFunc(string(step.Args), func(ref string) string {
			parts := references.FindStringSubmatch(ref)
			from, _ := strconv.Atoi(parts[1])
			v, _ := at(answers[from], parts[2])
			return TextOf(v)
		})
		args, err := jsonvalue.Parse([]byte(text))
		if err != nil {
			return err
		}
		if step.Service == "stepfunctions" {
			_, answers[step.I], err = w.Call(step.Op, args)
		} else {
			answers[step.I], err = w.Services(step, args)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var references = regexp.MustCompile(`REF#(\d+)\.(\w+)`)

// join waits for the threads.
func (w *Walk) join() error {
	for _, name := range slices.Sorted(maps.Keys(w.threads)) {
		<-w.threads[name].done
		if err := w.threads[name].err; err != nil {
			return err
		}
	}
	return nil
}

func (w *Walk) compared(operation string) {
	if w.Tally != nil {
		w.Tally.Compared(operation)
	}
}

// worker is a state machine that performs the tasks of an activity, by operations of the API.
const worker = "sfn_activity_consumer"

// perform sends a call and keeps the answer.
func (w *Walk) perform(step *Call) error {
	args, err := w.arguments(step.Args)
	if err != nil {
		return err
	}
	if name, ok := args.Get("name"); ok && (step.Op == "CreateStateMachine" || step.Op == "CreateActivity" && slices.Contains(w.Case.Needs, "activity")) {
		args = args.With("name", jsonvalue.String(TextOf(name)+w.Suffix))
	}
	if w.Tally != nil {
		w.Tally.Called(step.Op)
	}
	status, body, err := w.until(step, args)
	if err != nil {
		return err
	}
	if err := Missing(step.Op, body); err != nil {
		return err
	}
	if status >= 400 && step.ExpectError == "" {
		return fmt.Errorf("call %d, %s: %s", step.I, step.Op, Brief(body))
	}
	w.answers[step.I] = apiAnswer{step.Op, status, body}
	if kind, creates := strings.CutPrefix(step.Op, "Create"); creates && status < 400 {
		w.made = append(w.made, made{kind, body})
	}
	for _, ref := range w.Case.Refs {
		if path, ok := strings.CutPrefix(ref.Path, "response."); ok && ref.Step == step.I {
			if v, ok := at(body, path); ok {
				w.values[ref.Value] = TextOf(v)
			}
		}
	}
	return nil
}

// until makes a call, again and again if the recording did so until an execution was over.
func (w *Walk) until(step *Call, args jsonvalue.Value) (status int, body jsonvalue.Value, err error) {
	for pause, waited := FirstPause, time.Duration(0); ; pause = min(2*pause, LastPause) {
		status, body, err = w.Call(step.Op, args)
		state, _ := body.Get("status")
		if !step.Poll || step.Op != "DescribeExecution" || err != nil || TextOf(state) != "RUNNING" || waited > w.Patience {
			return status, body, err
		}
		time.Sleep(pause)
		waited += pause
	}
}

// Missing returns what a server says that it cannot do, as a reason to skip the case.
func Missing(operation string, body jsonvalue.Value) error {
	kind, _ := body.Get("__type")
	message, _ := body.Get("message")
	_, name, _ := strings.Cut(TextOf(kind), "#")
	switch {
	case name == "UnknownOperationException":
		return Needs("the operation " + operation)
	case strings.Contains(TextOf(message), "a distributed Map state cannot"):
		return Needs("a distributed Map state that runs")
	}
	return nil
}

// arguments replaces what comes from earlier answers, also in texts that hold JSON: the
// longest first, because one may be part of another.
func (w *Walk) arguments(args json.RawMessage) (jsonvalue.Value, error) {
	text := FillIn(string(args), w.Case.Dynamic)
	var olds []string
	for old := range w.values {
		olds = append(olds, old)
	}
	slices.SortFunc(olds, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	var pairs []string
	for _, old := range olds {
		pairs = append(pairs, old, w.values[old])
	}
	return jsonvalue.Parse([]byte(strings.NewReplacer(pairs...).Replace(text)))
}

// at returns the value at a path: "executions[0].name".
func at(v jsonvalue.Value, path string) (jsonvalue.Value, bool) {
	path = strings.NewReplacer("[", ".", "]", "").Replace(path)
	for _, name := range strings.Split(path, ".") {
		next, ok := v.Get(name)
		if v.Kind() == jsonvalue.KindArray {
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil {
				return v, false
			}
			next, ok = v.Index(i)
		}
		if !ok {
			return v, false
		}
		v = next
	}
	return v, true
}

// How long the pauses are between looks at an execution: longer and longer.
const (
	FirstPause = 50 * time.Millisecond
	LastPause  = 2 * time.Second
)

// await waits until something holds that the recording waited for.
func (w *Walk) await(step *Call) error {
	args, err := w.arguments(step.Args)
	if err != nil {
		return err
	}
	execution, _ := args.Get("execution_arn")
	wanted := map[string]string{
		"await_execution_terminated": "SUCCEEDED FAILED TIMED_OUT ABORTED", "await_execution_success": "SUCCEEDED",
		"await_execution_aborted": "ABORTED", "await_execution_started": "RUNNING SUCCEEDED FAILED TIMED_OUT ABORTED",
	}[step.Await]
	if step.Await == "await_on_execution_logs" {
		return w.awaitLogs()
	}
	if wanted == "" && strings.HasPrefix(step.Await, "await_state_machine_") {
		return nil // there it takes a while until a version or alias is listed
	}
	if wanted == "" {
		return Needs(step.Await)
	}
	patience := w.Patience
	if w.Case.GoesOn() {
		patience = 10 * time.Second // the recording ends before the execution does
	}
	pause := FirstPause
	for waited := time.Duration(0); waited < patience; waited += pause {
		_, body, err := w.Call("DescribeExecution", jsonvalue.Object(jsonvalue.Member{Name: "executionArn", Value: execution}))
		if err != nil {
			return err
		}
		status, _ := body.Get("status")
		if name := TextOf(status); name != "" && slices.Contains(strings.Fields(wanted), name) {
			return nil
		} else if name != "" && name != "RUNNING" {
			return fmt.Errorf("step %d, %s: it is %s", step.I, step.Await, Brief(body))
		}
		pause = min(2*pause, LastPause)
		time.Sleep(pause)
	}
	if w.Case.GoesOn() {
		return nil
	}
	late := fmt.Sprintf("step %d, %s: not within %s", step.I, step.Await, patience)
	if patience < longPatience {
		return Skip(late)
	}
	return errors.New(late)
}

// compare compares an answer, or what the recording made of answers.
func (w *Walk) compare(step *Call) error {
	expected, err := jsonvalue.Parse(w.Case.Expected)
	if err != nil {
		return err
	}
	want, ok := expected.Get(step.Match)
	if !ok {
		return nil
	}
	if step.Match == "end_event" || step.Match == "logged_execution_events" {
		return w.compareLogs(step.Match, want)
	}
	if step.Derived != nil {
		return w.compareDerived(step, want)
	}
	if step.FromCall == nil {
		return errors.New("the case does not say which call is compared")
	}
	got, known := w.answers[*step.FromCall]
	if !known {
		return nil // what another service has answered
	}
	w.compared(got.operation)
	want = want.Without("ResponseMetadata")
	if _, refused := want.Get("Error"); refused {
		return w.compareError(step.Match, want, got)
	}
	if got.operation == "GetExecutionHistory" {
		return w.compareEvents(want, got.body)
	}
	return w.n.Difference(step.Match, want, Unfold(got.body))
}

func (w *Walk) compareEvents(want, got jsonvalue.Value) error {
	wanted, ok := want.Get("events")
	if !ok {
		return nil
	}
	events, _ := got.Get("events")
	return CompareEvents(w.Case, w.n, wanted, Unfold(events))
}

// compareError compares the code and the words of an answer that refuses, and what it
// has besides.
func (w *Walk) compareError(path string, want jsonvalue.Value, got apiAnswer) error {
	code, message := got.fault()
	if w.Case.Marker == "localstack_text" { // the words are not those of AWS
		kept, _ := want.Get("Error")
		name, _ := kept.Get("Code")
		return w.n.Difference(path, name, jsonvalue.String(code))
	}
	shown := jsonvalue.Object(
		jsonvalue.Member{Name: "Error", Value: jsonvalue.Object(
			jsonvalue.Member{Name: "Message", Value: jsonvalue.String(message)}, jsonvalue.Member{Name: "Code", Value: jsonvalue.String(code)},
		)},
	)
	for name, member := range got.body.Members() {
		if name != "__type" {
			shown = shown.With(name, member)
		}
	}
	return w.n.Difference(path, want, shown)
}

// fault returns the name and the words of an answer that refuses.
func (a apiAnswer) fault() (code, message string) {
	kind, _ := a.body.Get("__type")
	_, code, _ = strings.Cut(TextOf(kind), "#")
	text, ok := a.body.Get("message")
	if !ok {
		text, _ = a.body.Get("Message")
	}
	return code, TextOf(text)
}

// compareDerived compares what a client made of a refusal: its name, and a sentence
// with its words. Whatever else was derived is not compared.
func (w *Walk) compareDerived(step *Call, want jsonvalue.Value) error {
	var from int
	_, rest, found := strings.Cut(string(step.Derived), "ERR#")
	if !found {
		return nil
	}
	if _, err := fmt.Sscan(rest[:strings.IndexByte(rest, '.')], &from); err != nil {
		return err
	}
	got := w.answers[from]
	w.compared(got.operation)
	code, message := got.fault()
	words, isText := want, want.Kind() == jsonvalue.KindString
	if !isText {
		words, _ = want.Get("exception_value")
	}
	if clientSide := strings.HasPrefix(TextOf(words), "Parameter validation failed"); clientSide {
		if got.status == 400 && slices.Contains([]string{"ValidationException", "SerializationException", "MissingRequiredParameter"}, code) {
			return nil // its words are those of the client, which does not send such a request
		}
		if strings.Contains(TextOf(words), "value: None") {
			return nil // to the service, null is as good as absent
		}
		return fmt.Errorf("%s: want a refusal, got %s", step.Match, Brief(got.body))
	}
	sentence := fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", code, got.operation, message)
	if err := w.n.Difference(step.Match, words, jsonvalue.String(sentence)); err != nil {
		return err
	}
	if name, ok := want.Get("exception_typename"); ok && TextOf(name) != code && TextOf(name) != "ClientError" {
		return fmt.Errorf("%s: want %s, got %s", step.Match, name, code)
	}
	return nil
}

// cleanUp deletes the state machines and activities of the case. The aliases of a state
// machine go with it.
func (w *Walk) cleanUp() {
	for _, m := range w.made {
		for _, name := range []string{"stateMachineArn", "activityArn"} {
			if arn, ok := m.answer.Get(name); ok {
				_, _, _ = w.Call("Delete"+m.kind, jsonvalue.Object(jsonvalue.Member{Name: name, Value: arn}))
			}
		}
	}
}

// Logs are what executions have written to their log groups.
type Logs interface {
	Ended() bool                       // the last event says that an execution is over
	Records() (jsonvalue.Value, error) // in the form of the recordings
}

// awaitLogs waits for the end of the execution that writes them.
func (w *Walk) awaitLogs() error {
	if w.Logs == nil {
		return Needs("a log group that can be read")
	}
	for range 1000 {
		if w.Logs.Ended() {
			return nil
		}
		time.Sleep(LastPause)
	}
	return errors.New("no log tells of the end")
}

// compareLogs compares the last record, or all of them if the recording is a list.
func (w *Walk) compareLogs(path string, want jsonvalue.Value) error {
	if w.Logs == nil {
		return Needs("a log group that can be read")
	}
	got, err := w.Logs.Records()
	if err != nil {
		return err
	}
	if want.Kind() != jsonvalue.KindArray {
		last, ok := got.Index(got.Len() - 1)
		if !ok {
			return fmt.Errorf("%s: nothing was logged", path)
		}
		got = last
	}
	return w.n.Difference(path, want, Unfold(got))
}
