package suite

// The keys of a file of tests. docs/testing.md has a table of them.
var (
	fileKeys = []string{
		"definition", "set", "start", "seed", "identity", "limits", "variables", "buckets", "tasks", "contracts", "coverage", "cases",
	}
	identityKeys = []string{"Execution", "StateMachine"}
	limitKeys    = []string{"payload", "variables", "history", "iterations", "children", "in-flight", "seconds"}
	contractKeys = []string{"input", "output"}
	coverageKeys = []string{"min", "ignore"}
	caseKeys     = []string{
		"name", "input", "input-file", "output", "output-at", "path", "elapsed", "inputs", "error", "cause",
		"state", "from", "until", "variables", "tasks", "mock", "history",
	}
	mockKeys    = []string{"file", "machine", "case"}
	outcomeKeys = []string{"returns", "fails", "cause", "hangs", "exec", "http", "after", "times", "heartbeats", "submits", "optional", "when"}
)
