package interp_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/statemill/statemill/runtime/interp"
)

// describe prints all that a Ready says: what is stored as the bytes that are
// stored, the history as its JSON.
func describe(r interp.Ready) string {
	var b strings.Builder
	fmt.Fprintf(&b, "header %s\n", bytesOf(r.Header.MarshalBinary()))
	for _, f := range r.Changed {
		fmt.Fprintf(&b, "frame %d %s\n", f.ID, bytesOf(f.MarshalBinary()))
	}
	for _, v := range r.Values {
		fmt.Fprintf(&b, "value %v %s\n", v.ID, v.Value)
	}
	fmt.Fprintf(&b, "removed %v dropped %v cancel %v\n", r.Removed, r.Dropped, r.Cancel)
	for _, e := range r.History {
		fmt.Fprintf(&b, "event %s\n", bytesOf(json.Marshal(e)))
	}
	for _, s := range r.Start {
		fmt.Fprintf(&b, "start %v %s %s %q %d %v %v\n", s.ID, s.Task.Name, s.Input, s.RoleARN, s.RetryCount, s.Deadline, s.Heartbeat)
	}
	fmt.Fprintf(&b, "wake %v\n", r.Wake)
	if o := r.Outcome; o != nil {
		fmt.Fprintf(&b, "outcome %s %s %q %q %q %v\n", o.Status, o.Output, o.Error, o.Cause, o.State, o.Task)
	}
	return b.String()
}

func bytesOf(text []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return text
}
