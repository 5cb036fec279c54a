package jsonvalue

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A Value is an integer of 64 bits and an interface: ARCHITECTURE.md says 24 bytes.
func TestValueIsSmall(t *testing.T) {
	require.Equal(t, 8+2*unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(Value{}))
}
