package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"segmentchallenge/internal/eventstore"
)

// Observer is for eventstore.Options.
func (t *Telemetry) Observer() eventstore.Observer {
	return eventstore.Observer{Append: t.append, Batch: t.batch, Project: t.project, Handle: t.handle}
}

func (t *Telemetry) append(ctx context.Context, events int) func(eventstore.Result, error) {
	start := time.Now()
	var span trace.Span
	if t.tracer != nil && trace.SpanFromContext(ctx).IsRecording() { // alone it would tell nothing
		_, span = t.tracer.Start(ctx, "append", trace.WithAttributes(attribute.Int("events", events)))
	}
	return func(r eventstore.Result, err error) {
		t.appendTime.Observe(time.Since(start).Seconds())
		t.appends.WithLabelValues(appendResult(r, err)).Inc()
		if err == nil && !r.Duplicate {
			t.appended.Add(float64(events))
		}
		if span != nil {
			span.SetAttributes(attribute.Int64("position", r.Last))
			end(span, err)
		}
	}
}

func appendResult(r eventstore.Result, err error) string {
	switch {
	case err == nil && r.Duplicate:
		return "duplicate"
	case err == nil:
		return "ok"
	case errors.Is(err, eventstore.ErrConflict):
		return "conflict"
	case errors.Is(err, eventstore.ErrInvalidEvent) || errors.Is(err, eventstore.ErrDuplicateEvent):
		return "invalid"
	}
	return "failed"
}

func (t *Telemetry) batch(requests, events int, took time.Duration, err error) {
	t.batchTime.Observe(took.Seconds())
	if err == nil {
		t.batchRequests.Observe(float64(requests))
		t.batchEvents.Observe(float64(events))
	}
}

func (t *Telemetry) project(ctx context.Context, name string, events []eventstore.Recorded) (context.Context, func(error)) {
	start := time.Now()
	ctx, span := t.because(ctx, "project "+name, events)
	return ctx, func(err error) {
		t.projectionTime.WithLabelValues(name, result(err)).Observe(time.Since(start).Seconds())
		if err == nil {
			t.projected.WithLabelValues(name).Add(float64(len(events)))
		}
		if span != nil {
			span.SetAttributes(attribute.Int("events", len(events)), attribute.Int64("position", events[len(events)-1].Position))
			end(span, err)
		}
	}
}

func (t *Telemetry) handle(ctx context.Context, name string, e eventstore.Recorded) (context.Context, func(error)) {
	start := time.Now()
	ctx, span := t.because(ctx, "handle "+name, []eventstore.Recorded{e})
	if span != nil {
		span.SetAttributes(attribute.String("event", e.Type), attribute.Int64("position", e.Position), attribute.Int("attempt", eventstore.Attempt(ctx)))
	}
	return ctx, func(err error) {
		t.handleTime.WithLabelValues(name, result(err)).Observe(time.Since(start).Seconds())
		if span != nil {
			end(span, err)
		}
	}
}
