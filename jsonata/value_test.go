package jsonata

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A value of five words would be passed through memory, which makes every
// expression two to three times slower.
func TestValueFitsInRegisters(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(value{}), 4*unsafe.Sizeof(uintptr(0)))
}
