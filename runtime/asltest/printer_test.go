package asltest_test

import (
	"fmt"
	"testing"
)

// printer is the test of the examples.
type printer struct{ testing.TB }

func (printer) Helper()                        {}
func (printer) Name() string                   { return "Example" }
func (printer) Cleanup(func())                 {}
func (printer) Failed() bool                   { return false }
func (printer) Log(...any)                     {}
func (printer) Errorf(format string, a ...any) { fmt.Printf(format+"\n", a...) }
func (printer) Fatal(a ...any)                 { fmt.Println(a...) }
func (printer) Fatalf(format string, a ...any) { fmt.Printf(format+"\n", a...) }
