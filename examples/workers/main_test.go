package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"
)

// TestMain makes the test binary the command, if the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv("WORKERS") != "" {
		os.Args = append(os.Args[:1], os.Args[2:]...) // after "--"
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// process is one worker.
type process struct {
	*exec.Cmd
	lines *bufio.Scanner
	done  []string // what it has done
}

// begin starts a worker, and waits until it is ready.
func begin(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0], append([]string{"--"}, args...)...)}
	p.Env = append(os.Environ(), "WORKERS=1")
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(out)
	for p.lines.Scan() {
		if p.lines.Text() == "ready" {
			return p
		}
		p.done = append(p.done, p.lines.Text())
	}
	t.Fatal("a worker has ended before it was ready")
	return nil
}

// Of three workers any one is killed, and every order is picked, packed and sent.
func TestKillAny(t *testing.T) {
	stores := map[string][]string{"SQLite": {"-db", filepath.Join(t.TempDir(), "workers.db")}}
	if url := os.Getenv("STATEMILL_POSTGRES"); url != "" {
		stores["PostgreSQL"] = []string{"-db", url, "-schema", fmt.Sprint("workers ", time.Now().UnixNano())}
	}
	for name, args := range stores {
		for victim := range 3 {
			t.Run(fmt.Sprint(name, " ", victim), func(t *testing.T) {
				if name == "SQLite" {
					args = []string{"-db", filepath.Join(t.TempDir(), "workers.db")}
				} else {
					args[3] += fmt.Sprint(" ", victim)
				}
				killOne(t, victim, append(args, "-lease", "1s", "-takes", "100ms"))
			})
		}
	}
}

const orders = 20

func killOne(t *testing.T, victim int, args []string) {
	workers := []*process{begin(t, append(args, "-start", fmt.Sprint(orders))...), begin(t, args...), begin(t, args...)}
	var all sync.WaitGroup
	for i, p := range workers {
		all.Go(func() {
			for p.lines.Scan() {
				p.done = append(p.done, p.lines.Text())
			}
			if err := p.Wait(); (err != nil) != (i == victim) {
				t.Errorf("worker %d of 3, of which %d was killed: %v", i, victim, err)
			}
		})
	}
	if err := workers[victim].Process.Kill(); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	sent := make(map[string]bool)
	for _, p := range workers {
		for _, line := range p.done {
			if m := regexp.MustCompile(`: sent .*:(order-\d+)#`).FindStringSubmatch(line); m != nil {
				sent[m[1]] = true
			}
		}
	}
	if len(sent) != orders { // what the dead had sent, it has told
		t.Errorf("%d of %d orders were sent", len(sent), orders)
	}
}
