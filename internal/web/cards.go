package web

import (
	"context"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/parts"
)

// cards makes the cards of several lists of challenges, with one look for the stages of all.
func (s *Server) cards(ctx context.Context, who reader, lists ...[]readmodel.Challenge) ([][]parts.ChallengeCardView, error) {
	var ids []uuid.UUID
	for _, list := range lists {
		for _, c := range list {
			ids = append(ids, c.ID)
		}
	}
	times, err := readmodel.StageTimes(ctx, s.Pool, ids)
	if err != nil {
		return nil, err
	}
	stages := map[uuid.UUID][]readmodel.StageTime{}
	for _, t := range times {
		stages[t.ChallengeID] = append(stages[t.ChallengeID], t)
	}
	at := now()
	out := make([][]parts.ChallengeCardView, len(lists))
	for i, list := range lists {
		for _, c := range list {
			out[i] = append(out[i], challengeCard(c, stages[c.ID], who.units, at))
		}
	}
	return out, nil
}

func challengeCard(c readmodel.Challenge, stages []readmodel.StageTime, units sport.Units, at time.Time) parts.ChallengeCardView {
	v := parts.ChallengeCardView{Name: c.Name, URL: "/challenges/" + c.Slug, Club: c.ClubName, Type: string(c.Type),
		TypeWords: typeWords(c, units), Sport: sportWords(c.IncludedActivityTypes), State: string(c.Status), Bar: dateBar(c, stages, at),
		Joined: c.Joined, Restricted: c.RestrictedToClubMembers, Private: c.Private, Stages: stageCount(c),
		Competitors: format.Count(c.CompetitorCount, "athlete", "athletes")}
	if v.Club == "" {
		v.Club = "by " + c.OrganiserName
	}
	return v
}

// stageCount says how far a challenge is: "4 stages", "Stage 2 of 4".
func stageCount(c readmodel.Challenge) string {
	if c.Status == sport.Active && c.StageCount > 1 {
		return "Stage " + format.Number(min(c.StageCount, c.StagesOver+1)) + " of " + format.Number(c.StageCount)
	}
	if c.StageCount == 0 {
		return ""
	}
	return format.Count(c.StageCount, "stage", "stages")
}

func dateBar(c readmodel.Challenge, stages []readmodel.StageTime, at time.Time) parts.DateBarView {
	zone := zoneOf(c.TimeZone)
	v := parts.DateBarView{Start: c.StartAt, End: c.EndAt, Now: at, StartWords: format.DayMonth(c.StartAt, zone), EndWords: format.DayMonth(c.EndAt, zone)}
	if c.StartAt.In(zone).Year() != at.In(zone).Year() || c.EndAt.In(zone).Year() != at.In(zone).Year() {
		v.StartWords, v.EndWords = format.Date(c.StartAt, zone), format.Date(c.EndAt, zone)
	}
	for _, s := range stages {
		v.Parts = append(v.Parts, parts.DatePart{Start: s.StartAt, End: s.EndAt, Label: "Stage " + format.Number(s.Number)})
	}
	return v
}
