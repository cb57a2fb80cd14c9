package web

import (
	"context"
	"strconv"
	"time"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/trophies"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// How much of an athlete's honours a profile shows.
const (
	profileTrophies = 12 // the others are a click away
	profileBests    = 20
)

// honours fills in what the athlete has won, and how they have ridden each segment.
func (s *Server) honours(ctx context.Context, who reader, athlete readmodel.Athlete, v *pages.AthleteView) error {
	won, streaks, err := readmodel.TrophyCase(ctx, s.Pool, who.Actor, athlete, now())
	if err != nil {
		return err
	}
	for _, t := range won {
		view := trophyView(t, zoneOf(athlete.TimeZone))
		if len(v.Trophies) < profileTrophies {
			v.Trophies = append(v.Trophies, view)
		} else {
			v.MoreTrophies = append(v.MoreTrophies, view)
		}
	}
	if streaks.Longest > 0 {
		v.Stats = append(v.Stats, ui.Stat{Label: "Streak", Icon: "zap", Value: format.Count(streaks.Current, "week", "weeks"),
			Note: "longest " + format.Number(streaks.Longest)})
	}
	bests, err := readmodel.Bests(ctx, s.Pool, who.Actor, athlete.ID, profileBests)
	for _, b := range bests {
		v.Bests = append(v.Bests, bestView(b, who.units, zoneOf(athlete.TimeZone)))
	}
	return err
}

var tints = [...]string{"", "gold", "silver", "bronze"}

func trophyView(t readmodel.Trophy, zone *time.Location) parts.TrophyView {
	v := parts.TrophyView{Kind: string(t.Kind), Tint: "petrol", WonAt: t.WonAt, When: format.Date(t.WonAt, zone),
		What: parts.Piece{Text: t.ChallengeName, URL: "/challenges/" + t.ChallengeSlug}}
	if t.Place >= 1 && t.Place <= 3 {
		v.Tint, v.Mark = tints[t.Place], strconv.Itoa(t.Place)
		v.Title = format.Ordinal(t.Place) + " of " + format.Number(t.Of) + " in " + string(t.Category)
	}
	switch t.Kind {
	case trophies.Stage:
		v.Where = v.What
		v.What = parts.Piece{Text: t.StageName, URL: v.What.URL + "/stages/" + t.StageSlug}
	case trophies.Classification:
		v.Title += ", " + t.ClassificationName
	case trophies.Goal:
		v.Title = "Goal achieved"
	case trophies.Streak:
		v.Mark, v.Title = strconv.Itoa(t.Weeks), format.Number(t.Weeks)+" weeks in a row"
		v.What = parts.Piece{Text: "A result in each of them"}
		v.When = format.Date(t.WonAt, time.UTC) // a week is no moment: its Monday
	}
	return v
}

func bestView(b readmodel.Best, units sport.Units, zone *time.Location) pages.BestLine {
	time := func(m readmodel.Milli) string { return format.Value(int64(m), sport.ElapsedTime, units, false) }
	v := pages.BestLine{Segment: b.SegmentName, URL: "/segments/" + b.SegmentID.String(), Facts: format.Distance(b.Distance, units),
		Best: time(b.Best), BestOn: format.DayMonth(b.BestAt, zone), Tries: format.Number(b.Efforts), Latest: time(b.Latest)}
	if b.ElevationGain > 0 {
		v.Facts += ", " + format.Elevation(b.ElevationGain, units) + " up"
	}
	if b.Latest > b.Best {
		v.Gap = format.ValueGap(int64(b.Latest), int64(b.Best), sport.ElapsedTime, units, false)
	}
	for _, t := range b.Times {
		v.Trend.Values = append(v.Trend.Values, t.Float())
	}
	v.Trend.Words = format.Count(len(b.Times), "ride", "rides")
	if n := len(b.Times); n > 1 {
		v.Trend.Words += ", from " + time(b.Times[0]) + " to " + time(b.Times[n-1])
	}
	return v
}
