package sdktest

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"
)

var loadTime = flag.Duration("load", 0, "how long TestLoad asks a server; STATEMILL names the command")

// loadClients is how many clients ask at a time.
const loadClients = 200

// TestLoad has many clients ask one server, which keeps everything in SQLite, for all kinds of
// things: no answer is an error, and no execution is lost. It prints how long answers take.
func TestLoad(t *testing.T) {
	command := os.Getenv("STATEMILL")
	if *loadTime == 0 || command == "" {
		t.Skip("-load says how long, and STATEMILL which command")
	}
	url, stop := serve(t, command)
	l := &load{t: t, took: make(map[string][]time.Duration)}
	o := options("us-east-1")
	o.BaseEndpoint = aws.String(url)
	o.RetryMaxAttempts = 3 // for connections that the server closes because they are idle
	o.HTTPClient = &http.Client{Transport: &http.Transport{MaxIdleConns: loadClients, MaxIdleConnsPerHost: loadClients}}
	o.APIOptions = append(o.APIOptions, withoutPrefix)
	l.client = sfn.New(o)
	l.standard = l.create("standard", types.StateMachineTypeStandard)
	l.express = l.create("express", types.StateMachineTypeExpress)

	ctx, cancel := context.WithTimeout(t.Context(), *loadTime)
	defer cancel()
	var clients sync.WaitGroup
	for i := range loadClients {
		clients.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 0))
			for ctx.Err() == nil {
				l.one(r)
			}
		})
	}
	clients.Wait()
	l.complete()
	l.print()
	stop()
}

// load is what the clients share.
type load struct {
	t                 *testing.T
	client            *sfn.Client
	standard, express *string

	mu      sync.Mutex
	took    map[string][]time.Duration
	started []string // executions of the standard machine
}

func (l *load) create(name string, kind types.StateMachineType) *string {
	made, err := l.client.CreateStateMachine(l.t.Context(), &sfn.CreateStateMachineInput{
		Name: &name, Type: kind, RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
		Definition: aws.String(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:echo", "End": true}}}`),
	})
	require.NoError(l.t, err)
	return made.StateMachineArn
}

// one asks for one thing.
func (l *load) one(r *rand.Rand) {
	ctx, input := l.t.Context(), aws.String(fmt.Sprintf(`{"n": %d}`, r.IntN(1000)))
	switch n := r.IntN(100); {
	case n < 30:
		var made *sfn.StartExecutionOutput
		l.ask("StartExecution", func() (err error) {
			made, err = l.client.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: l.standard, Input: input})
			return err
		})
		l.mu.Lock()
		l.started = append(l.started, *made.ExecutionArn)
		l.mu.Unlock()
	case n < 45:
		l.ask("StartSyncExecution", func() error {
			over, err := l.client.StartSyncExecution(ctx, &sfn.StartSyncExecutionInput{StateMachineArn: l.express, Input: input})
			if err == nil && over.Status != types.SyncExecutionStatusSucceeded {
				err = errors.New(string(over.Status) + ": " + aws.ToString(over.Cause))
			}
			return err
		})
	case n < 75:
		if e := l.any(r); e != nil {
			l.ask("DescribeExecution", func() error {
				_, err := l.client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: e})
				return err
			})
		}
	case n < 85:
		if e := l.any(r); e != nil {
			l.ask("GetExecutionHistory", func() error {
				_, err := l.client.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: e})
				return err
			})
		}
	case n < 90:
		l.ask("ListExecutions", func() error {
			_, err := l.client.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: l.standard, MaxResults: 20})
			return err
		})
	case n < 98:
		l.ask("DescribeStateMachine", func() error {
			_, err := l.client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: l.standard})
			return err
		})
	default:
		l.ask("TestState", func() error {
			_, err := l.client.TestState(ctx, &sfn.TestStateInput{Definition: aws.String(`{"Type": "Pass", "End": true}`), Input: input})
			return err
		})
	}
}

// any returns one of the executions, nil if there is none.
func (l *load) any(r *rand.Rand) *string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.started) == 0 {
		return nil
	}
	return &l.started[r.IntN(len(l.started))]
}

func (l *load) ask(operation string, call func() error) {
	began := time.Now()
	err := call()
	took := time.Since(began)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took[operation] = append(l.took[operation], took)
	if err != nil {
		l.t.Errorf("%s: %v", operation, err)
	}
}

// complete makes sure that every execution that was started is there, and has succeeded.
func (l *load) complete() {
	left := make(map[string]bool, len(l.started))
	for _, e := range l.started {
		left[e] = true
	}
	for len(left) > 0 && !l.t.Failed() {
		before := len(left)
		pages := sfn.NewListExecutionsPaginator(l.client, &sfn.ListExecutionsInput{
			StateMachineArn: l.standard, StatusFilter: types.ExecutionStatusSucceeded, MaxResults: 1000,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(l.t.Context())
			require.NoError(l.t, err)
			for i := range page.Executions {
				delete(left, *page.Executions[i].ExecutionArn)
			}
		}
		running, err := l.client.ListExecutions(l.t.Context(), &sfn.ListExecutionsInput{StateMachineArn: l.standard, StatusFilter: types.ExecutionStatusRunning})
		require.NoError(l.t, err)
		require.True(l.t, len(left) < before || len(running.Executions) > 0, "%d executions are lost", len(left))
	}
}

func (l *load) print() {
	total := 0
	for _, operation := range slices.Sorted(maps.Keys(l.took)) {
		all := l.took[operation]
		slices.Sort(all)
		total += len(all)
		fmt.Printf("%-21s %7d  p50 %8s  p99 %8s  max %8s\n", operation, len(all), round(all[len(all)/2]), round(all[len(all)*99/100]), round(all[len(all)-1]))
	}
	slowest := l.took["StartExecution"]
	fmt.Printf("%d clients, %s: %d answers, %d executions, none lost, p99 of StartExecution %s\n",
		loadClients, *loadTime, total, len(l.started), round(slowest[len(slowest)*99/100]))
}

func round(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

// serve starts a server in a folder of its own.
func serve(t *testing.T, command string) (url string, stop func()) {
	server := exec.Command(command, "serve", "--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "load.db"), "--task", "echo=echo", "--log", "off")
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return regexp.MustCompile(`http://[0-9.:]+`).FindString(line), func() {
		require.NoError(t, server.Process.Signal(syscall.SIGTERM))
		require.NoError(t, server.Wait())
	}
}
