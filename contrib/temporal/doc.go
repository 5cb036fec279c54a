// Package asltemporal runs state machines as Temporal workflows.
package asltemporal
