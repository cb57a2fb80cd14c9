package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"segmentchallenge/internal/process"
)

// Sending is for process.Options.Observe.
func (t *Telemetry) Sending(ctx context.Context, s process.Sending) (context.Context, func(error)) {
	cause := spanOf(s.Traceparent)
	if t.tracer == nil || !cause.IsValid() {
		return ctx, func(error) {}
	}
	var span trace.Span
	if name := "send " + s.Process; s.Timed {
		ctx, span = t.linked(ctx, name, trace.Link{SpanContext: cause})
	} else {
		ctx, span = t.within(ctx, name, cause)
	}
	span.SetAttributes(attribute.String("command", s.Command), attribute.String("instance", s.Instance), attribute.Int("attempt", s.Attempt))
	return ctx, func(err error) { end(span, err) }
}
