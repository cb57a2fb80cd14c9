package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	rules "segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
)

// Competitor is one athlete in one challenge.
type Competitor struct {
	ChallengeID uuid.UUID `json:"challengeId"`
	AthleteID   uuid.UUID `json:"athleteId"`
	Person
	Gender     sport.Gender     `json:"gender,omitempty"` // as it counts in this challenge
	Categories []sport.Category `json:"categories"`
	Category   sport.Category   `json:"category" db:"-"` // the narrowest of them
	Status     string           `json:"status"`          // joined, left, excluded
	Limited    bool             `json:"limited"`
	Excluded   bool             `json:"excluded"`
	Reason     string           `json:"reason"` // why excluded or limited
	JoinedAt   time.Time        `json:"joinedAt"`
	// Where the challenge's scoring puts the athlete: the names of the division and the team, and the handicap.
	Division        string          `json:"division,omitempty" db:"-"`
	Team            string          `json:"team,omitempty" db:"-"`
	HandicapSeconds rules.Amount    `json:"handicapSeconds,omitempty" db:"-"`
	HandicapPercent rules.Amount    `json:"handicapPercent,omitempty" db:"-"`
	Placement       rules.Placement `json:"-" db:"-"` // the same by keys
}

// Handicap is what is taken off the athlete's times.
func (c Competitor) Handicap() rules.Handicap { return c.Placement.Handicap }

// placed fills in what the scoring says of competitors.
func placed(ctx context.Context, db DB, challengeID uuid.UUID, all []Competitor) error {
	if len(all) == 0 {
		return nil
	}
	scheme, err := ScoringOf(ctx, db, challengeID)
	if err != nil || len(scheme.Groups)+len(scheme.Handicaps) == 0 {
		return err
	}
	places := scheme.Placements()
	for i := range all {
		c := &all[i]
		c.Placement = places[c.AthleteID]
		division, _ := scheme.GroupOf(rules.Division, c.Placement.Division)
		team, _ := scheme.GroupOf(rules.Team, c.Placement.Team)
		c.Division, c.Team = division.Name, team.Name
		c.HandicapSeconds, c.HandicapPercent = c.Placement.Seconds, c.Placement.Percent
	}
	return nil
}

const competitorColumns = `select k.challenge_id, k.athlete_id, ` + personColumns + `, k.gender, k.categories, k.status,
	k.limited, k.status = 'excluded' as excluded, k.reason, k.joined_at
	from competitors k left join athletes a on a.id = k.athlete_id`

// narrowest is the last category that isn't the one for everybody: organisers list wide ones first.
func narrowest(categories []sport.Category) sport.Category {
	if len(categories) == 0 {
		return sport.Open
	}
	return categories[len(categories)-1]
}

// CompetitorFilter narrows a list of competitors.
type CompetitorFilter struct {
	Joined bool // only those who compete now; else also those who were excluded
	Query  string
	Limit  int // default 50
	Cursor string
}

// Competitors lists who competes in a challenge and who was excluded, by time of joining, with the cursor of the next
// page. Athletes who left by themselves are not listed.
func Competitors(ctx context.Context, db DB, challengeID uuid.UUID, f CompetitorFilter) ([]Competitor, string, error) {
	limit := clampLimit(f.Limit)
	args := pgx.NamedArgs{"challenge": challengeID, "limit": limit + 1, "words": words(f.Query)}
	w := where{`k.challenge_id = @challenge`}
	w.add(f.Joined, `k.status = 'joined'`)
	w.add(!f.Joined, `k.status <> 'left'`)
	w.add(words(f.Query) != "", `to_tsvector('simple', a.first_name || ' ' || a.last_name) @@ to_tsquery('simple', @words)`)
	if f.Cursor != "" {
		joined, id, err := timeAndID(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		args["joined"], args["id"] = joined, id
		w.add(true, `(k.joined_at, k.athlete_id) > (@joined, @id)`)
	}
	rows, err := list[Competitor](ctx, db, competitorColumns+w.String()+` order by k.joined_at, k.athlete_id limit @limit`, args)
	for i := range rows {
		rows[i].Category = narrowest(rows[i].Categories)
	}
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, limit, func(c Competitor) []string { return timeKey(c.JoinedAt, c.AthleteID) })
	return rows, next, placed(ctx, db, challengeID, rows)
}

// CompetitorOf finds one athlete in one challenge; false when they never joined.
func CompetitorOf(ctx context.Context, db DB, challengeID, athleteID uuid.UUID) (Competitor, bool, error) {
	rows, err := list[Competitor](ctx, db, competitorColumns+` where k.challenge_id = $1 and k.athlete_id = $2`, challengeID, athleteID)
	if err != nil || len(rows) == 0 {
		return Competitor{}, false, err
	}
	rows[0].Category = narrowest(rows[0].Categories)
	return rows[0], true, placed(ctx, db, challengeID, rows)
}

// CompetitorsOf is the ids of all who compete in a challenge now.
func CompetitorsOf(ctx context.Context, db DB, challengeID uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `select athlete_id from competitors where challenge_id = $1 and status = 'joined'
		order by joined_at, athlete_id`, challengeID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// ChallengesOf lists the challenges that an athlete competes in.
func ChallengesOf(ctx context.Context, db DB, athleteID uuid.UUID) ([]uuid.UUID, error) {
	rows, err := db.Query(ctx, `select challenge_id from competitors where athlete_id = $1 and status = 'joined' order by challenge_id`, athleteID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}
