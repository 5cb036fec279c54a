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
		sum := sha256.Sum256(append([]byte("name"), seed[:]...))
		id.ExecutionName = uuid.Format([16]byte(sum[:16]), 4)
	}
	if id.StateMachine == "" {
		id.StateMachine = prefix + "stateMachine:" + id.StateMachineName
	}
	if id.Execution == "" {
		id.Execution = prefix + "execution:" + id.StateMachineName + ":" + id.ExecutionName
		if w != Standard { // two of them may have one name
			sum := sha256.Sum256(append([]byte("express"), seed[:]...))
			id.Execution = prefix + "express:" + id.StateMachineName + ":" + id.ExecutionName + ":" + uuid.Format([16]byte(sum[:16]), 4)
		}
	}
	if id.RoleARN == "" {
		id.RoleARN = "arn:aws:iam::000000000000:role/StatemillRole"
	}
}
