package jsontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFirst(t *testing.T) {
	file, err := os.ReadFile("testdata/first.txt")
	require.NoError(t, err)
	for i, line := range strings.Split(string(file), "\n") {
		quoted, want, isCase := strings.Cut(line, " => ")
		if !isCase {
			continue
		}
		var text string
		require.NoError(t, json.Unmarshal([]byte(quoted), &text), line)
		_, err := First(text)
		got := "ok"
		var e *SyntaxError
		if errors.As(err, &e) {
			line, column := e.Location(text)
			got = fmt.Sprintf("%d:%d %s", line, column, e.Message)
		}
		assert.Equal(t, want, got, "line %d: %s", i+1, quoted)
	}
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
