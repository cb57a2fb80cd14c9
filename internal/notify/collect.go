package notify

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/notices"
	"segmentchallenge/internal/sport"
)

// collect fills the outbox from the log.
func (o *Outbox) collect(ctx context.Context) error {
	var types []string
	for _, e := range notices.Events {
		types = append(types, e.EventType())
	}
	return o.Store.RunProjection(ctx, eventstore.Projection{Name: Name, Filter: eventstore.Filter{Types: types}, Apply: o.note})
}

// note writes down what a batch of events gives to tell. What is too old already is left out: a new outbox on an old log
// tells nobody of last year.
func (o *Outbox) note(ctx context.Context, tx pgx.Tx, events []eventstore.Recorded) error {
	var found []row
	now := o.now()
	for _, rec := range events {
		event, err := o.Store.Registry().Decode(rec)
		if err != nil {
			return err
		}
		for _, n := range notices.Of(event, rec.Time) {
			if !n.Old(now) {
				found = append(found, rowOf(n, rec))
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	waiting, err := losses(ctx, tx, found)
	if err != nil {
		return err
	}
	return write(ctx, tx, mergeAll(found, waiting))
}

// rowOf derives the id from the event, so that it says what the mail is about, on whatever node.
func rowOf(n notices.Notice, rec eventstore.Recorded) row {
	return row{ID: uuid.NewSHA1(rec.ID, fmt.Appendf(nil, "%s/%s", n.Kind, n.AthleteID)), Kind: n.Kind, Audience: n.Audience,
		AthleteID: orNull(n.AthleteID), ChallengeID: n.ChallengeID, StageID: orNull(n.StageID), Lost: n.Lost, Position: rec.Position,
		HappenedAt: n.HappenedAt, DueAt: n.DueAt}
}

// place is what losses are merged by: an athlete on a stage.
type place struct{ athlete, stage uuid.UUID }

func (r row) place() place { return place{orZero(r.AthleteID), orZero(r.StageID)} }

// losses finds the lost places that wait for the same athletes on the same stages, and keeps them from being claimed until
// the transaction ends. One that a worker is at isn't among them: its letter may be written already.
func losses(ctx context.Context, tx pgx.Tx, found []row) (map[place]row, error) {
	var athleteIDs, stageIDs []uuid.UUID
	for _, r := range found {
		if r.Kind == athletes.LostPlace {
			athleteIDs, stageIDs = append(athleteIDs, orZero(r.AthleteID)), append(stageIDs, orZero(r.StageID))
		}
	}
	waiting := map[place]row{}
	if len(athleteIDs) == 0 {
		return waiting, nil
	}
	rows, err := tx.Query(ctx, `select `+rowColumns+` from notices
		where state = 'waiting' and kind = 'lost_place' and claim is null
			and (athlete_id, stage_id) in (select * from unnest($1::uuid[], $2::uuid[])) for update`, athleteIDs, stageIDs)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	for _, r := range all {
		waiting[r.place()] = r
	}
	return waiting, err
}

// mergeAll joins losses to those that wait, and to each other, in their order, and returns what has to be written. A loss that
// adds nothing to one that waits is none of it: on a busy stage most are such.
func mergeAll(found []row, waiting map[place]row) []row {
	var out []row
	at := map[place]int{}
	for _, r := range found {
		earlier, waits := waiting[r.place()]
		i, merged := at[r.place()]
		switch {
		case r.Kind != athletes.LostPlace:
			out = append(out, r)
			continue
		case merged:
			earlier = out[i]
		case !waits:
			at[r.place()], out = len(out), append(out, r)
			continue
		}
		lost := notices.Merge(earlier.notice(), r.notice()).Lost
		if len(lost) == len(earlier.Lost) {
			continue // the first ranks stay
		}
		earlier.Lost, earlier.Position = lost, r.Position
		if !merged {
			i = len(out)
			at[r.place()], out = i, append(out, row{})
		}
		out[i] = earlier
	}
	return out
}

func write(ctx context.Context, tx pgx.Tx, rows []row) error {
	var batch pgx.Batch
	for _, r := range rows {
		if r.Lost == nil {
			r.Lost = map[sport.Category]int{}
		}
		batch.Queue(`
			insert into notices (id, kind, audience, athlete_id, challenge_id, stage_id, lost, position, happened_at, due_at, next_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
			on conflict (id) do update set lost = excluded.lost, position = excluded.position`,
			r.ID, r.Kind, r.Audience, r.AthleteID, r.ChallengeID, r.StageID, r.Lost, r.Position, r.HappenedAt, r.DueAt)
	}
	return tx.SendBatch(ctx, &batch).Close()
}
