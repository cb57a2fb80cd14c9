package readmodel

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/eventstore"
)

// The projectors, by name: what subscriptions, waits and rebuilds call them.
const (
	PeopleModel       = "people"
	SegmentsModel     = "segments"
	ChallengesModel   = "challenges"
	ActivitiesModel   = "activities"
	LeaderboardsModel = "leaderboards"
	FeedModel         = "feed"
	PersonalModel     = "personal"

	NotificationsModel = "notifications"
	TrophiesModel      = "trophies"
	DecisionsModel     = "decisions"
	StandingsModel     = "standings"
)

// Projector is the only writer of one family's tables. Events are applied exactly once and in order, which the store
// sees to by keeping rows and checkpoint in one transaction.
type Projector struct {
	Name   string
	Tables []string // without schema: the transaction's search_path decides whether they are live or being rebuilt
	Types  []string // event types it handles

	reg   *eventstore.Registry
	apply func(*writer, eventstore.Recorded, eventstore.Event) error
}

// Filter selects the events that the projector handles.
func (p Projector) Filter() eventstore.Filter { return eventstore.Filter{Types: p.Types} }

// Apply writes what events of the projector's types say. An event that can't be decoded is an error that names its
// position, and nothing of the transaction may be kept then.
func (p Projector) Apply(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
	w := newWriter(ctx, tx)
	for _, rec := range events {
		e, err := p.reg.Decode(rec)
		if err != nil {
			return fmt.Errorf("read model %s: %w", p.Name, err)
		}
		if err := p.apply(w, rec, e); err != nil {
			return fmt.Errorf("read model %s, position %d: %w", p.Name, rec.Position, err)
		}
	}
	if err := w.flush(); err != nil {
		return fmt.Errorf("read model %s, positions %d to %d: %w", p.Name, events[0].Position, events[len(events)-1].Position, err)
	}
	return nil
}

// unhandled is an event type that a projector lists but has no case for: a mistake in the program.
func unhandled(e eventstore.Event) error { return fmt.Errorf("no rows are made of %T", e) }

// Projectors are all of them, decoding with the registry of all events (see internal/eventlog).
func Projectors(reg *eventstore.Registry) []Projector {
	all := []Projector{people, segmentsFamily, challengesFamily, activitiesFamily, leaderboards, feed, notifications, decisions, personalFamily, standingsFamily, trophyCase}
	for i := range all {
		all[i].reg = reg
	}
	return all
}

func typesOf(events ...eventstore.Event) []string {
	names := make([]string, len(events))
	for i, e := range events {
		names[i] = e.EventType()
	}
	return names
}

// writer collects the statements of a batch of events, to send them in one round trip. What would touch the same row
// again and again (a board's version, a count) is summed up and written once at the end.
type writer struct {
	ctx       context.Context
	tx        pgx.Tx
	batch     pgx.Batch
	zones     zones
	boards    boardChanges
	counts    counts
	standings *standingsChanges
}

func newWriter(ctx context.Context, tx pgx.Tx) *writer {
	return &writer{ctx: ctx, tx: tx, zones: zones{}, boards: boardChanges{}, counts: counts{}, standings: newStandingsChanges()}
}

// exec queues a statement behind those before.
func (w *writer) exec(sql string, args ...any) { w.batch.Queue(sql, args...) }

func (w *writer) flush() error {
	w.boards.queue(w)
	if err := w.send(); err != nil {
		return err
	}
	w.counts.queue(w) // known only now
	if err := w.send(); err != nil {
		return err
	}
	return w.settleStandings()
}

func (w *writer) send() error {
	if w.batch.Len() == 0 {
		return nil
	}
	err := w.tx.SendBatch(w.ctx, &w.batch).Close()
	w.batch = pgx.Batch{}
	return err
}

// counts is by how much a number in some rows changes, by the statement that adds it to the row of an id.
type counts map[string]map[uuid.UUID]int

func (c counts) add(sql string, id uuid.UUID, n int) {
	if c[sql] == nil {
		c[sql] = map[uuid.UUID]int{}
	}
	c[sql][id] += n
}

func (c counts) queue(w *writer) {
	for sql, byID := range c {
		for id, n := range byID {
			if n != 0 {
				w.exec(sql, id, n)
			}
		}
	}
	clear(c)
}

// counted queues a statement that answers whether a row was counted before and whether it is now, and adds the difference
// to the row of id by the statement in sum.
func (w *writer) counted(sum string, id uuid.UUID, sql string, args ...any) {
	w.batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		var before, now bool
		_, err := pgx.ForEachRow(rows, []any{&before, &now}, func() error {
			w.counts.add(sum, id, number(now)-number(before))
			return nil
		})
		return err
	})
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
