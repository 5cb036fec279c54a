package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// big is a value that no store keeps beside its small columns.
var big = jsonvalue.String(strings.Repeat("0123456789abcdef", 1_000))

// values are the inputs and outputs that the suite uses.
var values = []jsonvalue.Value{
	{}, big, jsonvalue.MustParse(`{"b":1.0,"a":[null,12345678901234567890],"":"\ud800 ünï"}`), jsonvalue.MustParse(`""`),
}

// fill gives each field of a struct a value that is not zero.
func fill(v reflect.Value, rng *rand.Rand) {
	switch v.Interface().(type) {
	case jsonvalue.Value:
		v.Set(reflect.ValueOf(values[1+rng.IntN(len(values)-1)]))
		return
	case time.Time:
		v.Set(reflect.ValueOf(start.Add(time.Duration(1+rng.IntN(1_000_000)) * time.Millisecond)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), rng)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d ü", rng.Uint32()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(v.Type(), 9, 9))
		}
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(rng.IntN(256)))
		}
	default:
		v.SetInt(1 + rng.Int64N(1_000_000))
	}
}

// filledRecord returns a record of an execution in which no field is zero.
func filledRecord(id string, rng *rand.Rand) store.Record {
	var r store.Record
	fill(reflect.ValueOf(&r).Elem(), rng)
	r.Execution = id
	return r
}

// record stores and changes every field of a Record, those of later versions included.
func record(k *storeKit) {
	rng := rand.New(rand.NewPCG(1, 2))
	first := filledRecord("x", rng)
	c := created("x", "a")
	c.Record = &first
	commit(k, c)
	require.Equal(k, show(first), show(get(k, "x")))
	short := first
	short.Input, short.Output = jsonvalue.Value{}, jsonvalue.Value{}
	require.Equal(k, show(short), show(load(k, "x").Record), "Load leaves out Input and Output")

	for i := range 6 {
		next := filledRecord("x", rng)
		next.Output = values[i%len(values)]
		if i%2 == 0 {
			next.HasError, next.Error, next.Cause, next.Stop = false, "", "", time.Time{}
		}
		c = step("x", "a", int64(i+1))
		c.Record = &next
		commit(k, c)
		want := first
		want.Status, want.Output, want.ErrorInfo, want.Redrives = next.Status, next.Output, next.ErrorInfo, next.Redrives
		want.Redriven, want.ParentRedrives = next.Redriven, next.ParentRedrives
		want.FailedState, want.FailedPath = next.FailedState, next.FailedPath
		want.Start, want.Stop, want.Meta = next.Start, next.Stop, next.Meta
		require.Equal(k, show(want), show(get(k, "x")), "the fields that a second record changes")
	}
	commit(k, step("x", "a", 7))
	c = created("empty", "a")
	commit(k, c)
	require.Equal(k, show(*c.Record), show(get(k, "empty")))
}

// list asks for pages of every kind.
func list(k *storeKit) {
	statuses := []interp.Status{interp.Running, interp.Succeeded, interp.Failed, interp.TimedOut, interp.Aborted, "PENDING"}
	rng := rand.New(rand.NewPCG(3, 4))
	var all []store.Record
	for i := range 80 {
		var r store.Record
		r.Execution, r.StateMachine = fmt.Sprintf("x%03d", i), fmt.Sprint("machine ", rng.IntN(3))
		r.Status, r.Start, r.Input = statuses[rng.IntN(6)], start, big // one instant for all
		r.Output = []jsonvalue.Value{{}, jsonvalue.Int(int64(i)), big}[i%3]
		if r.Status != interp.Running {
			r.Stop = start.Add(time.Duration(rng.IntN(100)) * time.Second)
		}
		if rng.IntN(2) == 0 {
			r.StateMachineVersion, r.MapRun = r.StateMachine+":1", fmt.Sprint("run ", rng.IntN(2))
		}
		if rng.IntN(3) == 0 {
			r.StateMachineAlias = r.StateMachine + ":live"
		}
		c := created(r.Execution, "a")
		c.Record = &r
		commit(k, c)
		all = append(all, r)
	}
	for _, machine := range []string{"", "machine 0", "machine 2", "none"} {
		for _, status := range []interp.Status{"", interp.Running, "PENDING", "NONE"} {
			q := store.Query{StateMachine: machine, Status: status}
			checkPages(k, all, q)
			q.MapRun = "run 1"
			checkPages(k, all, q)
			q.MapRun, q.Version = "", machine+":1"
			checkPages(k, all, q)
			q.Version, q.Alias = "", machine+":live"
			checkPages(k, all, q)
			q.Alias, q.StoppedBefore = "", start.Add(40*time.Second)
			checkPages(k, all, q)
		}
	}
	_, err := k.s.List(k.Context(), store.Query{After: "gone"})
	require.ErrorIs(k, err, store.ErrNotFound)
	records, err := k.s.List(k.Context(), store.Query{Limit: 1})
	require.NoError(k, err)
	require.Len(k, records, 1)
	assert.Equal(k, jsonvalue.Value{}, records[0].Input, "List leaves out Input and Output")
	records, err = k.s.List(k.Context(), store.Query{MapRun: "run 1", Data: true, Oldest: true})
	require.NoError(k, err)
	for _, r := range all {
		if r.MapRun == "run 1" {
			require.Equal(k, show(r), show(records[0]), "List with Data")
			records = records[1:]
		}
	}
	require.Empty(k, records)
}

// checkPages compares pages of several sizes, in both orders, with the records of all that match.
func checkPages(k *storeKit, all []store.Record, q store.Query) {
	k.Helper()
	is := func(asked, there string) bool { return asked == "" || asked == there }
	want := []string{}
	for _, r := range all {
		if is(q.StateMachine, r.StateMachine) && is(string(q.Status), string(r.Status)) && is(q.MapRun, r.MapRun) &&
			is(q.Version, r.StateMachineVersion) && is(q.Alias, r.StateMachineAlias) &&
			(q.StoppedBefore.IsZero() || !r.Stop.IsZero() && r.Stop.Before(q.StoppedBefore)) {
			want = append(want, r.Execution)
		}
	}
	for _, q.Oldest = range []bool{true, false} {
		if !q.Oldest {
			slices.Reverse(want)
		}
		for _, q.Limit = range []int{0, 7} {
			q.After = ""
			found := []string{}
			for {
				page := ids(k, q)
				found = append(found, page...)
				if len(page) == 0 || q.Limit == 0 {
					break
				}
				q.After = page[len(page)-1]
			}
			require.Equal(k, want, found, "%+v", q)
		}
	}
}

// listWhileCreating reads pages while executions arrive: those that were there before come once each.
func listWhileCreating(k *storeKit) {
	var old []string
	for i := range 60 {
		c := created(fmt.Sprintf("old %02d", i), "a")
		c.Record.StateMachine = "machine"
		commit(k, c)
		old = append(old, c.ID)
	}
	slices.Reverse(old)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		for i := range 60 {
			c := created(fmt.Sprintf("new %02d", i), "a")
			c.Record.StateMachine = "machine"
			_, err := k.s.Commit(k.Context(), []store.Change{c})
			assert.NoError(k, err)
		}
	})
	var found []string
	q := store.Query{StateMachine: "machine", Limit: 7}
	for page := ids(k, q); len(page) > 0; page = ids(k, q) {
		q.After = page[len(page)-1]
		found = append(found, page...)
	}
	found = slices.DeleteFunc(found, func(id string) bool { return strings.HasPrefix(id, "new") })
	assert.Equal(k, old, found)
}
