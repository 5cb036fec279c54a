package recorded

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Instants are volatile; what has their form and is no date is data.
func TestVolatileTexts(t *testing.T) {
	n := NewNormaliser(&Case{})
	for text, want := range map[string]string{
		"at 2026-02-28T01:02:03.004Z":                  "at date",
		"at 2026-02-28T01:02:03+0100":                  "at date",
		"at 2026-02-30T01:02:03Z":                      "at 2026-02-30T01:02:03Z",
		"arn:aws:states:us-east-1:1:x":                 "arn:<partition>:states:<region>:1:x",
		"The choice state’s condition path references": "The choice state's condition path references",
	} {
		assert.Equal(t, want, n.text(text))
	}
}
