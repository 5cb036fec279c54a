package sfnapi

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// redrive is a RedriveExecution that was carried out.
type redrive struct {
	Token string `json:"token,omitempty"`
	At    int64  `json:"at"`
}

// How many redrives are remembered, and for how long their tokens are (the documentation
// says 15 minutes).
const (
	maxRedrives      = 10
	redriveTokenLife = 15 * time.Minute
)

type redriveExecutionIn struct {
	ARN   string `sfn:"executionArn,required,1..256"`
	Token string `sfn:"clientToken,1..64,pattern=visible"`
}

// redriveExecution answers a token that it has seen with the date of the redrive then,
// whatever has happened since (recorded).
func (s *scope) redriveExecution(in *redriveExecutionIn) (fields, error) {
	if a, err := parseARN(in.ARN, kindExecution); err == nil && strings.Contains(a.parts[0], "/") {
		return nil, invalid("Labeled Execution ARNs are not supported for this API.") // recorded
	}
	record, notes, done, err := s.redriving(in)
	if done != nil || err != nil {
		return done, err
	}
	if status, reason := redrivable(&record); status != "REDRIVABLE" {
		return nil, notRedrivable(in.ARN, reason)
	}
	notes.Redrives = append(notes.Redrives, redrive{Token: in.Token, At: millis(s.now)})
	notes.Redrives = notes.Redrives[max(0, len(notes.Redrives)-maxRedrives):]
	_, err = s.handler.executions.Redrive(s.ctx, record.Execution, notes.encode())
	switch {
	case errors.Is(err, runtime.ErrNotRedrivable):
		return s.redrivenMeanwhile(in)
	case errors.Is(err, store.ErrNotFound):
		return nil, noExecution(in.ARN)
	case err != nil:
		return nil, err
	}
	return fields{"redriveDate": instant(s.now)}, nil
}

// redriven returns when a redrive with the token was carried out.
func (s *scope) redriven(notes *meta, token string) (at time.Time, ok bool) {
	i := slices.IndexFunc(notes.Redrives, func(r redrive) bool {
		return token != "" && r.Token == token && s.now.Sub(fromMillis(r.At)) < redriveTokenLife
	})
	if i < 0 {
		return time.Time{}, false
	}
	return fromMillis(notes.Redrives[i].At), true
}

// redriving returns the execution of a request, and the answer if the same one has been
// carried out.
func (s *scope) redriving(in *redriveExecutionIn) (r store.Record, notes meta, done fields, err error) {
	if r, err = s.executionOf(in.ARN); err != nil {
		return r, notes, nil, err
	}
	if notes, err = metaOf(&r); err != nil {
		return r, notes, nil, err
	}
	if at, ok := s.redriven(&notes, in.Token); ok {
		done = fields{"redriveDate": instant(at)}
	}
	return r, notes, done, nil
}

// redrivenMeanwhile answers when another request came first, perhaps the same one.
func (s *scope) redrivenMeanwhile(in *redriveExecutionIn) (fields, error) {
	record, _, done, err := s.redriving(in)
	if done != nil || err != nil {
		return done, err
	}
	_, reason := redrivable(&record)
	return nil, notRedrivable(in.ARN, reason)
}

func notRedrivable(arn, reason string) *fault {
	return refuse("ExecutionNotRedrivable", "Execution %s invalid for redrive as: %s", arn, reason)
}

// noRoom is the cause of an execution that has all the events that one can have.
const noRoom = "The execution reached the maximum number of history events (25000)."

// redrivable returns the redriveStatus of an execution and its reason (recorded).
func redrivable(r *store.Record) (status, reason string) {
	switch {
	case r.Status == interp.Running || r.Status == interp.Succeeded:
		return "NOT_REDRIVABLE", "Execution is " + string(r.Status) + " and cannot be redriven"
	case r.Cause == noRoom:
		return "NOT_REDRIVABLE", "Execution has exceeded the maximum history event limit"
	case r.MapRun != "":
		return "REDRIVABLE_BY_MAP_RUN", ""
	}
	return "REDRIVABLE", ""
}
