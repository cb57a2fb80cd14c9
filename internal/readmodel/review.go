package readmodel

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ReviewFilter narrows the efforts of a challenge that wait for its organiser.
type ReviewFilter struct {
	ChallengeID uuid.UUID // required
	StageID     uuid.UUID // zero: all stages
	Limit       int       // default 50
	Cursor      string
}

// waiting is an effort that the organiser can still decide about.
const waiting = `f.status = 'needs_review' and s.status in ('active', 'past')`

// ReviewQueue lists the efforts that need review on stages that aren't final, those that have waited longest first, with
// the cursor of the next page. It is for who runs the challenge: private activities are among them, where they may count.
func ReviewQueue(ctx context.Context, db DB, f ReviewFilter) ([]Effort, string, error) {
	limit := clampLimit(f.Limit)
	args := pgx.NamedArgs{"challenge": f.ChallengeID, "stage": f.StageID, "limit": limit + 1}
	w := where{`f.challenge_id = @challenge`, waiting}
	w.add(f.StageID != uuid.Nil, `f.stage_id = @stage`)
	if f.Cursor != "" {
		at, id, err := timeAndID(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		args["at"], args["id"] = at, id
		w.add(true, `(f.recorded_at, f.id) > (@at, @id)`)
	}
	rows, err := list[Effort](ctx, db, effortColumns+w.String()+` order by f.recorded_at, f.id limit @limit`, args)
	rows, next := cut(rows, limit, func(e Effort) []string { return timeKey(e.RecordedAt, e.ID) })
	return rows, next, err
}

// ReviewCounts says how many efforts wait, by stage; stages on which none does are missing.
func ReviewCounts(ctx context.Context, db DB, challengeID uuid.UUID) (map[uuid.UUID]int, error) {
	type counted struct {
		StageID uuid.UUID
		N       int
	}
	rows, err := list[counted](ctx, db, `select f.stage_id, count(*) as n from efforts f join stages s on s.id = f.stage_id
		where f.challenge_id = $1 and `+waiting+` group by f.stage_id`, challengeID)
	counts := make(map[uuid.UUID]int, len(rows))
	for _, r := range rows {
		counts[r.StageID] = r.N
	}
	return counts, err
}
