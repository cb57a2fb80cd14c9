package web

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/internal/zones"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// activityPage shows a ride: to its athlete all of it, to others what is public.
func (s *Server) activityPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, readmodel.ErrNoActivity)
	if err != nil {
		return err
	}
	a, err := readmodel.ActivityByID(r.Context(), s.Pool, who.Actor, id)
	if err != nil {
		return err
	}
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, a.AthleteID)
	if err != nil {
		return err
	}
	v := activityView(a, who)
	if err := s.drawTrack(r.Context(), who, a, athlete, &v); err != nil {
		return err
	}
	if err := s.activityResults(r.Context(), who, a, &v); err != nil {
		return err
	}
	head := layout.Page{Title: a.Name, NoIndex: true}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Activity(p, v) })
}

func activityView(a readmodel.Activity, who reader) pages.ActivityView {
	v := pages.ActivityView{URL: "/activities/" + a.ID.String(), Own: who.Is(a.AthleteID), Device: a.Device, Stats: activityStats(a, who.units),
		Head: layout.HeadView{Title: a.Name, Kicker: format.DateTime(a.StartLocal.AsUTC(), time.UTC),
			Crumbs: []ui.Crumb{{Label: nameOr(a.AthleteName), URL: profileURL(a.AthleteID, a.AthleteDeleted)}, {Label: a.Name}}},
		Chips: []string{a.ActivityType.Label()},
		Edit:  pages.ActivityForm{Name: a.Name, Types: typeOptions(a.ActivityType, ""), Private: a.Private, Commute: a.Commute}}
	for _, chip := range []struct {
		words string
		on    bool
	}{{"Private", a.Private}, {"Commute", a.Commute}, {"Indoors", a.Trainer}, {"Type guessed from its speed", a.TypeGuessed && v.Own}} {
		if chip.on {
			v.Chips = append(v.Chips, chip.words)
		}
	}
	v.Waiting = a.MatchedAt == nil
	return v
}

func activityStats(a readmodel.Activity, units sport.Units) []ui.Stat {
	stats := []ui.Stat{{Label: "Distance", Value: format.Distance(a.Distance, units), Icon: "route"},
		{Label: "Moving", Value: format.Time(a.Moving.Duration()), Icon: "timer"}}
	if total := format.Time(a.Elapsed.Duration()); total != stats[1].Value {
		stats[1].Note = total + " in all"
	}
	if a.ElevationGain > 0 {
		stats = append(stats, ui.Stat{Label: "Climb", Value: format.Elevation(a.ElevationGain, units), Icon: "mountain"})
	}
	if speed := format.SpeedOrPace(a.ActivityType, a.Distance, a.Moving.Duration(), units); speed != "" {
		label := "Speed"
		if a.ActivityType.OnFoot() || a.ActivityType == sport.Swim {
			label = "Pace"
		}
		stats = append(stats, ui.Stat{Label: label, Value: speed, Icon: "gauge"})
	}
	if a.HeartRate > 0 {
		stats = append(stats, ui.Stat{Label: "Heart rate", Value: format.Number(int(math.Round(a.HeartRate))) + "\u00a0bpm", Icon: "heart-pulse"})
	}
	if a.Power > 0 {
		stats = append(stats, ui.Stat{Label: "Power", Value: format.Number(int(math.Round(a.Power))) + "\u00a0W", Icon: "zap"})
	}
	return stats
}

// drawTrack shows where the ride went, unless it's private or its athlete shows nobody their profile.
func (s *Server) drawTrack(ctx context.Context, who reader, a readmodel.Activity, athlete readmodel.Athlete, v *pages.ActivityView) error {
	switch {
	case !a.HasTrack:
		v.NoMap = "This activity has no track."
		return nil
	case !a.TrackVisibleTo(who.Actor) || !athlete.VisibleTo(who.Actor):
		v.NoMap = "Its track isn't shown to others."
		return nil
	}
	track, err := s.Importer.ShownTrack(ctx, who.Actor, a.ID, a.AthleteID)
	if err != nil || len(track) == 0 {
		return err
	}
	if who.Is(a.AthleteID) && !a.Private {
		mine, err := s.zones().Of(ctx, a.AthleteID)
		if err != nil {
			return err
		}
		v.Hidden = zones.Hide(track, mine, a.ID).Count(activities.HasPosition) < track.Count(activities.HasPosition)
	}
	line := trackPoints(track)
	if len(line) < 2 {
		v.NoMap = "Its track isn't shown to others."
		return nil
	}
	v.Map = &parts.MapView{ID: "map-" + a.ID.String(), Line: line, Units: who.units,
		Description: "Map of " + a.Name + ": " + format.Distance(a.Distance, who.units)}
	if track.Count(activities.HasElevation) > 1 {
		v.Profile = &parts.ProfileView{ID: "profile-" + a.ID.String(), Title: "Elevation of " + a.Name, Samples: parts.ProfileOf(line), Units: who.units}
	}
	return nil
}

// activityResults is what the ride brought, and for its athlete what it didn't, and why.
func (s *Server) activityResults(ctx context.Context, who reader, a readmodel.Activity, v *pages.ActivityView) error {
	efforts, err := readmodel.EffortsShown(ctx, s.Pool, who.Actor, []uuid.UUID{a.ID})
	if err != nil {
		return err
	}
	for _, e := range efforts {
		if e.Status == "accepted" {
			v.Results = append(v.Results, resultLine(e, who.units))
			continue
		}
		v.Misses = append(v.Misses, pages.MissingRide{Title: effortTitle(e) + " in " + e.ChallengeName, URL: effortURL(e), Reason: e.Reason, State: reviewState(e),
			Value: format.Value(effortMilli(e, e.StageType.RankedBy()), e.StageType.RankedBy(), who.units, false)})
	}
	if !v.Own {
		return nil
	}
	missed, err := s.misses(ctx, who, a)
	for _, m := range missed {
		v.Misses = append(v.Misses, pages.MissingRide{Title: m.Title, URL: m.URL, Reason: m.Reason, Map: m.Map})
	}
	return err
}
