package asltest

// MocksOf returns the mocks of a machine.
func MocksOf(m *Machine) []*Mock { return m.mocks }
