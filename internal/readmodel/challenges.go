package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

var ErrNoChallenge = refusal.Of(refusal.NotFound, "challenge_not_found", "There is no such challenge.")

// Challenge is a challenge with what the viewer is in it.
type Challenge struct {
	ID                      uuid.UUID            `json:"id"`
	Slug                    string               `json:"slug"`
	Type                    sport.ChallengeType  `json:"type"`
	Name                    string               `json:"name"`
	Description             string               `json:"description"` // Markdown
	Status                  sport.Status         `json:"status"`
	StartLocal              sport.Local          `json:"startLocal"` // wall clock in TimeZone
	EndLocal                sport.Local          `json:"endLocal"`
	TimeZone                string               `json:"timeZone"`
	StartAt                 time.Time            `json:"start"` // the same as moments
	EndAt                   time.Time            `json:"end"`
	ClubID                  uuid.UUID            `json:"clubId,omitzero"`
	ClubName                string               `json:"clubName,omitempty"`
	ClubSlug                string               `json:"clubSlug,omitempty"`
	OrganiserID             uuid.UUID            `json:"organiserId"`
	OrganiserName           string               `json:"organiserName"`
	OrganiserDeleted        bool                 `json:"-"`
	RestrictedToClubMembers bool                 `json:"restrictedToClubMembers"`
	AllowPrivateActivities  bool                 `json:"allowPrivateActivities"`
	IncludedActivityTypes   []sport.ActivityType `json:"includedActivityTypes"` // none: every type
	AccumulateActivities    bool                 `json:"accumulateActivities"`
	Goal                    *sport.Goal          `json:"goal,omitempty"`
	Private                 bool                 `json:"private"` // unlisted
	Categories              []sport.Category     `json:"categories"`
	Tenths                  bool                 `json:"tenths,omitempty"`
	ResultsMessage          string               `json:"resultsMessage,omitempty"` // Markdown
	CompetitorCount         int                  `json:"competitorCount"`
	StageCount              int                  `json:"stageCount"`
	StagesOver              int                  `json:"stagesOver"` // past or approved
	CreatedAt               time.Time            `json:"createdAt"`
	HostedAt                *time.Time           `json:"hostedAt,omitempty"`
	StartedAt               *time.Time           `json:"startedAt,omitempty"`
	EndedAt                 *time.Time           `json:"endedAt,omitempty"`
	ApprovedAt              *time.Time           `json:"approvedAt,omitempty"`
	PublishedAt             *time.Time           `json:"publishedAt,omitempty"`
	Version                 int64                `json:"-"`                // position of the challenge's last change
	Joined                  bool                 `json:"joined,omitempty"` // the viewer competes
	Standing                string               `json:"-"`                // the viewer's: "", joined, left, excluded
	Limited                 bool                 `json:"-"`                // the viewer scores no points
	Reason                  string               `json:"-"`                // why the viewer is excluded or limited
	ClubMember              bool                 `json:"-"`                // the viewer is a member of the hosting club
	MayRun                  bool                 `json:"mayRun,omitempty"` // the viewer acts as organiser
	Stages                  []Stage              `json:"stages" db:"-"`
}

// mayRun needs the challenge as c and the viewer's membership of its club as cm.
const mayRun = `(@all or c.organiser_id = @viewer or coalesce(cm.role = 'administrator', false))`

const challengeColumns = `select c.id, c.slug, c.type, c.name, c.description, c.status, c.start_local, c.end_local, c.time_zone,
	c.start_at, c.end_at, coalesce(c.club_id, '00000000-0000-0000-0000-000000000000') as club_id,
	coalesce(cl.name, '') as club_name, coalesce(cl.slug, '') as club_slug, c.organiser_id, coalesce(o.name, '') as organiser_name, coalesce(o.deleted, false) as organiser_deleted,
	c.restricted_to_club_members, c.allow_private_activities, c.included_activity_types, c.accumulate_activities, c.goal,
	c.private, c.categories, c.tenths, c.results_message, c.competitor_count, st.stage_count, st.stages_over,
	c.created_at, c.hosted_at, c.started_at, c.ended_at, c.approved_at, c.published_at, c.version,
	coalesce(me.status = 'joined', false) as joined, coalesce(me.status, '') as standing,
	coalesce(me.limited, false) as limited, coalesce(me.reason, '') as reason,
	coalesce(cm.status = 'member', false) as club_member, ` + mayRun + ` as may_run
	from challenges c
	left join clubs cl on cl.id = c.club_id
	left join athletes o on o.id = c.organiser_id
	left join competitors me on me.challenge_id = c.id and me.athlete_id = @viewer
	left join club_members cm on cm.club_id = c.club_id and cm.athlete_id = @viewer
	cross join lateral (select count(*) as stage_count, count(*) filter (where s.status in ('past', 'approved')) as stages_over
		from stages s where s.challenge_id = c.id) st`

// ChallengeFilter narrows a list of challenges.
type ChallengeFilter struct {
	Viewer       actor.Actor
	Statuses     []sport.Status // any of these
	Type         sport.ChallengeType
	ActivityType sport.ActivityType // that include it
	ClubID       uuid.UUID
	Mine         bool      // in which the viewer competes, or which the viewer organises
	Competitor   uuid.UUID // in which this athlete competes
	Organiser    uuid.UUID
	Query        string // words of the name, each perhaps only begun
	SoonestFirst bool   // by start, first to last; else last to first
	Limit        int    // default 50
	Cursor       string
}

// Challenges lists challenges by their start, with the cursor of the next page. Private and pending ones are listed for
// those alone who run them or compete in them.
func Challenges(ctx context.Context, db DB, f ChallengeFilter) ([]Challenge, string, error) {
	limit := clampLimit(f.Limit)
	args := viewerArgs(f.Viewer)
	args["limit"], args["words"], args["statuses"], args["type"], args["activity"] = limit+1, words(f.Query), f.Statuses, f.Type, f.ActivityType
	args["club"], args["competitor"], args["organiser"] = f.ClubID, f.Competitor, f.Organiser
	w := where{`not c.private and c.status <> 'pending' and c.hosted_at is not null or me.status = 'joined' or ` + mayRun}
	w.add(len(f.Statuses) > 0, `c.status = any(@statuses)`)
	w.add(f.Type != "", `c.type = @type`)
	w.add(f.ActivityType != "", `cardinality(c.included_activity_types) = 0 or @activity = any(c.included_activity_types)`)
	w.add(f.ClubID != uuid.Nil, `c.club_id = @club`)
	w.add(f.Mine, `me.status = 'joined' or c.organiser_id = @viewer`)
	w.add(f.Competitor != uuid.Nil, `c.id in (select challenge_id from competitors where athlete_id = @competitor and status = 'joined')`)
	w.add(f.Organiser != uuid.Nil, `c.organiser_id = @organiser`)
	w.add(words(f.Query) != "", `to_tsvector('simple', c.name) @@ to_tsquery('simple', @words)`)
	order, beyond := ` order by c.start_at desc, c.id desc`, `(c.start_at, c.id) < (@start, @id)`
	if f.SoonestFirst {
		order, beyond = ` order by c.start_at, c.id`, `(c.start_at, c.id) > (@start, @id)`
	}
	if f.Cursor != "" {
		start, id, err := timeAndID(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		args["start"], args["id"] = start, id
		w.add(true, beyond)
	}
	rows, err := list[Challenge](ctx, db, challengeColumns+w.String()+order+` limit @limit`, args)
	rows, next := cut(rows, limit, func(c Challenge) []string { return timeKey(c.StartAt, c.ID) })
	return rows, next, err
}

// ChallengeBySlug finds one challenge, private or not; ErrNoChallenge.
func ChallengeBySlug(ctx context.Context, db DB, viewer actor.Actor, slug string) (Challenge, error) {
	args := viewerArgs(viewer)
	args["slug"] = slug
	return one[Challenge](ctx, db, ErrNoChallenge, challengeColumns+` where c.slug = @slug`, args)
}

// ChallengeByID finds one challenge, private or not; ErrNoChallenge.
func ChallengeByID(ctx context.Context, db DB, viewer actor.Actor, id uuid.UUID) (Challenge, error) {
	args := viewerArgs(viewer)
	args["id"] = id
	return one[Challenge](ctx, db, ErrNoChallenge, challengeColumns+` where c.id = @id`, args)
}

// ChallengesByID brings several challenges at once, in no order.
func ChallengesByID(ctx context.Context, db DB, viewer actor.Actor, ids []uuid.UUID) ([]Challenge, error) {
	args := viewerArgs(viewer)
	args["ids"] = ids
	return list[Challenge](ctx, db, challengeColumns+` where c.id = any(@ids)`, args)
}
