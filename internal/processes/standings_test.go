package processes_test

import (
	"maps"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// withStandings adds what follows for the standings of a challenge.
func withStandings(all map[string]reaction) map[string]reaction {
	head := func(c sport.Category) challengeboard.Head {
		return challengeboard.Head{ChallengeID: challenge, Category: c, By: actor.System, Now: cause.Time}
	}
	limit := func(c sport.Category, is bool) dispatch.Command {
		return challengeboard.SetLimited{Head: head(c), AthleteID: athlete, Limited: is}
	}
	scheme := leaderboards.Tour()
	maps.Copy(all, map[string]reaction{
		"hosted": {challenges.Hosted{ChallengeID: challenge, Categories: mixed}, []dispatch.Command{
			challengeboard.Open{Head: head(sport.Open)}, challengeboard.Open{Head: head(sport.Women)}}},
		"scoring set": {challenges.ScoringSet{ChallengeID: challenge, Scoring: scheme, Reason: "As announced.", Categories: mixed}, []dispatch.Command{
			challengeboard.SetScheme{Head: head(sport.Open), Reason: "As announced."}, challengeboard.SetScheme{Head: head(sport.Women), Reason: "As announced."}}},
		"scoring of a draft set": {challenges.ScoringSet{ChallengeID: challenge, Scoring: scheme}, nil},
		"scoring by other results": {challenges.ScoringSet{ChallengeID: challenge, Boards: []challenges.StageMeasure{{StageID: stage, Measure: sport.Efforts, Tenths: true, Categories: mixed}}},
			[]dispatch.Command{opened(sport.Open, sport.Efforts, 1000), opened(sport.Women, sport.Efforts, 1000)}},
		"results approved": {challenges.ResultsApproved{ChallengeID: challenge, Categories: mixed}, []dispatch.Command{
			challengeboard.Finalise{Head: head(sport.Open)}, challengeboard.Finalise{Head: head(sport.Women)}}},
		"results reopened": {challenges.Reopened{ChallengeID: challenge, Categories: mixed}, []dispatch.Command{
			challengeboard.Reopen{Head: head(sport.Open)}, challengeboard.Reopen{Head: head(sport.Women)}}},
		"limited": {competitors.Limited{Ref: ref, Boards: mixed}, []dispatch.Command{limit(sport.Open, true), limit(sport.Women, true)}},
		"allowed": {competitors.Allowed{Ref: ref, Boards: mixed}, []dispatch.Command{limit(sport.Open, false), limit(sport.Women, false)}},
		"board final": {stageboard.Finalised{Ref: stageboard.Ref{StageID: stage, ChallengeID: challenge, Category: sport.Women}}, []dispatch.Command{
			challengeboard.ScoreStage{Head: head(sport.Women), StageID: stage}}},
	})
	reopened := all["stage reopened"]
	e := reopened.event.(stages.Reopened)
	e.Reason = "A wrong segment."
	reopened.event = e
	for _, c := range mixed {
		reopened.want = append(reopened.want, challengeboard.ReopenStage{Head: head(c), StageID: stage, Reason: "A wrong segment."})
	}
	all["stage reopened"] = reopened
	return all
}
