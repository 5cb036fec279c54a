// Package conformance holds cases that say how executions must go, and the
// tests that hold every way of running one to them: replayed in virtual time,
// restored from what was stored after every step, and live. It has no names of
// its own. The command conform beside it replays recorded cases.
package conformance
