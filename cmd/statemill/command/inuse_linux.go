package command

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// ownerOf returns the process that holds a lock on a file; 0: not known. It reads what the
// kernel tells of locks: to open the file here could release those of this process.
func ownerOf(file string) int {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return 0
	}
	// 3: POSIX  ADVISORY  WRITE 4711 fe:01:393227 1073741826 1073741835
	for line := range strings.Lines(string(locks)) {
		fields := strings.Fields(line)
		if len(fields) < 6 || !strings.HasSuffix(fields[5], fmt.Sprintf(":%d", stat.Ino)) {
			continue
		}
		if pid, err := strconv.Atoi(fields[4]); err == nil && pid > 0 {
			return pid
		}
	}
	return 0
}
