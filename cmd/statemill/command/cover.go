package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/statemill/statemill/internal/coverage"
)

// cover is what the flags of cover say.
type cover struct {
	html, json, profile, lcov, cobertura string
	least                                float64
	expressions                          bool
	ignored                              pairs
}

// errFound ends the command with the status 1: the thing itself is bad, and said so.
var errFound = errors.New("")

func coverCommand() *cobra.Command {
	k := new(cover)
	c := &cobra.Command{
		Use:   "cover DIR",
		Short: "Reports what tests of several packages have reached of their definitions.",
		Long: `Adds up what test processes have left in a folder, and reports which parts of the
definitions no test has reached. A test that uses package asltest leaves its coverage in
the folder that ASLTEST_COVERDIR names. The exit status is 1 if less is reached than --min
wants.`,
		Example: `  mkdir cover && ASLTEST_COVERDIR=$PWD/cover go test ./...
  statemill cover cover --min 90 --html cover.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return k.run(args[0], c.OutOrStdout(), c.ErrOrStderr()) },
	}
	f := c.Flags()
	f.StringVar(&k.html, "html", "", "write one page with the coloured graphs to this `file`")
	f.StringVar(&k.json, "json", "", "write all items as JSON to this `file`")
	f.StringVar(&k.profile, "profile", "", "write what go tool cover -html shows to this `file`")
	f.StringVar(&k.lcov, "lcov", "", "write LCOV to this `file`")
	f.StringVar(&k.cobertura, "cobertura", "", "write Cobertura's XML to this `file`")
	f.Float64Var(&k.least, "min", 0, "the least share of items, in `per cent`, that must be reached")
	f.BoolVar(&k.expressions, "expressions", false, "count the arms and operands inside JSONata expressions, too")
	f.Var(&k.ignored, "ignore", "take the items at a `location=reason` out of the count")
	return c
}

func (k *cover) run(folder string, out, errs io.Writer) error {
	report, err := readReports(folder)
	if err != nil {
		return err
	}
	if !k.expressions {
		report = report.WithoutExpressions()
	}
	if problems := report.Ignore(k.ignored); len(problems) > 0 {
		return errors.New(problems[0])
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := report.WriteText(out, here); err != nil {
		return err
	}
	for _, form := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{k.html, func(w io.Writer) error { return report.WriteHTML(w, here) }},
		{k.json, report.WriteJSON}, {k.profile, report.WriteProfile}, {k.lcov, report.WriteLCOV},
		{k.cobertura, func(w io.Writer) error { return report.WriteCobertura(w, here) }},
	} {
		if err := writeTo(form.file, form.write); err != nil {
			return err
		}
	}
	reached, all := report.Counts()
	if share := coverage.Percent(reached, all); share < k.least {
		fmt.Fprintf(errs, "coverage is %.1f %%, and at least %.1f %% is wanted\n", share, k.least)
		return errFound
	}
	return nil
}

// readReports adds up the reports in a folder, in the order of their names.
func readReports(folder string) (*coverage.Report, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no coverage: no test that uses asltest ran with ASLTEST_COVERDIR=%s", folder, folder)
	}
	slices.Sort(files)
	whole := new(coverage.Report)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		part, err := coverage.Read(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		whole.Add(part)
	}
	return whole, nil
}

// writeTo writes a file; "" is no file.
func writeTo(file string, write func(io.Writer) error) error {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
