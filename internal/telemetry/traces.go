package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
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

// traceparentKey is the name that W3C Trace Context gives to a span's place in its trace.
const traceparentKey = "traceparent"

// traceparent is what rides in the metadata of events; empty for spans that nobody will see.
func traceparent(c trace.SpanContext) string {
	if !c.IsSampled() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), c), carrier)
	return carrier[traceparentKey]
}

// causeOf is the span of the command that caused an event, as far as it is known.
func causeOf(e eventstore.Recorded) trace.SpanContext {
	if !bytes.Contains(e.Metadata, []byte(traceparentKey)) {
		return trace.SpanContext{}
	}
	var metadata map[string]any
	if err := json.Unmarshal(e.Metadata, &metadata); err != nil {
		return trace.SpanContext{}
	}
	parent, _ := metadata[traceparentKey].(string)
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{traceparentKey: parent})
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
		cause := causeOf(e)
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
		return t.tracer.Start(trace.ContextWithRemoteSpanContext(ctx, first), name, trace.WithSpanKind(trace.SpanKindConsumer))
	}
	return t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindConsumer), trace.WithNewRoot(), trace.WithLinks(links...))
}

// end finishes a span.
func end(span trace.Span, err error) {
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}
