package telemetry

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/audit"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/live"
)

// Sources are asked when Prometheus asks; those that are nil aren't.
type Sources struct {
	Store      *eventstore.Store
	Aggregates func() map[string]aggregate.Stats // by category
	Live       func() live.Stats
	Audit      *audit.Log
	Pool       *pgxpool.Pool
	Jobs       func(context.Context) ([]Job, error)
}

// Job is how much of a kind of work waits, or was given up.
type Job struct {
	Name  string // timers, commands, mails
	State string // due, waiting, parked, failed
	Count int64
}

// Watch adds the figures of some sources to those of Handler. It is called once.
func (t *Telemetry) Watch(s Sources) { t.registry.MustRegister(&collector{s}) }

// collector reads the sources.
type collector struct{ from Sources }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

var (
	upDesc     = desc("database_up", "1 when the database answered this request for figures.")
	headDesc   = desc("log_position", "Position of the newest event.")
	lagDesc    = desc("subscription_lag_events", "Events that a subscription has still to handle, those among them that its filter leaves out.", "name")
	lateDesc   = desc("subscription_lag_seconds", "Age of the oldest event that a subscription has still to handle.", "name")
	stateDesc  = desc("subscription_troubled", "1 while a subscription is retrying or has stopped.", "name")
	parkedDesc = desc("parked_events", "Events that a subscription has set aside.", "name")

	decidedDesc  = desc("aggregate_commands_total", "Commands that were decided, each time.", "aggregate")
	cacheDesc    = desc("aggregate_cache_total", "Batches of commands by whether the state was in memory: hit or miss.", "aggregate", "result")
	retryDesc    = desc("aggregate_retries_total", "Batches decided again because of another node's append.", "aggregate")
	restoredDesc = desc("aggregate_snapshots_used_total", "States that were loaded from a snapshot.", "aggregate")
	statesDesc   = desc("aggregate_states", "States in memory.", "aggregate")
	weightDesc   = desc("aggregate_weight", "What the states in memory weigh together; a leaderboard weighs its rows.", "aggregate")

	watchersDesc = desc("live_watchers", "Open WebSockets.")
	topicsDesc   = desc("live_topics", "Boards that somebody watches.")
	rendersDesc  = desc("live_renders_total", "Frames that were rendered for watchers.")
	skippedDesc  = desc("live_skipped_total", "Frames that a slow watcher has skipped for a newer one.")

	jobsDesc = desc("jobs", "Work that waits or was given up: timers that are due, commands and mails to be sent.", "job", "state")
	lostDesc = desc("audit_lost_total", "Commands that are missing in the audit.")
	connDesc = desc("database_connections", "Connections of the pool: used, idle, and the most there may be.", "state")
	waitDesc = desc("database_waits_total", "How often somebody had to wait for a connection.")
)

func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{upDesc, headDesc, lagDesc, lateDesc, stateDesc, parkedDesc, decidedDesc, cacheDesc, retryDesc, restoredDesc,
		statesDesc, weightDesc, watchersDesc, topicsDesc, rendersDesc, skippedDesc, jobsDesc, lostDesc, connDesc, waitDesc} {
		out <- d
	}
}

func gauge(d *prometheus.Desc, v float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func total(d *prometheus.Desc, v int64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
}

func (c *collector) Collect(out chan<- prometheus.Metric) {
	if c.from.Store != nil {
		c.subscriptions(out)
	}
	if c.from.Aggregates != nil {
		c.aggregates(out)
	}
	if c.from.Live != nil {
		live := c.from.Live()
		out <- gauge(watchersDesc, float64(live.Sockets))
		out <- gauge(topicsDesc, float64(live.Topics))
		out <- total(rendersDesc, live.Frames)
		out <- total(skippedDesc, live.Skipped)
	}
	if c.from.Jobs != nil {
		c.jobs(out)
	}
	if c.from.Audit != nil {
		out <- total(lostDesc, c.from.Audit.Lost())
	}
	if c.from.Pool != nil {
		pool := c.from.Pool.Stat()
		out <- gauge(connDesc, float64(pool.AcquiredConns()), "used")
		out <- gauge(connDesc, float64(pool.IdleConns()), "idle")
		out <- gauge(connDesc, float64(pool.MaxConns()), "most")
		out <- total(waitDesc, pool.EmptyAcquireCount())
	}
}

// subscriptions are those of all nodes, as the database has them. Without a database the other figures are given.
func (c *collector) subscriptions(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	all, err := c.from.Store.Checkpoints(ctx)
	if err != nil {
		out <- gauge(upDesc, 0)
		return
	}
	out <- gauge(upDesc, 1)
	for i, p := range all {
		if i == 0 {
			out <- gauge(headDesc, float64(p.Head))
		}
		troubled := 0.0
		if p.State != eventstore.StateRunning {
			troubled = 1
		}
		out <- gauge(lagDesc, float64(p.Head-p.Position), p.Name)
		out <- gauge(lateDesc, p.LagSeconds, p.Name)
		out <- gauge(stateDesc, troubled, p.Name)
		out <- gauge(parkedDesc, float64(p.Parked), p.Name)
	}
}

// jobs says nothing where the database can't be asked: database_up does.
func (c *collector) jobs(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	jobs, err := c.from.Jobs(ctx)
	if err != nil {
		return
	}
	for _, j := range jobs {
		out <- gauge(jobsDesc, float64(j.Count), j.Name, j.State)
	}
}

func (c *collector) aggregates(out chan<- prometheus.Metric) {
	for category, s := range c.from.Aggregates() {
		out <- total(decidedDesc, s.Commands, category)
		out <- total(cacheDesc, s.Hits, category, "hit")
		out <- total(cacheDesc, s.Misses, category, "miss")
		out <- total(retryDesc, s.Retries, category)
		out <- total(restoredDesc, s.Restored, category)
		out <- gauge(statesDesc, float64(s.States), category)
		out <- gauge(weightDesc, float64(s.Weight), category)
	}
}
