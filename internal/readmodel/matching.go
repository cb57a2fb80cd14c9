package readmodel

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/sport"
)

// margin, in degrees, by which boxes are grown before they are compared: 110 m of latitude, and 55 m of longitude at
// 60° north, more than a corridor is wide.
const margin = 0.001

// Candidate is a stage that an activity may hold an effort for, with what matching needs of it.
type Candidate struct {
	ChallengeID uuid.UUID
	AthleteID   uuid.UUID
	StageID     uuid.UUID
	StageType   sport.StageType
	Status      sport.Status // active, past
	Window      sport.Window `db:"-"`
	StartLocal  sport.Local  // of the window
	EndLocal    sport.Local
	SegmentID   uuid.UUID // zero for stages without one
	SegmentName string
	Polyline    string // Google encoded, 1e-5 degrees
	Elevations  []float32
	Goal        *sport.Goal // of the challenge: the distance of a race
}

// CandidateStages lists the stages that an activity of the athlete may count for: in challenges they compete in, active,
// or past and not yet approved, with a window that holds the activity's local start, and, where the stage has a segment,
// one whose box overlaps the track's (south, west, north, east; nil: no track, so no segments).
func CandidateStages(ctx context.Context, db DB, athleteID uuid.UUID, startLocal sport.Local, box *[4]float64) ([]Candidate, error) {
	args := pgx.NamedArgs{"athlete": athleteID, "start": startLocal.AsUTC()}
	w := where{`k.athlete_id = @athlete`, `k.status = 'joined'`, `s.status in ('active', 'past')`,
		`@start::timestamp between s.start_local and s.end_local`}
	w.add(true, reached(args, box))
	return candidates(ctx, db, candidateColumns+w.String()+` order by s.challenge_id, s.number`, args)
}

// ClosedStages lists the stages that would have taken the activity at another time, so that its athlete hears why they
// don't: of those in challenges they compete in, the approved one whose window holds the activity's local start, else the
// nearest one that is less than a week away from it. One is enough for each challenge and segment, and none where a stage
// of the same is open, or about to be.
func ClosedStages(ctx context.Context, db DB, athleteID uuid.UUID, startLocal sport.Local, box *[4]float64) ([]Candidate, error) {
	args := pgx.NamedArgs{"athlete": athleteID, "start": startLocal.AsUTC()}
	w := where{`k.athlete_id = @athlete`, `k.status = 'joined'`, `c.status in ('active', 'past', 'approved')`,
		`s.status = 'approved' and @start::timestamp between s.start_local and s.end_local
			or s.status in ('active', 'past') and @start::timestamp between s.start_local - interval '7 days' and s.end_local + interval '7 days'`,
		`not exists (select from stages o where o.challenge_id = s.challenge_id and o.segment_id is not distinct from s.segment_id
			and o.status in ('upcoming', 'active', 'past') and @start::timestamp between o.start_local and o.end_local)`}
	w.add(true, reached(args, box))
	return candidates(ctx, db, `select distinct on (challenge_id, segment_id) * from (`+candidateColumns+w.String()+`) near
		order by challenge_id, segment_id, greatest(start_local - @start::timestamp, @start::timestamp - end_local)`, args)
}

const candidateColumns = `select s.challenge_id, k.athlete_id, s.id as stage_id, s.type as stage_type, s.status, s.start_local,
	s.end_local, coalesce(s.segment_id, '00000000-0000-0000-0000-000000000000') as segment_id,
	coalesce(g.name, '') as segment_name, coalesce(g.polyline, '') as polyline, g.elevations, c.goal
	from competitors k join challenges c on c.id = k.challenge_id join stages s on s.challenge_id = k.challenge_id
	left join segments g on g.id = s.segment_id`

// reached is the condition that a stage's segment, if it has one, may lie on the track.
func reached(args pgx.NamedArgs, box *[4]float64) string {
	if box == nil {
		return `s.segment_id is null`
	}
	args["south"], args["west"], args["north"], args["east"] = box[0]-margin, box[1]-margin, box[2]+margin, box[3]+margin
	return `s.segment_id is null or g.box && box(point(@west, @south), point(@east, @north))`
}

func candidates(ctx context.Context, db DB, query string, args pgx.NamedArgs) ([]Candidate, error) {
	rows, err := list[Candidate](ctx, db, query, args)
	for i := range rows {
		rows[i].Window = sport.Window{Start: rows[i].StartLocal, End: rows[i].EndLocal}
	}
	return rows, err
}

// ActivitiesFor lists an athlete's activities whose local start lies in the window and, with a box (south, west, north,
// east), whose track's box overlaps it; oldest first.
func ActivitiesFor(ctx context.Context, db DB, athleteID uuid.UUID, window sport.Window, box *[4]float64) ([]Activity, error) {
	args := pgx.NamedArgs{"athlete": athleteID, "start": window.Start.AsUTC(), "end": window.End.AsUTC()}
	w := where{`a.athlete_id = @athlete`, `a.start_local between @start::timestamp and @end::timestamp`}
	if box != nil {
		args["south"], args["west"], args["north"], args["east"] = box[0]-margin, box[1]-margin, box[2]+margin, box[3]+margin
		w.add(true, `a.box && box(point(@west, @south), point(@east, @north))`)
	}
	return list[Activity](ctx, db, activityColumns+w.String()+` order by a.start_utc, a.id`, args)
}

// ActivityRef names an activity and whose it is.
type ActivityRef struct {
	ActivityID uuid.UUID
	AthleteID  uuid.UUID
}

// ActivitiesForStage lists, oldest first, the activities of all competitors that the stage may take an effort from: for
// the back-fill when it starts or its segment changes.
func ActivitiesForStage(ctx context.Context, db DB, stageID uuid.UUID) ([]ActivityRef, error) {
	return list[ActivityRef](ctx, db, `select a.id as activity_id, a.athlete_id
		from stages s join competitors k on k.challenge_id = s.challenge_id and k.status = 'joined'
		join activities a on a.athlete_id = k.athlete_id and a.start_local between s.start_local and s.end_local
		left join segments g on g.id = s.segment_id
		where s.id = $1 and (s.segment_id is null or a.box && box(
			point(g.bounds[2] - $2::float8, g.bounds[1] - $2::float8), point(g.bounds[4] + $2::float8, g.bounds[3] + $2::float8)))
		order by a.start_utc, a.id`, stageID, margin)
}

// EffortRef names an effort and whose it is.
type EffortRef struct {
	ID        uuid.UUID
	AthleteID uuid.UUID
}

// HandMadeOfOtherTypes lists the efforts that the organiser recorded by hand and that count though their type of activity
// isn't included any more: unlike others, they aren't matched anew.
func HandMadeOfOtherTypes(ctx context.Context, db DB, challengeID uuid.UUID) ([]EffortRef, error) {
	return list[EffortRef](ctx, db, `select f.id, f.athlete_id from efforts f join stages s on s.id = f.stage_id
		join challenges c on c.id = f.challenge_id
		where f.challenge_id = $1 and f.manual and f.status = 'accepted' and s.status in ('active', 'past')
		and cardinality(c.included_activity_types) > 0 and f.activity_type <> all(c.included_activity_types)
		order by f.start_utc, f.id`, challengeID)
}

// EffortsOutside lists the efforts that count on a stage, or wait for review, though their activity doesn't start within
// its window any more.
// Those that the organiser recorded by hand have no activity, and are the organiser's to judge.
func EffortsOutside(ctx context.Context, db DB, stageID uuid.UUID) ([]EffortRef, error) {
	return list[EffortRef](ctx, db, `select f.id, f.athlete_id from efforts f join stages s on s.id = f.stage_id
		join activities a on a.id = f.activity_id
		where f.stage_id = $1 and f.status in ('accepted', 'needs_review') and s.status in ('active', 'past')
		and a.start_local not between s.start_local and s.end_local order by f.start_utc, f.id`, stageID)
}
