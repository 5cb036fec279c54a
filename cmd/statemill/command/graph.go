package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/asl/diagram"
	"github.com/statemill/statemill/runtime/history"
)

// graph is what the flags of graph say.
type graph struct {
	sourceFlags
	format, output, theme string
	history               string
}

func graphCommand() *cobra.Command {
	g := new(graph)
	c := &cobra.Command{
		Use:   "graph SOURCE",
		Short: "Draws a definition.",
		Long: `Draws a definition as SVG, as a Mermaid diagram or for Graphviz. The form is that of
the name after -o, else mermaid.`,
		Example: `  statemill graph order.asl.json -o order.svg
  statemill graph order.asl.yaml --format dot | dot -Tpng > order.png`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return g.run(c, args) },
	}
	g.add(c)
	f := c.Flags()
	f.StringVar(&g.format, "format", "", "the `form`: svg, mermaid or dot")
	f.StringVarP(&g.output, "output", "o", "", "the `file` to write")
	f.StringVar(&g.history, "history", "", "mark in svg what an execution came to: a `file` of aws stepfunctions get-execution-history or of run --history")
	f.StringVar(&g.theme, "theme", "auto", "the colours of svg: auto, light or dark")
	return c
}

func (g *graph) run(c *cobra.Command, args []string) error {
	d, err := g.one(c, args)
	if err != nil {
		return err
	}
	d = d.Substituted(g.set)
	sm, found := asl.Validator{Substitutions: true, AnyResource: true}.Parse(d.JSON)
	if sm == nil {
		var b bytes.Buffer
		if err := d.Translate(found).WriteText(&b, d.Name()); err != nil {
			return err
		}
		fmt.Fprint(c.ErrOrStderr(), b.String())
		return errFound
	}
	write, err := g.writer(sm)
	if err != nil {
		return err
	}
	out, done, err := outputFile(c, g.output)
	if err != nil {
		return err
	}
	return errors.Join(write(out), done())
}

// writer returns what writes the drawing.
func (g *graph) writer(sm *asl.StateMachine) (func(io.Writer) error, error) {
	format := g.format
	if format == "" {
		format = map[string]string{".svg": "svg", ".dot": "dot", ".gv": "dot"}[strings.ToLower(filepath.Ext(g.output))]
	}
	theme := g.theme
	switch theme {
	case "auto":
		theme = ""
	case "light", "dark":
	default:
		return nil, fmt.Errorf("--theme %s: expected auto, light or dark", theme)
	}
	class, err := g.class(sm)
	switch {
	case err != nil:
		return nil, err
	case class != nil && format != "svg":
		return nil, errors.New("--history needs the form svg: --format svg, or -o FILE.svg")
	}
	switch format {
	case "svg":
		return func(w io.Writer) error {
			return diagram.Draw(sm).WriteSVG(w, diagram.Options{Theme: theme, Class: class})
		}, nil
	case "mermaid", "":
		return sm.WriteMermaid, nil
	case "dot":
		return sm.WriteDOT, nil
	}
	return nil, fmt.Errorf("--format %s: expected svg, mermaid or dot", format)
}

// class says by location what an execution came to; nil: no execution is to be shown.
func (g *graph) class(sm *asl.StateMachine) (func(location string) string, error) {
	if g.history == "" {
		return nil, nil
	}
	events, err := readEvents(g.history)
	if err != nil {
		return nil, fmt.Errorf("--history: %w", err)
	}
	var folded history.Visits
	for _, e := range events {
		folded.Add(e)
	}
	status, known := make(map[string]string), false
	for s := range sm.All() {
		for _, v := range folded.All() {
			if v.State == s.Info().Name {
				status[s.Info().Location], known = string(v.Status), true
			}
		}
	}
	if !known {
		return nil, fmt.Errorf("--history: %s is of another state machine: no state of it is in the definition", g.history)
	}
	return func(location string) string { return status[location] }, nil
}
