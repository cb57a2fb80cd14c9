package readmodel

import (
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

var feed = Projector{
	Name:   FeedModel,
	Tables: []string{"feed_items", "feed_goals", "feed_goals_reached"},
	Types: typesOf(challenges.Created{}, challenges.Hosted{}, challenges.Started{}, challenges.Ended{}, challenges.Cancelled{},
		challenges.ResultsApproved{}, challenges.ResultsPublished{},
		stages.Revealed{}, stages.Started{}, stages.Ended{}, stages.Approved{}, stages.Published{},
		competitors.Joined{}, competitors.Left{}, competitors.Excluded{}, competitors.Limited{}, competitors.Allowed{},
		competitors.EffortAccepted{}, competitors.EffortRemoved{}, competitors.EffortFlagged{},
		stageboard.Placed{}, stageboard.Finalised{}, challengeboard.Finalised{}, challengeboard.GoalsAchieved{}, athletes.Erased{}),
	apply: applyFeed,
}

// feedItem is one row on its way. Challenge, stage and athlete are the feeds it appears in.
type feedItem struct {
	kind                               FeedType
	challenge, stage, athlete, another uuid.UUID
	category                           sport.Category
	personal                           bool
	data                               FeedDetail
}

func applyFeed(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	if e, erased := e.(athletes.Erased); erased {
		w.forgetFeed(e.AthleteID)
		return nil
	}
	items, err := feedItems(e)
	for i, f := range items {
		w.exec(insertFeedItem+` values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, f.columns(rec, i)...)
	}
	w.feedGoals(rec, e, len(items))
	return err
}

const insertFeedItem = `insert into feed_items (position, ordinal, type, time, challenge_id, stage_id, athlete_id, other_id, category, personal, data)`

func (f feedItem) columns(rec eventstore.Recorded, ordinal int) []any {
	return []any{rec.Position, ordinal, f.kind, rec.Time, orNull(f.challenge), orNull(f.stage), orNull(f.athlete), orNull(f.another),
		f.category, f.personal, f.data}
}

func feedItems(e eventstore.Event) ([]feedItem, error) {
	switch e := e.(type) {
	case challenges.Created:
		return []feedItem{{kind: FeedChallengeCreated, challenge: e.ChallengeID, athlete: e.OrganiserID, personal: true}}, nil
	case challenges.Hosted:
		return []feedItem{{kind: FeedChallengeHosted, challenge: e.ChallengeID}}, nil
	case challenges.Started:
		return []feedItem{{kind: FeedChallengeStarted, challenge: e.ChallengeID, data: FeedDetail{Early: e.Early}}}, nil
	case challenges.Ended:
		return []feedItem{{kind: FeedChallengeEnded, challenge: e.ChallengeID, data: FeedDetail{Early: e.Early}}}, nil
	case challenges.Cancelled:
		return []feedItem{{kind: FeedChallengeCancelled, challenge: e.ChallengeID}}, nil
	case challenges.ResultsApproved:
		return []feedItem{{kind: FeedChallengeApproved, challenge: e.ChallengeID, data: FeedDetail{Message: e.Message}}}, nil
	case challenges.ResultsPublished:
		return []feedItem{{kind: FeedChallengePublished, challenge: e.ChallengeID, data: FeedDetail{Message: e.Message}}}, nil
	case stages.Revealed:
		return stageItem(FeedStageRevealed, e.Ref, FeedDetail{}), nil
	case stages.Started:
		return stageItem(FeedStageStarted, e.Ref, FeedDetail{Early: e.Early}), nil
	case stages.Ended:
		return stageItem(FeedStageEnded, e.Ref, FeedDetail{Early: e.Early}), nil
	case stages.Approved:
		return stageItem(FeedStageApproved, e.Ref, FeedDetail{Message: e.Message}), nil
	case stages.Published:
		return stageItem(FeedStagePublished, e.Ref, FeedDetail{Message: e.Message}), nil
	case competitors.Event:
		return competitorItems(e), nil
	case stageboard.Placed:
		return placedItems(e), nil
	case stageboard.Finalised:
		return winners(e), nil
	case challengeboard.Finalised:
		return classificationWinners(e), nil
	case challengeboard.GoalsAchieved:
		return nil, nil // see feedGoals
	default:
		return nil, unhandled(e)
	}
}

// winners are more than one where the first are level. Events of the first version don't tell ranks.
func winners(e stageboard.Finalised) []feedItem {
	var items []feedItem
	for i, athlete := range e.Podium {
		if i > 0 && (i >= len(e.PodiumRanks) || e.PodiumRanks[i] > 1) {
			break
		}
		items = append(items, feedItem{kind: FeedStageWon, challenge: e.ChallengeID, stage: e.StageID, athlete: athlete,
			category: e.Category, data: FeedDetail{Of: e.Of}})
	}
	return items
}

func stageItem(kind FeedType, ref stages.Ref, data FeedDetail) []feedItem {
	return []feedItem{{kind: kind, challenge: ref.ChallengeID, stage: ref.StageID, data: data}}
}

func competitorItems(e competitors.Event) []feedItem {
	switch e := e.(type) {
	case competitors.Joined:
		return athleteItem(FeedJoined, e.Ref, "")
	case competitors.Left:
		return athleteItem(FeedLeft, e.Ref, "")
	case competitors.Excluded:
		return athleteItem(FeedExcluded, e.Ref, e.Reason)
	case competitors.Limited:
		return athleteItem(FeedLimited, e.Ref, e.Reason)
	case competitors.Allowed:
		return athleteItem(FeedAllowed, e.Ref, "")
	case competitors.EffortAccepted:
		return acceptedItems(e)
	case competitors.EffortRemoved:
		if e.Code == competitors.CodeLeft || e.Code == competitors.ErrExcluded.Code { // that they left or were excluded is an item already
			return nil
		}
		return []feedItem{{kind: FeedEffortRemoved, challenge: e.ChallengeID, stage: e.StageID, athlete: e.AthleteID,
			personal: true, data: FeedDetail{EffortID: e.EffortID, Reason: e.Detail}}}
	case competitors.EffortFlagged:
		return []feedItem{{kind: FeedEffortFlagged, challenge: e.ChallengeID, stage: e.StageID, athlete: e.AthleteID,
			data: FeedDetail{EffortID: e.EffortID, Reason: e.Reason}}}
	case competitors.StandingRestated, competitors.Reclassified, competitors.EffortRefused, competitors.EffortHeld, competitors.EffortRejected: // the upload's own page tells of these
		return nil
	}
	return nil
}

func athleteItem(kind FeedType, ref competitors.Ref, reason string) []feedItem {
	return []feedItem{{kind: kind, challenge: ref.ChallengeID, athlete: ref.AthleteID, data: FeedDetail{Reason: reason}}}
}

// acceptedItems tells of efforts that the board for everybody doesn't: those that were no better, and all where there is
// no such board.
func acceptedItems(e competitors.EffortAccepted) []feedItem {
	kind := FeedAttempted
	if e.Best {
		if slices.Contains(e.Categories, sport.Open) {
			return nil
		}
		kind = FeedRecorded
	}
	return []feedItem{{kind: kind, challenge: e.ChallengeID, stage: e.StageID, athlete: e.AthleteID,
		data: FeedDetail{EffortID: e.EffortID, Value: Milli(e.ElapsedMs), Lap: e.Lap}}}
}

// placedItems tells of a better result once, from the board for everybody, and of a lead on any other. Who was overtaken
// is told so in their own feed.
func placedItems(e stageboard.Placed) []feedItem {
	item := feedItem{kind: FeedRecorded, challenge: e.ChallengeID, stage: e.StageID, athlete: e.AthleteID, category: e.Category,
		data: FeedDetail{EffortID: e.EffortID, Value: Milli(e.Value), Gap: Milli(e.Gap), From: e.From, To: e.To, Of: e.Of}}
	switch {
	case !e.Best:
		return nil
	case e.Category != sport.Open:
		if e.To != 1 || e.From == 1 {
			return nil
		}
		item.kind = FeedLed
		return []feedItem{item}
	}
	items := []feedItem{item}
	for i, passed := range e.Passed {
		lost := feedItem{kind: FeedLostPlace, challenge: e.ChallengeID, stage: e.StageID, athlete: passed,
			another: e.AthleteID, category: e.Category, personal: true}
		if i < len(e.PassedFrom) {
			lost.data = FeedDetail{From: e.PassedFrom[i], To: e.PassedFrom[i] + 1, Of: e.Of} // one athlete passes at a time
		}
		items = append(items, lost)
	}
	return items
}
