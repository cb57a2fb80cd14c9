package notify

import (
	"context"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/notices"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// story is what a letter is written from: the notice, what it is about as its athlete may see it, and what is left of it.
type story struct {
	notices.Notice
	athlete   readmodel.Athlete
	challenge readmodel.Challenge
	stage     readmodel.Stage // zero where it is about the challenge
	moves     []notices.Move
	standings []standing // of the athlete, on the stage's boards
	now       time.Time
}

// standing is an athlete's entry on one board.
type standing struct {
	category sport.Category
	of       int    // athletes on the board
	above    string // who is listed before
	readmodel.BoardEntry
}

// look gathers the facts of a notice to one athlete, and judges it.
func (o *Outbox) look(ctx context.Context, n notices.Notice) (s story, why notices.Why, err error) {
	s.Notice, s.now = n, o.now()
	if s.athlete, err = readmodel.AthleteByID(ctx, o.Pool, n.AthleteID); err != nil {
		return s, "", err
	}
	viewer := actor.Athlete(n.AthleteID)
	if s.challenge, err = readmodel.ChallengeByID(ctx, o.Pool, viewer, n.ChallengeID); err != nil {
		return s, "", err
	}
	facts := notices.Facts{Challenge: s.challenge.Status, Competes: s.challenge.Joined}
	if facts.Wanted, err = readmodel.WantsNotification(ctx, o.Pool, n.AthleteID, n.Kind); err != nil {
		return s, "", err
	}
	if n.StageID != uuid.Nil {
		if s.stage, err = readmodel.StageByID(ctx, o.Pool, viewer, n.StageID); err != nil {
			return s, "", err
		}
		if err := o.stand(ctx, &s); err != nil {
			return s, "", err
		}
		facts.Stage, facts.StageEnds, facts.Ranks = s.stage.Status, s.stage.EndAt, map[sport.Category]int{}
		for _, on := range s.standings {
			facts.Ranks[on.category] = on.Rank
		}
		if facts.Places, err = o.places(ctx, s); err != nil {
			return s, "", err
		}
	}
	s.moves, why = n.Judge(facts, s.now)
	return s, why, nil
}

// stand finds the athlete on the stage's boards, where a letter tells of it.
func (o *Outbox) stand(ctx context.Context, s *story) error {
	if s.Kind != athletes.LostPlace && s.Kind != athletes.ResultsPublished {
		return nil
	}
	boards, err := readmodel.Boards(ctx, o.Pool, s.StageID)
	if err != nil {
		return err
	}
	for _, b := range boards {
		part, err := readmodel.StageBoard(ctx, o.Pool, readmodel.BoardQuery{StageID: s.StageID, Category: b.Category, Around: s.AthleteID, Limit: 3})
		if err != nil {
			return err
		}
		above := ""
		for _, e := range part.Entries {
			if e.AthleteID == s.AthleteID {
				s.standings = append(s.standings, standing{b.Category, part.Athletes, above, e})
			}
			above = e.Name
		}
	}
	return nil
}

// places is how many places of a segment stage score points, in each category that a place was lost in.
func (o *Outbox) places(ctx context.Context, s story) (map[sport.Category]int, error) {
	if s.Kind != athletes.LostPlace || !s.stage.Type.OnSegment() {
		return nil, nil
	}
	scheme, err := readmodel.ScoringOf(ctx, o.Pool, s.ChallengeID)
	scheme = scheme.Or(s.challenge.Type, s.challenge.Goal != nil && s.challenge.Goal.Recurrence != sport.Once)
	places := map[sport.Category]int{}
	for category := range s.Lost {
		places[category] = scheme.Places(category, leaderboards.Stage{Type: s.stage.Type, Adjustment: s.stage.Adjustment})
	}
	return places, err
}

// audience is who a notice to several is for.
func (o *Outbox) audience(ctx context.Context, n notices.Notice) ([]uuid.UUID, error) {
	if n.Audience == notices.ToCompetitors {
		return readmodel.CompetitorsOf(ctx, o.Pool, n.ChallengeID)
	}
	c, err := readmodel.ChallengeByID(ctx, o.Pool, actor.System, n.ChallengeID)
	return []uuid.UUID{c.OrganiserID}, err
}
