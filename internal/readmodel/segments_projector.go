package readmodel

import (
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/segments"
)

var segmentsFamily = Projector{
	Name:   SegmentsModel,
	Tables: []string{"segments", "starred_segments"},
	Types:  typesOf(segments.Added{}, segments.Renamed{}, athletes.SegmentStarred{}, athletes.SegmentUnstarred{}, athletes.Erased{}),
	apply:  applySegments,
}

func applySegments(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	switch e := e.(type) {
	case segments.Added:
		w.exec(`insert into segments (id, owner_id, name, activity_type, origin, polyline, elevations, distance, average_grade,
				maximum_grade, elevation_low, elevation_high, elevation_gain, climb_category, start_point, end_point, bounds, added_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
			e.SegmentID, e.OwnerID, e.Name, e.ActivityType, e.Origin, e.Polyline, e.Elevations, e.Distance, e.AverageGrade,
			e.MaximumGrade, e.ElevationLow, e.ElevationHigh, e.ElevationGain, e.ClimbCategory, e.Start[:], e.End[:], e.Box[:], rec.Time)
	case segments.Renamed:
		w.exec(`update segments set name = $2, activity_type = $3 where id = $1`, e.SegmentID, e.Name, e.ActivityType)
	case athletes.SegmentStarred:
		w.exec(`insert into starred_segments (athlete_id, segment_id, starred_at) values ($1, $2, $3) on conflict do nothing`,
			e.AthleteID, e.SegmentID, rec.Time)
	case athletes.SegmentUnstarred:
		w.exec(`delete from starred_segments where athlete_id = $1 and segment_id = $2`, e.AthleteID, e.SegmentID)
	case athletes.Erased:
		w.exec(`delete from starred_segments where athlete_id = $1`, e.AthleteID)
	default:
		return unhandled(e)
	}
	return nil
}
