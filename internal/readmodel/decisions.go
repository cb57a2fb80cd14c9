package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Decision is something that somebody with the right to it decided on a challenge, or that the program did by its rules:
// started, approved, excluded, flagged. Joining, riding and ranks are in the feed.
type Decision struct {
	Position       int64     `json:"position"`
	Part           int       `json:"part,omitempty"` // where one event decided something about several athletes
	Time           time.Time `json:"time"`
	StageID        uuid.UUID `json:"stageId,omitzero"`
	StageName      string    `json:"stage,omitempty"`
	AthleteID      uuid.UUID `json:"athleteId,omitzero"` // whom it is about
	AthleteName    string    `json:"athlete,omitempty"`
	AthleteDeleted bool      `json:"-"`
	Actor          string    `json:"actor"` // an athlete's id, or system
	ActorName      string    `json:"by,omitempty"`
	Type           string    `json:"type"` // of the event
	Detail         string    `json:"detail,omitempty"`
}

// DecisionQuery asks for a page of them, newest first.
type DecisionQuery struct {
	ChallengeID uuid.UUID
	AthleteID   uuid.UUID // only those about this athlete; zero: all
	Organiser   bool      // the viewer runs the challenge; others aren't told what a mystery stage is called
	Limit       int       // default 50
	Before      string    // the cursor of the page before
}

// Decisions lists what was decided on a challenge, with the cursor of the next page.
func Decisions(ctx context.Context, db DB, q DecisionQuery) ([]Decision, string, error) {
	limit := clampLimit(q.Limit)
	args := pgx.NamedArgs{"challenge": q.ChallengeID, "athlete": q.AthleteID, "organiser": q.Organiser, "limit": limit + 1}
	var w where
	w.add(true, `d.challenge_id = @challenge`)
	w.add(q.AthleteID != uuid.Nil, `d.athlete_id = @athlete`)
	if q.Before != "" {
		parts, err := splitCursor(q.Before, 2)
		if err != nil {
			return nil, "", err
		}
		for i, name := range []string{"position", "part"} {
			if args[name], err = parseInt(parts[i]); err != nil {
				return nil, "", err
			}
		}
		w.add(true, `(d.position, -d.part) < (@position, -@part::bigint)`)
	}
	rows, err := list[Decision](ctx, db, `select d.position, d.part, d.time, coalesce(d.stage_id, '00000000-0000-0000-0000-000000000000') as stage_id,
			case when m.mystery then 'Mystery stage' else coalesce(s.name, '') end as stage_name, coalesce(d.athlete_id, '00000000-0000-0000-0000-000000000000') as athlete_id,
			coalesce(a.name, '') as athlete_name, coalesce(a.deleted, false) as athlete_deleted, d.actor, coalesce(b.name, '') as actor_name, d.type,
			case when m.mystery then '' else d.detail end as detail
		from decisions d left join stages s on s.id = d.stage_id left join athletes a on a.id = d.athlete_id
		left join athletes b on b.id::text = d.actor
		cross join lateral (select not @organiser and coalesce(s.hidden and not s.revealed and s.status = 'upcoming', false) as mystery) m`+w.String()+` order by d.position desc, d.part limit @limit`, args)
	rows, next := cut(rows, limit, func(d Decision) []string { return []string{formatInt(d.Position), formatInt(int64(d.Part))} })
	return rows, next, err
}
