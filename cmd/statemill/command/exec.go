package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// command performs a task by a process: the input of the task is its standard input,
// its standard output is the result.
type command struct {
	path string
	args []string
}

// grace is how long a process has to end when its task is no longer wanted.
const grace = 5 * time.Second

// maxCause is how many bytes of standard error are in the cause of a failure.
const maxCause = 1024

func newCommand(line string) (*command, error) {
	words, err := splitWords(line)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		return nil, errors.New("exec needs a command")
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return nil, err
	}
	return &command{path: path, args: words[1:]}, nil
}

// InvokeTask implements runtime.TaskInvoker.
func (c *command) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	process := exec.CommandContext(ctx, c.path, c.args...)
	alone(process)
	process.WaitDelay = grace
	process.Stdin = bytes.NewReader(task.Input.AppendJSON(nil))
	out, errs := &limited{max: maxResult}, &tail{max: maxCause}
	process.Stdout, process.Stderr = out, errs
	process.Env = os.Environ()
	for name, value := range about(task) {
		process.Env = append(process.Env, "STATEMILL_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"="+value)
	}
	processes.begin()
	defer processes.end()
	err := process.Run()
	if ctx.Err() != nil {
		end(process)
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return jsonvalue.Value{}, errs.failure(exit)
	case err != nil:
		return jsonvalue.Value{}, err
	case out.beyond:
		return jsonvalue.Value{}, &runtime.TaskError{Name: asl.StatesDataLimitExceeded, Cause: "the result of " + c.path + " has more than 1 MiB"}
	}
	return resultOf(out.kept, c.path)
}

// processes are those that perform tasks. A task that is not wanted any more may outlive
// its execution for a moment, and nothing of it may outlive this program.
var processes underway

// underway counts what has begun and has not ended.
type underway struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed when n is 0 again
}

func (u *underway) begin() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n == 0 {
		u.none = make(chan struct{})
	}
	u.n++
}

func (u *underway) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n--; u.n == 0 {
		close(u.none)
	}
}

// wait returns when nothing is under way.
func (u *underway) wait() {
	u.mu.Lock()
	n, none := u.n, u.none
	u.mu.Unlock()
	if n > 0 {
		<-none
	}
}

// about returns what a task knows of itself, by name.
func about(task *runtime.Task) map[string]string {
	facts := map[string]string{
		"State": task.State, "Resource": task.Resource, "Execution": task.Execution, "Retry": strconv.Itoa(task.RetryCount), "Task-Id": task.ID(),
	}
	if task.Pattern == asl.WaitForTaskToken {
		facts["Task-Token"] = task.Token()
	}
	if !task.Deadline.IsZero() {
		facts["Deadline"] = task.Deadline.UTC().Format(time.RFC3339Nano)
	}
	return facts
}

// limited keeps the first bytes that are written.
type limited struct {
	kept   []byte
	max    int
	beyond bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.beyond = l.beyond || len(l.kept)+len(p) > l.max; !l.beyond {
		l.kept = append(l.kept, p...)
	}
	return len(p), nil
}

// tail keeps the last bytes that are written.
type tail struct {
	kept []byte
	max  int
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	t.kept = t.kept[max(0, len(t.kept)-2*t.max):]
	return len(p), nil
}

// failure is what the last line of standard error says, or the exit status and the end
// of standard error.
func (t *tail) failure(exit *exec.ExitError) error {
	said := bytes.TrimSpace(t.kept)
	last := said[bytes.LastIndexByte(said, '\n')+1:]
	if failure, ok := failureOf(last); ok {
		return failure
	}
	said = said[max(0, len(said)-t.max):]
	return &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: strings.TrimSuffix(fmt.Sprintf("%s: %s", exit, strings.ToValidUTF8(string(said), "")), ": ")}
}

// splitWords splits a line as a shell does, without anything else that a shell does:
// blanks part words, quotes and backslashes keep them together.
func splitWords(line string) (words []string, err error) {
	var word strings.Builder
	begun, quote := false, rune(0)
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 || escaped {
		return nil, fmt.Errorf("a quote or backslash in %q has no end", line)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
