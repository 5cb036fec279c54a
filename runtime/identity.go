package runtime

import "crypto/sha256"

// completeIdentity fills in what is empty. The name of the execution is made
// from the seed, but does not tell it: tokens depend on its secrecy.
func completeIdentity(id *Identity, seed Seed, w WorkflowType) {
	const prefix = "arn:aws:states:us-east-1:000000000000:"
	if id.StateMachineName == "" {
		id.StateMachineName = "StateMachine"
	}
	if id.ExecutionName == "" {
		sum := sha256.Sum256(append([]byte("name"), seed[:]...))
		id.ExecutionName = formatUUID(sum[:16])
	}
	if id.StateMachine == "" {
		id.StateMachine = prefix + "stateMachine:" + id.StateMachineName
	}
	if id.Execution == "" {
		id.Execution = prefix + "execution:" + id.StateMachineName + ":" + id.ExecutionName
		if w != Standard { // two of them may have one name
			sum := sha256.Sum256(append([]byte("express"), seed[:]...))
			id.Execution = prefix + "express:" + id.StateMachineName + ":" + id.ExecutionName + ":" + formatUUID(sum[:16])
		}
	}
	if id.RoleARN == "" {
		id.RoleARN = "arn:aws:iam::000000000000:role/StatemillRole"
	}
}

// formatUUID prints sixteen bytes as a UUID of version 4.
func formatUUID(b []byte) string { return formatUUIDVersion(b, 4) }

func formatUUIDVersion(b []byte, version byte) string {
	const digits = "0123456789abcdef"
	b[6], b[8] = b[6]&0x0F|version<<4, b[8]&0x3F|0x80
	text := make([]byte, 0, 36)
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = append(text, digits[c>>4], digits[c&15])
	}
	return string(text)
}
