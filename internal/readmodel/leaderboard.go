package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

var ErrNoBoard = refusal.Of(refusal.NotFound, "leaderboard_not_found", "There is no such leaderboard. It opens when the challenge is hosted.")

// BoardHead is a stage's board in one category, without its entries.
type BoardHead struct {
	StageID     uuid.UUID      `json:"stageId"`
	ChallengeID uuid.UUID      `json:"challengeId"`
	Category    sport.Category `json:"category"`
	Measure     sport.Measure  `json:"rankBy"`
	Precision   int64          `json:"-"` // values are ranked in units of this many milliseconds or millimetres
	Final       bool           `json:"final"`
	Version     int64          `json:"version"`  // position of the last change
	Athletes    int            `json:"athletes"` // on the board
	ChangedAt   time.Time      `json:"changedAt"`
	Goal        *sport.Goal    `json:"goal,omitempty"` // of the challenge
}

// Board is a page of a stage's board.
type Board struct {
	BoardHead
	Entries    []BoardEntry `json:"entries"`
	Offset     int          `json:"offset"` // entries before the first of these
	NextCursor string       `json:"nextCursor,omitempty"`
}

// BoardEntry is an athlete's place on a board. Value and gaps are seconds or metres by the board's measure; gaps are
// between values as they are ranked, so they fit the values as they are shown.
type BoardEntry struct {
	Rank      int       `json:"rank" db:"-"` // equal values share one, the next is skipped
	AthleteID uuid.UUID `json:"athleteId"`
	Person
	EffortID     uuid.UUID `json:"effortId"`
	Value        Milli     `json:"value"`
	RankedValue  Milli     `json:"-"`                      // floored to the board's precision
	Gap          Milli     `json:"gap" db:"-"`             // to the leader
	GapAbove     Milli     `json:"gapAbove" db:"-"`        // to the entry listed before
	Attempts     int       `json:"attempts"`               //
	GoalProgress *float64  `json:"goalProgress" db:"-"`    // percent; nil without a goal
	AchievedAt   time.Time `json:"achievedAt"`             //
	RankChange   int       `json:"rankChange" db:"-"`      // places gained (or lost: negative) since before the last improvement
	New          bool      `json:"new" db:"is_new"`        // has not improved since the first placing
	Limited      bool      `json:"limited,omitempty"`      // scores no points
	Excluded     bool      `json:"excluded,omitempty"`     // and stands on a board that was final before
	AverageSpeed float64   `json:"averageSpeed,omitempty"` // metres a second, of the effort
	HeartRate    float64   `json:"averageHeartRate,omitempty" db:"average_heart_rate"`
	Power        float64   `json:"averagePower,omitempty" db:"average_power"`
	Quality      string    `json:"quality,omitempty"` // the segment engine's grade
	Manual       bool      `json:"manual,omitempty"`  // recorded by the organiser
	Changed      int64     `json:"-"`                 // position of the entry's last change
}

// BoardQuery asks for a page of a board: by Cursor, else around an athlete, else from Offset on.
type BoardQuery struct {
	StageID  uuid.UUID
	Category sport.Category
	Limit    int // default 50
	Offset   int
	Cursor   string
	Around   uuid.UUID // the page has this athlete in its middle; the first page when they aren't on the board
}

// Boards lists a stage's boards, in the order of the challenge's categories; none before the challenge is hosted.
func Boards(ctx context.Context, db DB, stageID uuid.UUID) ([]BoardHead, error) {
	return list[BoardHead](ctx, db, boardColumns+` where b.stage_id = $1
		order by array_position(c.categories, b.category) nulls last, b.category`, stageID)
}

const boardColumns = `select b.stage_id, b.challenge_id, b.category, b.measure, b.precision, b.final, b.version, b.athletes,
	b.changed_at, c.goal from boards b left join challenges c on c.id = b.challenge_id`

// BoardHeadOf finds one board without its entries; ErrNoBoard. It's what tells whether anything has changed.
func BoardHeadOf(ctx context.Context, db DB, stageID uuid.UUID, category sport.Category) (BoardHead, error) {
	return one[BoardHead](ctx, db, ErrNoBoard, boardColumns+` where b.stage_id = $1 and b.category = $2`, stageID, category)
}

// StageBoard reads a page of a stage's board; ErrNoBoard. The version is read before the entries, so these are never
// older than it says.
func StageBoard(ctx context.Context, db DB, q BoardQuery) (Board, error) {
	head, err := BoardHeadOf(ctx, db, q.StageID, q.Category)
	if err != nil {
		return Board{}, err
	}
	board := Board{BoardHead: head, Entries: []BoardEntry{}}
	args := pgx.NamedArgs{"stage": q.StageID, "category": q.Category}
	start, err := boardStart(q, args)
	if err != nil {
		return Board{}, err
	}
	limit := clampLimit(q.Limit)
	args["limit"] = limit + 2 // one before, for its gap; one behind, to know whether there is more
	rows, err := list[boardRow](ctx, db, `with start as materialized (select `+start+` as before),
		page as materialized (select e.* from board_entries e where e.stage_id = @stage and e.category = @category
			order by e.sort_key, e.achieved_at, e.athlete_id
			offset (select greatest(before - 1, 0) from start) limit @limit)
		select e.athlete_id, `+personColumns+`, e.effort_id, e.value, e.ranked_value, e.attempts, e.achieved_at,
			e.is_new, coalesce(k.limited, false) as limited, coalesce(k.status = 'excluded', false) as excluded,
			case when f.elapsed_ms > 0 then f.distance * 1000 / f.elapsed_ms else 0 end as average_speed,
			coalesce(f.average_heart_rate, 0) as average_heart_rate, coalesce(f.average_power, 0) as average_power,
			coalesce(f.quality, '') as quality, coalesce(f.manual, false) as manual, e.changed_position as changed,
			e.sort_key, e.rank_before, (select before from start) as before,
			(select count(*) from board_entries x where x.stage_id = @stage and x.category = @category
				and x.sort_key < (select min(sort_key) from page)) as better,
			(select min(x.sort_key) from board_entries x where x.stage_id = @stage and x.category = @category) as leader
		from page e left join athletes a on a.id = e.athlete_id
		left join competitors k on k.challenge_id = @challenge and k.athlete_id = e.athlete_id
		left join efforts f on f.id = e.effort_id
		order by e.sort_key, e.achieved_at, e.athlete_id`, withArg(args, "challenge", head.ChallengeID))
	if err != nil || len(rows) == 0 {
		return board, err
	}
	board.fill(rows, limit)
	return board, nil
}

func withArg(args pgx.NamedArgs, name string, v any) pgx.NamedArgs {
	args[name] = v
	return args
}

// boardStart is the SQL of how many entries come before the page.
func boardStart(q BoardQuery, args pgx.NamedArgs) (string, error) {
	const before = `(select count(*) from board_entries e where e.stage_id = @stage and e.category = @category
		and (e.sort_key, e.achieved_at, e.athlete_id) `
	switch {
	case q.Cursor != "":
		parts, err := splitCursor(q.Cursor, 3)
		if err != nil {
			return "", err
		}
		at, id, err := timeAndID(cursor(parts[1:]...))
		if err != nil {
			return "", err
		}
		if args["key"], err = parseInt(parts[0]); err != nil {
			return "", err
		}
		args["at"], args["id"] = at, id
		return before + `<= (@key, @at, @id))`, nil
	case q.Around != uuid.Nil:
		args["around"], args["half"] = q.Around, clampLimit(q.Limit)/2
		return `greatest(0, ` + before + `< (select m.sort_key, m.achieved_at, m.athlete_id from board_entries m
			where m.stage_id = @stage and m.category = @category and m.athlete_id = @around)) - @half::int)`, nil
	default:
		args["offset"] = max(q.Offset, 0)
		return `@offset::bigint`, nil
	}
}

// boardRow is an entry with what ranking it needs.
type boardRow struct {
	BoardEntry
	SortKey    int64
	RankBefore int
	Before     int   // entries before the page
	Better     int   // entries strictly better than the first row
	Leader     int64 // sort key of the first entry of the board
}

// fill ranks the rows of a page. When the page isn't the first, its first row is the entry before it.
func (b *Board) fill(rows []boardRow, limit int) {
	b.Offset = rows[0].Before
	position, rank := max(b.Offset-1, 0), rows[0].Better+1
	for i, r := range rows {
		if i > 0 && r.SortKey != rows[i-1].SortKey {
			rank = position + 1
		}
		position++
		if b.Offset > 0 && i == 0 {
			continue
		}
		if len(b.Entries) == limit {
			last := rows[i-1]
			b.NextCursor = cursor(append([]string{formatInt(last.SortKey)}, timeKey(last.AchievedAt, last.AthleteID)...)...)
			return
		}
		e := r.BoardEntry
		e.Rank, e.Gap = rank, Milli(r.SortKey-r.Leader)
		if i > 0 {
			e.GapAbove = Milli(r.SortKey - rows[i-1].SortKey)
		}
		if !e.New {
			e.RankChange = r.RankBefore - rank
		}
		e.GoalProgress = goalProgress(b.Measure, b.Goal, e.Value)
		b.Entries = append(b.Entries, e)
	}
}

// goalProgress is percent of the goal; nil where there is none to measure a value of this kind against.
func goalProgress(m sport.Measure, g *sport.Goal, v Milli) *float64 {
	if g == nil || g.Base() <= 0 || m == sport.ElapsedTime {
		return nil
	}
	percent := v.Float() / g.Base() * 100
	return &percent
}

// BoardsApart lists the athletes who stand otherwise on a stage's boards than their efforts and categories say: boards that
// were final for a while have missed what happened meanwhile.
func BoardsApart(ctx context.Context, db DB, stageID uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `
		with brought as (select athlete_id, challenge_id, count(*) as n from efforts where stage_id = $1 and status = 'accepted' group by 1, 2),
		shown as (select athlete_id, array_agg(category order by category) as categories, min(attempts) as fewest, max(attempts) as most
			from board_entries where stage_id = $1 group by 1)
		select athlete_id from brought full join shown using (athlete_id)
		left join lateral (select array_agg(c order by c) as categories from competitors k, unnest(k.categories) c
			where k.challenge_id = brought.challenge_id and k.athlete_id = brought.athlete_id) k on true
		where brought.n is null or shown.fewest is null or shown.fewest <> brought.n or shown.most <> brought.n
			or shown.categories is distinct from k.categories
		order by athlete_id`, stageID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// BoardEntryOf is one athlete's entry on a board; false when they aren't on it.
func BoardEntryOf(ctx context.Context, db DB, stageID uuid.UUID, category sport.Category, athleteID uuid.UUID) (BoardEntry, bool, error) {
	b, err := StageBoard(ctx, db, BoardQuery{StageID: stageID, Category: category, Around: athleteID, Limit: 1})
	if err != nil || len(b.Entries) == 0 || b.Entries[0].AthleteID != athleteID {
		return BoardEntry{}, false, err
	}
	return b.Entries[0], true, nil
}
