package telemetry

import (
	"context"
	"fmt"
	"net/url"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"segmentchallenge/internal/eventstore"
)

// newProvider makes the way for spans; nil when nobody wants them.
func newProvider(o Options) (*sdktrace.TracerProvider, error) {
	if o.Ratio == 0 {
		o.Ratio = 1
	}
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Ratio))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "segment-challenge"))),
	}
	switch {
	case o.Exporter != nil:
		options = append(options, sdktrace.WithSyncer(o.Exporter))
	case o.Endpoint != "":
		address, err := tracesAddress(o.Endpoint)
		if err != nil {
			return nil, err
		}
		exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(address)) // it doesn't connect yet
		if err != nil {
			return nil, err
		}
		options = append(options, sdktrace.WithBatcher(exporter))
	default:
		return nil, nil
	}
	return sdktrace.NewTracerProvider(options...), nil
}

// tracesAddress is where a collector takes traces: at the usual path, unless its URL names one.
func tracesAddress(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("%q is no address of a collector, such as http://localhost:4318", endpoint)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// traceparent is what rides in the metadata of events; empty for spans that nobody will see.
func traceparent(c trace.SpanContext) string {
	if !c.IsSampled() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), c), carrier)
	return carrier[eventstore.TraceparentKey]
}

// spanOf is the span that a traceparent names; an invalid one where it names none.
func spanOf(traceparent string) trace.SpanContext {
	if traceparent == "" {
		return trace.SpanContext{}
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{eventstore.TraceparentKey: traceparent})
	return trace.SpanContextFromContext(ctx)
}

// maxLinks bounds the causes that a span names.
const maxLinks = 16

// because begins a span for what is done because of events: within the trace that caused them, if it is one, and linked to
// all of them otherwise. Where none is known there is no span.
func (t *Telemetry) because(ctx context.Context, name string, events []eventstore.Recorded) (context.Context, trace.Span) {
	if t.tracer == nil {
		return ctx, nil
	}
	var first trace.SpanContext
	var links []trace.Link
	one, named := true, map[trace.SpanID]bool{}
	for _, e := range events {
		cause := spanOf(e.Traceparent())
		switch {
		case !cause.IsValid() || named[cause.SpanID()]:
			continue
		case !first.IsValid():
			first = cause
		}
		named[cause.SpanID()] = true
		one = one && cause.TraceID() == first.TraceID()
		if len(links) < maxLinks {
			links = append(links, trace.Link{SpanContext: cause})
		}
	}
	if !first.IsValid() {
		return ctx, nil
	}
	if one {
		return t.within(ctx, name, first)
	}
	return t.linked(ctx, name, links...)
}

// within begins a span of a trace that came through the log.
func (t *Telemetry) within(ctx context.Context, name string, cause trace.SpanContext) (context.Context, trace.Span) {
	return t.tracer.Start(trace.ContextWithRemoteSpanContext(ctx, cause), name, trace.WithSpanKind(trace.SpanKindConsumer))
}

// linked begins a trace that names those that led to it.
func (t *Telemetry) linked(ctx context.Context, name string, causes ...trace.Link) (context.Context, trace.Span) {
	return t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithNewRoot(), trace.WithLinks(causes...))
}

// end finishes a span.
func end(span trace.Span, err error) {
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}
