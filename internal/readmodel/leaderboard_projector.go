package readmodel

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
)

var leaderboards = Projector{
	Name:   LeaderboardsModel,
	Tables: []string{"boards", "board_entries"},
	Types:  typesOf(stageboard.Opened{}, stageboard.Placed{}, stageboard.Withdrawn{}, stageboard.Finalised{}, stageboard.Reopened{}),
	apply:  applyLeaderboards,
}

// applyLeaderboards writes one entry and one board for an event, however many athletes moved by it: ranks aren't stored
// but counted when they're read.
func applyLeaderboards(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	switch e := e.(type) {
	case stageboard.Opened:
		w.exec(`insert into boards (stage_id, category, challenge_id, measure, precision, version, changed_at)
			values ($1, $2, $3, $4, $5, $6, $7) on conflict (stage_id, category) do update set measure = excluded.measure,
				precision = excluded.precision, version = excluded.version, changed_at = excluded.changed_at`,
			e.StageID, e.Category, e.ChallengeID, e.Measure, max(e.Precision, 1), rec.Position, rec.Time)
	case stageboard.Placed:
		w.placed(rec, e)
		w.boards.note(e.Ref, rec, e.Of, false)
	case stageboard.Withdrawn:
		w.exec(`delete from board_entries where stage_id = $1 and category = $2 and athlete_id = $3`, e.StageID, e.Category, e.AthleteID)
		w.boards.note(e.Ref, rec, e.Of, false)
	case stageboard.Finalised:
		w.boards.note(e.Ref, rec, e.Of, true)
	case stageboard.Reopened: // nobody has moved
		w.boards.queue(w)
		w.exec(`update boards set final = false, version = $3, changed_at = $4 where stage_id = $1 and category = $2`, e.StageID, e.Category, rec.Position, rec.Time)
	default:
		return unhandled(e)
	}
	return nil
}

// placed keeps the rank before the athlete's last improvement, from which a page tells how far they have moved. An event
// that brought no better value (one more attempt, a best effort removed) leaves it alone.
func (w *writer) placed(rec eventstore.Recorded, e stageboard.Placed) {
	before := e.From
	if before == 0 {
		before = e.To
	}
	w.exec(`insert into board_entries (stage_id, category, athlete_id, value, ranked_value, sort_key, effort_id, achieved_at, attempts,
			rank_before, is_new, first_position, changed_position)
		select b.stage_id, b.category, $3, $4::bigint, $4 - $4 % b.precision,
			($4 - $4 % b.precision) * case b.measure when 'elapsedTime' then 1 else -1 end, $5, $6, $7, $8, $9, $11, $11
		from boards b where b.stage_id = $1 and b.category = $2
		on conflict (stage_id, category, athlete_id) do update set value = excluded.value, ranked_value = excluded.ranked_value,
			sort_key = excluded.sort_key, effort_id = excluded.effort_id, achieved_at = excluded.achieved_at,
			attempts = excluded.attempts, changed_position = excluded.changed_position,
			rank_before = case when $10 then excluded.rank_before else board_entries.rank_before end,
			is_new = case when $10 then excluded.is_new else board_entries.is_new end`,
		e.StageID, e.Category, e.AthleteID, e.Value, e.EffortID, e.AchievedAt, e.Attempts, before, e.From == 0, e.Best, rec.Position)
}

// boardChanges are the boards that a batch touched, each with its last state: written once a batch, so that a board on
// which hundreds of efforts arrive at once isn't rewritten hundreds of times.
type boardChanges map[boardKey]boardChange

type boardKey struct {
	stage    uuid.UUID
	category sport.Category
}

type boardChange struct {
	version  int64
	athletes int
	final    bool
	at       time.Time
}

func (b boardChanges) note(ref stageboard.Ref, rec eventstore.Recorded, athletes int, final bool) {
	k := boardKey{ref.StageID, ref.Category}
	b[k] = boardChange{rec.Position, athletes, final || b[k].final, rec.Time}
}

func (b boardChanges) queue(w *writer) {
	for k, c := range b {
		w.exec(`update boards set version = $3, athletes = $4, final = final or $5, changed_at = $6 where stage_id = $1 and category = $2`,
			k.stage, k.category, c.version, c.athletes, c.final, c.at)
	}
	clear(b)
}
