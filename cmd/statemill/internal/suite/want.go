package suite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// want says what is wrong with a run; "": nothing.
type want struct {
	check  func(o *Outcome) string
	ending bool // it is about how the run ends
	at     string
}

func wantOutput(output jsonvalue.Value) want {
	return want{check: func(o *Outcome) string {
		if o.Result.Err != nil {
			return "the run failed: " + o.Result.Err.Error()
		}
		if different := mocking.Difference("$", o.Result.Output, output); different != "" {
			return "output differs\n" + strings.TrimRight(different, "\n")
		}
		return ""
	}, ending: true}
}

func wantOutputAt(text string, path *jsonpath.Path, value jsonvalue.Value) want {
	return want{check: func(o *Outcome) string {
		if o.Result.Err != nil {
			return "the run failed: " + o.Result.Err.Error()
		}
		got, err := path.Get(o.Result.Output)
		if err != nil {
			return fmt.Sprintf("the output has nothing at %s: %v", text, err)
		}
		if different := mocking.Difference(text, got, value); different != "" {
			return "output differs\n" + strings.TrimRight(different, "\n")
		}
		return ""
	}, ending: true}
}

// failure returns how the run failed, or what is wrong if it did not.
func (o *Outcome) failure() (*runtime.ExecutionError, string) {
	var failed *runtime.ExecutionError
	if errors.As(o.Result.Err, &failed) {
		return failed, ""
	}
	if o.Result.Err != nil {
		return nil, o.Result.Err.Error()
	}
	return nil, "the run succeeded, and a failure is wanted\n  output: " + mocking.Short(o.Result.Output)
}

func wantError(name string) want {
	return want{check: func(o *Outcome) string {
		failed, problem := o.failure()
		if failed != nil && failed.Name != name {
			return fmt.Sprintf("error differs: got %q, want %q\n  cause: %s", failed.Name, name, failed.Cause)
		}
		return problem
	}, ending: true}
}

func wantCause(text string) want {
	return want{check: func(o *Outcome) string {
		failed, problem := o.failure()
		if failed != nil && !strings.Contains(failed.Cause, text) {
			return fmt.Sprintf("the cause lacks %q\n  cause: %s", text, failed.Cause)
		}
		return problem
	}, ending: true}
}

func wantPath(states []string) want {
	return want{check: func(o *Outcome) string {
		var got []string
		for _, v := range o.Result.Visits() {
			if v.Parent == nil {
				got = append(got, v.State)
			}
		}
		if slices.Equal(got, states) {
			return ""
		}
		return fmt.Sprintf("path differs\n  got:  %s\n  want: %s", strings.Join(got, " > "), strings.Join(states, " > "))
	}}
}

func wantElapsed(d time.Duration) want {
	return want{check: func(o *Outcome) string {
		if o.Result.Elapsed != d {
			return fmt.Sprintf("elapsed time differs: got %v, want %v", o.Result.Elapsed, d)
		}
		return ""
	}}
}

// wantInputs wants the inputs of the attempts of a pattern, from the first on.
func wantInputs(pattern string, inputs jsonvalue.Value) want {
	return want{check: func(o *Outcome) string {
		var got []jsonvalue.Value
		for _, a := range o.Result.Answers {
			if a.Mock != nil && (pattern == "state:"+a.Mock.State || pattern == a.Mock.Pattern || "*:function:"+pattern == a.Mock.Pattern) {
				got = append(got, a.Input)
			}
		}
		for i, w := range inputs.Elements() {
			if i >= len(got) {
				return fmt.Sprintf("%s has no attempt %d: it was used %d times", pattern, i, len(got))
			}
			if different := mocking.Difference("$", got[i], w); different != "" {
				return fmt.Sprintf("input of %s, attempt %d, differs\n%s", pattern, i, strings.TrimRight(different, "\n"))
			}
		}
		return ""
	}}
}

func wantHistory(file string) want {
	return want{check: func(o *Outcome) string {
		got := strings.Join(o.Result.Lines(), "")
		if o.update {
			err := os.MkdirAll(filepath.Dir(file), 0o755)
			if err == nil {
				err = os.WriteFile(file, []byte(got), 0o644)
			}
			if err != nil {
				return err.Error()
			}
			return ""
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err.Error() + "\n  --update writes it"
		}
		g, w := strings.Split(got, "\n"), strings.Split(string(text), "\n")
		for i := range max(len(g), len(w)) {
			if i >= len(g) || i >= len(w) || g[i] != w[i] {
				return fmt.Sprintf("history differs from %s at line %d", file, i+1)
			}
		}
		return ""
	}, ending: true}
}
