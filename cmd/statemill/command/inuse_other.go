//go:build !linux

package command

// ownerOf returns the process that holds a lock on a file; 0: not known.
func ownerOf(string) int { return 0 }
