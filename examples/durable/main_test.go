package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain makes the test binary the command, if the environment names a file.
func TestMain(m *testing.M) {
	if file := os.Getenv("DURABLE_FILE"); file != "" {
		if err := run(context.Background(), os.Stdout, file, 200*time.Millisecond); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// start starts the command on a file.
func start(t *testing.T, file string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = append(os.Environ(), "DURABLE_FILE="+file)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return command, bufio.NewScanner(out)
}

// TestKilled kills the command in the middle, and starts it again. The README shows
// what it prints.
func TestKilled(t *testing.T) {
	file := filepath.Join(t.TempDir(), "durable.db")
	var session strings.Builder
	session.WriteString("$ go run ./examples/durable\n")
	command, lines := start(t, file)
	for lines.Scan() {
		fmt.Fprintln(&session, lines.Text())
		if strings.HasPrefix(lines.Text(), `Visit "Quayside"`) {
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := command.Wait(); err == nil {
		t.Fatal("it was killed, and has ended well")
	}
	session.WriteString("signal: killed\n$ go run ./examples/durable\n")
	command, lines = start(t, file)
	for lines.Scan() {
		fmt.Fprintln(&session, lines.Text())
	}
	if err := command.Wait(); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(readme, []byte(session.String())) {
		t.Errorf("README.md does not show this session:\n%s", session.String())
	}
}
