package javatext

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Java was asked for these texts with new String(bytes, UTF_8).
func TestFromUTF8(t *testing.T) {
	for data, want := range map[string]string{
		"a€😀":                  "a€😀",
		"\xff":                 "�",
		"\xe2\x82":             "�",
		"\xe2\x82x":            "�x",
		"\xe2x":                "�x",
		"\xf0\x9f\x98":         "�",
		"\xf0\x80\x80":         "���",
		"\xed\xa0\x80":         "�",
		"\xed\xa0":             "�",
		"\xc0\xaf":             "��",
		"\xe0\x80\xaf":         "���",
		"\xf4\x90\x80":         "���",
		"\xf5\x80":             "��",
		"a\xc3b\x80\xef\xbf":   "a�b��",
		"\xf1\x80\x80\xc3\xa9": "�é",
	} {
		assert.Equal(t, want, FromUTF8([]byte(data)), "%x", data)
	}
}
