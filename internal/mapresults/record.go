// Package mapresults writes the results of the children of distributed Map states as the
// ResultWriter of AWS does: records of the children, or their outputs, in files that a
// manifest names.
package mapresults

import (
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// Child is a child of a Map Run that is over, or that was never begun.
type Child struct {
	Index   int64
	Pending bool // it was not begun: of the rest, it has an Input alone
	Input   jsonvalue.Value

	interp.Identity
	Express   bool
	Status    interp.Status
	Output    jsonvalue.Value // if it succeeded
	Failure   history.ErrorInfo
	Began     time.Time
	Ended     time.Time
	Redrives  int
	RedriveAt time.Time // of the last one; zero: none
}

// Result returns what the results of its Map Run are made of, if they do not go to objects: its
// record, or its output.
func (c *Child) Result(transformation string) jsonvalue.Value {
	if transformation != "NONE" {
		return c.Output
	}
	record, _ := jsonvalue.Parse(c.AppendRecord(nil))
	return record
}

// Size returns how many bytes that adds to the results, with commas.
func (c *Child) Size(transformation string) (size int) {
	for v := range Contributions(c.Result(transformation), transformation) {
		size += v.Size() + 1
	}
	return size
}

// AppendRecord appends the record of a child, whose members are in the order of their names.
func (c *Child) AppendRecord(dst []byte) []byte {
	r := record{append(dst, '{')}
	if c.Failure.HasCause && !c.Pending {
		r.text("Cause", c.Failure.Cause)
	}
	if c.Failure.HasError && !c.Pending {
		r.text("Error", c.Failure.Error)
	}
	if !c.Pending {
		r.text("ExecutionArn", c.Execution)
	}
	r.json("Input", c.Input)
	r.raw("InputDetails", `{"Included":true}`)
	if c.Pending {
		r.text("Status", "PENDING")
		return append(r.dst, '}')
	}
	r.text("Name", c.ExecutionName)
	if c.Status == interp.Succeeded {
		r.json("Output", c.Output)
	}
	r.raw("OutputDetails", `{"Included":true}`)
	c.appendRedrives(&r)
	r.date("StartDate", c.Began)
	r.text("StateMachineArn", c.StateMachine)
	r.text("Status", string(c.Status))
	r.date("StopDate", c.Ended)
	return append(r.dst, '}')
}

// appendRedrives appends what a record says of redrives. That of an EXPRESS child has the
// count alone.
func (c *Child) appendRedrives(r *record) {
	r.value("RedriveCount", jsonvalue.Int(int64(c.Redrives)))
	if c.Express {
		return
	}
	if !c.RedriveAt.IsZero() {
		r.date("RedriveDate", c.RedriveAt)
	}
	if c.Status != interp.Succeeded {
		r.text("RedriveStatus", "REDRIVABLE_BY_MAP_RUN")
		return
	}
	r.text("RedriveStatus", "NOT_REDRIVABLE")
	r.text("RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven")
}

// record appends the members of an object.
type record struct{ dst []byte }

func (r *record) raw(name, text string) {
	r.name(name)
	r.dst = append(r.dst, text...)
}

func (r *record) text(name, text string) { r.value(name, jsonvalue.String(text)) }

// json appends the JSON text of a value as a string.
func (r *record) json(name string, v jsonvalue.Value) { r.text(name, v.String()) }

func (r *record) date(name string, at time.Time) {
	r.name(name)
	r.dst = at.UTC().AppendFormat(r.dst, `"2006-01-02T15:04:05.000Z"`)
}

func (r *record) value(name string, v jsonvalue.Value) {
	r.name(name)
	r.dst = v.AppendJSON(r.dst)
}

func (r *record) name(name string) {
	if r.dst[len(r.dst)-1] != '{' {
		r.dst = append(r.dst, ',')
	}
	r.dst = append(append(append(r.dst, '"'), name...), '"', ':')
}
