package main

import (
	"bytes"
	"testing"
)

// The second time an order is known.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out, false, "http://127.0.0.1/orders"); err != nil {
		t.Fatal(err)
	}
	if want := "o-1: {\"message\":\"m-1\"}\no-2: {\"message\":\"m-2\"}\no-1: OrderIsKnown\n"; out.String() != want {
		t.Fatalf("got %q, want %q", out.String(), want)
	}
}
