package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/notices"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/readmodel"
)

const (
	atOnce       = 4                   // mails on their way at the same time
	behindPause  = 10 * time.Second    // before another look, when the read models haven't come so far yet
	patience     = 3 * time.Second     // with a read model
	lastMoment   = 5 * time.Second     // that a mail on its way has when the program stops
	keptFor      = 30 * 24 * time.Hour // settled rows, for administrators
	cleanEvery   = time.Hour
	spreadAtOnce = 5000 // rows in one statement
)

// deliver sends what is due until ctx ends.
func (o *Outbox) deliver(ctx context.Context) error {
	tick := time.NewTicker(cmp.Or(max(o.Interval, 0), 5*time.Second))
	defer tick.Stop()
	cleaned := time.Time{}
	for {
		if err := o.Once(ctx); err != nil && ctx.Err() == nil {
			o.log().Error("mails wait for the next turn", "error", err)
		}
		if now := o.now(); now.Sub(cleaned) > cleanEvery {
			if _, err := o.Pool.Exec(ctx, `delete from notices where settled_at < $1`, now.Add(-keptFor)); err == nil {
				cleaned = now
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once sends what is due now. A mail server that is away ends it with an error; what is left waits.
func (o *Outbox) Once(ctx context.Context) error {
	for ctx.Err() == nil {
		claim := uuid.New()
		due, err := o.claim(ctx, claim)
		if err != nil || len(due) == 0 {
			return err
		}
		var sending errgroup.Group
		for _, r := range due {
			sending.Go(func() error { return o.settle(ctx, claimed{r, claim}) })
		}
		if err := sending.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// claim takes some of what is due, for as long as Claim, so that no other node does.
func (o *Outbox) claim(ctx context.Context, claim uuid.UUID) ([]row, error) {
	now := o.now()
	rows, err := o.Pool.Query(ctx, `
		with due as (
			select id from notices where state = 'waiting' and next_at <= $1 order by next_at, id limit $2 for update skip locked)
		update notices n set claim = $3, next_at = $4, attempts = attempts + 1 from due where n.id = due.id
		returning n.id, n.kind, n.audience, n.athlete_id, n.challenge_id, n.stage_id, n.lost, n.position, n.happened_at, n.due_at, n.attempts`,
		now, atOnce, claim, now.Add(cmp.Or(max(o.Claim, 0), time.Minute)))
	if err != nil {
		return nil, fmt.Errorf("mail outbox: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[row])
}

// claimed is a row that this worker is at.
type claimed struct {
	row
	claim uuid.UUID
}

// settle does with a notice what is to be done. It returns an error only if the others would fail as well.
func (o *Outbox) settle(ctx context.Context, r claimed) error {
	if r.notice().Old(o.now()) {
		return o.drop(ctx, r, notices.TooOld)
	}
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := o.Store.WaitFor(soon, r.Position, models...); err != nil {
		return o.later(ctx, r, "the read models are behind", behindPause)
	}
	var err error
	switch r.Audience {
	case notices.ToAthlete:
		err = o.tell(ctx, r)
	case notices.ToOrganiser, notices.ToCompetitors:
		err = o.spread(ctx, r)
	}
	if errors.Is(err, readmodel.ErrNoChallenge) || errors.Is(err, readmodel.ErrNoStage) || errors.Is(err, readmodel.ErrNoAthlete) {
		return o.drop(ctx, r, notices.Gone)
	}
	return err
}

// tell sends one mail, if it is still to be sent.
func (o *Outbox) tell(ctx context.Context, r claimed) error {
	story, why, err := o.look(ctx, r.notice())
	if err != nil {
		return err
	}
	if why != "" {
		return o.drop(ctx, r, why)
	}
	address, err := o.Address(ctx, story.athlete.ID)
	if err != nil {
		return err
	}
	if address == "" {
		return o.drop(ctx, r, notices.NoAddress)
	}
	token, err := Unsubscriber{o.Pool}.Token(ctx, story.athlete.ID, r.Kind)
	if err != nil {
		return err
	}
	letter := story.letter(o.Post.site(), o.BaseURL)
	letter.Unsubscribe, letter.Settings = o.BaseURL+UnsubscribePath+token, o.BaseURL+"/settings#mails"
	return o.outcome(ctx, r, o.send(ctx, Mail{ID: r.ID, To: address, Unsubscribe: letter.Unsubscribe}, letter))
}

// send goes on for a moment when ctx ends: whether a mail that is cut off was taken, nobody would know.
func (o *Outbox) send(ctx context.Context, m Mail, l letter) error {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastMoment, cancel) })
	defer stop()
	return o.Post.send(sending, m, l)
}

// outcome writes down what became of a mail.
func (o *Outbox) outcome(ctx context.Context, r claimed, err error) error {
	var refused *RefusedError
	switch {
	case err == nil:
		return o.end(ctx, r, "sent", "")
	case errors.As(err, &refused):
		o.log().Warn("a mail can't be delivered", "notice", r.ID, "error", err)
		return o.end(ctx, r, "failed", string(notices.Undelivered))
	}
	return errors.Join(err, o.later(ctx, r, err.Error(), notices.Again(r.Attempts)))
}

func (o *Outbox) drop(ctx context.Context, r claimed, why notices.Why) error {
	return o.end(ctx, r, "dropped", string(why))
}

// end settles a row. It does so also when ctx has ended meanwhile: what was sent was sent.
func (o *Outbox) end(ctx context.Context, r claimed, state, reason string) error {
	return o.mark(ctx, r, `state = $3, reason = $4, settled_at = $5, claim = null`, state, reason, o.now())
}

func (o *Outbox) later(ctx context.Context, r claimed, reason string, pause time.Duration) error {
	return o.mark(ctx, r, `reason = $3, next_at = $4, claim = null`, reason, o.now().Add(pause))
}

func (o *Outbox) mark(ctx context.Context, r claimed, set string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastMoment)
	defer cancel()
	_, err := o.Pool.Exec(ctx, `update notices set `+set+` where id = $1 and claim = $2 and state = 'waiting'`,
		append([]any{r.ID, r.claim}, args...)...)
	if err != nil {
		return fmt.Errorf("mail outbox: %w", err)
	}
	return nil
}

// spread makes one notice for each of its audience, all of them or none.
func (o *Outbox) spread(ctx context.Context, r claimed) error {
	to, err := o.audience(ctx, r.notice())
	if err != nil {
		return err
	}
	return postgres.WithTx(ctx, o.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update notices set state = 'spread', settled_at = $3, claim = null
			where id = $1 and claim = $2 and state = 'waiting'`, r.ID, r.claim, o.now())
		if err != nil || tag.RowsAffected() == 0 {
			return err // in the latter case another node is at it: this one was slower than its claim
		}
		for len(to) > 0 {
			n := min(len(to), spreadAtOnce)
			if err := insertEach(ctx, tx, r.row, to[:n]); err != nil {
				return err
			}
			to = to[n:]
		}
		return nil
	})
}

func insertEach(ctx context.Context, tx pgx.Tx, r row, to []uuid.UUID) error {
	ids := make([]uuid.UUID, len(to))
	for i, athlete := range to {
		ids[i] = uuid.NewSHA1(r.ID, athlete[:])
	}
	_, err := tx.Exec(ctx, `
		insert into notices (id, kind, audience, athlete_id, challenge_id, stage_id, lost, position, happened_at, due_at, next_at)
		select n.id, $3, 'athlete', n.athlete_id, $4, $5, '{}', $6, $7, $8, $8
		from unnest($1::uuid[], $2::uuid[]) as n (id, athlete_id) on conflict (id) do nothing`,
		ids, to, r.Kind, r.ChallengeID, r.StageID, r.Position, r.HappenedAt, r.DueAt)
	return err
}
