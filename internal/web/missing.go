package web

import (
	"context"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
)

// How many rides the answer to "why is my ride missing?" tells of, and how many of them with a map.
const (
	missingRides = 10
	missingMaps  = 3
)

// missingOf answers "why is my ride missing?" to those who compete; nil for others, and while nothing can be missing.
func (s *Server) missingOf(ctx context.Context, c readmodel.Challenge, stage readmodel.Stage, segment *readmodel.Segment, who reader) (*pages.Missing, error) {
	if who.AthleteID == uuid.Nil || c.Standing == "" || stage.Status == sport.Upcoming {
		return nil, nil
	}
	efforts, err := readmodel.Efforts(ctx, s.Pool, stage.ID, who.AthleteID)
	if err != nil {
		return nil, err
	}
	findings, err := readmodel.FindingsOfStage(ctx, s.Pool, stage.ID, who.AthleteID)
	if err != nil {
		return nil, err
	}
	v := &pages.Missing{Nothing: "Every ride of yours that came over this segment has its time on the board.", Open: true}
	for _, e := range efforts {
		if e.Status == "accepted" {
			v.Open = false // with a time on the board, this is for those who look for it
		} else if len(v.Rides) < missingRides {
			v.Rides = append(v.Rides, refusedEffort(e, stage, who.units))
		}
	}
	near, err := s.nearMisses(ctx, findings, segment, who.units)
	v.Rides = append(v.Rides, near...)
	if len(efforts) == 0 && len(v.Rides) == 0 {
		v.Nothing, v.Checks = "No ride of yours came over this segment while the stage was open. Look at these:", checksOf(c, stage)
	}
	return v, err
}

func refusedEffort(e readmodel.Effort, stage readmodel.Stage, units sport.Units) pages.MissingRide {
	return pages.MissingRide{Title: "Ride of " + localMoment(e.StartLocal), URL: "/activities/" + e.ActivityID.String(), Reason: e.Reason,
		State: reviewState(e), Value: format.Value(effortMilli(e, stage.Measure()), stage.Measure(), units, false)}
}

// reviewState is the chip of an effort that waits for the organiser, or waited in vain; "" for others.
func reviewState(e readmodel.Effort) string {
	if e.Status == readmodel.EffortNeedsReview || e.Status == readmodel.EffortRejected {
		return e.Status
	}
	return ""
}

// nearMisses are rides that the segment engine looked at and took nothing from, the newest with maps.
func (s *Server) nearMisses(ctx context.Context, findings []readmodel.Finding, segment *readmodel.Segment, units sport.Units) ([]pages.MissingRide, error) {
	var out []pages.MissingRide
	for _, f := range findings {
		if f.Traversals > 0 || len(f.Misses) == 0 || len(out) == missingRides {
			continue
		}
		ride := pages.MissingRide{Title: f.ActivityName + ", " + localMoment(f.StartLocal), URL: "/activities/" + f.ActivityID.String(), Reason: f.Misses[0].Detail}
		if segment != nil && segment.ID == f.SegmentID && len(out) < missingMaps {
			drawn, err := s.missMapOf(ctx, *segment, f.Misses[0], f.ActivityID, units)
			if err != nil {
				return nil, err
			}
			ride.Map = drawn
		}
		out = append(out, ride)
	}
	return out, nil
}

// missMapOf is missMap with the track of the activity, which must be the reader's own.
func (s *Server) missMapOf(ctx context.Context, segment readmodel.Segment, m activities.Miss, activity uuid.UUID, units sport.Units) (*parts.MapView, error) {
	track, err := s.Importer.Track(ctx, activity)
	if err != nil {
		return nil, err
	}
	return missMap(segment, m, track, units), nil
}

// checksOf is what an athlete can look at whose ride isn't even near.
func checksOf(c readmodel.Challenge, stage readmodel.Stage) []string {
	zone := zoneOf(c.TimeZone)
	out := []string{
		"Has the file been uploaded? Only rides that are here can be found.",
		"Did the ride start between " + format.DayTime(stage.StartAt, zone) + " and " + format.DayTime(stage.EndAt, zone) + ", by the clock where you rode?",
		"Is it of a type that counts (" + sportWords(c.IncludedActivityTypes) + ")?",
	}
	if stage.Type.OnSegment() {
		out = append(out, "Did it go over the whole segment, in its direction, from gate to gate? Compare it with the map above.")
	}
	if !c.AllowPrivateActivities {
		out = append(out, "Is it private? Private activities don't count in this challenge.")
	}
	return out
}
