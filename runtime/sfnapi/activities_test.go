package sfnapi

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const work = "arn:aws:states:us-east-1:000000000000:activity:work"

// A worker that finds nothing to do is told so after a minute, and when the server ends;
// beyond a number, workers are refused.
func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := Open(t.Context(), nil, Config{})
		require.NoError(t, err)
		must200(t, h, "CreateActivity", `{"name": "work"}`)
		begun := time.Now()
		answer := answerOf(t, h, "GetActivityTask", member1("activityArn", work))
		require.Equal(t, "{}", answer.String())
		require.Equal(t, time.Minute, time.Since(begun))

		h.polls[work] = maxPolls
		refused(t, h, "ActivityWorkerLimitExceeded", "GetActivityTask", `{"activityArn": "`+work+`"}`)
		delete(h.polls, work)
		require.True(t, h.running.TryAcquire(maxRequests), "requests that wait do not count")
		waiting := make(chan string)
		go func() { waiting <- answerOf(t, h, "GetActivityTask", member1("activityArn", work)).String() }()
		synctest.Wait()
		require.Equal(t, 1, h.polls[work])
		require.NoError(t, h.Close(t.Context()))
		require.Equal(t, "{}", <-waiting)
		require.Empty(t, h.polls)
	})
}

// A thousand workers wait for one activity, and one more is refused; a task goes to one of
// them.
func TestManyPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := Open(t.Context(), nil, Config{})
		require.NoError(t, err)
		must200(t, h, "CreateActivity", `{"name": "work"}`)
		must200(t, h, "CreateStateMachine", `{"name": "a", "roleArn": "arn:r", "definition": "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"`+work+`\",\"End\":true}}}"}`)
		answers := make(chan string)
		for range maxPolls {
			go func() { answers <- answerOf(t, h, "GetActivityTask", member1("activityArn", work)).String() }()
		}
		synctest.Wait()
		refused(t, h, "ActivityWorkerLimitExceeded", "GetActivityTask", `{"activityArn": "`+work+`"}`)
		must200(t, h, "StartExecution", named(theMachine))
		require.Contains(t, <-answers, `"taskToken"`)
		for range maxPolls - 1 {
			require.Equal(t, "{}", <-answers)
		}
		require.Empty(t, h.polls)
		require.NoError(t, h.Close(t.Context()))
	})
}

// When Serve ends, requests that only wait are answered at once.
func TestPollWhenServeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := Open(t.Context(), nil, Config{})
		require.NoError(t, err)
		must200(t, h, "CreateActivity", `{"name": "work"}`)
		ctx, cancel := context.WithCancel(t.Context())
		listener, served := make(pipes), make(chan error, 1)
		go func() { served <- h.Serve(ctx, listener) }()
		client, server := net.Pipe()
		listener <- localPipe{server}
		body := `{"activityArn": "` + work + `"}`
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("X-Amz-Target", targetPrefix+"GetActivityTask")
		require.NoError(t, r.Write(client))
		synctest.Wait()
		begun := time.Now()
		cancel()
		response, err := http.ReadResponse(bufio.NewReader(client), r)
		require.NoError(t, err)
		answer, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, "{}", string(answer))
		require.NoError(t, <-served)
		require.Less(t, time.Since(begun), lastRequests)
		require.NoError(t, client.Close())
		require.NoError(t, h.Close(t.Context()))
	})
}
