package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// Best is how an athlete has ridden a segment, in whatever challenges.
type Best struct {
	SegmentID     uuid.UUID          `json:"segmentId"`
	SegmentName   string             `json:"segmentName"`
	ActivityType  sport.ActivityType `json:"activityType"`
	Distance      float64            `json:"distance"` // metres
	ElevationGain float64            `json:"elevationGain"`
	Best          Milli              `json:"best"`
	BestAt        time.Time          `json:"bestAt"`
	Latest        Milli              `json:"latest"`
	LatestAt      time.Time          `json:"latestAt"`
	Efforts       int                `json:"efforts"`
	Times         []Milli            `json:"times"` // the last twelve, oldest first
}

// Bests lists an athlete's best time on each segment, the one ridden last first. A ride that counts in two challenges
// counts once. Others don't see what came from private activities or was for unlisted challenges alone.
func Bests(ctx context.Context, db DB, viewer actor.Actor, athleteID uuid.UUID, limit int) ([]Best, error) {
	args := viewerArgs(viewer)
	args["athlete"], args["limit"] = athleteID, clampLimit(limit)
	return list[Best](ctx, db, `
		with ridden as (
			select distinct on (s.segment_id, e.activity_id, e.lap) s.segment_id, e.elapsed_ms, e.start_utc
			from efforts e join stages s on s.id = e.stage_id left join challenges c on c.id = e.challenge_id
			where e.athlete_id = @athlete and e.status = 'accepted' and s.segment_id is not null
				and (@all or e.athlete_id = @viewer or not e.private and not coalesce(c.private, true))
			order by s.segment_id, e.activity_id, e.lap, e.start_utc)
		select r.segment_id, g.name as segment_name, g.activity_type, g.distance, g.elevation_gain, count(*) as efforts,
			min(r.elapsed_ms) as best, (array_agg(r.start_utc order by r.elapsed_ms, r.start_utc))[1] as best_at,
			(array_agg(r.elapsed_ms order by r.start_utc desc))[1] as latest, max(r.start_utc) as latest_at,
			(select array_agg(n.t order by n.at) from (
				select t, at from unnest(array_agg(r.elapsed_ms), array_agg(r.start_utc)) as u (t, at) order by at desc limit 12) n) as times
		from ridden r join segments g on g.id = r.segment_id
		group by r.segment_id, g.name, g.activity_type, g.distance, g.elevation_gain
		order by max(r.start_utc) desc, r.segment_id limit @limit`, args)
}
