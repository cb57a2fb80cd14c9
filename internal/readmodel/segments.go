package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

var ErrNoSegment = refusal.Of(refusal.NotFound, "segment_not_found", "There is no such segment.")

// Segment is a line of the library with its figures: distances and heights in metres, grades in percent.
type Segment struct {
	ID            uuid.UUID          `json:"id"`
	OwnerID       uuid.UUID          `json:"ownerId"`
	Name          string             `json:"name"`
	ActivityType  sport.ActivityType `json:"activityType"`
	Origin        string             `json:"origin"`
	Distance      float64            `json:"distance"`
	AverageGrade  float64            `json:"averageGrade"`
	MaximumGrade  float64            `json:"maximumGrade"`
	ElevationLow  float64            `json:"elevationLow"`
	ElevationHigh float64            `json:"elevationHigh"`
	ElevationGain float64            `json:"elevationGain"`
	ClimbCategory string             `json:"climbCategory"` // "", 4, 3, 2, 1, HC
	Polyline      string             `json:"polyline"`      // Google encoded, 1e-5 degrees
	Elevations    []float32          `json:"-"`             // one a point of the polyline; none when unknown
	StartPoint    []float64          `json:"start"`         // latitude, longitude
	EndPoint      []float64          `json:"end"`
	Bounds        []float64          `json:"bounds"` // south, west, north, east
	AddedAt       time.Time          `json:"addedAt"`
	Stars         int                `json:"stars"`             // athletes who starred it
	Starred       bool               `json:"starred,omitempty"` // by the viewer
}

const segmentColumns = `select s.id, s.owner_id, s.name, s.activity_type, s.origin, s.distance, s.average_grade, s.maximum_grade,
	s.elevation_low, s.elevation_high, s.elevation_gain, s.climb_category, s.polyline, s.elevations, s.start_point, s.end_point,
	s.bounds, s.added_at, (select count(*) from starred_segments x where x.segment_id = s.id) as stars,
	exists (select from starred_segments x where x.segment_id = s.id and x.athlete_id = @viewer) as starred
	from segments s`

// SegmentFilter narrows a list of segments.
type SegmentFilter struct {
	Viewer       actor.Actor
	Box          *[4]float64 // south, west, north, east: whose box overlaps it
	Query        string      // words of the name, each perhaps only begun
	ActivityType sport.ActivityType
	StarredBy    uuid.UUID
	Owner        uuid.UUID
	Limit        int // default 50
	Cursor       string
}

// Segments lists segments by name, with the cursor of the next page. Segments that are still the secret of a hidden
// stage are shown to their owners alone.
func Segments(ctx context.Context, db DB, f SegmentFilter) ([]Segment, string, error) {
	limit := clampLimit(f.Limit)
	args := viewerArgs(f.Viewer)
	args["limit"], args["words"], args["type"], args["starrer"], args["owner"] = limit+1, words(f.Query), f.ActivityType, f.StarredBy, f.Owner
	w := where{notSecret}
	w.add(words(f.Query) != "", `to_tsvector('simple', s.name) @@ to_tsquery('simple', @words)`)
	w.add(f.ActivityType != "", `s.activity_type = @type`)
	w.add(f.StarredBy != uuid.Nil, `s.id in (select segment_id from starred_segments where athlete_id = @starrer)`)
	w.add(f.Owner != uuid.Nil, `s.owner_id = @owner`)
	if b := f.Box; b != nil {
		args["south"], args["west"], args["north"], args["east"] = b[0], b[1], b[2], b[3]
		w.add(true, `s.box && box(point(@west, @south), point(@east, @north))`)
	}
	if f.Cursor != "" {
		name, id, err := nameAndID(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		args["name"], args["id"] = name, id
		w.add(true, `(s.name, s.id) > (@name, @id)`)
	}
	rows, err := list[Segment](ctx, db, segmentColumns+w.String()+` order by s.name, s.id limit @limit`, args)
	rows, next := cut(rows, limit, func(s Segment) []string { return []string{s.Name, s.ID.String()} })
	return rows, next, err
}

// notSecret leaves out segments that a hidden stage keeps secret for now. Only the segment's own maker can hide it so:
// else anybody could take a well-known climb out of the library.
const notSecret = `@all or s.owner_id = @viewer or not exists (select from stages st where st.segment_id = s.id
	and st.hidden and not st.revealed and st.status = 'upcoming' and st.organiser_id = s.owner_id)`

// SegmentByID finds one segment; ErrNoSegment, also while it's the secret of a hidden stage.
func SegmentByID(ctx context.Context, db DB, viewer actor.Actor, id uuid.UUID) (Segment, error) {
	args := viewerArgs(viewer)
	args["id"] = id
	return one[Segment](ctx, db, ErrNoSegment, segmentColumns+` where s.id = @id and (`+notSecret+`)`, args)
}

// SegmentsByID brings several segments at once, in no order; for programs, secret or not.
func SegmentsByID(ctx context.Context, db DB, ids []uuid.UUID) ([]Segment, error) {
	return list[Segment](ctx, db, segmentColumns+` where s.id = any(@ids)`, pgx.NamedArgs{"ids": ids, "viewer": uuid.Nil})
}
