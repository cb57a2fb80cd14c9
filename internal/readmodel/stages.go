package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

var ErrNoStage = refusal.Of(refusal.NotFound, "stage_not_found", "There is no such stage in this challenge.")

// Stage is a stage with the outline of its segment. While SegmentSecret holds, everything about the segment is empty:
// the stage is hidden, hasn't been revealed or started, and the viewer doesn't run the challenge.
type Stage struct {
	ID             uuid.UUID              `json:"id"`
	ChallengeID    uuid.UUID              `json:"challengeId"`
	ChallengeSlug  string                 `json:"challengeSlug"`
	ChallengeName  string                 `json:"challengeName"`
	OrganiserID    uuid.UUID              `json:"-"`
	Number         int                    `json:"number"`
	Slug           string                 `json:"slug"`
	Type           sport.StageType        `json:"type"`
	Name           string                 `json:"name"`
	Description    string                 `json:"description,omitempty"` // Markdown
	Status         sport.Status           `json:"status"`                // deleted: its challenge was cancelled
	StartLocal     sport.Local            `json:"startLocal"`
	EndLocal       sport.Local            `json:"endLocal"`
	TimeZone       string                 `json:"timeZone"`
	StartAt        time.Time              `json:"start"`
	EndAt          time.Time              `json:"end"`
	Adjustment     sport.PointsAdjustment `json:"pointsAdjustment"`
	Hidden         bool                   `json:"hidden"`
	Revealed       bool                   `json:"-"`
	SegmentSecret  bool                   `json:"segmentSecret,omitempty"`
	SegmentID      uuid.UUID              `json:"segmentId,omitzero"`
	SegmentName    string                 `json:"segmentName,omitempty"`
	SegmentType    sport.ActivityType     `json:"-"`
	Distance       float64                `json:"distance,omitempty"` // metres; of the segment
	ElevationGain  float64                `json:"elevationGain,omitempty"`
	AverageGrade   float64                `json:"averageGrade,omitempty"` // percent
	ClimbCategory  string                 `json:"climbCategory,omitempty"`
	ResultsMessage string                 `json:"resultsMessage,omitempty"` // Markdown
	StartedAt      *time.Time             `json:"startedAt,omitempty"`
	EndedAt        *time.Time             `json:"endedAt,omitempty"`
	ApprovedAt     *time.Time             `json:"approvedAt,omitempty"`
	PublishedAt    *time.Time             `json:"publishedAt,omitempty"`
	Version        int64                  `json:"-"`        // position of the stage's last change
	Athletes       int                    `json:"athletes"` // with a result, in the widest category
	LeaderID       uuid.UUID              `json:"leaderId,omitzero"`
	LeaderName     string                 `json:"leaderName,omitempty"`
	LeaderValue    Milli                  `json:"leaderValue,omitempty"`
	MayRun         bool                   `json:"-"` // the viewer acts as organiser
}

// Measure is what the stage's boards rank by.
func (s Stage) Measure() sport.Measure { return s.Type.RankedBy() }

const stageColumns = `select s.id, s.challenge_id, c.slug as challenge_slug, c.name as challenge_name, s.organiser_id, s.number,
	s.slug, s.type, s.name, case when v.secret then '' else s.description end as description, s.status, s.start_local, s.end_local, c.time_zone, s.start_at, s.end_at,
	s.points_adjustment as adjustment, s.hidden, s.revealed, v.secret as segment_secret,
	case when v.secret or s.segment_id is null then '00000000-0000-0000-0000-000000000000' else s.segment_id end as segment_id,
	coalesce(g.name, '') as segment_name, coalesce(g.activity_type, '') as segment_type, coalesce(g.distance, 0) as distance,
	coalesce(g.elevation_gain, 0) as elevation_gain, coalesce(g.average_grade, 0) as average_grade,
	coalesce(g.climb_category, '') as climb_category, s.results_message, s.started_at, s.ended_at, s.approved_at,
	s.published_at, s.version, coalesce(b.athletes, 0) as athletes,
	coalesce(l.athlete_id, '00000000-0000-0000-0000-000000000000') as leader_id, coalesce(la.name, '') as leader_name,
	coalesce(l.value, 0) as leader_value, v.may_run
	from stages s
	join challenges c on c.id = s.challenge_id
	left join club_members cm on cm.club_id = c.club_id and cm.athlete_id = @viewer
	cross join lateral (select ` + mayRun + ` as may_run,
		s.hidden and not s.revealed and s.status = 'upcoming' and not ` + mayRun + ` as secret) v
	left join segments g on g.id = s.segment_id and not v.secret
	left join boards b on b.stage_id = s.id and b.category = c.categories[1]
	left join lateral (select e.athlete_id, e.value from board_entries e where e.stage_id = s.id and e.category = c.categories[1]
		order by e.sort_key, e.achieved_at, e.athlete_id limit 1) l on true
	left join athletes la on la.id = l.athlete_id`

// Stages lists the stages of a challenge by number.
func Stages(ctx context.Context, db DB, viewer actor.Actor, challengeID uuid.UUID) ([]Stage, error) {
	args := viewerArgs(viewer)
	args["challenge"] = challengeID
	return list[Stage](ctx, db, stageColumns+` where s.challenge_id = @challenge order by s.number, s.created_at`, args)
}

// StagesOf lists the stages of several challenges, each challenge's by number.
func StagesOf(ctx context.Context, db DB, viewer actor.Actor, challengeIDs []uuid.UUID) (map[uuid.UUID][]Stage, error) {
	args := viewerArgs(viewer)
	args["challenges"] = challengeIDs
	rows, err := list[Stage](ctx, db, stageColumns+` where s.challenge_id = any(@challenges) order by s.number, s.created_at`, args)
	of := map[uuid.UUID][]Stage{}
	for _, s := range rows {
		of[s.ChallengeID] = append(of[s.ChallengeID], s)
	}
	return of, err
}

// StageBySlug finds one stage of a challenge; ErrNoStage.
func StageBySlug(ctx context.Context, db DB, viewer actor.Actor, challengeID uuid.UUID, slug string) (Stage, error) {
	args := viewerArgs(viewer)
	args["challenge"], args["slug"] = challengeID, slug
	return one[Stage](ctx, db, ErrNoStage, stageColumns+` where s.challenge_id = @challenge and s.slug = @slug
		order by s.created_at desc limit 1`, args)
}

// StageByID finds one stage; ErrNoStage.
func StageByID(ctx context.Context, db DB, viewer actor.Actor, id uuid.UUID) (Stage, error) {
	args := viewerArgs(viewer)
	args["id"] = id
	return one[Stage](ctx, db, ErrNoStage, stageColumns+` where s.id = @id`, args)
}

// OwnStage is a stage of a challenge that an athlete competes in, with where they stand on its widest board.
type OwnStage struct {
	Stage
	Category   sport.Category // of the standing
	Rank       int            // 0: no result yet
	RankBefore int            // before the last improvement; 0: there was none
	Value      Milli
	Attempts   int
	Goal       *sport.Goal // of the challenge
}

// Progress is percent of the goal; nil where there is none.
func (o OwnStage) Progress() *float64 { return goalProgress(o.Measure(), o.Goal, o.Value) }

// OwnStages lists the stages that matter to an athlete: active ones, those about to start and those that wait for
// approval, the next deadline first.
func OwnStages(ctx context.Context, db DB, athleteID uuid.UUID, limit int) ([]OwnStage, error) {
	args := viewerArgs(actor.Athlete(athleteID))
	args["limit"] = clampLimit(limit)
	return list[OwnStage](ctx, db, `select o.*, coalesce(c.categories[1], '') as category, coalesce(e.attempts, 0) as attempts,
		coalesce(e.value, 0) as value, case when e.is_new then 0 else coalesce(e.rank_before, 0) end as rank_before, c.goal,
		case when e.athlete_id is null then 0 else 1 + (select count(*) from board_entries x
			where x.stage_id = e.stage_id and x.category = e.category and x.sort_key < e.sort_key) end as rank
		from (`+stageColumns+` where s.status in ('active', 'upcoming', 'past')) o
		join challenges c on c.id = o.challenge_id
		join competitors k on k.challenge_id = c.id and k.athlete_id = @viewer and k.status = 'joined'
		left join board_entries e on e.stage_id = o.id and e.category = c.categories[1] and e.athlete_id = @viewer
		where c.status in ('active', 'upcoming', 'past')
		order by case o.status when 'active' then 0 when 'upcoming' then 1 else 2 end,
			case o.status when 'upcoming' then o.start_at else o.end_at end, o.id
		limit @limit`, args)
}
