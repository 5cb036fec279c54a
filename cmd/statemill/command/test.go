package command

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/statemill/statemill/cmd/statemill/internal/suite"
	"github.com/statemill/statemill/internal/coverage"
	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/runtime"
)

// tests is what the flags of test say.
type tests struct {
	only, format               string
	update, allowExec, suggest bool
	verbose, expressions       bool
	schema                     bool
	html, json, lcov           string
	least                      float64
}

func testCommand() *cobra.Command {
	t := new(tests)
	c := &cobra.Command{
		Use:   "test [PATH...]",
		Short: "Tests definitions with files of tests.",
		Long: `Runs the tests in *.asltest.yaml and *.asltest.json: each runs a definition in virtual
time, with mocks as tasks, and says what comes out. A PATH is a file, or a folder that is
searched. The exit status is 1 if a test fails, or if less is covered than is wanted.

A file of tests, order.asltest.yaml; --schema has all keys. A pattern of tasks is a resource in
which * is any text, the name of a function, or state:NAME; what it has last is repeated:

  definition: order.asl.json
  tasks:
    stock: {returns: {left: 2}}
    charge: [{fails: Bank.Busy, times: 2}, {returns: {amount: 12}}]
    "*:sqs:sendMessage.waitForTaskToken": {returns: {approved: true}, after: 20h}
  cases:
    - name: sold
      input: {id: 7}
      output: {id: 7, paid: 12}
      elapsed: 20h0m3s
    - name: nobody approves
      tasks: {"state:Approve": {hangs: true}}
      error: States.Timeout`,
		Example: `  statemill test
  statemill test --run declined -v
  statemill test --min 90 --cover-html cover.html`,
		RunE: func(c *cobra.Command, args []string) error { return t.run(c, args) },
	}
	f := c.Flags()
	f.StringVar(&t.only, "run", "", "run the tests whose names match this `expression`")
	f.StringVar(&t.format, "format", "text", "the `form` of the results: text, json or junit")
	f.BoolVar(&t.update, "update", false, "write the files of histories")
	f.BoolVar(&t.allowExec, "allow-exec", false, "let files of tests run commands and call servers")
	f.BoolVar(&t.suggest, "suggest", false, "print runs that reach what no test reaches")
	f.BoolVar(&t.expressions, "expressions", false, "count the arms and operands inside JSONata expressions, too")
	f.BoolVar(&t.schema, "schema", false, "print the JSON Schema of files of tests, for editors, and end")
	f.BoolVarP(&t.verbose, "verbose", "v", false, "name the tests that pass, too")
	f.StringVar(&t.html, "cover-html", "", "write the coverage as a page to this `file`")
	f.StringVar(&t.json, "cover-json", "", "write the coverage as JSON to this `file`")
	f.StringVar(&t.lcov, "cover-lcov", "", "write the coverage as LCOV to this `file`")
	f.Float64Var(&t.least, "min", 0, "the least coverage, in `per cent`, over all definitions")
	return c
}

// tested is a file of tests with what came of it.
type tested struct {
	file     *suite.File
	outcomes []*suite.Outcome
	covered  *coverage.Machine
	recorded []mocking.Recorded
}

func (t *tests) run(c *cobra.Command, args []string) error {
	if t.schema {
		_, err := io.WriteString(c.OutOrStdout(), suite.Schema)
		return err
	}
	write := testFormats[t.format]
	if write == nil {
		return fmt.Errorf("--format %s: expected text, json or junit", t.format)
	}
	only, err := regexp.Compile(t.only)
	if err != nil {
		return fmt.Errorf("--run: %w", err)
	}
	files, err := testFiles(args)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	var all []tested
	began := time.Now()
	for _, name := range files {
		file, err := suite.Read(name, t.options())
		if err != nil {
			return err
		}
		r := &suite.Runner{Context: ctx, Update: t.update, Only: only.MatchString}
		outcomes, covered, err := r.Run(file)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if ctx.Err() != nil {
			return errInterrupted
		}
		if !t.expressions {
			covered = covered.WithoutExpressions()
		}
		all = append(all, tested{file, outcomes, covered, r.Recorded()})
	}
	if err := write(reportTo(c, t.format), all, reported{t.verbose, time.Since(began)}); err != nil {
		return err
	}
	return t.conclude(c, all)
}

func (t *tests) options() suite.Options {
	if !t.allowExec {
		return suite.Options{}
	}
	return suite.Options{Perform: func(how string) (runtime.TaskInvoker, error) { return parseHow(how, performers{}) }}
}

// testFiles finds the files of tests.
func testFiles(paths []string) (files []string, err error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		err = filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
				return filepath.SkipDir
			}
			if err == nil && !d.IsDir() && isTestFile(d.Name()) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no *.asltest.yaml or *.asltest.json was found in %s", strings.Join(paths, ", "))
	}
	return files, nil
}

func isTestFile(name string) bool {
	return slices.ContainsFunc([]string{".asltest.yaml", ".asltest.yml", ".asltest.json"}, func(s string) bool { return strings.HasSuffix(name, s) })
}

// conclude writes the coverage, and returns errFound if something is bad.
func (t *tests) conclude(c *cobra.Command, all []tested) error {
	report := new(coverage.Report)
	failed := 0
	for _, f := range all {
		report.Add(&coverage.Report{Machines: []*coverage.Machine{f.covered}})
		for _, o := range f.outcomes {
			if len(o.Problems) > 0 {
				failed++
			}
		}
	}
	missing, err := t.coverage(c, all, report)
	if err != nil {
		return err
	}
	if failed > 0 || missing {
		return errFound
	}
	return nil
}

// coverage reports what the tests have reached, and whether it is less than is wanted.
func (t *tests) coverage(c *cobra.Command, all []tested, report *coverage.Report) (missing bool, err error) {
	errs := c.ErrOrStderr()
	for _, f := range all {
		for _, problem := range report.Ignore(f.file.Ignore) {
			if t.only == "" {
				return false, fmt.Errorf("%s: coverage: %s", f.file.Name, problem)
			}
		}
		reached, of := f.covered.Counts()
		if share := coverage.Percent(reached, of); share < f.file.Min && t.only == "" {
			fmt.Fprintf(errs, "%s: coverage is %.1f %%, and at least %.1f %% is wanted\n", f.file.Name, share, f.file.Min)
			missing = true
		}
		if t.suggest {
			suggestRuns(errs, f)
		}
	}
	here, err := os.Getwd()
	if err != nil {
		return false, err
	}
	if t.verbose || missing {
		err = report.WriteText(errs, here)
	}
	err = errors.Join(err, writeTo(t.html, func(w io.Writer) error { return report.WriteHTML(w, here) }),
		writeTo(t.json, report.WriteJSON), writeTo(t.lcov, report.WriteLCOV))
	reached, of := report.Counts()
	if share := coverage.Percent(reached, of); share < t.least && t.only == "" {
		fmt.Fprintf(errs, "coverage is %.1f %%, and at least %.1f %% is wanted\n", share, t.least)
		missing = true
	}
	return missing, err
}

// suggestRuns prints runs that reach what no test of a file reaches.
func suggestRuns(w io.Writer, f tested) {
	found, left := mocking.Suggest(f.recorded, f.covered.Missing())
	for _, s := range found {
		fmt.Fprintf(w, "%s%s\n", f.covered.Listed("# ", s.Reaches...), s.Data())
	}
	if len(left) > 0 {
		fmt.Fprintf(w, "no run was found that reaches\n%s", f.covered.Listed("# ", slices.Sorted(maps.Keys(left))...))
	}
}

// reported is what is reported besides the outcomes.
type reported struct {
	verbose bool          // tests that pass, too
	took    time.Duration // in real time
}

// testFormats are the forms of results.
var testFormats = map[string]func(w io.Writer, all []tested, r reported) error{
	"text": testsAsText, "json": testsAsJSON, "junit": testsAsJUnit,
}

func testsAsText(w io.Writer, all []tested, r reported) error {
	passed, failed := 0, 0
	report := new(coverage.Report)
	for _, f := range all {
		report.Machines = append(report.Machines, f.covered)
		for _, o := range f.outcomes {
			if len(o.Problems) == 0 {
				if passed++; r.verbose {
					fmt.Fprintf(w, "ok    %s: %s (%v)\n", f.file.Name, o.Case.Name, o.Result.Elapsed)
				}
				continue
			}
			failed++
			fmt.Fprintf(w, "FAIL  %s: %s\n", f.file.Name, o.Case.Name)
			for _, p := range o.Problems {
				fmt.Fprintf(w, "      %s\n", strings.ReplaceAll(p, "\n", "\n      "))
			}
			if o.Result != nil {
				fmt.Fprintf(w, "      path (%v):\n%s\n", o.Result.Elapsed, o.Result.Story())
			}
		}
	}
	reached, of := report.Counts()
	_, err := fmt.Fprintf(w, "%d passed, %d failed, %.2f s; coverage %.1f %%\n", passed, failed, r.took.Seconds(), coverage.Percent(reached, of))
	return err
}

func testsAsJSON(w io.Writer, all []tested, _ reported) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, f := range all {
		for _, o := range f.outcomes {
			line := struct {
				Version  int      `json:"version"`
				File     string   `json:"file"`
				Test     string   `json:"test"`
				Passed   bool     `json:"passed"`
				Problems []string `json:"problems,omitempty"`
			}{1, f.file.Name, o.Case.Name, len(o.Problems) == 0, o.Problems}
			if err := e.Encode(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// The elements of JUnit's XML.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func testsAsJUnit(w io.Writer, all []tested, _ reported) error {
	var whole junitSuites
	for _, f := range all {
		s := junitSuite{Name: f.file.Name, Tests: len(f.outcomes)}
		for _, o := range f.outcomes {
			c := junitCase{Name: o.Case.Name, Class: f.file.Name}
			if len(o.Problems) > 0 {
				s.Failures++
				first, _, _ := strings.Cut(o.Problems[0], "\n")
				c.Failure = &junitFailure{first, strings.Join(o.Problems, "\n")}
			}
			s.Cases = append(s.Cases, c)
		}
		whole.Suites = append(whole.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(whole); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
