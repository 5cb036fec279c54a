package sfnapi

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// meta is kept with an execution.
type meta struct {
	Revision string    `json:"revision"`           // of the state machine
	Input    []byte    `json:"input,omitempty"`    // SHA-256 of the text of the input, if that is not compact
	Redrives []redrive `json:"redrives,omitempty"` // the last ones

	Logging *loggingConfiguration `json:"logging,omitempty"` // nil: nothing is logged
}

func metaOf(r *store.Record) (m meta, err error) {
	if len(r.Meta) > 0 {
		err = json.Unmarshal(r.Meta, &m)
	}
	return m, err
}

func (m *meta) encode() []byte {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // all fields can be encoded
	}
	return text
}

type startExecutionIn struct {
	ARN         string  `sfn:"stateMachineArn,required,1..256"`
	Name        *string `sfn:"name,1..80"`
	Input       *string `sfn:"input,0..262144,data"`
	TraceHeader *string `sfn:"traceHeader,0..256,pattern=ascii"`
}

func (s *scope) startExecution(in *startExecutionIn) (fields, error) {
	b, err := s.begin(in.ARN, in.Name, in.Input, in.TraceHeader, "")
	if err != nil {
		return nil, err
	}
	if b.target.revision.Type == typeExpress {
		return s.startExpress(b)
	}
	if err := s.handler.choose(b.testCase, b.target, b.who.Execution); err != nil {
		return nil, err
	}
	return s.start(b)
}

// beginning is what an execution begins with.
type beginning struct {
	target *startable
	who    runtime.Identity
	input  jsonvalue.Value
	notes  meta

	testCase *string // that the client names behind the ARN; nil: none
}

// begin reads what the requests have in common that start executions. A state machine of
// another type than wanted is refused, unless that is "".
func (s *scope) begin(machine string, asked, input, trace *string, wanted string) (*beginning, error) {
	b := new(beginning)
	if s.handler.config.Case != nil {
		plain, testCase, named := strings.Cut(machine, "#")
		if machine = plain; named {
			b.testCase = &testCase
		}
	}
	ref, err := parseMachine(machine)
	if err != nil {
		return nil, err
	}
	name := timeUUID(s.now)
	if asked != nil {
		name = *asked
	}
	if !validName(name) {
		return nil, invalidName(name)
	}
	if b.target, err = s.startable(ref, name); err != nil {
		return nil, err
	}
	if wanted != "" && b.target.revision.Type != wanted {
		return nil, wrongType()
	}
	b.notes = b.target.notes()
	if b.input, b.notes.Input, err = parseInput(input); err != nil {
		return nil, err
	}
	b.who = b.target.who
	b.who.ExecutionName, b.who.Execution = name, ref.of(kindExecution, ref.name, name)
	if trace != nil {
		b.who.TraceHeader = completeTrace(*trace, s.now)
	}
	return b, nil
}

// choose tells Config.Case which test case an execution has, if it has one.
func (h *Handler) choose(testCase *string, t *startable, execution string) error {
	if testCase == nil {
		return nil
	}
	program, err := t.revision.program()
	if err != nil {
		return err
	}
	if err := h.config.Case(execution, t.ref.name, *testCase, program); err != nil {
		return invalid("%v", err)
	}
	return nil
}

// startable is what an execution can be started of.
type startable struct {
	ref      machineRef
	revision *kept
	who      runtime.Identity // without the names of the execution
}

// startable returns the state machine or version of a reference; of an alias, the version
// of an execution with the name.
func (s *scope) startable(ref machineRef, name string) (*startable, error) {
	aliased := ""
	if ref.isAlias() {
		a, found, err := s.aliasOf(ref)
		if err == nil && !found {
			err = s.noAlias(ref)
		}
		if err != nil {
			return nil, err
		}
		aliased = ref.String()
		ref = ref.qualified(a.pick(ref.of(kindExecution, ref.name, name)))
	}
	m, v, err := s.machineAndVersion(ref)
	switch {
	case err != nil:
		return nil, err
	case m.Deleting:
		return nil, stateMachineDeleting(ref.String())
	}
	t := &startable{ref: ref, who: runtime.Identity{StateMachine: ref.plain(), StateMachineName: ref.name, StateMachineAlias: aliased}}
	id := m.Revision
	if v != nil {
		id, t.who.StateMachineVersion = v.Revision, ref.String()
	}
	if t.revision, err = s.revisionOf(ref.name, id); err != nil {
		return nil, err
	}
	t.who.RoleARN = t.revision.Role
	return t, nil
}

// notes returns the meta of executions that are started.
func (t *startable) notes() meta {
	m := meta{Revision: t.revision.ID}
	if t.revision.Logging.logs() {
		m.Logging = &t.revision.Logging
	}
	return m
}

// parseInput reads an input, and returns the hash of its text if that is not the form
// in which it is kept: a repeated request must have the same text.
func parseInput(asked *string) (input jsonvalue.Value, hash []byte, err error) {
	if asked == nil {
		return jsonvalue.Object(), nil, nil
	}
	if *asked == "" {
		return input, nil, invalidInput("Invalid execution input.")
	}
	if input, err = jsonvalue.Parse([]byte(*asked)); err != nil {
		return input, nil, invalidInput(err.Error())
	}
	if input.String() == *asked {
		return input, nil, nil
	}
	sum := sha256.Sum256([]byte(*asked))
	return input, sum[:], nil
}

func (s *scope) start(b *beginning) (fields, error) {
	t, who, input, notes := b.target, b.who, b.input, &b.notes
	program, err := t.revision.program()
	if err != nil {
		return nil, err
	}
	defer s.lookLater(t.ref, who.Execution)
	record, err := s.handler.executions.Start(s.ctx, program, who, input, notes.encode())
	if errors.Is(err, store.ErrExists) {
		record, err = s.handler.executions.Describe(s.ctx, who.Execution)
		if err == nil && (record.Status != interp.Running || record.Input.String() != input.String()) {
			err = executionExists(who.Execution)
		}
	}
	if err != nil {
		return nil, err
	}
	have, err := metaOf(&record)
	if err != nil {
		return nil, err
	}
	if string(have.Input) != string(notes.Input) {
		return nil, executionExists(who.Execution)
	}
	if err := s.stillThere(t.ref, who.Execution); err != nil {
		return nil, err
	}
	return fields{"executionArn": text(record.Execution), "startDate": instant(record.Start)}, nil
}

// stillThere looks at the state machine again after a start. A deletion that did not
// see the execution had been marked before: then nobody but this request knows of it.
func (s *scope) stillThere(ref machineRef, execution string) error {
	m, found, err := s.machineOf(ref)
	if err != nil || found && !m.Deleting {
		return err
	}
	d := &deletion{handler: s.handler, ref: ref}
	d.disown(execution)
	if found {
		return stateMachineDeleting(ref.String())
	}
	return noStateMachine(ref.String())
}

// lookLater does so if the client has gone, which ends the request before it has looked.
func (s *scope) lookLater(ref machineRef, execution string) {
	if s.ctx.Err() == nil {
		return
	}
	later := *s
	later.ctx = s.handler.ctx
	s.handler.goOn(func() { _ = later.stillThere(ref, execution) }) // nobody is there to be told
}

// validRoot is the Root of a trace header that X-Ray takes.
var validRoot = regexp.MustCompile(`^1-[0-9a-f]{8}-[0-9a-f]{24}$`)

// completeTrace returns a trace header as AWS keeps it: with a Root that is valid, and
// with a decision about sampling (recorded). Other parts stay (unsure).
func completeTrace(header string, now time.Time) string {
	root, sampled, others := "", "1", ""
	for _, part := range strings.Split(header, ";") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "Root":
			root = value
		case "Sampled":
			sampled = value
		case "":
		default:
			others += ";" + name + "=" + value
		}
	}
	if !validRoot.MatchString(root) {
		id := sha256.Sum256([]byte(randomUUID()))
		root = fmt.Sprintf("1-%08x-%x", now.Unix(), id[:12])
	}
	if sampled != "0" {
		sampled = "1"
	}
	return "Root=" + root + others + ";Sampled=" + sampled
}

// executionOf returns an execution by its ARN.
func (s *scope) executionOf(text string) (store.Record, error) {
	a, err := s.parseExecution(text)
	if err != nil {
		return store.Record{}, err
	}
	record, err := s.handler.executions.Describe(s.ctx, a.String())
	if errors.Is(err, store.ErrNotFound) {
		err = noExecution(text)
	}
	return record, err
}

// describable returns an execution as executionOf does, and also a child of a Map Run that is an
// EXPRESS one.
func (s *scope) describable(text string) (store.Record, error) {
	a, err := parseARN(text, kindExecution, kindExpress)
	if err != nil || a.kind != kindExpress || a.place != s.place || !strings.Contains(a.parts[0], "/") {
		return s.executionOf(text)
	}
	record, err := s.handler.executions.Describe(s.ctx, text)
	if errors.Is(err, store.ErrNotFound) {
		err = noExecution(text)
	}
	return record, err
}

// parseExecution reads the ARN of an execution that may be there.
func (s *scope) parseExecution(text string) (arn, error) {
	a, err := parseARN(text, kindExecution)
	if err != nil {
		return a, err
	}
	machine, _, _ := strings.Cut(a.parts[0], "/") // what follows is the label of a Map Run
	if len(a.parts) != 2 || a.place != s.place || !validName(machine) || !validName(a.parts[1]) {
		return a, noExecution(text)
	}
	return a, nil
}

type describeExecutionIn struct {
	ARN      string `sfn:"executionArn,required,1..256"`
	Included string `sfn:"includedData,enum=IncludedData"`
}

func (s *scope) describeExecution(in *describeExecutionIn) (fields, error) {
	r, err := s.describable(in.ARN)
	if err != nil {
		return nil, err
	}
	answer, err := executionItem(&r)
	if err != nil {
		return nil, err
	}
	if in.Included != "METADATA_ONLY" {
		answer.addData("input", r.Input)
		if r.Status == interp.Succeeded {
			answer.addData("output", r.Output)
		}
	}
	if r.HasError && r.Status != interp.TimedOut { // recorded
		answer["error"] = text(r.Error)
	}
	if r.HasCause && r.Status != interp.TimedOut {
		answer["cause"] = text(r.Cause)
	}
	answer.addText("traceHeader", r.TraceHeader)
	status, reason := redrivable(&r)
	answer["redriveStatus"] = text(status)
	answer.addText("redriveStatusReason", reason)
	return answer, nil
}

// executionItem returns what ListExecutions shows of an execution.
func executionItem(r *store.Record) (fields, error) {
	notes, err := metaOf(r)
	answer := fields{
		"executionArn": text(r.Execution), "stateMachineArn": text(r.StateMachine), "name": text(r.ExecutionName),
		"status": text(string(r.Status)), "startDate": instant(r.Start), "redriveCount": jsonvalue.Int(int64(r.Redrives)),
	}
	if !r.Stop.IsZero() {
		answer["stopDate"] = instant(r.Stop)
	}
	switch n := len(notes.Redrives); {
	case r.MapRun == "" && n > 0: // as the answer to the request said
		answer["redriveDate"] = instant(fromMillis(notes.Redrives[n-1].At))
	case !r.Redriven.IsZero() && !strings.Contains(r.Execution, ":express:"): // recorded
		answer["redriveDate"] = instant(r.Redriven)
	}
	answer.addText("stateMachineVersionArn", r.StateMachineVersion)
	answer.addText("stateMachineAliasArn", r.StateMachineAlias)
	answer.addText("mapRunArn", r.MapRun)
	return answer, err
}

type listExecutionsIn struct {
	StateMachine  *string `sfn:"stateMachineArn,1..256"`
	Status        string  `sfn:"statusFilter,enum=ExecutionStatus"`
	MaxResults    int64   `sfn:"maxResults,0..1000"`
	NextToken     *string `sfn:"nextToken,1..3096"`
	MapRun        *string `sfn:"mapRunArn,1..2000"`
	RedriveFilter *string `sfn:"redriveFilter,enum=ExecutionRedriveFilter"`
}

// listExecutions lists the newest first.
func (s *scope) listExecutions(in *listExecutionsIn) (fields, error) {
	switch { // the words of these are not recorded (unsure)
	case (in.StateMachine == nil) == (in.MapRun == nil):
		return nil, invalid("Must provide either a state machine ARN or a map run ARN")
	case in.StateMachine != nil && in.RedriveFilter != nil:
		return nil, invalid("The redriveFilter can only be used with a map run ARN")
	case in.MapRun != nil:
		return s.listMapRunExecutions(in)
	}
	page, err := s.paged(in.NextToken, in.MaxResults, *in.StateMachine, in.Status)
	if err != nil {
		return nil, err
	}
	q, err := s.listed(*in.StateMachine)
	if err != nil {
		return nil, err
	}
	if in.Status == "PENDING_REDRIVE" {
		return fields{"executions": jsonvalue.Array()}, nil // only what Map Runs start can have this status
	}
	q.Status, q.After, q.Limit = interp.Status(in.Status), page.after, page.limit+1
	records, err := s.handler.executions.List(s.ctx, q)
	if errors.Is(err, store.ErrNotFound) {
		return nil, invalidToken() // the execution was deleted
	}
	if err != nil {
		return nil, err
	}
	return listing(page, "executions", records, func(r *store.Record) string { return r.Execution }, executionItem)
}

// listed returns the query for the executions of a state machine, version or alias.
func (s *scope) listed(arn string) (q store.Query, err error) {
	ref, err := parseMachine(arn)
	if err != nil {
		return q, err
	}
	machine, found, err := s.machineOf(ref)
	if err == nil && found && machine.Type == typeExpress {
		err = wrongType()
	}
	if err != nil {
		return q, err
	}
	if ref.isAlias() {
		_, found, err := s.aliasOf(ref)
		if err == nil && !found {
			err = s.noAlias(ref)
		}
		return store.Query{Alias: ref.String()}, err
	}
	_, v, err := s.machineAndVersion(ref)
	switch {
	case err != nil:
		return q, err
	case v != nil:
		return store.Query{Version: ref.String()}, nil
	}
	return store.Query{StateMachine: ref.plain()}, nil
}

type stopExecutionIn struct {
	ARN   string  `sfn:"executionArn,required,1..256"`
	Error *string `sfn:"error,0..256,data"`
	Cause *string `sfn:"cause,0..32768,data"`
}

// stopExecution answers for an execution that is over when it ended (recorded).
func (s *scope) stopExecution(in *stopExecutionIn) (fields, error) {
	a, err := s.parseExecution(in.ARN)
	if err != nil {
		return nil, err
	}
	name, cause := "", ""
	if in.Error != nil {
		name = *in.Error
	}
	if in.Cause != nil {
		cause = *in.Cause
	}
	stopped, err := s.handler.executions.Stop(s.ctx, a.String(), name, cause)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noExecution(in.ARN)
	}
	if err != nil {
		return nil, err
	}
	return fields{"stopDate": instant(stopped)}, nil
}

type describeStateMachineForExecutionIn struct {
	ARN      string `sfn:"executionArn,required,1..256"`
	Included string `sfn:"includedData,enum=IncludedData"`
}

// describeStateMachineForExecution shows the state machine as it was at the start.
func (s *scope) describeStateMachineForExecution(in *describeStateMachineForExecutionIn) (fields, error) {
	record, err := s.describable(in.ARN)
	if err != nil {
		return nil, err
	}
	notes, err := metaOf(&record)
	if err != nil {
		return nil, err
	}
	r, err := s.revisionOf(record.StateMachineName, notes.Revision)
	if err != nil {
		return nil, err
	}
	answer := described(record.StateMachineName, r, in.Included)
	answer["stateMachineArn"] = text(record.StateMachine)
	answer["updateDate"] = instant(fromMillis(r.Updated))
	return answer, childMachine(answer, r, &record, in.Included)
}
