package asltest

import "io"

// MocksOf returns the mocks of a machine.
func MocksOf(m *Machine) []*Mock { return m.mocks }

// Report writes the reports of a run of tests in which some were left out.
func (c Coverage) Report(w io.Writer) error { return c.report(w, false) }
