package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/cmd/statemill/internal/source"
)

// machines keep the state machines of a server equal to definitions in files.
type machines struct {
	api             http.RoundTripper
	loader          source.Loader
	sources         []string
	set             map[string]string
	account, region string
	out, errs       io.Writer

	known map[string]string // what was created or updated, by name
	stamp string            // of the files when they were read
	wrong string            // what was told of files that cannot be served
}

// machine is a definition that is to be served.
type machine struct{ name, kind, definition, from string }

// unnamed are the characters that a state machine's name cannot have.
var unnamed = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// apply creates the machines of the files that are not there, and updates those that have
// changed. A definition that has errors changes nothing.
func (m *machines) apply(ctx context.Context) error {
	all, err := m.read()
	if err != nil {
		return err
	}
	return m.serve(ctx, all)
}

// serve creates or updates what is not served yet.
func (m *machines) serve(ctx context.Context, all []machine) error {
	for _, one := range all {
		if m.known[one.name] == one.definition {
			continue
		}
		done, err := m.put(ctx, one)
		if err != nil {
			return fmt.Errorf("%s: %w", one.from, err)
		}
		if m.known == nil {
			m.known = make(map[string]string)
		}
		m.known[one.name] = one.definition
		fmt.Fprintf(m.out, "%s %s  (%s)\n", done, m.arn(one.name), one.from)
	}
	return nil
}

func (m *machines) arn(name string) string {
	return "arn:aws:states:" + m.region + ":" + m.account + ":stateMachine:" + name
}

// read reads the files. All definitions must be right.
func (m *machines) read() (all []machine, err error) {
	var read []string
	loader := m.loader
	loader.Read = func(file string) { read = append(read, stateOf(file)) }
	definitions, err := loader.Load(m.sources)
	if err != nil {
		return nil, err
	}
	m.stamp = stampOf(read)
	names := make(map[string]string)
	for _, d := range definitions {
		one, err := m.machine(d)
		if err != nil {
			return nil, err
		}
		if other, twice := names[one.name]; twice {
			return nil, fmt.Errorf("%s and %s are both the state machine %s", other, one.from, one.name)
		}
		names[one.name] = one.from
		all = append(all, one)
	}
	return all, nil
}

func (m *machines) machine(d *source.Definition) (machine, error) {
	values := d.Values(m.account, m.region)
	maps.Copy(values, m.set)
	filled := d.Substituted(values)
	kind := "STANDARD"
	if d.Express {
		kind = "EXPRESS"
	}
	found := asl.Validator{Express: d.Express, AnyResource: true, Substitutions: true}.Validate(filled.JSON)
	if found.Err() != nil {
		return machine{}, &invalid{filled.Translate(found), d.Name()}
	}
	if left := filled.Placeholders(); len(left) > 0 {
		return machine{}, fmt.Errorf("%s: nothing says what ${%s} is: add --set %s=VALUE", d.Name(), strings.Join(left, "} and ${"), left[0])
	}
	return machine{nameOf(d), kind, string(filled.JSON), d.Name()}, nil
}

// nameOf returns the name of the state machine of a definition: that in the template, or
// that of the file.
func nameOf(d *source.Definition) string {
	name := d.Machine
	if name == "" {
		name = filepath.Base(d.File)
		for _, suffix := range []string{".json", ".yaml", ".yml", ".asl"} {
			name = strings.TrimSuffix(name, suffix)
		}
	}
	return strings.Trim(unnamed.ReplaceAllString(name, "-"), "-")
}

// put creates or updates a state machine, and says which of the two it did.
func (m *machines) put(ctx context.Context, one machine) (string, error) {
	role := "arn:aws:iam::" + m.account + ":role/statemill"
	fault, err := m.call(ctx, "CreateStateMachine", map[string]string{"name": one.name, "type": one.kind, "roleArn": role, "definition": one.definition})
	if err != nil || fault == nil {
		return "created", err
	}
	if fault.Type != "StateMachineAlreadyExists" {
		return "", fault
	}
	fault, err = m.call(ctx, "UpdateStateMachine", map[string]string{"stateMachineArn": m.arn(one.name), "definition": one.definition})
	if err != nil || fault == nil {
		return "updated", err
	}
	return "", fault
}

// apiFault is an answer of the API that refuses.
type apiFault struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func (f *apiFault) Error() string { return f.Type + ": " + f.Message }

// call calls an operation of the API in this process.
func (m *machines) call(ctx context.Context, operation string, in map[string]string) (*apiFault, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://statemill/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	answer, err := m.api.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return nil, nil
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	f := new(apiFault)
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("%s: %s", answer.Status, text)
	}
	f.Type = f.Type[strings.LastIndexByte(f.Type, '#')+1:]
	return f, nil
}

// watch looks at the files with each tick and serves what has changed. What is wrong is told
// once, and the machine stays as it was.
func (m *machines) watch(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			m.look(ctx)
		}
	}
}

func (m *machines) look(ctx context.Context) {
	files, err := m.loader.Files(m.sources)
	if err == nil {
		var now []string
		for _, file := range append(files, m.beside()...) {
			now = append(now, stateOf(file))
		}
		if stampOf(now) == m.stamp && m.wrong == "" {
			return
		}
		err = m.apply(ctx)
	}
	wrong := ""
	if err != nil && !errors.Is(err, context.Canceled) {
		wrong = err.Error()
	}
	if wrong != "" && wrong != m.wrong {
		fmt.Fprintf(m.errs, "statemill: %s\nwhat was served before stays\n", wrong)
	}
	m.wrong = wrong
}

// beside returns the files that were read because others name them.
func (m *machines) beside() (files []string) {
	for line := range strings.Lines(m.stamp) {
		file, _, _ := strings.Cut(line, "\t")
		files = append(files, file)
	}
	return files
}

// stampOf puts the states of files together.
func stampOf(states []string) string {
	slices.Sort(states)
	return strings.Join(slices.Compact(states), "")
}

// stateOf is a line that changes when a file does.
func stateOf(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return file + "\tnot there\n"
	}
	return fmt.Sprintf("%s\t%d\t%d\n", file, info.Size(), info.ModTime().UnixNano())
}
