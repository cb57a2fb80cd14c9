package telemetry

import (
	"context"
	"maps"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/eventstore"
)

// Command is for dispatch.Options.Observe.
func (t *Telemetry) Command(ctx context.Context, command string, meta *eventstore.Meta) (context.Context, func(audit.Entry)) {
	var span trace.Span
	if t.tracer != nil {
		ctx, span = t.tracer.Start(ctx, command)
		if parent := traceparent(span.SpanContext()); parent != "" {
			extra := maps.Clone(meta.Extra) // the caller may use its own for other commands
			if extra == nil {
				extra = map[string]string{}
			}
			extra[eventstore.TraceparentKey], meta.Extra = parent, extra
		}
	}
	return ctx, func(e audit.Entry) {
		t.commands.WithLabelValues(command, string(e.Outcome)).Inc()
		t.commandTime.WithLabelValues(command).Observe(e.Took.Seconds())
		if span == nil {
			return
		}
		span.SetAttributes(attribute.String("outcome", string(e.Outcome)), attribute.String("correlation", e.CorrelationID.String()))
		if e.Code != "" {
			span.SetAttributes(attribute.String("code", e.Code))
		}
		switch e.Outcome {
		case audit.Done, audit.Refused, audit.Invalid: // saying no is no error
		case audit.Unregistered, audit.Conflicted, audit.Panicked, audit.TimedOut, audit.Failed:
			span.SetStatus(codes.Error, e.Detail)
		}
		span.End()
	}
}
