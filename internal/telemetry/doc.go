// Package telemetry says how the program does: figures for Prometheus, and traces for whoever collects them by
// OpenTelemetry's protocol (OTLP over HTTP).
//
// The packages that do the work know neither. They have hooks, which are functions in their options, and this package
// fills them in:
//
//	eventstore.Options.Observer = t.Observer()   appends, batches, projections, tries of handlers
//	dispatch.Options.Observe    = t.Command      commands with their outcome
//	process.Options.Observe     = t.Sending      commands that a process has decided before
//	web.Options.Observe         = t.Middleware   requests by route
//	t.Watch(Sources{…})                          what is counted anyway, and asked for when Prometheus asks
//
// # One trace from the click to the board
//
// A request, a command, its append are spans within each other. The command's place in the trace (traceparent, W3C Trace
// Context) rides in the metadata of its events. A handler subscription that takes such an event goes on with its trace, so
// what it sends because of it belongs to the same click; a projection does so where a batch has events of one trace, and
// otherwise links to all of them. A command that a process has decided remembers its event's trace while it waits, and goes
// on with it; after a timer, which may have run for days, it begins a trace that is linked to that. Where several commands of one aggregate share an append, it is part of the first one's
// trace. A trace that somebody else's request brings is linked, not continued: strangers must not decide what we record.
//
// Nothing of traces happens unless there is somewhere to send them to.
//
// metrics.go lists all figures, store.go, command.go, sending.go and http.go note them, collect.go asks for others, traces.go sends
// spans.
package telemetry
