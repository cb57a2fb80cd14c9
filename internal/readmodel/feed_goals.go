package readmodel

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/sport"
)

// feedGoals tells that all of a challenge's goals were achieved, and of a stage's goal when an athlete's standing there first
// reaches it, as item ordinal of the event. Which
// challenges have a goal, and who has reached it, is in tables of the feed's own. One that is lost again (an effort is
// taken away) can be reached again.
func (w *writer) feedGoals(rec eventstore.Recorded, e eventstore.Event, ordinal int) {
	switch e := e.(type) {
	case challenges.Created:
		if e.Goal != nil && e.Goal.Base() > 0 && e.Type != sport.RaceChallenge { // a race's is a distance, which all of it have
			w.exec(`insert into feed_goals (challenge_id, goal) values ($1, $2) on conflict do nothing`, e.ChallengeID, e.Goal.Base()*1000)
		}
	case competitors.EffortAccepted:
		if e.Standing == nil {
			return
		}
		item := feedItem{kind: FeedGoalReached, challenge: e.ChallengeID, stage: e.StageID, athlete: e.AthleteID,
			data: FeedDetail{EffortID: e.EffortID, Value: Milli(e.Standing.Value)}}
		w.exec(`with reached as (insert into feed_goals_reached (stage_id, athlete_id)
			select $6, $7 from feed_goals where challenge_id = $5 and goal <= $12 on conflict do nothing returning 1)
			`+insertFeedItem+` select $1, $2, $3, $4, $5, $6, $7, $8::uuid, $9, $10, $11 from reached`, append(item.columns(rec, ordinal), e.Standing.Value)...)
	case challengeboard.GoalsAchieved: // said once for each category that an athlete is in, and again after a correction
		for i, athlete := range e.Athletes {
			item := feedItem{kind: FeedGoalAchieved, challenge: e.ChallengeID, athlete: athlete}
			w.exec(insertFeedItem+` select $1, $2, $3, $4, $5::uuid, $6::uuid, $7::uuid, $8::uuid, $9, $10, $11
				where not exists (select from feed_items where athlete_id = $7 and challenge_id = $5 and type = $3)`, item.columns(rec, i)...)
		}
	case competitors.EffortRemoved:
		w.loseGoal(e.Ref, e.StageID, e.Standing)
	case competitors.EffortFlagged:
		w.loseGoal(e.Ref, e.StageID, e.Standing)
	}
}

func (w *writer) loseGoal(of competitors.Ref, stage uuid.UUID, left *competitors.Standing) {
	var value int64
	if left != nil {
		value = left.Value
	}
	w.exec(`delete from feed_goals_reached r using feed_goals g where r.stage_id = $1 and r.athlete_id = $2
		and g.challenge_id = $3 and g.goal > $4`, stage, of.AthleteID, of.ChallengeID, value)
}

// classificationWinners are the first of each classification.
func classificationWinners(e challengeboard.Finalised) []feedItem {
	var items []feedItem
	for _, p := range e.Podiums {
		for _, on := range p.Places {
			if on.Rank == 1 {
				items = append(items, feedItem{kind: FeedClassificationWon, challenge: e.ChallengeID, athlete: on.AthleteID,
					category: e.Category, data: FeedDetail{Of: p.Of, Classification: p.Name}})
			}
		}
	}
	return items
}
