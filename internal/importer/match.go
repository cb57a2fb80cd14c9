package importer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
)

// because is why matching runs: the event that caused it.
type because struct{ rec eventstore.Recorded }

func (b because) meta() eventstore.Meta {
	return eventstore.Meta{CorrelationID: b.rec.CorrelationID, CausationID: b.rec.ID}
}

// scope says which of the stages that an activity may count for are looked at; nil: all.
type scope func(readmodel.Candidate) bool

// matchActivity finds what an activity of the athlete holds for the stages it may count for, and tells the competitor.
func (im *Importer) matchActivity(ctx context.Context, why because, ride readmodel.ActivityRef, in scope) error {
	defer im.matching(ride.AthleteID)()
	activity, err := readmodel.ActivityByID(ctx, im.Pool, actor.System, ride.ActivityID)
	if refusal.All(err) != nil {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	candidates, err := readmodel.CandidateStages(ctx, im.Pool, activity.AthleteID, activity.StartLocal, box(activity))
	if err != nil {
		return err
	}
	var closed []readmodel.Candidate
	if in == nil {
		closed, err = readmodel.ClosedStages(ctx, im.Pool, activity.AthleteID, activity.StartLocal, box(activity))
	} else {
		candidates = slices.DeleteFunc(candidates, func(c readmodel.Candidate) bool { return !in(c) })
	}
	if err != nil {
		return err
	}
	findings, err := im.matchStages(ctx, why, activity, slices.Concat(candidates, closed))
	if err != nil || in != nil && len(findings) == 0 {
		return err
	}
	findings = findings[:len(candidates)] // of a closed stage only what was ridden is told, not what was missed
	return im.note(ctx, why, activity.ID, findings)
}

// matchStages tells the competitors what an activity holds for each of the stages.
func (im *Importer) matchStages(ctx context.Context, why because, a readmodel.Activity, candidates []readmodel.Candidate) ([]activities.Finding, error) {
	findings := make([]activities.Finding, 0, len(candidates))
	if len(candidates) == 0 {
		return findings, nil
	}
	track, err := im.Track(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	index := segments.IndexTrack(samples(track))
	lost := a.HasTrack && len(track) == 0 // restored from a log alone: what was found in it before stays
	for _, c := range candidates {
		if lost && (c.StageType.OnSegment() || c.StageType == sport.RaceStage) {
			findings = append(findings, activities.Finding{ChallengeID: c.ChallengeID, StageID: c.StageID, SegmentID: c.SegmentID})
			continue
		}
		performances, finding, err := im.measure(a, track, index, c)
		if err != nil {
			return nil, err
		}
		findings = append(findings, finding)
		if err := im.record(ctx, why, a, c, performances); err != nil {
			return nil, err
		}
	}
	return findings, nil
}

// record tells the competitor all that the activity holds for a stage. A refusal of the whole is an answer too: the
// athlete has left, the challenge was cancelled.
func (im *Importer) record(ctx context.Context, why because, a readmodel.Activity, c readmodel.Candidate, found []competitors.Performance) error {
	return im.tell(ctx, why, competitors.RecordEfforts{
		Head:  competitors.Head{ChallengeID: c.ChallengeID, AthleteID: a.AthleteID, By: actor.System, Now: why.rec.Time},
		Rules: competitors.Rules{StageID: c.StageID},
		Activity: competitors.Activity{ID: a.ID, Type: a.ActivityType, StartLocal: a.StartLocal, Private: a.Private,
			Source: a.Source, BroughtAt: a.RecordedAt},
		Performances: found,
	})
}

// note keeps what was found with the activity. It says that matching is over, so it comes last.
func (im *Importer) note(ctx context.Context, why because, id uuid.UUID, findings []activities.Finding) error {
	return im.tell(ctx, why, activities.NoteMatching{Head: activities.Head{ID: id, By: actor.System, Now: why.rec.Time},
		Method: segments.MethodVersion, Findings: findings})
}

// tell sends a command whose refusal needs no reaction.
func (im *Importer) tell(ctx context.Context, why because, cmd dispatch.Command) error {
	_, err := im.Dispatch.Send(ctx, cmd, why.meta())
	if refusal.All(err) != nil {
		return nil
	}
	return err
}

// measure is what an activity brings to a stage.
func (im *Importer) measure(a readmodel.Activity, track activities.Track, index *segments.TrackIndex, c readmodel.Candidate) ([]competitors.Performance, activities.Finding, error) {
	finding := activities.Finding{ChallengeID: c.ChallengeID, StageID: c.StageID, SegmentID: c.SegmentID}
	switch {
	case c.StageType.OnSegment():
		prepared, err := im.prepared(c)
		if err != nil {
			return nil, finding, err
		}
		result := segments.Match(prepared, index)
		finding.Traversals = len(result.Efforts)
		for _, r := range result.Rejected {
			finding.Misses = append(finding.Misses, activities.Miss{Code: string(r.Reason), Detail: r.Detail,
				Lat: r.At.Lat, Lng: r.At.Lon, Metres: r.Metres})
		}
		return traversals(a, track, c, result.Efforts), finding, nil
	case c.StageType == sport.RaceStage:
		return race(a, track, c, &finding), finding, nil
	default:
		finding.Traversals = 1
		return []competitors.Performance{whole(a, c)}, finding, nil
	}
}

// prepared keeps the lines of segments ready; a segment's line never changes.
func (im *Importer) prepared(c readmodel.Candidate) (*segments.Prepared, error) {
	if p, ok := im.lines.Get(c.SegmentID); ok {
		return p, nil
	}
	line, err := segments.DecodePolyline(c.Polyline)
	if err != nil {
		return nil, fmt.Errorf("the line of segment %s: %w", c.SegmentID, err)
	}
	p, _, err := segments.Prepare(line, segments.Options{})
	if err != nil {
		return nil, fmt.Errorf("the line of segment %s: %w", c.SegmentID, err)
	}
	im.lines.Add(c.SegmentID, p)
	return p, nil
}

// traversals are the laps over a segment.
func traversals(a readmodel.Activity, track activities.Track, c readmodel.Candidate, efforts []segments.Effort) []competitors.Performance {
	out := make([]competitors.Performance, 0, len(efforts))
	for i, e := range efforts {
		p := part(a, track, c, i+1, int64(math.Round(e.StartMs)), int64(math.Round(e.EndMs)))
		p.ElapsedMs = int64(math.Round(e.ElapsedMs))
		p.NeedsReview = e.Quality == segments.GradeC
		p.Quality, p.UncertaintyMs, p.Method = string(e.Quality), int64(math.Round(e.UncertaintyMs)), e.Method
		out = append(out, p)
	}
	return out
}

// race is the fastest part of the track that covers the goal.
func race(a readmodel.Activity, track activities.Track, c readmodel.Candidate, finding *activities.Finding) []competitors.Performance {
	if c.Goal == nil {
		return nil
	}
	best, ok := activities.BestEffort(track, c.Goal.Base())
	if !ok {
		finding.Misses = append(finding.Misses, activities.Miss{Code: "too_short", Metres: a.Distance, Detail: fmt.Sprintf(
			"The race is over %.1f km; no unbroken part of this track covers that.", c.Goal.Base()/1000)})
		return nil
	}
	finding.Traversals = 1
	p := part(a, track, c, 1, best.StartMS, best.EndMS)
	p.DistanceM = c.Goal.Base()
	return []competitors.Performance{p}
}

// whole is an activity as it counts for a distance, duration or elevation stage.
func whole(a readmodel.Activity, c readmodel.Candidate) competitors.Performance {
	return competitors.Performance{EffortID: competitors.EffortIDOf(c.StageID, a.ID, 1), Lap: 1, StartUTC: a.StartUTC,
		StartLocal: a.StartLocal, ElapsedMs: int64(a.Elapsed), MovingMs: int64(a.Moving), DistanceM: a.Distance,
		GainM: a.ElevationGain, HeartRate: a.HeartRate, Power: a.Power}
}

// part is a stretch of an activity, with its own figures.
func part(a readmodel.Activity, track activities.Track, c readmodel.Candidate, lap int, from, to int64) competitors.Performance {
	s := activities.Summarise(activities.Recording{Type: a.ActivityType, Track: track.Between(from, to)})
	start := time.UnixMilli(from).UTC()
	return competitors.Performance{EffortID: competitors.EffortIDOf(c.StageID, a.ID, lap), Lap: lap, StartUTC: start,
		StartLocal: a.StartLocal.Add(start.Sub(a.StartUTC).Truncate(time.Second)), ElapsedMs: to - from,
		MovingMs: min(s.Moving.Milliseconds(), to-from), DistanceM: tenths(s.Distance),
		GainM: tenths(s.Gain), HeartRate: math.Round(s.HeartRate), Power: math.Round(s.Power)}
}

func samples(track activities.Track) []segments.Sample {
	placed := track.Positioned()
	out := make([]segments.Sample, len(placed))
	for i, p := range placed {
		out[i] = segments.Sample{Lat: p.Lat, Lon: p.Lon, Ms: p.TimeMS, Break: p.Is(activities.Break)}
	}
	return out
}

func box(a readmodel.Activity) *[4]float64 {
	if len(a.Bounds) != 4 {
		return nil
	}
	return (*[4]float64)(a.Bounds)
}
