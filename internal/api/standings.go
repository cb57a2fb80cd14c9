package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/history"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

func (a *API) registerStandings() {
	tag := tagged("Leaderboards")
	const path = "/challenges/{slug}/leaderboards"
	operation(a, http.MethodGet, path, "challenge-leaderboards", "All standings of a challenge, each with its first page", a.allStandings, tag)
	operation(a, http.MethodGet, path+"/{category}", "challenge-category-leaderboards", "The standings of one category, each with its first page", a.categoryStandings, tag)
	operation(a, http.MethodGet, path+"/{category}/{classification}", "challenge-leaderboard", "One classification of one category", a.classificationStandings, tag)
	operation(a, http.MethodPost, "/challenges/{slug}/competitors/{athleteId}/adjust-points", "adjust-points", "Organiser: give or take points by hand", a.adjustPoints, tagged("Competitors"))
	operation(a, http.MethodGet, "/challenges/{slug}/scoring", "challenge-scoring", "How a challenge is scored, complete and in words", a.scoring, tag)
	operation(a, http.MethodPut, "/challenges/{slug}/scoring", "set-scoring", "Organiser: change how a challenge is scored", a.setScoring, tag)
}

// Standings is one classification of a challenge in one category.
type Standings struct {
	Category       sport.Category             `json:"category"`
	Classification string                     `json:"classification" example:"GC"`
	Name           string                     `json:"name" example:"General"`
	RankBy         string                     `json:"rankBy" doc:"points, goals, ranks, or the measure that is added up"`
	Final          bool                       `json:"final"`
	Version        int64                      `json:"version"`
	Athletes       int                        `json:"athletes"`
	AsOf           *time.Time                 `json:"asOf,omitempty"`
	Stages         []readmodel.StandingsStage `json:"stages" doc:"that take part, by number"`
	Entries        []StandingsEntry           `json:"entries"`
	NextCursor     *string                    `json:"nextCursor"`
}

// StandingsEntry is an athlete's row, or a team's.
type StandingsEntry struct {
	Rank              int              `json:"rank" doc:"0: not classified, with too few stages"`
	AthleteID         uuid.UUID        `json:"athleteId" doc:"or a team's id"`
	Name              string           `json:"name"`
	Points            readmodel.Milli  `json:"points" doc:"confirmed; 0 where something else than points is added up"`
	ProvisionalPoints readmodel.Milli  `json:"provisionalPoints" doc:"what the stages under way would add"`
	Goals             int              `json:"goals" doc:"stages on which the goal was reached"`
	GoalProgress      *float64         `json:"goalProgress" doc:"percent of the challenge's goal"`
	Value             readmodel.Milli  `json:"value" doc:"what is ranked: points, seconds, metres or places, with what is provisional; ranked by goals the seconds or metres"`
	Gap               readmodel.Milli  `json:"gap"`
	Adjusted          readmodel.Milli  `json:"adjusted,omitempty" doc:"given or taken by hand"`
	Team              bool             `json:"team,omitempty"`
	Limited           bool             `json:"limited,omitempty"`
	Excluded          bool             `json:"excluded,omitempty"`
	Move              string           `json:"move,omitempty" enum:"up,down" doc:"to another division"`
	Stages            []StandingsPoint `json:"stages" doc:"what the stages gave"`
}

// StandingsPoint is what a stage gave, with all that it is made of.
type StandingsPoint struct {
	StageID     uuid.UUID            `json:"stageId"`
	Number      int                  `json:"number"`
	Place       int                  `json:"place,omitempty"`
	Points      leaderboards.Amount  `json:"points" doc:"or seconds, metres, places: what is added up"`
	Base        leaderboards.Amount  `json:"base" doc:"before bonuses and doubling"`
	Bonuses     []leaderboards.Bonus `json:"bonuses,omitempty"`
	Factor      int                  `json:"factor,omitempty" doc:"2: counts double"`
	Value       readmodel.Milli      `json:"value,omitempty" doc:"the result on the stage"`
	Goal        bool                 `json:"goal,omitempty"`
	Provisional bool                 `json:"provisional,omitempty"`
	Missed      bool                 `json:"missed,omitempty"`
	Counts      bool                 `json:"counts" doc:"false: better stages do"`
}

type StandingsInput struct {
	Slug string `path:"slug"`
	AsOf string `query:"asOf" doc:"the standings as they stood at this moment (RFC 3339)"`
	Paging
}

// allStandings is the first classification of the widest category, and all of them.
type allStandings struct {
	Standings
	Items []Standings `json:"items" doc:"each category's classifications, the widest category first"`
}

func (a *API) allStandings(ctx context.Context, in *StandingsInput) (*body[allStandings], error) {
	return a.standingsOf(ctx, in, "")
}

func (a *API) categoryStandings(ctx context.Context, in *struct {
	StandingsInput
	Category string `path:"category" example:"Open"`
}) (*body[allStandings], error) {
	return a.standingsOf(ctx, &in.StandingsInput, in.Category)
}

func (a *API) standingsOf(ctx context.Context, in *StandingsInput, category string) (*body[allStandings], error) {
	heads, err := a.standingsHeads(ctx, in.Slug, category)
	if err != nil {
		return nil, err
	}
	all := make([]Standings, len(heads))
	for i, head := range heads {
		if all[i], err = a.standings(ctx, head, in); err != nil {
			return nil, err
		}
	}
	return answer(allStandings{all[0], all}, nil)
}

// standingsHeads finds the classifications of a challenge, or of one of its categories; at least one.
func (a *API) standingsHeads(ctx context.Context, slug, category string) ([]readmodel.StandingsHead, error) {
	c, err := a.find(ctx, slug)
	if err != nil {
		return nil, err
	}
	heads, err := readmodel.StandingsHeads(ctx, a.Pool, c.ID)
	if err != nil {
		return nil, err
	}
	var out []readmodel.StandingsHead
	for _, head := range heads {
		if category == "" || strings.EqualFold(string(head.Category), category) {
			out = append(out, head)
		}
	}
	if len(out) == 0 {
		return nil, readmodel.ErrNoStandings
	}
	return out, nil
}

func (a *API) classificationStandings(ctx context.Context, in *struct {
	StandingsInput
	Category       string `path:"category" example:"Open"`
	Classification string `path:"classification" example:"GC" doc:"key or name"`
}) (*body[Standings], error) {
	heads, err := a.standingsHeads(ctx, in.Slug, in.Category)
	if err != nil {
		return nil, err
	}
	head, err := readmodel.StandingsHeadOf(ctx, a.Pool, heads[0].ChallengeID, heads[0].Category, in.Classification)
	if err != nil {
		return nil, err
	}
	return answer(a.standings(ctx, head, &in.StandingsInput))
}

func (a *API) standings(ctx context.Context, head readmodel.StandingsHead, in *StandingsInput) (Standings, error) {
	if in.AsOf != "" {
		at, err := moment(in.AsOf)
		if err != nil {
			return Standings{}, err
		}
		return a.standingsAsOf(ctx, head, at, in.Limit)
	}
	s, err := readmodel.ChallengeStandings(ctx, a.Pool, readmodel.StandingsQuery{ChallengeID: head.ChallengeID, Category: head.Category,
		Classification: head.Classification.Key, Limit: in.Limit, Cursor: in.Cursor})
	return StandingsOf(s), err
}

// moment reads a moment out of a query, in which a + has become a space.
func moment(typed string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, strings.ReplaceAll(typed, " ", "+"))
	if err != nil {
		return at, invalid("asOf", "Give a moment like 2026-05-02T09:30:00Z.")
	}
	return at, nil
}

// StandingsOf is a classification in the API's words; what watchers over a WebSocket are sent too.
func StandingsOf(s readmodel.Standings) Standings {
	out := Standings{Category: s.Category, Classification: s.Classification.Key, Name: s.Classification.Name, RankBy: s.RankBy(), Final: s.Final,
		Version: s.Version, Athletes: s.Athletes, Stages: orEmpty(s.Stages), Entries: []StandingsEntry{}, NextCursor: orNull(s.NextCursor)}
	for _, e := range s.Entries {
		shown := standingsEntry(s.Classification, e)
		if len(s.Stages) == 1 && s.Stages[0].Type == sport.RaceStage && len(e.Parts) == 1 {
			shown.Value = exactly(shown.Value, e.Parts[0])
		}
		out.Entries = append(out.Entries, shown)
	}
	return out
}

// exactly is the time of a race as its stage tells it: there is nothing to add up, for which times are cut off. A handicap
// or a penalty stays.
func exactly(total readmodel.Milli, of leaderboards.Part) readmodel.Milli {
	if cut := readmodel.Milli(of.Value) - total; cut >= 0 && cut < 1000 {
		return readmodel.Milli(of.Value)
	}
	return total
}

func standingsEntry(c leaderboards.Classification, e readmodel.StandingsEntry) StandingsEntry {
	out := StandingsEntry{Rank: e.Rank, AthleteID: e.AthleteID, Name: e.Name, Goals: e.Goals, GoalProgress: e.GoalPercent, Value: e.Total, Gap: e.Gap,
		Adjusted: e.Adjusted, Team: e.Team, Limited: e.Limited, Excluded: e.Excluded, Move: string(e.Move), Stages: []StandingsPoint{}}
	switch c.By {
	case leaderboards.ByPoints:
		out.Points, out.ProvisionalPoints = e.Confirmed, e.Provisional()
	case leaderboards.ByGoals:
		out.Value = e.Value
	case leaderboards.ByTimes, leaderboards.ByTotals, leaderboards.ByRanks:
	}
	for _, p := range e.Parts {
		out.Stages = append(out.Stages, StandingsPoint{StageID: p.StageID, Number: p.Number, Place: p.Score.Place, Points: p.Score.Amount, Base: p.Score.Base,
			Bonuses: p.Score.Bonuses, Factor: p.Score.Factor, Value: readmodel.Milli(p.Value), Goal: p.Goal, Provisional: p.Provisional, Missed: p.Missed, Counts: p.Counts})
	}
	return out
}

// standingsAsOf are the standings as the log tells that they were, by the rules of then.
func (a *API) standingsAsOf(ctx context.Context, head readmodel.StandingsHead, at time.Time, limit int) (Standings, error) {
	out := readmodel.Standings{StandingsHead: head}
	out.Final, out.Version, out.Athletes = false, 0, 0
	past, err := history.Standings(ctx, a.Store, head.ChallengeID, head.Category, at)
	if err != nil {
		return Standings{}, err
	}
	out.Final, out.Version = past.Final, past.Position
	if limit <= 0 {
		limit = 50
	}
	for _, t := range past.Tables {
		if t.Classification.Key != head.Classification.Key {
			continue
		}
		out.Classification, out.Athletes = t.Classification, len(t.Rows)
		for _, stage := range past.Stages {
			if t.Classification.Takes(stage.Stage) {
				out.Stages = append(out.Stages, readmodel.StandingsStage{StageID: stage.ID, Number: stage.Number, Type: stage.Type, Adjustment: stage.Adjustment,
					Scored: stage.Phase == leaderboards.Confirmed, Provisional: stage.Phase == leaderboards.Running})
			}
		}
		for _, r := range t.Rows[:min(limit, len(t.Rows))] {
			gap := readmodel.Milli(max(r.Total-t.Rows[0].Total, t.Rows[0].Total-r.Total))
			out.Entries = append(out.Entries, readmodel.StandingsEntry{Rank: r.Rank, AthleteID: r.AthleteID, Total: readmodel.Milli(r.Total), Confirmed: readmodel.Milli(r.Confirmed),
				Adjusted: readmodel.Milli(r.Adjusted), Gap: gap, Goals: r.Goals, Value: readmodel.Milli(r.Value), Ridden: r.Stages, Parts: r.Parts})
		}
	}
	shown, err := a.named(ctx, out, past.Scheme)
	shown.AsOf = &at
	return shown, err
}

// named gives athletes and teams their names.
func (a *API) named(ctx context.Context, s readmodel.Standings, scheme leaderboards.Scheme) (Standings, error) {
	ids := make([]uuid.UUID, len(s.Entries))
	for i, e := range s.Entries {
		ids[i] = e.AthleteID
	}
	people, err := readmodel.People(ctx, a.Pool, ids)
	for i := range s.Entries {
		e := &s.Entries[i]
		e.Person = people[e.AthleteID]
		for _, g := range scheme.Groups {
			if s.Classification.Teams && g.ID() == e.AthleteID {
				e.Person, e.Team = readmodel.Person{Name: g.Name}, true
			}
		}
	}
	return StandingsOf(s), err
}

// adjustPoints gives an athlete points, or takes them: less than zero.
func (a *API) adjustPoints(ctx context.Context, in *struct {
	Slug      string `path:"slug"`
	AthleteID string `path:"athleteId"`
	Body      struct {
		Category       string              `json:"category,omitempty" doc:"Open when left out"`
		Classification string              `json:"classification" example:"GC" doc:"key or name"`
		Points         leaderboards.Amount `json:"points"`
		Reason         string              `json:"reason,omitempty" doc:"everybody can read it"`
	}
}) (*body[competitor], error) {
	c, err := a.find(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	athlete, err := idOf(in.AthleteID, readmodel.ErrNoAthlete)
	if err != nil {
		return nil, err
	}
	category := sport.Category(orElse(orNull(in.Body.Category), string(sport.Open)))
	for _, known := range c.Categories {
		if strings.EqualFold(string(known), string(category)) {
			category = known
		}
	}
	err = a.send(ctx, challengeboard.Adjust{Head: challengeboard.Head{ChallengeID: c.ID, Category: category, By: viewer(ctx), Now: now()},
		AthleteID: athlete, Classification: in.Body.Classification, Points: in.Body.Points, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	k, found, err := readmodel.CompetitorOf(ctx, a.Pool, c.ID, athlete)
	if err == nil && !found {
		err = readmodel.ErrNoAthlete
	}
	return answer(competitorOf(k), err)
}

// scoringAnswer is how a challenge is scored.
type scoringAnswer struct {
	Scoring leaderboards.Scheme `json:"scoring"`
	Default bool                `json:"default" doc:"nothing was declared: these are the rules of the challenge's type"`
	Words   []string            `json:"words" doc:"the same in plain words"`
}

func (a *API) scoring(ctx context.Context, in *SlugInput) (*body[scoringAnswer], error) {
	c, err := a.find(ctx, in.Slug)
	if err != nil {
		return nil, err
	}
	return a.scoringOf(ctx, c)
}

func (a *API) scoringOf(ctx context.Context, c readmodel.Challenge) (*body[scoringAnswer], error) {
	declared, err := readmodel.ScoringOf(ctx, a.Pool, c.ID)
	full := declared.Or(c.Type, c.Goal != nil && c.Goal.Recurrence != sport.Once)
	return answer(scoringAnswer{full, declared.IsZero(), full.Words()}, err)
}

func (a *API) setScoring(ctx context.Context, in *struct {
	SlugInput
	Body struct {
		Scoring leaderboards.Scheme `json:"scoring"`
		Reason  string              `json:"reason,omitempty" doc:"needed once results are approved; everybody can read it"`
	}
}) (*body[scoringAnswer], error) {
	c, err := a.find(ctx, in.Slug)
	if err == nil {
		err = a.send(ctx, challenges.SetScoring{Head: a.challengeHead(ctx, c.ID), Scheme: in.Body.Scoring, Reason: in.Body.Reason})
	}
	if err != nil {
		return nil, err
	}
	return a.scoringOf(ctx, c)
}
