package command

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Each task flag and the input that it gets make the result, or the error name and cause.
func TestTasks(t *testing.T) {
	for _, c := range []struct{ how, input, want string }{
		{`echo`, `{"a": 1.50}`, `{"a":1.5}`},
		{`json:{"b": [2]}`, `1`, `{"b":[2]}`},
		{`error:Card.Declined:no: funds`, `1`, `Card.Declined: no: funds`},
		{`error:Silent`, `1`, `Silent`},
		{`exec:cat`, `{"größe": "库存"}`, `{"größe":"库存"}`},
		{`exec:true`, `1`, `{}`},
		{`exec:echo nonsense`, `1`, `the result of`},
		{`exec:sh -c 'echo first >&2; echo second >&2; exit 3'`, `1`, "States.TaskFailed: exit status 3: first\nsecond"},
		{`exec:false`, `1`, `States.TaskFailed: exit status 1`},
		{`exec:sh -c "echo trace >&2; echo '{\"errorType\": \"E\", \"errorMessage\": \"m\"}' >&2; exit 1"`, `1`, `E: m`},
		{`exec:sh -c "echo '{\"Error\": \"F\", \"Cause\": \"c\"}' >&2; exit 1"`, `1`, `F: c`},
		{`exec:sh -c 'kill -9 $$'`, `1`, `States.TaskFailed: signal: killed`},
		{`exec:sh -c 'echo "\"$STATEMILL_STATE $STATEMILL_RESOURCE $STATEMILL_RETRY\""'`, `1`, `"S arn:r 2"`},
		{`exec:head -c 2000000 /dev/zero`, `1`, `States.DataLimitExceeded`},
	} {
		t.Run(c.how, func(t *testing.T) { require.Contains(t, perform(t, c.how, c.input), c.want) })
	}
}

func perform(t *testing.T, how, input string) string {
	t.Helper()
	tasks, err := parseTasks([]string{"*=" + how}, performers{})
	require.NoError(t, err)
	out, err := tasks.InvokeTask(t.Context(), &runtime.Task{Input: jsonvalue.MustParse(input), State: "S", Resource: "arn:r", RetryCount: 2})
	if err != nil {
		return err.Error()
	}
	return out.String()
}

func TestPost(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/state":
			_, _ = w.Write([]byte(`"` + r.Header.Get("Statemill-State") + `"`))
		case "/lambda":
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"errorType": "E", "errorMessage": "m"}`))
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("come back later"))
		case "/long":
			_, _ = w.Write(make([]byte, 2*maxResult))
		}
	}))
	defer server.Close()
	for path, want := range map[string]string{
		"/state": `"S"`, "/nothing": "{}", "/lambda": "E: m", "/busy": "States.Http.StatusCode.503: come back later", "/long": asl.StatesDataLimitExceeded,
	} {
		require.Contains(t, perform(t, server.URL+path, `{}`), want)
	}
}

func TestWrongTasks(t *testing.T) {
	for flag, want := range map[string]string{
		"greet":                               "expected PATTERN=HOW",
		"=echo":                               "expected PATTERN=HOW",
		"greet=":                              "expected PATTERN=HOW",
		"greet=sing":                          "sing is not known",
		"greet=echo:1":                        "echo takes nothing",
		"greet=json:{":                        "is not JSON",
		"greet=error:":                        "error needs a name",
		"greet=exec:":                         "exec needs a command",
		"greet=exec:'":                        "has no end",
		"greet=exec:no-such-command-anywhere": "executable file not found",
		"greet=http:x":                        "is no URL",
		"state:S=echo":                        "by their resource",
	} {
		_, err := parseTasks([]string{flag}, performers{})
		require.ErrorContains(t, err, want, flag)
	}
	_, err := parseTasks([]string{"a=echo", "*:function:a=echo"}, performers{})
	require.ErrorContains(t, err, "twice")
}

func TestWords(t *testing.T) {
	words, err := splitWords(` a  'b "c' "d 'e\"" f\ g'' '' \\ `)
	require.NoError(t, err)
	require.Equal(t, []string{"a", `b "c`, `d 'e"`, "f g", "", `\`}, words)
}
