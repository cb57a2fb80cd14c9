package challenges

import (
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

func TestSetScoring(t *testing.T) {
	league := leaderboards.Scheme{Classifications: []leaderboards.Classification{{Key: "Time", Name: "Total time", By: leaderboards.ByTimes}}}
	counted := leaderboards.Scheme{Result: sport.StageResult{Kind: sport.EffortCount}, Classifications: []leaderboards.Classification{{Key: "Laps", Name: "Laps", By: leaderboards.ByTotals}}}
	mornings := league
	mornings.Admission = sport.Admission{MaxAttempts: 3}
	bad := leaderboards.Scheme{Classifications: []leaderboards.Classification{{Name: "GC", By: leaderboards.ByPoints, Table: leaderboards.Points{0, 5000}}}}
	set := func(h Head, s leaderboards.Scheme, reason string, confirmed ...int) Command {
		return SetScoring{Head: h, Scheme: s, Reason: reason, Confirmed: confirmed}
	}
	laps := ScoringSet{ChallengeID: challengeID, Scoring: counted}
	for _, stage := range []StageAdded{first, second} {
		laps.Boards = append(laps.Boards, StageMeasure{stage.StageID, sport.Efforts, false, sport.DefaultCategories})
	}
	run(t, []testCase{
		{Name: "of a draft", Given: pending, When: set(head(before), league, "why not"), Then: []Event{ScoringSet{ChallengeID: challengeID, Scoring: league}}},
		{Name: "of a draft, by other results: its boards rank by something else", Given: pending, When: set(head(before), counted, ""), Then: []Event{laps}},
		{Name: "back to the default", Given: append(pending[:3:3], ScoringSet{ChallengeID: challengeID, Scoring: league}), When: set(head(before), leaderboards.Scheme{}, ""),
			Then: []Event{ScoringSet{ChallengeID: challengeID}}},
		{Name: "the same again", Given: append(pending[:3:3], ScoringSet{ChallengeID: challengeID, Scoring: league}), When: set(head(before), league, "")},
		{Name: "before the start", Given: upcoming, When: set(head(before), mornings, ""), Then: []Event{ScoringSet{ChallengeID: challengeID, Scoring: mornings, Categories: sport.DefaultCategories}}},
		{Name: "while nothing is confirmed", Given: active, When: set(head(during), league, ""), Then: []Event{ScoringSet{ChallengeID: challengeID, Scoring: league, Categories: sport.DefaultCategories}}},
		{Name: "afterwards with a reason", Given: active, When: set(head(during), league, " As announced. ", 1),
			Then: []Event{ScoringSet{ChallengeID: challengeID, Scoring: league, Reason: "As announced.", Categories: sport.DefaultCategories}}},
		{Name: "not afterwards without", Given: active, When: set(head(during), league, " ", 1), Refused: ErrScoringReason},
		{Name: "not how efforts become results, once hosted", Given: upcoming, When: set(head(before), counted, ""), Refused: ErrResultFixed},
		{Name: "not which efforts count, once started", Given: active, When: set(head(during), mornings, ""), Refused: ErrAdmissionFixed},
		{Name: "not what can't be", Given: pending, When: set(head(before), bad, ""), Refused: leaderboards.ErrPointsHole},
		{Name: "when it is over", Given: past, When: set(head(after), league, ""), Then: []Event{ScoringSet{ChallengeID: challengeID, Scoring: league, Categories: sport.DefaultCategories}}},
		{Name: "not when approved", Given: approved, When: set(head(after), league, "x"), Refused: ErrAlreadyApproved},
		{Name: "not when cancelled", Given: cancelled, When: set(head(before), league, ""), Refused: ErrCancelled},
	})
}

// Who belongs where changes by itself: what else was declared stays, and the event says for whom something is new.
func TestGroupAthletes(t *testing.T) {
	reds := leaderboards.Group{Kind: leaderboards.Team, Key: "Reds", Name: "Reds"}
	withReds := leaderboards.Scheme{Groups: []leaderboards.Group{reds}}
	reds.Members = []uuid.UUID{organiser}
	p := leaderboards.Placement{Handicap: leaderboards.Handicap{AthleteID: organiser, Seconds: 20 * leaderboards.Whole}, Team: "Reds"}
	full := leaderboards.Scheme{Groups: []leaderboards.Group{reds}, Handicaps: []leaderboards.Handicap{p.Handicap}}
	group := func(h Head, g leaderboards.Grouping, reason string, confirmed ...int) Command {
		return GroupAthletes{Head: h, Grouping: g, Reason: reason, Confirmed: confirmed}
	}
	name, place := leaderboards.Grouping{Named: []leaderboards.Group{{Kind: leaderboards.Team, Name: "Reds"}}}, leaderboards.Grouping{Placed: []leaderboards.Placement{p}}
	grouped := append(active[:len(active):len(active)], ScoringSet{ChallengeID: challengeID, Scoring: withReds, Categories: sport.DefaultCategories})
	run(t, []testCase{
		{Name: "a team for a draft", Given: pending, When: group(head(before), name, ""), Then: []Event{ScoringSet{ChallengeID: challengeID, Scoring: withReds}}},
		{Name: "an athlete", Given: grouped, When: group(head(during), place, ""),
			Then: []Event{ScoringSet{ChallengeID: challengeID, Scoring: full, Categories: sport.DefaultCategories, Placed: []leaderboards.Placement{p}, PlacedOnly: true}}},
		{Name: "nothing", Given: grouped, When: group(head(during), leaderboards.Grouping{}, "")},
		{Name: "afterwards without a reason", Given: grouped, When: group(head(during), place, " ", 1), Refused: ErrScoringReason},
		{Name: "into a team that isn't there", Given: active, When: group(head(during), place, ""), Refused: leaderboards.ErrTeam},
		{Name: "when approved", Given: approved, When: group(head(after), name, "x"), Refused: ErrAlreadyApproved},
	})
}

func TestScoringOfANewChallenge(t *testing.T) {
	create := func(change func(*Definition)) Create {
		return Create{Head: head(before), Slug: "alpine-cup", Definition: definition(change)}
	}
	for name, c := range map[string]struct {
		scheme leaderboards.Scheme
		want   error
	}{
		"a template":       {leaderboards.TemplatesFor(sport.SegmentChallenge)[1].Scheme, nil},
		"of other stages":  {leaderboards.Default(sport.DistanceChallenge, false), leaderboards.ErrByUnfit},
		"other categories": {leaderboards.Scheme{Classifications: []leaderboards.Classification{{Name: "A", By: leaderboards.ByTimes, Categories: []sport.Category{"50+"}}}}, leaderboards.ErrCategories},
	} {
		_, err := State{}.Decide(create(func(d *Definition) { d.Scoring = c.scheme }))
		if all := refusal.All(err); (c.want == nil) != (err == nil) || c.want != nil && !all[0].Is(c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemeOfAChallenge(t *testing.T) {
	goal := &sport.Goal{Value: 1, Units: "miles", Recurrence: sport.Weekly}
	for want, d := range map[string]Definition{
		"GC": {Type: sport.SegmentChallenge}, "Race": {Type: sport.RaceChallenge}, "Total": {Type: sport.DistanceChallenge}, "Goals": {Type: sport.ElevationChallenge, Goal: goal},
		"Time": {Type: sport.SegmentChallenge, Scoring: leaderboards.TemplatesFor(sport.SegmentChallenge)[2].Scheme},
	} {
		if got := d.Scheme().Classifications[0].Key; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for want, d := range map[sport.ResultKind]Definition{
		sport.BestEffort: {}, sport.TotalOfAll: {AccumulateActivities: true},
		sport.SumOfBest: {AccumulateActivities: true, Scoring: leaderboards.Scheme{Result: sport.StageResult{Kind: sport.SumOfBest, Of: 3}}},
	} {
		if got := d.StageResult().Kind; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
