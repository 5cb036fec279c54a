package asltest

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// update is the flag that has golden files written. Packages define a flag named update
// themselves, so this one has another name.
var update = flag.Bool("asltest.update", false, "write the golden files of asltest anew")

// updating reports whether golden files are to be written: by our flag, by that of the
// package under test, or by the environment.
func updating() bool {
	if *update || os.Getenv("ASLTEST_UPDATE") == "1" {
		return true
	}
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// WantGolden wants the history to be that of a file: one event a line, as AWS shows
// them, times from the start of the run. The flag -asltest.update writes the file, and
// so do a flag -update of the package under test and ASLTEST_UPDATE=1.
func (r *Run) WantGolden(file string) {
	r.machine.t.Helper()
	r.looked = true
	got := r.result.Lines()
	if updating() {
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if err == nil {
			err = os.WriteFile(file, []byte(strings.Join(got, "")), 0o644)
		}
		if err != nil {
			r.machine.t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		r.machine.t.Fatalf("%v\n  -asltest.update writes it", err)
	}
	want := slices.Collect(strings.Lines(string(text)))
	for i := range max(len(got), len(want)) {
		if g, w := lineAt(got, i), lineAt(want, i); g != w {
			r.machine.t.Errorf("history differs from %s at line %d\n  got:  %s\n  want: %s\n%s", file, i+1, g, w, r.story())
			return
		}
	}
}

func lineAt(lines []string, i int) string {
	if i >= len(lines) {
		return "(no event)"
	}
	return strings.TrimSpace(lines[i])
}

// Graph writes the definition as a Mermaid diagram in which the states that the run
// visited have a colour.
func (r *Run) Graph(w io.Writer) {
	r.machine.t.Helper()
	var b strings.Builder
	sm := r.machine.loaded.program.StateMachine()
	if err := sm.WriteMermaid(&b); err != nil {
		r.machine.t.Fatal(err)
	}
	b.WriteString("    classDef visited fill:#bfe5bf,stroke:#2e7d32\n")
	names := r.machine.loaded.names()
	for line := range strings.Lines(b.String()) {
		declared, ok := strings.CutPrefix(strings.TrimSpace(line), "state ")
		if !ok || len(names) == 0 {
			continue
		}
		_, id, _ := strings.Cut(declared, " as ")
		if len(r.Visits(names[0])) > 0 {
			fmt.Fprintf(&b, "    class %s visited\n", strings.TrimSuffix(id, " {"))
		}
		names = names[1:]
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		r.machine.t.Fatal(err)
	}
}
