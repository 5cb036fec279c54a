package interp_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// TestScenarios runs the files in testdata/scenarios. A file is a definition and
// commands, each with what it prints. It is run three times: as it is, with everything
// thrown away and restored after each step, and while nobody wants events.
func TestScenarios(t *testing.T) {
	golden.Run(t, "testdata/scenarios/*.txt", func(t *testing.T, c *golden.Case) func(string) string {
		straight, restoring, unseen := newPlayer(c.Setup, false), newPlayer(c.Setup, true), newPlayer(c.Setup, false)
		unseen.unseen = true
		return func(command string) string {
			printed := straight.do(command)
			require.Equal(t, printed, restoring.do(command), "restored after each step: %s", command)
			if other := unseen.do(command); !showsEvents(command) {
				require.Equal(t, printed, other, "without events: %s", command)
				require.Equal(t, straight.ids, unseen.ids, "without events: %s", command)
			}
			return printed
		}
	})
}

// showsEvents reports whether a command prints what nobody has who does not want events.
func showsEvents(command string) bool {
	return slices.ContainsFunc(strings.Fields(command), func(word string) bool {
		return word == "history" || word == "reached" || word == "missing"
	})
}

// newPlayer begins a scenario. A definition that is refused says so at each
// command.
func newPlayer(definition string, restoring bool) *player {
	p := &player{restoring: restoring, now: time.Unix(0, 0).UTC()}
	p.program, p.refused = compileText(definition)
	return p
}

func compileText(definition string) (*interp.Program, error) {
	machine, err := asl.Parse([]byte(definition))
	if err != nil {
		return nil, err
	}
	return interp.Compile(machine)
}

// player is a scenario under way.
type player struct {
	program   *interp.Program
	refused   error
	x         *interp.Execution
	restoring bool
	unseen    bool
	ids       []int64 // of the events that tasks were told of
	now       time.Time
	store     replay.Store
	history   []history.Event
	variables jsonvalue.Value
	reached   []string

	dataset    jsonvalue.Value // what there is to read; the cursor is the index
	unreadable string          // why nothing can be read
	repeats    map[string]bool // lines that are shown once, however often they are said
	missing    map[int]bool    // points that were not reached; nil: none was
	out        strings.Builder
}

// do carries a command out and returns what is to be seen of it.
func (p *player) do(command string) string {
	p.out.Reset()
	if p.refused != nil {
		return p.refused.Error()
	}
	for line := range strings.Lines(command) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		if act := commands[word]; act != nil {
			act(p, strings.TrimSpace(rest))
		} else {
			fmt.Fprintf(&p.out, "no command %q\n", word)
		}
	}
	return p.out.String()
}

// commands are the words of scenarios.
var commands map[string]func(p *player, rest string)

func init() {
	commands = map[string]func(p *player, rest string){
		"start": func(p *player, rest string) {
			p.store, p.history, p.repeats = replay.Store{}, nil, nil
			p.x = p.program.New(interp.Header{Seed: interp.Seed{1}}, p.config())
			p.x.Begin(jsonvalue.MustParse(rest))
			p.run()
		},
		"complete": func(p *player, rest string) {
			id, output := task(rest)
			p.tell(p.x.Succeed(id, jsonvalue.MustParse(output)))
		},
		"fail": func(p *player, rest string) {
			id, why := task(rest)
			name, cause, _ := strings.Cut(why, " ")
			p.tell(p.x.Fail(id, name, cause))
		},
		"heartbeat": func(p *player, rest string) { id, _ := task(rest); p.tell(p.x.Heartbeat(id)) },
		"started":   func(p *player, rest string) { id, worker := task(rest); p.tell(p.x.Started(id, worker)) },
		"submitted": func(p *player, rest string) {
			id, response := task(rest)
			p.tell(p.x.Submitted(id, jsonvalue.MustParse(response)))
		},
		"parked": func(p *player, rest string) { id, _ := task(rest); p.tell(p.x.Parked(id)) },
		"condemn": func(p *player, rest string) {
			if !p.x.Condemn(rest) {
				fmt.Fprintln(&p.out, "stale")
			}
			p.run()
		},
		"abort": func(p *player, rest string) {
			name, cause, _ := strings.Cut(rest, " ")
			p.tell(p.x.Abort(name, cause))
		},
		"redrive": func(p *player, _ string) { p.tell(p.x.Redrive()) },
		"tick": func(p *player, rest string) {
			d, err := time.ParseDuration(rest)
			if err != nil {
				fmt.Fprintln(&p.out, err)
			}
			p.now = p.now.Add(d)
			p.run()
		},
		"dataset":  func(p *player, rest string) { p.dataset = jsonvalue.MustParse(rest) },
		"child":    func(p *player, rest string) { p.childDone(rest) },
		"redriven": func(p *player, rest string) { p.redriven(rest) },
		"unread":   func(p *player, rest string) { p.unreadable = rest },
		"results": func(p *player, rest string) {
			id, v := task(rest)
			p.tell(p.x.Collected(run(id), jsonvalue.MustParse(v)))
		},
		"written": func(p *player, rest string) { id, _ := task(rest); p.tell(p.x.ResultsWritten(run(id))) },
		"unwritten": func(p *player, rest string) {
			id, why := task(rest)
			p.tell(p.x.WriteFailed(run(id), why))
		},
		"concurrency": func(p *player, rest string) {
			id, n := task(rest)
			most, _ := jsonvalue.MustParse(n).AsInt64()
			p.tell(p.x.UpdateMapRun(run(id), interp.MapRunLimits{MaxConcurrency: most}))
		},
		"runs": func(p *player, _ string) { p.runs() },
		"from": func(p *player, rest string) { p.part(p.program.From(rest)) },
		"only": func(p *player, rest string) { p.part(p.program.Only(rest)) },
		"between": func(p *player, rest string) {
			from, to, _ := strings.Cut(rest, " ")
			p.part(p.program.Between(from, to))
		},
		"stub":      func(p *player, rest string) { p.part(p.program.Stub(strings.Fields(rest)...)) },
		"variables": func(p *player, rest string) { p.variables = jsonvalue.MustParse(rest) },
		"reached":   func(p *player, _ string) { p.tellReached() },
		"missing":   func(p *player, _ string) { p.tellMissing() },
		"crash":     func(p *player, _ string) { p.crash() },
		"frames":    func(p *player, _ string) { p.frames() },
		"history":   func(p *player, _ string) { p.events() },
		"pending":   func(p *player, _ string) { p.effects(p.x.Pending()) },
	}
}

// config parks the tasks of a state "Offered" from their start.
func (p *player) config() interp.Config {
	c := interp.Config{
		Children: true, Limits: interp.Limits{InFlight: 3, Iterations: 3, Steps: 50}, Variables: p.variables,
		Parks: func(index int) bool { return p.program.Tasks()[index].Name == "Offered" },
	}
	if !p.unseen {
		c.History, c.Reach = true, p.reach
	}
	return c
}

func (p *player) part(program *interp.Program, err error) {
	if err != nil {
		fmt.Fprintln(&p.out, err)
		return
	}
	p.program = program
}

func (p *player) reach(point int, visit int64) {
	at := p.program.Points()[point]
	p.reached = append(p.reached, fmt.Sprintf("%d %s %s", visit, at.Location, at.Kind))
	if p.missing == nil {
		p.missing = make(map[int]bool)
		for i := range p.program.Points() {
			p.missing[i] = true
		}
	}
	delete(p.missing, point)
}

// tellReached prints the points that were reached since they were printed last.
func (p *player) tellReached() {
	for _, point := range p.reached {
		fmt.Fprintln(&p.out, point)
	}
	p.reached = nil
}

// tellMissing prints the points that no execution of the scenario has reached.
func (p *player) tellMissing() {
	for _, i := range slices.Sorted(maps.Keys(p.missing)) {
		at := p.program.Points()[i]
		fmt.Fprintf(&p.out, "%s %s\n", at.Location, at.Kind)
	}
}

// task reads a task id and returns the rest of the line.
func task(rest string) (interp.TaskID, string) {
	text, rest, _ := strings.Cut(rest, " ")
	id, err := interp.ParseTaskID(text)
	if err != nil {
		panic(err)
	}
	return id, strings.TrimSpace(rest)
}

func (p *player) tell(accepted bool) {
	if !accepted {
		fmt.Fprintln(&p.out, "stale")
		return
	}
	p.run()
}

// run steps until nothing is due, and prints what follows.
func (p *player) run() {
	for range 100 {
		ready := p.step()
		if p.restoring {
			p.restore()
			ready.Mapping = p.drainAgain()
		}
		if p.read(ready.Mapping) {
			continue
		}
		if ready.Outcome != nil || ready.Wake.IsZero() || ready.Wake.After(p.now) {
			return
		}
	}
	fmt.Fprintln(&p.out, "and so on")
}

func (p *player) step() interp.Ready {
	ready := p.x.Step(p.now)
	p.history = append(p.history, slices.Clone(ready.History)...)
	if err := p.store.Commit(ready); err != nil {
		fmt.Fprintln(&p.out, err)
	}
	p.effects(ready)
	return ready
}

func (p *player) effects(r interp.Ready) {
	for _, id := range r.Cancel {
		fmt.Fprintln(&p.out, "cancel", id)
	}
	for _, s := range r.Open {
		fmt.Fprintf(&p.out, "open %s %s\n", s.ID, s.Task.Name)
	}
	for _, s := range r.Start {
		p.ids = append(p.ids, s.Entered, s.Event)
		fmt.Fprintf(&p.out, "start %s %s %s", s.ID, s.Task.Name, s.Input)
		if !s.Deadline.IsZero() {
			fmt.Fprintf(&p.out, " until %v", s.Deadline.Sub(time.Unix(0, 0)))
		}
		fmt.Fprintln(&p.out)
	}
	p.mapping(r.Mapping)
	if !r.Wake.IsZero() && r.Wake.After(p.now) {
		fmt.Fprintf(&p.out, "wake at %v\n", r.Wake.Sub(time.Unix(0, 0)))
	}
	if o := r.Outcome; o != nil && o.Status == interp.Succeeded {
		fmt.Fprintln(&p.out, o.Status, o.Output)
	} else if o != nil {
		fmt.Fprintf(&p.out, "%s %q %q in %q\n", o.Status, o.Error, o.Cause, o.State)
	}
}

// crash loses all memory and goes on with what was stored.
func (p *player) crash() {
	p.restore()
	p.repeats = nil
	p.effects(p.x.Pending())
	if p.read(p.drainAgain()) {
		p.run()
	}
}

func (p *player) restore() {
	x, err := p.store.Load(p.program, p.config())
	if err != nil {
		fmt.Fprintln(&p.out, err)
		return
	}
	p.x = x
}

// frames prints the control records: state, phase, and what is waited for.
func (p *player) frames() {
	for _, id := range slices.Sorted(maps.Keys(p.store.Frames)) {
		f, err := interp.ViewFrame(p.store.Frames[id])
		if err != nil {
			fmt.Fprintln(&p.out, err)
		}
		fmt.Fprintf(&p.out, "%d %s %s", id, f.State, f.Phase)
		if f.Parent != 0 {
			fmt.Fprintf(&p.out, " in %d[%d]", f.Parent, f.Index)
		}
		if f.Stopped != "" {
			fmt.Fprintf(&p.out, " was %s", f.Stopped)
		}
		if f.Forked {
			fmt.Fprintf(&p.out, " open %d", f.Open)
		}
		if f.Attempt > 0 {
			fmt.Fprintf(&p.out, " attempt %d", f.Attempt)
		}
		if f.Retried > 0 {
			fmt.Fprintf(&p.out, " retried %d", f.Retried)
		}
		if f.Parked {
			fmt.Fprint(&p.out, " parked")
		}
		if f.Until > 0 {
			fmt.Fprintf(&p.out, " until %v", time.Duration(f.Until)*time.Millisecond)
		}
		fmt.Fprintln(&p.out)
	}
}

// events prints the history since it was printed last.
func (p *player) events() {
	for _, e := range p.history {
		fmt.Fprintf(&p.out, "%d<-%d %s", e.ID, e.PreviousID, e.Type)
		if e.Name != "" {
			fmt.Fprintf(&p.out, " %s", e.Name)
		}
		if strings.HasPrefix(e.Type, "MapIteration") {
			fmt.Fprintf(&p.out, "[%d]", e.Index)
		}
		if e.HasError || e.HasCause {
			fmt.Fprintf(&p.out, " %q %q", e.Error, e.Cause)
		}
		fmt.Fprintln(&p.out)
	}
	p.history = nil
}
