package asl

import (
	"os"
	"testing"
)

// BenchmarkCorpus validates all recorded definitions; the time is that of one.
func BenchmarkCorpus(b *testing.B) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		b.Skip("STATEMILL_CORPUS does not name a folder of recorded cases")
	}
	definitions := corpusDefinitions(b, corpus)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Validate(definitions[i%len(definitions)].definition)
	}
}
