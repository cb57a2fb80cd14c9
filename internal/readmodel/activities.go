package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

var (
	ErrNoActivity = refusal.Of(refusal.NotFound, "activity_not_found", "There is no such activity.")
	ErrNoEffort   = refusal.Of(refusal.NotFound, "effort_not_found", "There is no such effort.")
)

// Activity is what is known of an activity beside its track: lengths and heights in metres.
type Activity struct {
	ID             uuid.UUID          `json:"id"`
	AthleteID      uuid.UUID          `json:"athleteId"`
	AthleteName    string             `json:"athleteName"`
	AthleteDeleted bool               `json:"-"`
	Name           string             `json:"name"`
	ActivityType   sport.ActivityType `json:"activityType"`
	TypeGuessed    bool               `json:"activityTypeGuessed,omitempty"`
	StartUTC       time.Time          `json:"start"`
	StartLocal     sport.Local        `json:"startLocal"`
	Elapsed        Milli              `json:"elapsedTime" db:"elapsed_ms"`
	Moving         Milli              `json:"movingTime" db:"moving_ms"`
	Distance       float64            `json:"distance"`
	ElevationGain  float64            `json:"elevationGain"`
	HeartRate      float64            `json:"averageHeartRate,omitempty" db:"average_heart_rate"`
	Power          float64            `json:"averagePower,omitempty" db:"average_power"`
	HasTrack       bool               `json:"hasTrack"`
	Bounds         []float64          `json:"-"` // south, west, north, east of the track; nil without one
	Points         int                `json:"-"`
	Source         string             `json:"source"` // fit, gpx, tcx, manual
	File           string             `json:"file,omitempty"`
	SHA256         string             `json:"-"`
	Device         string             `json:"device,omitempty"`
	Private        bool               `json:"private"`
	Commute        bool               `json:"commute"`
	Trainer        bool               `json:"trainer"`
	RecordedAt     time.Time          `json:"recordedAt"`
	MatchedAt      *time.Time         `json:"matchedAt,omitempty"` // nil: not yet
	Method         int                `json:"-"`
	Accepted       int                `json:"acceptedEfforts"`
	Refused        int                `json:"refusedEfforts"`
}

// TrackVisibleTo says whether the viewer may see the track: that of a private activity is its athlete's alone.
func (a Activity) TrackVisibleTo(viewer actor.Actor) bool {
	return !a.Private || viewer.Is(a.AthleteID)
}

const activityColumns = `select a.id, a.athlete_id, coalesce(p.name, '') as athlete_name, coalesce(p.deleted, false) as athlete_deleted, a.name, a.activity_type, a.type_guessed,
	a.start_utc, a.start_local, a.elapsed_ms, a.moving_ms, a.distance, a.elevation_gain, a.average_heart_rate, a.average_power,
	a.has_track, a.bounds, a.points, a.source, a.file, a.sha256, a.device, a.private, a.commute, a.trainer, a.recorded_at,
	a.matched_at, a.method, e.accepted, e.refused
	from activities a left join athletes p on p.id = a.athlete_id
	cross join lateral (select count(*) filter (where x.status = 'accepted') as accepted,
		count(*) filter (where x.status = 'refused') as refused from efforts x where x.activity_id = a.id) e`

// ActivityFilter narrows a list of activities.
type ActivityFilter struct {
	Viewer    actor.Actor // others than the athlete don't see private ones
	AthleteID uuid.UUID   // required
	Limit     int         // default 50
	Cursor    string
}

// Activities lists an athlete's activities, newest first, with the cursor of the next page.
func Activities(ctx context.Context, db DB, f ActivityFilter) ([]Activity, string, error) {
	limit := clampLimit(f.Limit)
	args := pgx.NamedArgs{"athlete": f.AthleteID, "limit": limit + 1}
	w := where{`a.athlete_id = @athlete`}
	w.add(!f.Viewer.Is(f.AthleteID), `not a.private`)
	if f.Cursor != "" {
		start, id, err := timeAndID(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		args["start"], args["id"] = start, id
		w.add(true, `(a.start_utc, a.id) < (@start, @id)`)
	}
	rows, err := list[Activity](ctx, db, activityColumns+w.String()+` order by a.start_utc desc, a.id desc limit @limit`, args)
	rows, next := cut(rows, limit, func(a Activity) []string { return timeKey(a.StartUTC, a.ID) })
	return rows, next, err
}

// ActivityByID finds one activity; ErrNoActivity, also where it's private and not the viewer's own. The program itself
// (actor.System) sees all.
func ActivityByID(ctx context.Context, db DB, viewer actor.Actor, id uuid.UUID) (Activity, error) {
	return one[Activity](ctx, db, ErrNoActivity, activityColumns+` where a.id = @id
		and (not a.private or a.athlete_id = @viewer or @system)`,
		pgx.NamedArgs{"id": id, "viewer": viewer.AthleteID, "system": viewer.System})
}

// Likeness is what makes two activities of one athlete the same ride.
type Likeness struct {
	AthleteID uuid.UUID
	SHA256    string // of the file, hex; empty: unknown
	StartUTC  time.Time
	Elapsed   time.Duration
}

// SimilarActivity finds an athlete's activity that is the same ride: the same file, or a start within a minute and a
// duration within 5 %. False when there is none.
func SimilarActivity(ctx context.Context, db DB, l Likeness) (Activity, bool, error) {
	rows, err := list[Activity](ctx, db, activityColumns+` where a.athlete_id = @athlete and (@sha256 <> '' and a.sha256 = @sha256
		or a.start_utc between @start::timestamptz - interval '60 seconds' and @start::timestamptz + interval '60 seconds'
			and abs(a.elapsed_ms - @elapsed) <= 0.05 * greatest(a.elapsed_ms, @elapsed))
		order by (a.sha256 = @sha256) desc, abs(extract(epoch from a.start_utc - @start::timestamptz)), a.id limit 1`,
		pgx.NamedArgs{"athlete": l.AthleteID, "sha256": l.SHA256, "start": l.StartUTC, "elapsed": l.Elapsed.Milliseconds()})
	if err != nil || len(rows) == 0 {
		return Activity{}, false, err
	}
	return rows[0], true, nil
}

// Finding is what the segment engine saw of one stage in one activity.
type Finding struct {
	ActivityID    uuid.UUID         `json:"activityId"`
	StageID       uuid.UUID         `json:"stageId"`
	ChallengeID   uuid.UUID         `json:"challengeId"`
	AthleteID     uuid.UUID         `json:"athleteId"`
	SegmentID     uuid.UUID         `json:"segmentId,omitzero"`
	Traversals    int               `json:"traversals"`
	Misses        []activities.Miss `json:"misses"`
	FoundAt       time.Time         `json:"foundAt"`
	ActivityName  string            `json:"activityName"`
	StartLocal    sport.Local       `json:"startLocal"` // of the activity
	StageSlug     string            `json:"stageSlug"`
	StageName     string            `json:"stageName"`
	StageNumber   int               `json:"stageNumber"`
	ChallengeSlug string            `json:"challengeSlug"`
	ChallengeName string            `json:"challengeName"`
}

const findingColumns = `select f.activity_id, f.stage_id, f.challenge_id, f.athlete_id,
	coalesce(f.segment_id, '00000000-0000-0000-0000-000000000000') as segment_id, f.traversals, f.misses, f.found_at,
	coalesce(a.name, '') as activity_name, a.start_local, coalesce(s.slug, '') as stage_slug, coalesce(s.name, '') as stage_name,
	coalesce(s.number, 0) as stage_number, coalesce(c.slug, '') as challenge_slug, coalesce(c.name, '') as challenge_name
	from activity_findings f left join activities a on a.id = f.activity_id left join stages s on s.id = f.stage_id
	left join challenges c on c.id = f.challenge_id`

// FindingsOfActivity lists what matching found in one activity, by challenge and stage.
func FindingsOfActivity(ctx context.Context, db DB, activityID uuid.UUID) ([]Finding, error) {
	return list[Finding](ctx, db, findingColumns+` where f.activity_id = $1 order by c.name, c.id, s.number`, activityID)
}

// FindingsOfStage lists what matching found of one stage in an athlete's activities, newest activity first: the answer
// to "why is my ride missing?".
func FindingsOfStage(ctx context.Context, db DB, stageID, athleteID uuid.UUID) ([]Finding, error) {
	return list[Finding](ctx, db, findingColumns+` where f.stage_id = $1 and f.athlete_id = $2
		order by a.start_utc desc limit 100`, stageID, athleteID)
}

// Effort is one traversal of a stage's segment, or what an activity brought to another stage, accepted or not.
type Effort struct {
	ID             uuid.UUID          `json:"id"`
	StageID        uuid.UUID          `json:"stageId"`
	StageSlug      string             `json:"stageSlug"`
	StageName      string             `json:"stageName"`
	StageNumber    int                `json:"stageNumber"`
	StageType      sport.StageType    `json:"stageType"`
	ChallengeID    uuid.UUID          `json:"challengeId"`
	ChallengeSlug  string             `json:"challengeSlug"`
	ChallengeName  string             `json:"challengeName"`
	AthleteID      uuid.UUID          `json:"athleteId"`
	AthleteName    string             `json:"athleteName"`
	AthleteDeleted bool               `json:"-"`
	ActivityID     uuid.UUID          `json:"activityId"`
	ActivityType   sport.ActivityType `json:"activityType"`
	Lap            int                `json:"lap"` // 1, 2, 3 … within the activity
	StartUTC       time.Time          `json:"start"`
	StartLocal     sport.Local        `json:"startLocal"`
	Elapsed        Milli              `json:"elapsedTime" db:"elapsed_ms"`
	Moving         Milli              `json:"movingTime" db:"moving_ms"`
	Distance       float64            `json:"distance"` // metres
	ElevationGain  float64            `json:"elevationGain"`
	AverageSpeed   float64            `json:"averageSpeed"` // metres a second of elapsed time
	HeartRate      float64            `json:"averageHeartRate,omitempty" db:"average_heart_rate"`
	Power          float64            `json:"averagePower,omitempty" db:"average_power"`
	Quality        string             `json:"quality,omitempty"` // the segment engine's grade
	Uncertainty    Milli              `json:"uncertainty,omitempty" db:"uncertainty_ms"`
	Method         int                `json:"-"`
	Source         string             `json:"source"`
	Manual         bool               `json:"manual,omitempty"`
	Private        bool               `json:"private,omitempty"` // of a private activity
	Best           bool               `json:"best,omitempty"`    // it was the athlete's best when it came
	Counts         bool               `json:"counts"`            // it stands on the board now
	Rank           int                `json:"rank,omitempty"`    // on the widest board, where it counts
	Status         string             `json:"status"`            // accepted, needs_review, refused, removed, flagged, rejected
	Code           string             `json:"code,omitempty"`    // why not accepted, for programs
	Reason         string             `json:"reason,omitempty"`  // and in words; of an accepted one the organiser's note, where it needed review
	FlaggedBy      string             `json:"-"`
	ReviewedBy     string             `json:"-"` // who accepted or rejected it after review
	RecordedAt     time.Time          `json:"recordedAt"`
}

// What an effort can be.
const (
	EffortAccepted    = "accepted"
	EffortNeedsReview = "needs_review" // counts once the organiser accepts it
	EffortRefused     = "refused"
	EffortRemoved     = "removed"
	EffortFlagged     = "flagged"  // out for good
	EffortRejected    = "rejected" // after review, out for good
)

const effortColumns = `select f.id, f.stage_id, coalesce(s.slug, '') as stage_slug, coalesce(s.name, '') as stage_name,
	coalesce(s.number, 0) as stage_number, coalesce(s.type, '') as stage_type, f.challenge_id, coalesce(c.slug, '') as challenge_slug,
	coalesce(c.name, '') as challenge_name, f.athlete_id,
	coalesce(p.name, '') as athlete_name, coalesce(p.deleted, false) as athlete_deleted, f.activity_id, f.activity_type, f.lap, f.start_utc, f.start_local, f.elapsed_ms,
	f.moving_ms, f.distance, f.elevation_gain,
	case when f.elapsed_ms > 0 then f.distance * 1000 / f.elapsed_ms else 0 end as average_speed,
	f.average_heart_rate, f.average_power, f.quality, f.uncertainty_ms, f.method, f.source, f.manual, f.private, f.best,
	e.athlete_id is not null as counts,
	case when e.athlete_id is null then 0 else 1 + (select count(*) from board_entries x
		where x.stage_id = e.stage_id and x.category = e.category and x.sort_key < e.sort_key) end as rank,
	f.status, f.code,
	case when f.status = 'needs_review' and s.status = 'approved' then 'The results were made final before the organiser had looked at this effort.'
		else f.reason end as reason,
	f.flagged_by, f.reviewed_by, f.recorded_at
	from efforts f left join stages s on s.id = f.stage_id left join challenges c on c.id = f.challenge_id
	left join athletes p on p.id = f.athlete_id
	left join board_entries e on e.stage_id = f.stage_id and e.category = c.categories[1] and e.athlete_id = f.athlete_id
		and e.effort_id = f.id`

// Efforts lists what one athlete has brought to a stage, newest first, also what was refused or taken out.
func Efforts(ctx context.Context, db DB, stageID, athleteID uuid.UUID) ([]Effort, error) {
	return list[Effort](ctx, db, effortColumns+` where f.stage_id = $1 and f.athlete_id = $2
		order by f.start_utc desc, f.lap desc, f.id limit 1000`, stageID, athleteID)
}

// EffortFilter narrows a list of a stage's efforts.
type EffortFilter struct {
	Viewer    actor.Actor
	Organiser bool // the viewer runs the challenge
	StageID   uuid.UUID
	AthleteID uuid.UUID // zero: all athletes
	Limit     int       // default 50
	Cursor    string
}

// StageEfforts lists what athletes have brought to a stage, last recorded first, with the cursor of the next page.
// Everybody sees what counts, and the organiser also what was refused or taken out, but for private activities: these
// are their athlete's alone unless they count.
func StageEfforts(ctx context.Context, db DB, f EffortFilter) ([]Effort, string, error) {
	limit := clampLimit(f.Limit)
	args := pgx.NamedArgs{"stage": f.StageID, "athlete": f.AthleteID, "viewer": f.Viewer.AthleteID, "organiser": f.Organiser, "limit": limit + 1}
	w := where{`f.stage_id = @stage`, `f.status = 'accepted' or f.athlete_id = @viewer or @organiser and not f.private`}
	w.add(f.AthleteID != uuid.Nil, `f.athlete_id = @athlete`)
	if f.Cursor != "" {
		at, id, err := timeAndID(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		args["at"], args["id"] = at, id
		w.add(true, `(f.recorded_at, f.id) < (@at, @id)`)
	}
	rows, err := list[Effort](ctx, db, effortColumns+w.String()+` order by f.recorded_at desc, f.id desc limit @limit`, args)
	rows, next := cut(rows, limit, func(e Effort) []string { return timeKey(e.RecordedAt, e.ID) })
	return rows, next, err
}

// EffortByID finds one effort; ErrNoEffort.
func EffortByID(ctx context.Context, db DB, id uuid.UUID) (Effort, error) {
	return one[Effort](ctx, db, ErrNoEffort, effortColumns+` where f.id = $1`, id)
}

// EffortsOfActivity lists what one activity brought, by challenge, stage and lap.
func EffortsOfActivity(ctx context.Context, db DB, activityID uuid.UUID) ([]Effort, error) {
	return list[Effort](ctx, db, effortColumns+` where f.activity_id = $1 order by c.name, c.id, s.number, f.lap`, activityID)
}
