package sfnapi

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// BenchmarkStart compares the operation StartExecution with Engine.Start: the difference
// is the price of the API.
func BenchmarkStart(b *testing.B) {
	const definition, input = `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`, `{"a":[1,2,3]}`
	h, err := Open(b.Context(), nil, Config{})
	require.NoError(b, err)
	defer h.Close(context.Background())
	b.Run("engine", func(b *testing.B) {
		program, err := compile(typeStandard, definition)
		require.NoError(b, err)
		b.ReportAllocs()
		for b.Loop() {
			_, err := h.Engine().Start(b.Context(), program, runtime.Identity{}, jsonvalue.MustParse(input), nil)
			require.NoError(b, err)
		}
	})
	b.Run("api", func(b *testing.B) {
		send(b, h, "CreateStateMachine", `{"name":"a","roleArn":"arn:r","definition":`+jsonvalue.String(definition).String()+`}`)
		b.ReportAllocs()
		for b.Loop() {
			send(b, h, "StartExecution", `{"stateMachineArn":"`+theMachine+`","input":`+jsonvalue.String(input).String()+`}`)
		}
	})
}

func send(b *testing.B, h *Handler, operation, body string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://here/", strings.NewReader(body))
	require.NoError(b, err)
	r.Header.Set("X-Amz-Target", targetPrefix+operation)
	response, err := h.RoundTrip(r)
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, response.StatusCode)
}
