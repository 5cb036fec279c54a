//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// alone gives a process a group of its own, so that its children end with it: at the end
// of its context the group gets SIGTERM.
func alone(process *exec.Cmd) {
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	process.Cancel = func() error { return syscall.Kill(-process.Process.Pid, syscall.SIGTERM) }
}

// end kills what is left of the group of a process that had to end.
func end(process *exec.Cmd) {
	if process.Process != nil {
		_ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL) // in most cases nothing is left
	}
}
