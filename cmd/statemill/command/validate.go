package command

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/cmd/statemill/internal/source"
	"github.com/statemill/statemill/jsonvalue"
)

// validate is what the flags of validate say.
type validate struct {
	sourceFlags
	format           string
	express          string
	strict           bool
	off              []string
	most             int
	warningsAsErrors bool
	quiet            bool

	tasks taskChecker // nil: this binary has no clients of AWS
}

// taskChecker finds what is wrong with tasks of AWS: what AWS makes may be one.
type taskChecker interface {
	Check(sm *asl.StateMachine) asl.Diagnostics
}

// sourceFlags are the flags of commands that read definitions.
type sourceFlags struct {
	set       pairs
	stdinName string
}

// pairs is a flag of the form NAME=VALUE that may be given several times.
type pairs map[string]string

// String implements the Value of a flag.
func (p pairs) String() string { return "" }

// Type implements the Value of a flag.
func (p pairs) Type() string { return "NAME=VALUE" }

// Set implements the Value of a flag.
func (p *pairs) Set(text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return fmt.Errorf("expected NAME=VALUE, found %s", text)
	}
	if *p == nil {
		*p = make(pairs)
	}
	(*p)[name] = value
	return nil
}

func (s *sourceFlags) add(c *cobra.Command) {
	c.Flags().Var(&s.set, "set", "fill in ${NAME}: `NAME=VALUE`")
	c.Flags().StringVar(&s.stdinName, "stdin-name", "", "how messages `name` the standard input")
}

func (s *sourceFlags) load(c *cobra.Command, args []string) ([]*source.Definition, error) {
	return source.Loader{Stdin: c.InOrStdin(), StdinName: s.stdinName}.Load(args)
}

func validateCommand(aws AWS) *cobra.Command {
	v := new(validate)
	c := &cobra.Command{
		Use:   "validate [SOURCE...]",
		Short: "Checks definitions as AWS does, and tells more.",
		Long: `Checks workflow definitions in JSON or YAML, with AWS's codes and texts and the line
and column of each finding. A SOURCE is a file, a folder (searched for *.asl.json and the
like), a pattern of names, or - for the standard input; a template of CloudFormation, SAM,
CDK or the Serverless Framework, or what terraform show -json prints, of which FILE#NAME is
one machine. ${NAME} is accepted and told; --set fills it in. The exit status is 1 if a definition has errors.`,
		Example: `  statemill validate
  statemill validate order.asl.yaml --set Table=orders
  statemill validate --strict --format github definitions/`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			definitions, err := v.load(c, args)
			if err != nil {
				return err
			}
			if aws != nil { // it says what services take, and calls none
				performer, _, err := aws(c.Context(), Endpoints{Real: true})
				if err != nil {
					fmt.Fprintf(c.ErrOrStderr(), "tasks of AWS are not checked: %v\n", err)
				}
				v.tasks, _ = performer.(taskChecker)
			}
			return v.run(definitions, reportTo(c, v.format), c.ErrOrStderr())
		},
	}
	v.add(c)
	f := c.Flags()
	f.StringVar(&v.format, "format", "text", "the `form` of the findings: text, json, sarif or github")
	f.StringVar(&v.express, "type", "", "the `type` of the machines: standard or express. Default: what the file says")
	f.BoolVar(&v.strict, "strict", false, "say exactly what AWS's ValidateStateMachineDefinition says")
	f.StringSliceVar(&v.off, "off", nil, "leave out warnings with this `code`")
	f.IntVar(&v.most, "max", 0, "tell at most so `many` findings of a definition; 0: all")
	f.BoolVar(&v.warningsAsErrors, "warnings-as-errors", false, "exit with 1 for warnings, too")
	f.BoolVarP(&v.quiet, "quiet", "q", false, "no summary")
	return c
}

// checked is a definition with its findings.
type checked struct {
	*source.Definition
	findings asl.Diagnostics
}

func (v *validate) run(definitions []*source.Definition, out, errs io.Writer) error {
	if v.express != "" && v.express != "standard" && v.express != "express" {
		return fmt.Errorf("--type %s: expected standard or express", v.express)
	}
	write := formats[v.format]
	if write == nil {
		return fmt.Errorf("--format %s: expected text, json, sarif or github", v.format)
	}
	var all []checked
	for _, d := range definitions {
		all = append(all, checked{d, v.check(d)})
	}
	if err := write(out, all); err != nil {
		return err
	}
	return v.conclude(all, errs)
}

// check returns the findings about a definition, on the lines of its file.
func (v *validate) check(d *source.Definition) asl.Diagnostics {
	filled := d.Substituted(v.set)
	express := v.express == "express" || v.express == "" && d.Express
	checker := asl.Validator{Express: express, Substitutions: !v.strict, Off: v.off, Max: v.most}
	found := checker.Validate(filled.JSON)
	if v.tasks != nil {
		found = v.withTasks(checker, filled.JSON)
	}
	findings := filled.Translate(found)
	if v.strict {
		return recorded(findings)
	}
	return append(d.Warnings[:len(d.Warnings):len(d.Warnings)], findings...)
}

// withTasks returns the findings about a definition and, if it has no errors, about its tasks: errors first.
func (v *validate) withTasks(checker asl.Validator, definition []byte) asl.Diagnostics {
	machine, found := checker.Parse(definition)
	if machine != nil {
		found = append(v.tasks.Check(machine), found...)
	}
	if v.most > 0 && len(found) > v.most {
		found = found[:v.most]
	}
	return found
}

// recorded leaves out what AWS does not say.
func recorded(findings asl.Diagnostics) (kept asl.Diagnostics) {
	for _, d := range findings {
		if !strings.HasPrefix(d.Code, "STATEMILL_") {
			kept = append(kept, d)
		}
	}
	return kept
}

// conclude writes the summary, and returns errFound if something is bad.
func (v *validate) conclude(all []checked, errs io.Writer) error {
	mistakes, warnings, bad := 0, 0, 0
	for _, c := range all {
		before := mistakes
		for _, d := range c.findings {
			if d.Warning {
				warnings++
			} else {
				mistakes++
			}
		}
		if mistakes > before {
			bad++
		}
		if names := c.left(v.set); len(names) > 0 && !v.quiet && !v.strict {
			fmt.Fprintf(errs, "note: %s: not checked: ${%s} (--set NAME=VALUE)\n", c.Name(), strings.Join(names, "}, ${"))
		}
	}
	if !v.quiet {
		of := count(len(all), "definition")
		if bad > 0 {
			of = fmt.Sprintf("%d of %s", bad, of)
		}
		fmt.Fprintf(errs, "%s, %s in %s\n", count(mistakes, "error"), count(warnings, "warning"), of)
	}
	if mistakes > 0 || v.warningsAsErrors && warnings > 0 {
		return errFound
	}
	return nil
}

// left returns the placeholders that nothing fills in.
func (c *checked) left(set map[string]string) (names []string) {
	for _, name := range c.Placeholders() {
		if _, filled := set[name]; !filled && !slices.Contains(c.Given, name) {
			names = append(names, name)
		}
	}
	return names
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func jsonCommand() *cobra.Command {
	var s sourceFlags
	var compact bool
	c := &cobra.Command{
		Use:   "json SOURCE",
		Short: "Prints a definition as JSON, as create-state-machine takes it.",
		Long:  "Prints a definition as JSON, with ${NAME} filled in by --set: what aws stepfunctions create-state-machine --definition takes.",
		Example: `  statemill json order.asl.yaml --set Table=orders
  aws stepfunctions create-state-machine --definition "$(statemill json order.asl.yaml)" ...`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := s.one(c, args)
			if err != nil {
				return err
			}
			text := d.Substituted(s.set).JSON
			if _, err := jsonvalue.Parse(text); err != nil {
				return fmt.Errorf("%s: %w", d.Name(), err)
			}
			return writeJSON(c.OutOrStdout(), text, compact)
		},
	}
	s.add(c)
	c.Flags().BoolVar(&compact, "compact", false, "one line")
	return c
}

// one returns the only definition of a source.
func (s *sourceFlags) one(c *cobra.Command, args []string) (*source.Definition, error) {
	all, err := s.load(c, args)
	if err != nil {
		return nil, err
	}
	if len(all) > 1 {
		var names []string
		for _, d := range all {
			names = append(names, d.Name())
		}
		return nil, fmt.Errorf("%s holds several definitions: %s", args[0], strings.Join(names, ", "))
	}
	return all[0], nil
}

// outputFile opens the file of -o; "" and "-" are the standard output.
func outputFile(c *cobra.Command, name string) (io.Writer, func() error, error) {
	if name == "" || name == "-" {
		return c.OutOrStdout(), func() error { return nil }, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, nil, err
	}
	return f, f.Close, nil
}
