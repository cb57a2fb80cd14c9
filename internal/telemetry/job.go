package telemetry

import "time"

// Job is for what is done again and again: called at the beginning of a turn, and what it returns at its end.
func (t *Telemetry) Job(name string) (end func(error)) {
	start := time.Now()
	return func(err error) { t.jobTime.WithLabelValues(name, result(err)).Observe(time.Since(start).Seconds()) }
}
