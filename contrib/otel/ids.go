package statemillotel

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// IDs gives the spans of a Tracer ids that are a function of their execution and the event that opens them, and all
// others random ones. It is an IDGenerator of the SDK of OpenTelemetry.
type IDs struct{}

// NewIDs returns the ids of a span without parent.
func (IDs) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	o, ok := ctx.Value(openerKey{}).(*opener)
	if !ok {
		var id trace.TraceID
		_, _ = rand.Read(id[:])
		return id, randomSpanID()
	}
	return o.trace, o.spanID()
}

// NewSpanID returns the id of a span in a trace.
func (IDs) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	if o, ok := ctx.Value(openerKey{}).(*opener); ok {
		return o.spanID()
	}
	return randomSpanID()
}

func randomSpanID() (id trace.SpanID) {
	_, _ = rand.Read(id[:])
	return id
}

// opener is what opens a span.
type opener struct {
	trace     trace.TraceID
	execution string
	event     int64
	redrives  int // of the execution: a state that is redriven has another span
}

type openerKey struct{}

// opening is the context in which a span is opened.
type opening struct {
	context.Context
	opener opener
}

// Value implements context.Context.
func (o *opening) Value(key any) any {
	if _, ok := key.(openerKey); ok {
		return &o.opener
	}
	return o.Context.Value(key)
}

func (o opener) spanID() trace.SpanID {
	var room [160]byte
	text := binary.BigEndian.AppendUint64(append(room[:0], o.execution...), uint64(o.event))
	if o.redrives > 0 {
		text = binary.BigEndian.AppendUint64(text, uint64(o.redrives))
	}
	sum := sha256.Sum256(text)
	return trace.SpanID(sum[:8])
}

// traceIDOf returns the trace of an execution that nobody else has begun.
func traceIDOf(execution string) trace.TraceID {
	var room [160]byte
	sum := sha256.Sum256(append(room[:0], execution...))
	return trace.TraceID(sum[:16])
}

// firstOf returns the span that the first event of an execution opens.
func firstOf(execution string, id trace.TraceID) trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: opener{execution: execution, event: 1}.spanID(), Remote: true})
}

// parseHeader reads a trace header, as AWS X-Ray has it: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;
// Sampled=1". What it lacks is zero.
func parseHeader(header string) trace.SpanContext {
	var c trace.SpanContextConfig
	if header == "" {
		return trace.SpanContext{}
	}
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Root":
			if root := strings.Split(value, "-"); len(root) == 3 && root[0] == "1" {
				decode(c.TraceID[:], root[1]+root[2])
			}
		case "Parent":
			decode(c.SpanID[:], value)
		case "Sampled":
			if value == "1" {
				c.TraceFlags = trace.FlagsSampled
			}
		}
	}
	c.Remote = true
	return trace.NewSpanContext(c)
}

// decode leaves to as it is if the text is not made of so many bytes.
func decode(to []byte, text string) {
	if data, err := hex.DecodeString(text); err == nil && len(data) == len(to) {
		copy(to, data)
	}
}
