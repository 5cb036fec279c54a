package asl

// Task is a Task state.
type Task struct {
	StateInfo
	Resource       Resource
	Parameters     Template // Parameters or Arguments
	ResultSelector Template
	ResultPath     Template
	Credentials    Template
	Timeout        Template // TimeoutSeconds or TimeoutSecondsPath
	Heartbeat      Template // HeartbeatSeconds or HeartbeatSecondsPath
	Retry          []Retrier
	Catch          []Catcher
}
