package command

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/asl/diagram"
	"github.com/statemill/statemill/cmd/statemill/internal/source"
	"github.com/statemill/statemill/cmd/statemill/internal/suite"
	"github.com/statemill/statemill/contrib/parquet"
	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
)

// execution is what the flags of run say.
type execution struct {
	aws AWS

	sourceFlags
	tasks            []string
	functions        string
	mock, mockCase   string
	start, seed      string
	from, until      string
	variables        string
	buckets          string
	context          string
	history, drawing string
	timeout          time.Duration
	time             string
	asJSON           bool
	verbose, quiet   bool
}

func runCommand(aws AWS) *cobra.Command {
	e := &execution{aws: aws}
	c := &cobra.Command{
		Use:   "run SOURCE [INPUT...]",
		Short: "Runs a definition here, in virtual time.",
		Long: `Runs a workflow in this process. Time is virtual: waits and the pauses of retries take
none, and the clock stands still while a task runs; --time real changes that. An INPUT is JSON, @FILE or - for the
standard input (JSON, or one value a line); several are several executions. The output is
printed on stdout, the path on stderr. The exit status is 1 if an execution fails.`,
		Example: `  statemill run order.asl.json '{"id": 7}' --task validate=exec:./validate.py --task charge=json:'{"paid": true}'
  statemill run order.asl.yaml @input.json --task '*:function:*=echo' --history history.json
  statemill run order.asl.json --mock MockConfigFile.json --case Order/HappyPath`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return e.run(c, args) },
	}
	e.add(c)
	f := c.Flags()
	f.StringArrayVar(&e.tasks, "task", nil, taskHelp+", or state:NAME for the state of that name")
	f.StringVar(&e.functions, "lambda-endpoint", "", lambdaHelp)
	f.StringVar(&e.mock, "mock", "", "a mock `file` of Step Functions Local")
	f.StringVar(&e.mockCase, "case", "", "the test case of the mock file: `MACHINE/CASE`")
	f.StringVar(&e.time, "time", "virtual", "virtual, real, or a `factor`: in real time, with Wait states that take their time times the factor")
	f.StringVar(&e.start, "start", "", "the first `instant`. Default: 2026-01-01T00:00:00Z")
	f.StringVar(&e.seed, "seed", "", "what is random follows from this `text`. Default: always the same")
	f.StringVar(&e.from, "from", "", "begin at this `state`, at any depth")
	f.StringVar(&e.until, "until", "", "end before this `state`")
	f.StringVar(&e.variables, "variables", "", "the variables to begin with: a `JSON` object")
	f.StringVar(&e.buckets, "buckets", "", bucketsHelp)
	f.StringVar(&e.context, "context", "", "names in the Context Object: a `JSON` object such as {\"Execution\": {\"Name\": \"first\"}}")
	f.StringVar(&e.history, "history", "", "write the events, a JSON object a line, to this `file`; - is the standard output")
	f.StringVar(&e.drawing, "graph", "", "draw the path to this `file` of SVG")
	f.DurationVar(&e.timeout, "timeout", time.Minute, "the real `time` that a task may take; with --time real only if it is set")
	f.BoolVar(&e.asJSON, "json", false, "print failures on stdout, too: {\"error\", \"cause\"}")
	f.BoolVarP(&e.verbose, "verbose", "v", false, "show the input and output of each state")
	f.BoolVarP(&e.quiet, "quiet", "q", false, "print the output alone")
	return c
}

func (e *execution) run(c *cobra.Command, args []string) error {
	d, err := e.one(c, args[:1])
	if err != nil {
		return err
	}
	if names := d.Here(e.set).Placeholders(); len(names) > 0 && !e.quiet {
		fmt.Fprintf(c.ErrOrStderr(), "note: %s: not filled in: ${%s} (--set NAME=VALUE)\n", d.Name(), strings.Join(names, "}, ${"))
	}
	planned, err := e.plan(d)
	if err != nil {
		return err
	}
	if err := e.real(planned, c.Flags().Changed("timeout")); err != nil {
		return err
	}
	inputs, err := readInputs(args[1:], c.InOrStdin())
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	failed := false
	for _, input := range inputs {
		r := *planned
		r.Input, r.Context = input, ctx
		result := e.do(&r, c.ErrOrStderr())
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err := e.report(c, &r, result, len(inputs) == 1); err != nil {
			return err
		}
		failed = failed || result.Err != nil
	}
	if failed {
		return errFound
	}
	return nil
}

// plan makes the run that the flags describe, without its input.
func (e *execution) plan(d *source.Definition) (*mocking.Run, error) {
	program, err := e.program(d)
	if err != nil {
		return nil, err
	}
	r := &mocking.Run{Program: program, Patience: e.timeout, Bounded: true, AddOne: func(state, function string) string {
		if function != "" {
			return "--task " + function + "=json:{}"
		}
		return "--task 'state:" + state + "=json:{}'"
	}}
	if r.Mocks, err = e.mocks(program); err != nil {
		return nil, err
	}
	if r.File, err = e.mockFile(program); err != nil {
		return nil, err
	}
	if e.start != "" {
		if r.Start, err = time.Parse(time.RFC3339, e.start); err != nil {
			return nil, fmt.Errorf("--start %s: expected an instant like 2026-01-01T00:00:00Z", e.start)
		}
	}
	if e.buckets != "" {
		r.Objects, r.Formats = objects.Dir(e.buckets), parquet.Formats()
	}
	r.Seed = runtime.Seed{1}
	if e.seed != "" {
		r.Seed = runtime.Seed{}
		copy(r.Seed[:], hex.EncodeToString([]byte(e.seed)))
	}
	if e.variables != "" {
		if r.Variables, err = jsonvalue.Parse([]byte(e.variables)); err != nil || r.Variables.Kind() != jsonvalue.KindObject {
			return nil, errors.New("--variables: expected a JSON object")
		}
	}
	if e.context != "" {
		names, err := jsonvalue.Parse([]byte(e.context))
		if err != nil {
			return nil, fmt.Errorf("--context: %w", err)
		}
		if r.Identity, err = suite.Identity("--context", names); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// real makes the run one in real time, if the flags say so.
func (e *execution) real(r *mocking.Run, bounded bool) error {
	if e.time == "virtual" {
		return nil
	}
	if e.start != "" {
		return errors.New("--start needs --time virtual: real time begins now")
	}
	r.RealTime = true
	if !bounded {
		r.Patience = 0
	}
	if e.time == "real" {
		return nil
	}
	factor, err := strconv.ParseFloat(e.time, 64)
	if err != nil || !(factor >= 0) || math.IsInf(factor, 0) {
		return fmt.Errorf("--time %s: expected virtual, real or a factor such as 0.1", e.time)
	}
	r.ScaleWait = func(d time.Duration) time.Duration { return time.Duration(float64(d) * factor) }
	return nil
}

// do runs, and shows where it is while a person looks.
func (e *execution) do(r *mocking.Run, errs io.Writer) *mocking.Result {
	if e.quiet || !isTerminal(errs) {
		return r.Do()
	}
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	p := newProgress(errs, tick.C, func() int { return widthOf(errs) })
	r.Observe = p.observe
	defer p.stop()
	return r.Do()
}

// program compiles the definition, or the part of it that is to run.
func (e *execution) program(d *source.Definition) (*runtime.Program, error) {
	filled := d.Here(e.set)
	sm, found := asl.Validator{AnyResource: true}.Parse(filled.JSON)
	if err := found.Err(); err != nil {
		return nil, &invalid{filled.Translate(found), d.Name()}
	}
	program, err := runtime.Compile(sm)
	if err != nil {
		return nil, err
	}
	for _, flag := range [][2]string{{"--from", e.from}, {"--until", e.until}} {
		if name, state := flag[0], flag[1]; state != "" && !hasState(program, state) {
			return nil, fmt.Errorf("%s: the definition has no state %q", name, state)
		}
	}
	switch {
	case e.from == "" && e.until == "":
		return program, nil
	case e.until == "":
		return program.From(e.from)
	case e.from == "":
		return program.Between(sm.StartAt, e.until)
	}
	return program.Between(e.from, e.until)
}

// invalid is a definition that cannot run.
type invalid struct {
	findings asl.Diagnostics
	name     string
}

// Error returns the findings as a terminal shows them.
func (i *invalid) Error() string {
	var b bytes.Buffer
	if err := i.findings.WriteText(&b, i.name); err != nil {
		return err.Error()
	}
	return "the definition has errors\n" + strings.TrimRight(b.String(), "\n")
}

// mocks makes a mock of each --task.
func (e *execution) mocks(program *runtime.Program) (mocks []*mocking.Mock, err error) {
	for _, flag := range e.tasks {
		pattern, how, ok := strings.Cut(flag, "=")
		if state, isState := strings.CutPrefix(pattern, "state:"); isState && ok {
			if !hasState(program, state) {
				return nil, fmt.Errorf("--task %s: the definition has no state %q", flag, state)
			}
			task, err := parseHow(how, performers{e.functions, e.aws})
			if err != nil {
				return nil, fmt.Errorf("--task %s: %w", flag, err)
			}
			mocks = append(mocks, &mocking.Mock{State: state, Outcomes: []mocking.Outcome{{Performer: task}}})
			continue
		}
		one, err := parseFlags([]string{flag}, performers{e.functions, e.aws})
		if err != nil {
			return nil, err
		}
		for resource, task := range one {
			mocks = append(mocks, &mocking.Mock{Pattern: resource, Outcomes: []mocking.Outcome{{Performer: task}}})
		}
	}
	if e.functions != "" {
		task, err := newLambda(e.functions)
		if err != nil {
			return nil, err
		}
		mocks = append(mocks, &mocking.Mock{Pattern: allFunctions, Outcomes: []mocking.Outcome{{Performer: task}}})
	}
	return mocks, nil
}

func hasState(program *runtime.Program, name string) bool {
	for s := range program.StateMachine().All() {
		if s.Info().Name == name {
			return true
		}
	}
	return false
}

func (e *execution) mockFile(program *runtime.Program) (*mocking.FileCase, error) {
	if e.mock == "" {
		return nil, nil
	}
	machine, testCase, ok := strings.Cut(e.mockCase, "/")
	if !ok {
		return nil, errors.New("--mock wants --case MACHINE/CASE")
	}
	text, err := os.ReadFile(e.mock)
	if err != nil {
		return nil, err
	}
	var states []string
	for s := range program.StateMachine().All() {
		states = append(states, s.Info().Name)
	}
	f, err := mocking.ReadMockFile(text, machine, testCase, states)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.mock, err)
	}
	return f, nil
}

// readInputs reads the inputs; without any it is {}.
func readInputs(args []string, stdin io.Reader) (inputs []jsonvalue.Value, err error) {
	if len(args) == 0 {
		return []jsonvalue.Value{jsonvalue.Object()}, nil
	}
	for _, arg := range args {
		text := []byte(arg)
		name := "input"
		switch file, isFile := strings.CutPrefix(arg, "@"); {
		case arg == "-":
			name = "<stdin>"
			text, err = io.ReadAll(stdin)
		case isFile:
			name = file
			text, err = os.ReadFile(file)
		}
		if err != nil {
			return nil, err
		}
		v, err := jsonvalue.Parse(text)
		if err == nil {
			inputs = append(inputs, v)
			continue
		}
		lines, lineErr := parseLines(text)
		if arg != "-" || lineErr != nil || len(lines) < 2 {
			return nil, fmt.Errorf("%s is no JSON: %w", name, err)
		}
		inputs = append(inputs, lines...)
	}
	return inputs, nil
}

func parseLines(text []byte) (values []jsonvalue.Value, err error) {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			v, err := jsonvalue.Parse(line)
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
	}
	return values, nil
}

// errInterrupted ends the command with the status 130.
var errInterrupted = errors.New("interrupted")

// report prints what came of a run.
func (e *execution) report(c *cobra.Command, r *mocking.Run, result *mocking.Result, only bool) error {
	if err := e.writeFiles(c, r, result); err != nil {
		return err
	}
	out, errs := c.OutOrStdout(), c.ErrOrStderr()
	if !e.quiet {
		fmt.Fprintln(errs, result.Story())
		e.details(errs, result)
	}
	if len(result.Problems) > 0 {
		text := result.Problems[0].Text
		if errors.Is(result.Err, runtime.ErrRefused) && len(r.Program.Distributed()) > 0 && r.Objects == nil {
			text += "\n  --buckets names a folder that has objects"
		}
		return errors.New(text)
	}
	var failed *runtime.ExecutionError
	switch {
	case errors.As(result.Err, &failed):
		if !e.quiet {
			fmt.Fprintf(errs, "%s %s: %s  (%s)\n", failed.Status, failed.Name, failed.Cause, e.took(result))
		}
		if e.asJSON {
			return json.NewEncoder(out).Encode(map[string]string{"error": failed.Name, "cause": failed.Cause})
		}
	case result.Err != nil:
		return result.Err
	default:
		if !e.quiet {
			fmt.Fprintf(errs, "SUCCEEDED  (%s)\n", e.took(result))
		}
		return writeJSON(out, []byte(result.Output.String()), !only || !isTerminal(out))
	}
	return nil
}

// took tells the time of a run.
func (e *execution) took(result *mocking.Result) string {
	if e.time == "virtual" {
		return result.Elapsed.String() + " of virtual time"
	}
	return result.Elapsed.Round(time.Millisecond).String()
}

// details prints inputs and outputs, if they are asked for.
func (e *execution) details(errs io.Writer, result *mocking.Result) {
	if !e.verbose {
		return
	}
	for _, v := range result.Visits() {
		fmt.Fprintf(errs, "%s\n  input:  %s\n  output: %s\n", v.Path(), mocking.Short(v.Input), mocking.Short(v.Output))
	}
}

func (e *execution) writeFiles(c *cobra.Command, r *mocking.Run, result *mocking.Result) error {
	if e.history != "" {
		out, done, err := outputFile(c, e.history)
		if err != nil {
			return err
		}
		encoder := json.NewEncoder(out)
		for _, event := range result.History {
			if err := encoder.Encode(event); err != nil {
				return err
			}
		}
		if err := done(); err != nil {
			return err
		}
	}
	if e.drawing == "" {
		return nil
	}
	out, done, err := outputFile(c, e.drawing)
	if err != nil {
		return err
	}
	return errors.Join(drawRun(out, r.Program.StateMachine(), result), done())
}

// drawRun draws a definition with the states that a run visited.
func drawRun(w io.Writer, sm *asl.StateMachine, result *mocking.Result) error {
	status := make(map[string]string)
	for s := range sm.All() {
		for _, v := range result.Visits() {
			if v.State == s.Info().Name {
				status[s.Info().Location] = string(v.Status)
			}
		}
	}
	return diagram.Draw(sm).WriteSVG(w, diagram.Options{Class: func(location string) string { return status[location] }})
}
