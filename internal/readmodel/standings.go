package readmodel

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	rules "segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// Refusals of standings that aren't there.
var (
	ErrNoStandings      = refusal.Of(refusal.NotFound, "standings_not_found", "There are no such standings. They open when the challenge is hosted.")
	ErrNoClassification = refusal.Of(refusal.NotFound, "classification_not_found", "There is no such classification in this category.")
)

// StandingsHead is one classification of a challenge in one category, without its entries.
type StandingsHead struct {
	ChallengeID    uuid.UUID            `json:"challengeId"`
	Category       sport.Category       `json:"category"`
	Classification rules.Classification `json:"-"`
	Final          bool                 `json:"final"`
	Version        int64                `json:"version"` // position of the last event that concerns the category's standings
	ChangedAt      time.Time            `json:"changedAt"`
	Athletes       int                  `json:"athletes"` // rows; teams where teams are ranked
	Measure        sport.Measure        `json:"-"`        // of the stages
	Goal           *sport.Goal          `json:"goal,omitempty"`
	Scheme         rules.Scheme         `json:"-"`
}

// RankBy is what entries are ordered by: points, goals, ranks, or a measure that is added up.
func (h StandingsHead) RankBy() string {
	switch h.Classification.By {
	case rules.ByTimes, rules.ByTotals:
		return string(h.Measure)
	case rules.ByPoints, rules.ByRanks, rules.ByGoals:
	}
	return string(h.Classification.By)
}

// Standings is a page of a classification.
type Standings struct {
	StandingsHead
	Stages     []StandingsStage // that take part, by number
	Entries    []StandingsEntry
	Offset     int // entries before the first of these
	NextCursor string
}

// StandingsStage is a stage of a classification.
type StandingsStage struct {
	StageID     uuid.UUID              `json:"stageId"`
	Number      int                    `json:"number"`
	Type        sport.StageType        `json:"type"`
	Adjustment  sport.PointsAdjustment `json:"pointsAdjustment"`
	Scored      bool                   `json:"scored"`      // what it gave is confirmed
	Provisional bool                   `json:"provisional"` // it is under way, and gives something
}

// StandingsEntry is an athlete's row (or a team's), with what it is made of.
type StandingsEntry struct {
	Rank        int
	AthleteID   uuid.UUID
	Person      // of a team, its name
	Team        bool
	Total       Milli // points, seconds, metres or places; with what is provisional
	Confirmed   Milli
	Adjusted    Milli // by hand, in both
	Gap         Milli // to the leader's total, whichever is more
	Leader      Milli // the leader's total
	Goals       int
	Value       Milli // results of the stages that count, added up: seconds or metres
	GoalPercent *float64
	Ridden      int // stages with a result
	Limited     bool
	Excluded    bool
	Move        rules.Move
	Parts       []rules.Part // by number
}

// Provisional is by how much the stages under way would change the confirmed total.
func (e StandingsEntry) Provisional() Milli { return e.Total - e.Confirmed }

// StandingsQuery asks for a page of a classification: by Cursor, else around an athlete, else from Offset on.
type StandingsQuery struct {
	ChallengeID    uuid.UUID
	Category       sport.Category
	Classification string // key or name; none: the first
	Limit          int    // default 50
	Offset         int
	Cursor         string
	Around         uuid.UUID // the page has this athlete in its middle; the first page when they aren't in the table
}

// boardRecord is a row of standing_boards with what is known of the challenge.
type boardRecord struct {
	Category  sport.Category
	Scheme    rules.Scheme
	Final     bool
	Version   int64
	ChangedAt time.Time
	Rows      map[string]int
	Goal      *sport.Goal
	Measure   sport.Measure
}

const boardRecords = `select b.category, b.scheme, b.final, b.version, b.changed_at, b.rows, s.goal,
	coalesce((select g.measure from standing_stages g where g.challenge_id = b.challenge_id limit 1), 'elapsedTime') as measure
	from standing_boards b left join challenges c on c.id = b.challenge_id left join standing_challenges s on s.challenge_id = b.challenge_id
	where b.challenge_id = $1`

// StandingsHeads lists all classifications of a challenge, each category's in the order of its scheme; none before it is hosted.
func StandingsHeads(ctx context.Context, db DB, challengeID uuid.UUID) ([]StandingsHead, error) {
	boards, err := list[boardRecord](ctx, db, boardRecords+` order by array_position(c.categories, b.category) nulls last, b.category`, challengeID)
	var out []StandingsHead
	for _, b := range boards {
		for _, c := range b.Scheme.For(b.Category) {
			out = append(out, b.head(challengeID, c))
		}
	}
	return out, err
}

func (b boardRecord) head(challenge uuid.UUID, c rules.Classification) StandingsHead {
	return StandingsHead{ChallengeID: challenge, Category: b.Category, Classification: c, Final: b.Final, Version: b.Version, ChangedAt: b.ChangedAt,
		Athletes: b.Rows[c.Key], Measure: b.Measure, Goal: b.Goal, Scheme: b.Scheme}
}

// StandingsHeadOf finds one classification by its key or name, or a category's first: ErrNoStandings, ErrNoClassification.
func StandingsHeadOf(ctx context.Context, db DB, challengeID uuid.UUID, category sport.Category, called string) (StandingsHead, error) {
	b, err := one[boardRecord](ctx, db, ErrNoStandings, boardRecords+` and b.category = $2`, challengeID, category)
	if err != nil {
		return StandingsHead{}, err
	}
	all := b.Scheme.For(category)
	switch c, found := b.Scheme.Find(category, called); {
	case found:
		return b.head(challengeID, c), nil
	case called == "" && len(all) > 0:
		return b.head(challengeID, all[0]), nil
	}
	return StandingsHead{}, ErrNoClassification
}

// ChallengeStandings reads a page of a classification: ErrNoStandings, ErrNoClassification. The version is read before the
// entries, so these are never older than it says.
func ChallengeStandings(ctx context.Context, db DB, q StandingsQuery) (Standings, error) {
	head, err := StandingsHeadOf(ctx, db, q.ChallengeID, q.Category, q.Classification)
	if err != nil {
		return Standings{}, err
	}
	out := Standings{StandingsHead: head, Entries: []StandingsEntry{}, Stages: []StandingsStage{}}
	args := pgx.NamedArgs{"challenge": q.ChallengeID, "category": q.Category, "class": head.Classification.Key}
	before, err := standingsStart(q, args)
	if err != nil {
		return out, err
	}
	limit := clampLimit(q.Limit)
	args["limit"] = limit + 1
	rows, err := list[standingsRecord](ctx, db, `with start as materialized (select `+before+` as before),
		page as materialized (select r.* from standing_rows r where r.challenge_id = @challenge and r.category = @category and r.classification = @class
			order by r.sort_key, r.achieved_at, r.athlete_id offset (select before from start) limit @limit)
		select r.athlete_id, `+personColumns+`, r.total, r.confirmed, r.adjusted, r.goals, r.value, r.stages, r.achieved_at, r.sort_key,
			r.sort_key::text as key, coalesce(k.limited, false) as limited, coalesce(k.status = 'excluded', false) as excluded,
			(select before from start) as before,
			(select count(*) from standing_rows x where x.challenge_id = @challenge and x.category = @category and x.classification = @class
				and x.sort_key < (select p.sort_key from page p order by p.sort_key limit 1)) as better,
			(select x.total from standing_rows x where x.challenge_id = @challenge and x.category = @category and x.classification = @class
				order by x.sort_key limit 1) as leader
		from page r left join athletes a on a.id = r.athlete_id
		left join competitors k on k.challenge_id = @challenge and k.athlete_id = r.athlete_id
		order by r.sort_key, r.achieved_at, r.athlete_id`, args)
	if err != nil {
		return out, err
	}
	out.fill(rows, limit)
	return out, out.explain(ctx, db)
}

// standingsRecord is an entry with what ranking it needs.
type standingsRecord struct {
	AthleteID uuid.UUID
	Person
	Total      Milli
	Confirmed  Milli
	Adjusted   Milli
	Goals      int
	Value      Milli
	Stages     int
	AchievedAt time.Time
	SortKey    []int64
	Key        string
	Limited    bool
	Excluded   bool
	Before     int
	Better     int
	Leader     Milli
}

// standingsStart is the SQL of how many entries come before the page.
func standingsStart(q StandingsQuery, args pgx.NamedArgs) (string, error) {
	const before = `(select count(*) from standing_rows e where e.challenge_id = @challenge and e.category = @category and e.classification = @class
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
		if args["key"], err = numbers(parts[0]); err != nil {
			return "", err
		}
		args["at"], args["id"] = at, id
		return before + `<= (@key::bigint[], @at, @id))`, nil
	case q.Around != uuid.Nil:
		args["around"], args["half"] = q.Around, clampLimit(q.Limit)/2
		return `greatest(0, ` + before + `< (select m.sort_key, m.achieved_at, m.athlete_id from standing_rows m where m.challenge_id = @challenge
			and m.category = @category and m.classification = @class and m.athlete_id = @around)) - @half::int)`, nil
	default:
		args["offset"] = max(q.Offset, 0)
		return `@offset::bigint`, nil
	}
}

// fill ranks the rows of a page: equal keys share a rank, whoever has too few stages has none.
func (s *Standings) fill(rows []standingsRecord, limit int) {
	if len(rows) == 0 {
		return
	}
	c := s.Classification
	s.Offset = rows[0].Before
	rank := rows[0].Better + 1
	for i, r := range rows {
		if i > 0 && !slices.Equal(r.SortKey, rows[i-1].SortKey) {
			rank = s.Offset + i + 1
		}
		if len(s.Entries) == limit {
			last := rows[i-1]
			s.NextCursor = cursor(append([]string{last.Key}, timeKey(last.AchievedAt, last.AthleteID)...)...)
			return
		}
		e := StandingsEntry{Rank: rank, AthleteID: r.AthleteID, Person: r.Person, Total: r.Total, Confirmed: r.Confirmed, Adjusted: r.Adjusted,
			Gap: max(r.Total-r.Leader, r.Leader-r.Total), Leader: r.Leader, Goals: r.Goals, Value: r.Value, Ridden: r.Stages, Limited: r.Limited, Excluded: r.Excluded,
			Move: c.MoveOf(s.Offset+i+1, s.Athletes, r.Stages, s.Final)}
		if len(r.SortKey) > 0 && r.SortKey[0] > 0 {
			e.Rank = 0
		}
		s.Entries = append(s.Entries, e)
	}
}

// explain adds what the rows are made of, by the same rules that made them.
func (s *Standings) explain(ctx context.Context, db DB) error {
	k := standingsKey{s.ChallengeID, s.Category}
	stages, err := stagesOfBoard(ctx, db, k)
	if err != nil {
		return err
	}
	c := s.Classification
	ids := make([]uuid.UUID, len(s.Entries))
	for i, e := range s.Entries {
		ids[i] = e.AthleteID
	}
	whose := ids
	if c.Teams {
		whose = nil
		for _, g := range s.Scheme.Groups {
			if g.Kind == rules.Team && slices.Contains(ids, g.ID()) {
				whose = append(whose, g.Members...)
			}
		}
	}
	b := &standingsBoard{standingsKey: k, scheme: s.Scheme, stages: stages}
	scored, err := scoredLines(ctx, db, b, false, whose)
	if err != nil {
		return err
	}
	adjusted, err := adjustmentsOf(ctx, db, k, false, ids)
	if err != nil {
		return err
	}
	parts := map[uuid.UUID][]rules.Part{}
	for _, r := range rules.Tabulate(c, s.Scheme.Groups, scored, adjusted, s.Final).Rows {
		parts[r.AthleteID] = r.Parts
	}
	for i := range s.Entries {
		s.Entries[i].Parts = parts[s.Entries[i].AthleteID]
		s.name(&s.Entries[i])
	}
	s.columns(stages)
	return nil
}

// name also gives a team its name, and says how near the goal is.
func (s *Standings) name(e *StandingsEntry) {
	for _, g := range s.Scheme.Groups {
		if s.Classification.Teams && g.Kind == rules.Team && g.ID() == e.AthleteID {
			e.Name, e.Team = g.Name, true
		}
	}
	if s.Goal != nil && (s.Goal.Recurrence == sport.Once || s.Goal.Recurrence == "") && !e.Team {
		e.GoalPercent = goalProgress(s.Measure, s.Goal, e.Value)
	}
}

// columns lists the stages that take part; those under way are provisional as soon as they give something to somebody here.
func (s *Standings) columns(stages map[uuid.UUID]standingsStage) {
	gives := map[uuid.UUID]bool{}
	for _, e := range s.Entries {
		for _, p := range e.Parts {
			gives[p.StageID] = gives[p.StageID] || p.Provisional
		}
	}
	for id, stage := range stages {
		if stage.scored || !stage.deleted {
			if s.Classification.Takes(stage.Stage) {
				s.Stages = append(s.Stages, StandingsStage{StageID: id, Number: stage.Number, Type: stage.Type, Adjustment: stage.Adjustment,
					Scored: stage.scored, Provisional: gives[id]})
			}
		}
	}
	slices.SortFunc(s.Stages, func(a, b StandingsStage) int { return cmp.Compare(a.Number, b.Number) })
}

// StandingsEntryOf is one athlete's entry in a classification; false when they aren't in it.
func StandingsEntryOf(ctx context.Context, db DB, q StandingsQuery, athleteID uuid.UUID) (StandingsEntry, bool, error) {
	q.Around, q.Limit, q.Offset, q.Cursor = athleteID, 1, 0, ""
	s, err := ChallengeStandings(ctx, db, q)
	if err != nil || len(s.Entries) == 0 || s.Entries[0].AthleteID != athleteID {
		return StandingsEntry{}, false, err
	}
	return s.Entries[0], true, nil
}

// ScoringOf is how a challenge is scored: as it was declared, zero for the default of its type.
func ScoringOf(ctx context.Context, db DB, challengeID uuid.UUID) (rules.Scheme, error) {
	var s *rules.Scheme
	err := db.QueryRow(ctx, `select scoring from standing_challenges where challenge_id = $1`, challengeID).Scan(&s)
	if errors.Is(err, pgx.ErrNoRows) {
		return rules.Scheme{}, nil
	}
	if err != nil || s == nil {
		return rules.Scheme{}, err
	}
	return *s, nil
}

// StandingsAdjustment is what an organiser gave or took by hand.
type StandingsAdjustment struct {
	Category       sport.Category `json:"category"`
	Classification string         `json:"classification"`
	AthleteID      uuid.UUID      `json:"athleteId"`
	Person
	Points  Milli     `json:"points"`
	Reason  string    `json:"reason"`
	GivenBy string    `json:"by"`
	GivenAt time.Time `json:"givenAt"`
}

// StandingsAdjustments lists what was given or taken by hand in a challenge, newest first.
func StandingsAdjustments(ctx context.Context, db DB, challengeID uuid.UUID) ([]StandingsAdjustment, error) {
	return list[StandingsAdjustment](ctx, db, `select j.category, j.classification, j.athlete_id, `+personColumns+`, j.points, j.reason, j.given_by, j.given_at
		from standing_adjustments j left join athletes a on a.id = j.athlete_id where j.challenge_id = $1 order by j.position desc limit 200`, challengeID)
}

// numbers reads an array as PostgreSQL writes it.
func numbers(text string) ([]int64, error) {
	inner, ok := strings.CutPrefix(text, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !ok || !closed {
		return nil, ErrCursor
	}
	out := []int64{}
	for word := range strings.SplitSeq(inner, ",") {
		n, err := parseInt(word)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}
