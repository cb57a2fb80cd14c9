package web

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
)

// podium is how many of a stage a challenge's page names.
const podium = 3

// timelineOf draws the stages with who leads and where the reader stands.
func timelineOf(c readmodel.Challenge, own map[uuid.UUID]readmodel.OwnResult, units sport.Units, at time.Time) parts.StageTimelineView {
	zone := zoneOf(c.TimeZone)
	var v parts.StageTimelineView
	for _, s := range c.Stages {
		stage := parts.StageView{Number: s.Number, Name: s.Name, URL: stageURL(s), Type: string(s.Type), State: stageState(s),
			Adjustment: string(s.Adjustment), Dates: format.Dates(s.StartAt, s.EndAt, zone), Facts: stageFacts(s, units),
			Now: at, Start: s.StartAt, End: s.EndAt}
		if s.SegmentSecret {
			stage.Name, stage.URL, stage.Facts = "", "", "Revealed when it starts"
		}
		if keptSecret(s) && stage.Adjustment == string(sport.NoAdjustment) {
			stage.Adjustment = "hidden"
		}
		if s.LeaderName != "" {
			stage.Leader = s.LeaderName + " " + valueWords(s.LeaderValue, s.Measure(), units, c.Tenths)
		}
		if mine, on := own[s.ID]; on {
			stage.Own = "You: " + valueWords(mine.Value, s.Measure(), units, c.Tenths) + ", " + format.Ordinal(mine.Rank)
		}
		v.Stages = append(v.Stages, stage)
	}
	return v
}

// stageState is what the chip says; a stage that was given up with its challenge is cancelled.
func stageState(s readmodel.Stage) string {
	switch {
	case s.SegmentSecret:
		return "hidden"
	case s.Status == sport.Deleted:
		return string(sport.Cancelled)
	}
	return string(s.Status)
}

// keptSecret says whether a stage that its reader sees whole is a mystery to others: those who run it should know.
func keptSecret(s readmodel.Stage) bool {
	return s.Hidden && !s.Revealed && s.Status == sport.Upcoming && !s.SegmentSecret
}

// boardState is whether results can still change.
func boardState(s readmodel.Stage) string {
	if s.Status == sport.Approved {
		return "final"
	}
	return "provisional"
}

// stageName is what may be said of a stage: a mystery has a number alone.
func stageName(s readmodel.Stage) string {
	if s.SegmentSecret {
		return "Mystery stage"
	}
	return s.Name
}

func stageFacts(s readmodel.Stage, units sport.Units) string {
	if s.Distance == 0 {
		return stageTypeWords(s.Type)
	}
	facts := []string{format.Distance(s.Distance, units)}
	if s.ElevationGain > 0 {
		facts = append(facts, format.Grade(s.AverageGrade))
	}
	if s.ClimbCategory != "" {
		facts = append(facts, climbWords(s.ClimbCategory))
	}
	return strings.Join(facts, " · ")
}

// leadersOf is the first three of each stage that has begun, the latest stage first, and the reader where they're further
// down.
func (s *Server) leadersOf(ctx context.Context, c readmodel.Challenge, own map[uuid.UUID]readmodel.OwnResult, who reader) ([]pages.StageLeaders, error) {
	entries, err := readmodel.Podiums(ctx, s.Pool, c.ID, podium)
	if err != nil {
		return nil, err
	}
	first := map[uuid.UUID][]pages.LeaderLine{}
	shown := map[uuid.UUID]bool{} // stages on which the reader is among the first
	measures := map[uuid.UUID]sport.Measure{}
	for _, stage := range c.Stages {
		measures[stage.ID] = stage.Measure()
	}
	for _, e := range entries {
		mine := who.Is(e.AthleteID)
		shown[e.StageID] = shown[e.StageID] || mine
		first[e.StageID] = append(first[e.StageID], pages.LeaderLine{Rank: e.Rank, Name: nameOr(e.Name), URL: profileURL(e.AthleteID, e.Deleted),
			Value: valueWords(e.Value, measures[e.StageID], who.units, c.Tenths), Own: mine})
	}
	var out []pages.StageLeaders
	for i := len(c.Stages) - 1; i >= 0; i-- {
		stage := c.Stages[i]
		if stage.Status == sport.Upcoming || (c.Status == sport.Cancelled || stage.Status == sport.Deleted) && len(first[stage.ID]) == 0 {
			continue
		}
		l := pages.StageLeaders{Number: stage.Number, Name: stage.Name, URL: stageURL(stage), State: boardState(stage),
			Athletes: format.Count(stage.Athletes, "athlete", "athletes"), First: first[stage.ID], NobodyYet: "Nobody has a result yet."}
		if mine, on := own[stage.ID]; on && !shown[stage.ID] {
			l.Own = []pages.LeaderLine{{Rank: mine.Rank, Name: "You", URL: boardURL(stage, mine.Category) + "&athlete=" + who.AthleteID.String(),
				Value: valueWords(mine.Value, stage.Measure(), who.units, c.Tenths), Own: true}}
		}
		out = append(out, l)
	}
	return out, nil
}
