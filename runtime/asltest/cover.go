package asltest

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/statemill/statemill/internal/coverage"
	"github.com/statemill/statemill/internal/mocking"
)

// Coverage says what [Main] reports of the coverage of definitions, and what it wants.
// The zero Coverage writes the report in text.
type Coverage struct {
	// Min is the least share of items, in per cent over all machines, that tests must
	// reach. It is not looked at if a test has failed, or if flags (-run, -skip) leave
	// tests out. Default: 0, any share is fine.
	Min float64

	// The names of files to write. Default: none.
	HTML      string // one page: the graphs, coloured, beside the texts
	JSON      string // the report with all items; the other forms are made of it
	Profile   string // what go tool cover -html=FILE shows
	LCOV      string
	Cobertura string

	// Suggest prints, for what no test reaches, runs that reach it, as Go. They are found by
	// repeating recorded runs with one change after the other; functions are not called
	// again. Default: false.
	Suggest bool

	// Expressions counts what JSONata expressions do inside themselves, too: each arm of
	// a ? b : c, and each operand of and and or, true and false. Default: false.
	Expressions bool

	// Ignore takes items out of the count: a key is a location in a definition
	// ("/States/Pay/Catch[1]"), its value the reason. A location that no definition has, or
	// that is reached, fails the run of tests. Default: none.
	Ignore map[string]string
}

// covered are the definitions that tests of this process have run.
var covered struct {
	sync.Mutex
	report coverage.Report
	runs   map[*coverage.Machine][]mocking.Recorded // from the start, for suggestions
	files  map[*coverage.Machine]string             // in the folder of ASLTEST_COVERDIR
}

// counted returns the coverage of a definition.
func (l *loaded) counted() *coverage.Machine {
	l.once.Do(func() {
		fresh := coverage.New(l.name, l.program)
		covered.Lock()
		defer covered.Unlock()
		for _, m := range covered.report.Machines {
			if m.SHA256 == fresh.SHA256 {
				l.coverage = m
				return
			}
		}
		l.coverage = fresh
		covered.report.Machines = append(covered.report.Machines, fresh)
	})
	return l.coverage
}

// Main runs the tests of a package, reports which parts of the definitions they have
// reached, and ends the process:
//
//	func TestMain(m *testing.M) {
//		asltest.Main(m, asltest.Coverage{Min: 90})
//	}
//
// Each outcome counts as one item: a state is entered; it is left by Next or End; a rule
// of a Choice state holds, or is passed over; an operand of And and Or is true, or false;
// Default is taken; a Retrier begins another attempt, or has none left; a Catcher takes a
// failure; a Map state has no item, one, or several; with [Coverage].Expressions, what
// expressions do. What parts of a definition reach
// ([Machine.RunFrom]) counts as well.
//
// If the environment variable ASLTEST_COVERDIR names a folder, each test process leaves
// its coverage there, with or without Main.
func Main(m *testing.M, c Coverage) {
	code := m.Run()
	if err := c.report(os.Stdout, code == 0 && !selected()); err != nil {
		fmt.Fprintln(os.Stderr, "asltest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// selected reports whether flags leave tests out.
func selected() bool {
	for _, name := range []string{"test.run", "test.skip"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return true
		}
	}
	return false
}

// report writes the reports. all tells that every test has passed.
func (c Coverage) report(w io.Writer, all bool) error {
	covered.Lock()
	defer covered.Unlock()
	r := new(coverage.Report)
	r.Add(&covered.report)
	if !c.Expressions {
		r = r.WithoutExpressions()
	}
	if problems := r.Ignore(c.Ignore); len(problems) > 0 && all {
		return fmt.Errorf("%s", problems[0])
	}
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := r.WriteText(w, folder); err != nil {
		return err
	}
	for _, form := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{c.JSON, r.WriteJSON}, {c.Profile, r.WriteProfile}, {c.LCOV, r.WriteLCOV},
		{c.HTML, func(w io.Writer) error { return r.WriteHTML(w, folder) }},
		{c.Cobertura, func(w io.Writer) error { return r.WriteCobertura(w, folder) }},
	} {
		if err := writeFile(form.file, form.write); err != nil {
			return err
		}
	}
	if c.Suggest {
		if err := suggest(w, c.Expressions); err != nil {
			return err
		}
	}
	reached, of := r.Counts()
	if share := coverage.Percent(reached, of); all && share < c.Min {
		return fmt.Errorf("coverage is %.1f %%, and at least %.1f %% is wanted", share, c.Min)
	}
	return nil
}

// writeFile writes a file by its writer; "" is no file.
func writeFile(file string, write func(io.Writer) error) error {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// leave writes the coverage of a definition into the folder of ASLTEST_COVERDIR. A test
// process has one file for each definition, which it writes anew.
func leave(m *coverage.Machine) error {
	folder := os.Getenv("ASLTEST_COVERDIR")
	if folder == "" {
		return nil
	}
	covered.Lock()
	defer covered.Unlock()
	if covered.files == nil {
		covered.files = make(map[*coverage.Machine]string)
	}
	name := covered.files[m]
	if name == "" {
		f, err := os.CreateTemp(folder, m.SHA256[:12]+"-*.json")
		if err != nil {
			return err
		}
		name = f.Name()
		if err := f.Close(); err != nil {
			return err
		}
		covered.files[m] = name
	}
	whole := filepath.Join(folder, "."+filepath.Base(name))
	if err := writeFile(whole, (&coverage.Report{Machines: []*coverage.Machine{m}}).WriteJSON); err != nil {
		return err
	}
	return os.Rename(whole, name)
}
