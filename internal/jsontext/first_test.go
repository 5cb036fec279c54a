package jsontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
)

func TestFirst(t *testing.T) {
	golden.Run(t, "testdata/first.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		return func(quoted string) string {
			var text string
			require.NoError(t, json.Unmarshal([]byte(quoted), &text), quoted)
			_, err := First(text)
			var e *SyntaxError
			if !errors.As(err, &e) {
				return "ok"
			}
			line, column := e.Location(text)
			return fmt.Sprintf("%d:%d %s", line, column, e.Message)
		}
	})
}

// Whatever Next refuses, First refuses too, unless it is behind the first value.
func FuzzFirst(f *testing.F) {
	for _, text := range []string{`{"a": [1, -2.5e3, "é\n"]}`, `[tru]`, "1 2", `"a`, "-I"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end, err := First(text)
		var e *SyntaxError
		if errors.As(err, &e) {
			if e.Offset < 0 || e.Offset > len(text) || e.At < 0 || e.At > len(text) {
				t.Fatalf("%q: %#v", text, e)
			}
			e.Location(text)
			return
		}
		if again, err := First(text[:end]); err != nil || again != end {
			t.Fatalf("%q ends at %d, then at %d: %v", text, end, again, err)
		}
	})
}
