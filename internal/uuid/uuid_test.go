package uuid

import (
	"crypto/md5"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFormat(t *testing.T) {
	require.Equal(t, "00010203-0405-4607-8809-0a0b0c0d0e0f", Format([16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 4))
	require.Equal(t, "3318ddf7-9a0e-3259-a825-55a4e8e3e9b1", Format(md5.Sum([]byte("JsonMap")), 3), "as UUID.nameUUIDFromBytes of Java")
}
