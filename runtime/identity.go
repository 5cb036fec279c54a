package runtime

import (
	"cmp"
	"crypto/sha256"

	"github.com/statemill/statemill/internal/uuid"
)

// CompleteIdentity returns id with names in the fields that are empty, as a Runner with that
// Seed fills them in. It is for drivers that are not of this package.
func CompleteIdentity(id Identity, seed Seed) Identity {
	completeIdentity(&id, seed, Standard)
	return id
}

// completeIdentity fills in what is empty. The name of the execution is made
// from the seed, but does not tell it: tokens depend on its secrecy.
func completeIdentity(id *Identity, seed Seed, w WorkflowType) {
	const prefix = "arn:aws:states:us-east-1:000000000000:"
	if id.StateMachineName == "" {
		const name = "StateMachine"
		id.StateMachineName, id.StateMachine = name, cmp.Or(id.StateMachine, prefix+"stateMachine:"+name) // constants take no memory
	}
	if id.ExecutionName == "" {
		id.ExecutionName = madeOf(seed, "name")
	}
	if id.StateMachine == "" {
		id.StateMachine = prefix + "stateMachine:" + id.StateMachineName
	}
	if id.Execution == "" {
		id.Execution = prefix + "execution:" + id.StateMachineName + ":" + id.ExecutionName
		if w != Standard { // two of them may have one name
			id.Execution = prefix + "express:" + id.StateMachineName + ":" + id.ExecutionName + ":" + madeOf(seed, "express")
		}
	}
	if id.RoleARN == "" {
		id.RoleARN = "arn:aws:iam::000000000000:role/StatemillRole"
	}
}

// madeOf returns a UUID that is made from the seed for a purpose.
func madeOf(seed Seed, purpose string) string {
	var room [64]byte // no memory of the heap
	sum := sha256.Sum256(append(append(room[:0], purpose...), seed[:]...))
	return uuid.Format([16]byte(sum[:16]), 4)
}
