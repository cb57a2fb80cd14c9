package telemetry

import "github.com/prometheus/client_golang/prometheus"

// prefix is in front of every name.
const prefix = "segmentchallenge_"

// metrics are the figures that are noted as things happen. collect.go has those that are asked for.
type metrics struct {
	appends        *prometheus.CounterVec // result
	appendTime     prometheus.Histogram
	appended       prometheus.Counter
	batchEvents    prometheus.Histogram
	batchRequests  prometheus.Histogram
	batchTime      prometheus.Histogram
	commands       *prometheus.CounterVec   // command, outcome
	commandTime    *prometheus.HistogramVec // command
	projected      *prometheus.CounterVec   // name
	projectionTime *prometheus.HistogramVec // name, result
	handleTime     *prometheus.HistogramVec // name, result
	requests       *prometheus.CounterVec   // method, route, status
	requestTime    *prometheus.HistogramVec // method, route
	inFlight       prometheus.Gauge
}

func newMetrics() metrics {
	return metrics{
		appends:    counter("appends_total", "Calls of the event store's Append: ok, duplicate, conflict, invalid, failed.", "result"),
		appendTime: histogram("append_seconds", "From a call of Append to its answer.", 0.00025, 2, 14),
		appended:   prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "appended_events_total", Help: "Events that were appended."}),
		batchEvents: histogram("batch_events",
			"Events that the writer stored in one transaction.", 1, 4, 7),
		batchRequests:  histogram("batch_requests", "Calls of Append that shared a transaction.", 1, 2, 9),
		batchTime:      histogram("batch_seconds", "One transaction of the writer.", 0.0001, 2, 15),
		commands:       counter("commands_total", "Commands by what became of them.", "command", "outcome"),
		commandTime:    histograms("command_seconds", "From a command's dispatch to its answer.", 0.0005, 4, 8, "command"),
		projected:      counter("projected_events_total", "Events that a read model has taken in on this node.", "name"),
		projectionTime: histograms("projection_seconds", "One batch of a read model.", 0.0005, 4, 8, "name", "result"),
		handleTime:     histograms("handle_seconds", "One try of a subscription at an event.", 0.0005, 4, 8, "name", "result"),
		requests:       counter("http_requests_total", "Requests that were answered.", "method", "route", "status"),
		requestTime:    histograms("http_request_seconds", "From a request's head to the end of its answer.", 0.001, 3, 9, "method", "route"),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "http_requests_in_flight",
			Help: "Requests being answered, those of WebSockets among them."}),
	}
}

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.appends, m.appendTime, m.appended, m.batchEvents, m.batchRequests, m.batchTime, m.commands, m.commandTime,
		m.projected, m.projectionTime, m.handleTime, m.requests, m.requestTime, m.inFlight}
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

// histogram has count buckets, each so many times as wide as the one before.
func histogram(name, help string, first, factor float64, count int) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + name, Help: help,
		Buckets: prometheus.ExponentialBuckets(first, factor, count)})
}

func histograms(name, help string, first, factor float64, count int, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help,
		Buckets: prometheus.ExponentialBuckets(first, factor, count)}, labels)
}

// result is how most things end.
func result(err error) string {
	if err != nil {
		return "failed"
	}
	return "ok"
}
