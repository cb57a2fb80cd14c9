package notify

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/notices"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// Name of the subscription that fills the outbox.
const Name = "notices"

// models are the read models that facts and letters come from.
var models = []string{readmodel.ChallengesModel, readmodel.LeaderboardsModel, readmodel.NotificationsModel, readmodel.PeopleModel,
	readmodel.SegmentsModel, readmodel.StandingsModel}

// Outbox keeps what athletes are to be told, and sends it when it is due. Any number of nodes may run it on one database.
type Outbox struct {
	Store   *eventstore.Store
	Pool    *pgxpool.Pool
	Post    Post
	BaseURL string // where people reach the site, without a slash at the end; links in letters begin with it
	// Address of an athlete; empty when they have none.
	Address func(ctx context.Context, athlete uuid.UUID) (string, error)

	Interval time.Duration    // between two looks for what is due; 0: 5 s
	Claim    time.Duration    // a notice that a node is at is left to it so long; 0: a minute. Longer than sending one mail takes
	Now      func() time.Time // nil: time.Now
	Log      *slog.Logger     // nil: slog.Default
}

// Run blocks until ctx is done.
func (o *Outbox) Run(ctx context.Context) error {
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return o.collect(ctx) })
	both.Go(func() error { return o.deliver(ctx) })
	return both.Wait()
}

func (o *Outbox) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

func (o *Outbox) log() *slog.Logger { return cmp.Or(o.Log, slog.Default()) }

// row is a notice in the outbox.
type row struct {
	ID          uuid.UUID
	Kind        athletes.Notification
	Audience    notices.Audience
	AthleteID   *uuid.UUID
	ChallengeID uuid.UUID
	StageID     *uuid.UUID
	Lost        map[sport.Category]int
	Position    int64
	HappenedAt  time.Time
	DueAt       time.Time
	Attempts    int
}

const rowColumns = `id, kind, audience, athlete_id, challenge_id, stage_id, lost, position, happened_at, due_at, attempts`

func (r row) notice() notices.Notice {
	return notices.Notice{Kind: r.Kind, Audience: r.Audience, AthleteID: orZero(r.AthleteID), ChallengeID: r.ChallengeID,
		StageID: orZero(r.StageID), Lost: r.Lost, HappenedAt: r.HappenedAt, DueAt: r.DueAt}
}

func orZero[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Entry is a notice as administrators see it.
type Entry struct {
	ID          uuid.UUID
	Kind        athletes.Notification
	Audience    notices.Audience
	AthleteID   *uuid.UUID
	ChallengeID uuid.UUID
	StageID     *uuid.UUID
	HappenedAt  time.Time
	DueAt       time.Time
	NextAt      time.Time // of the next attempt, while it is waiting
	Attempts    int
	State       string // waiting; spread (into one for each of many), sent, dropped, failed
	Reason      string // see notices.Why; while it is waiting again, what went wrong
	SettledAt   *time.Time
}

// List asks for a page of the outbox. The zero value asks for the newest entries of all.
type List struct {
	State     string    // only these
	AthleteID uuid.UUID // only to this athlete
	Before    time.Time // only those that happened before the last one of the page before, by
	BeforeID  uuid.UUID // HappenedAt and ID
	Limit     int       // 0: 50
}

// Entries lists the outbox, newest first.
func (o *Outbox) Entries(ctx context.Context, l List) ([]Entry, error) {
	rows, err := o.Pool.Query(ctx, `
		select id, kind, audience, athlete_id, challenge_id, stage_id, happened_at, due_at, next_at, attempts, state, reason, settled_at
		from notices where ($1 = '' or state = $1) and ($2::uuid is null or athlete_id = $2)
			and ($3::timestamptz is null or (happened_at, id) < ($3, $4::uuid))
		order by happened_at desc, id desc limit $5`,
		l.State, orNull(l.AthleteID), orNull(l.Before), l.BeforeID, cmp.Or(max(l.Limit, 0), 50))
	if err != nil {
		return nil, fmt.Errorf("mail outbox: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
}

// Counts says how many entries are in each state. Settled ones are kept for a month.
func (o *Outbox) Counts(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	rows, err := o.Pool.Query(ctx, `select state, count(*) from notices group by state`)
	if err != nil {
		return nil, fmt.Errorf("mail outbox: %w", err)
	}
	var state string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		counts[state] = n
		return nil
	})
	return counts, err
}

// Retry lets a mail be tried at once that failed, or that waits after a failure; false: there is nothing to try, because it
// is settled, not due yet, or under way at this moment. What is too old by then is dropped as ever.
func (o *Outbox) Retry(ctx context.Context, id uuid.UUID) (bool, error) {
	tag, err := o.Pool.Exec(ctx, `update notices set state = 'waiting', reason = '', settled_at = null, next_at = $2
		where id = $1 and (state = 'failed' or state = 'waiting' and due_at <= $2 and attempts > 0 and (claim is null or next_at < $2))`, id, o.now())
	if err != nil {
		return false, fmt.Errorf("mail outbox: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}
