package store

import "time"

// Poll says who asks for work.
//
// An execution needs an owner if nobody owns it and it is due at Now or has messages, or if
// the lease of its owner is over. An owner without a lease is one whose lease is over. A lease
// is measured by the clock of the store; Now comes from the clock of the caller.
//
// Poll also deletes messages to the queues of processes whose lease is over.
type Poll struct {
	// Owner asks. Its name is not empty.
	Owner string
	// Lease is how long, from now on, others leave the owner's executions alone. Zero
	// gives all of them back, due at Now, and ends the lease; nothing is returned then.
	Lease time.Duration
	Now   time.Time
	// Limit is how many executions the owner takes at most. Default: none, and the
	// lease is renewed all the same.
	Limit int
	// Held asks for the executions that the owner has already: one that got no answer to a
	// Poll does not know what that has claimed.
	Held bool
	// Queues are the queues whose messages the owner wants.
	Queues []string
	// Messages is how many messages at most are returned of each queue, and
	// to executions. Default: 1,000.
	Messages int
}

// Polled holds the executions and messages that a Poll found.
type Polled struct {
	// Claimed are the executions that this Poll gives to the owner: first those whose owner
	// had died, then those with messages, then the others by Due, earliest first. No other
	// Poll returns them.
	Claimed []string
	// Held are the executions that were the owner's before, if Poll.Held asks for them.
	Held []string
	// Messages are those to the executions of the owner, and then those to each of the
	// queues. They are returned again until they are consumed.
	Messages []Message
	// Next is the earliest instant after Now at which an execution is due that has no
	// owner and no messages; zero: there is none.
	Next time.Time
	// Lapse is how long it takes until the first lease of another owner ends, if nobody renews it;
	// zero: no other has one.
	Lapse time.Duration
	// More reports that more executions need an owner, or that more messages to the
	// owner's executions are there, than the limits let through.
	More bool
}
