package interp

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// tokenForm is the first character of the tokens of this form.
const tokenForm = "1"

// errToken reports text that is no task token.
var errToken = errors.New("interp: not a task token")

// token returns the task token of an attempt. Its last part is a secret: only
// who has the seed can make it.
func (s Seed) token(execution string, id TaskID) string {
	sum := sha256.Sum256([]byte(string(s[:]) + id.String() + "\x00" + execution))
	name := base64.RawURLEncoding.EncodeToString([]byte(execution))
	return tokenForm + "." + name + "." + id.String() + "." + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// ParseToken tells to which execution and task a token belongs. It does
// not check the secret: a token is genuine if [Execution.Token] returns the same.
func ParseToken(token string) (execution string, task TaskID, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 5 || parts[0] != tokenForm {
		return "", TaskID{}, errToken
	}
	name, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", TaskID{}, errToken
	}
	task, err = ParseTaskID(parts[2] + "." + parts[3])
	if err != nil {
		return "", TaskID{}, errToken
	}
	return string(name), task, nil
}
