package readmodel

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/sport"
)

// FeedType says what a feed item tells.
type FeedType string

const (
	FeedChallengeCreated   FeedType = "challenge_created" // the organiser's own
	FeedChallengeHosted    FeedType = "challenge_hosted"
	FeedChallengeStarted   FeedType = "challenge_started"
	FeedChallengeEnded     FeedType = "challenge_ended"
	FeedChallengeCancelled FeedType = "challenge_cancelled"
	FeedChallengeApproved  FeedType = "challenge_approved"
	FeedChallengePublished FeedType = "challenge_published"
	FeedStageRevealed      FeedType = "stage_revealed"
	FeedStageStarted       FeedType = "stage_started"
	FeedStageEnded         FeedType = "stage_ended"
	FeedStageApproved      FeedType = "stage_approved"
	FeedStagePublished     FeedType = "stage_published"
	FeedStageWon           FeedType = "stage_won"          // with Category: the board became final with the athlete first
	FeedClassificationWon  FeedType = "classification_won" // with Category and Data.Classification
	FeedGoalReached        FeedType = "goal_reached"       // the goal of a stage: Value
	FeedGoalAchieved       FeedType = "goal_achieved"      // that of the challenge: on every stage of it
	FeedJoined             FeedType = "joined"
	FeedLeft               FeedType = "left"
	FeedExcluded           FeedType = "excluded"
	FeedLimited            FeedType = "limited"
	FeedAllowed            FeedType = "allowed"
	FeedRecorded           FeedType = "recorded"  // a first or better result: Value, From, To, Of, Gap
	FeedAttempted          FeedType = "attempted" // another go that was no better: Value
	FeedLed                FeedType = "led"       // took the lead of a narrower Category
	FeedLostPlace          FeedType = "lost_place"
	FeedEffortRemoved      FeedType = "effort_removed"
	FeedEffortFlagged      FeedType = "effort_flagged"
)

// FeedDetail is what a feed item says beside who and where. Values are by the stage's measure.
type FeedDetail struct {
	EffortID uuid.UUID `json:"effortId,omitzero"`
	Value    Milli     `json:"value,omitempty"`
	Gap      Milli     `json:"gap,omitempty"`  // to the leader
	From     int       `json:"from,omitempty"` // rank before; 0: new on the board
	To       int       `json:"to,omitempty"`   // rank now
	Of       int       `json:"of,omitempty"`   // athletes on the board
	Lap      int       `json:"lap,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Message  string    `json:"message,omitempty"` // Markdown
	Early    bool      `json:"early,omitempty"`   // by the organiser, before its time

	Classification string `json:"classification,omitempty"` // its name
}

// FeedItem is one line of a feed.
type FeedItem struct {
	Position       int64           `json:"position"` // of the event behind it
	Ordinal        int             `json:"-"`
	Type           FeedType        `json:"type"`
	Time           time.Time       `json:"time"`
	ChallengeID    uuid.UUID       `json:"challengeId,omitzero"`
	ChallengeSlug  string          `json:"challengeSlug,omitempty"`
	ChallengeName  string          `json:"challengeName,omitempty"`
	StageID        uuid.UUID       `json:"stageId,omitzero"`
	StageSlug      string          `json:"stageSlug,omitempty"`
	StageName      string          `json:"stageName,omitempty"`
	StageNumber    int             `json:"stageNumber,omitempty"`
	StageType      sport.StageType `json:"stageType,omitempty"`
	AthleteID      uuid.UUID       `json:"athleteId,omitzero"`
	AthleteName    string          `json:"athleteName,omitempty"`
	AthleteAvatar  avatars.Ref     `json:"-"`
	AthleteDeleted bool            `json:"-"`
	OtherID        uuid.UUID       `json:"otherId,omitzero"` // who overtook
	OtherName      string          `json:"otherName,omitempty"`
	OtherDeleted   bool            `json:"-"`
	Category       sport.Category  `json:"category,omitempty"`
	Data           FeedDetail      `json:"data"`
}

// FeedTypes are the event types that feeds tell of.
func FeedTypes() []string { return feed.Types }

// FeedQuery asks for the feed of a challenge, a stage, an athlete, or of all that concerns the viewer (Dashboard: their
// own items and those of the challenges they compete in or organise). The first that is given counts; with none, it is
// the feed of all public challenges.
type FeedQuery struct {
	Viewer      actor.Actor
	ChallengeID uuid.UUID
	StageID     uuid.UUID
	AthleteID   uuid.UUID
	Dashboard   bool
	Limit       int    // default 50
	Before      string // cursor
}

// Feed lists what has happened, newest first, with the cursor of the next page. Lost places are told to the athlete
// who lost them alone; of private challenges, an athlete's feed tells others nothing.
func Feed(ctx context.Context, db DB, q FeedQuery) ([]FeedItem, string, error) {
	limit := clampLimit(q.Limit)
	args := viewerArgs(q.Viewer)
	args["limit"], args["challenge"], args["stage"], args["athlete"] = limit+1, q.ChallengeID, q.StageID, q.AthleteID
	var w where
	switch {
	case q.ChallengeID != uuid.Nil:
		w.add(true, `f.challenge_id = @challenge and not f.personal`)
	case q.StageID != uuid.Nil:
		w.add(true, `f.stage_id = @stage and not f.personal`)
	case q.AthleteID != uuid.Nil:
		w.add(true, `f.athlete_id = @athlete`)
		w.add(!q.Viewer.Is(q.AthleteID), `not f.personal and not coalesce(c.private, false)`)
	case q.Dashboard:
		w.add(true, dashboard(q.Before != ""))
	default:
		w.add(true, `not f.personal and not coalesce(c.private, true) and c.hosted_at is not null`)
	}
	if q.Before != "" {
		parts, err := splitCursor(q.Before, 2)
		if err != nil {
			return nil, "", err
		}
		if args["position"], err = parseInt(parts[0]); err != nil {
			return nil, "", err
		}
		if args["ordinal"], err = parseInt(parts[1]); err != nil {
			return nil, "", err
		}
		w.add(true, beforeCursor)
	}
	rows, err := feedRows(ctx, db, w, args)
	rows, next := cut(rows, limit, func(f FeedItem) []string { return []string{formatInt(f.Position), strconv.Itoa(f.Ordinal)} })
	return rows, next, err
}

const beforeCursor = `(f.position, f.ordinal) < (@position, @ordinal::bigint)`

// dashboard takes the newest items of each feed that concerns the viewer, each by its own index: however long the log is
// and however little of it is theirs, no more than a page is read of each.
func dashboard(paged bool) string {
	newest := ` order by f.position desc, f.ordinal desc limit @limit`
	if paged {
		newest = ` and ` + beforeCursor + newest
	}
	return `(f.position, f.ordinal) in (
		(select f.position, f.ordinal from feed_items f where f.athlete_id = @viewer` + newest + `)
		union all
		select i.position, i.ordinal from (
			select challenge_id as id from competitors where athlete_id = @viewer and status = 'joined'
			union select id from challenges where organiser_id = @viewer) mine
		cross join lateral (select f.position, f.ordinal from feed_items f where f.challenge_id = mine.id and not f.personal` + newest + `) i)`
}

func feedRows(ctx context.Context, db DB, w where, args pgx.NamedArgs) ([]FeedItem, error) {
	const none = `'00000000-0000-0000-0000-000000000000'`
	return list[FeedItem](ctx, db, `select f.position, f.ordinal, f.type, f.time, coalesce(f.challenge_id, `+none+`) as challenge_id,
		coalesce(c.slug, '') as challenge_slug, coalesce(c.name, '') as challenge_name,
		coalesce(f.stage_id, `+none+`) as stage_id, coalesce(s.slug, '') as stage_slug, coalesce(s.name, '') as stage_name,
		coalesce(s.number, 0) as stage_number, coalesce(s.type, '') as stage_type,
		coalesce(f.athlete_id, `+none+`) as athlete_id, coalesce(a.name, '') as athlete_name,
		coalesce(a.shown_avatar, '') as athlete_avatar, coalesce(a.deleted, false) as athlete_deleted,
		coalesce(f.other_id, `+none+`) as other_id, coalesce(o.name, '') as other_name, coalesce(o.deleted, false) as other_deleted, f.category, f.data
		from feed_items f left join challenges c on c.id = f.challenge_id left join stages s on s.id = f.stage_id
		left join athletes a on a.id = f.athlete_id left join athletes o on o.id = f.other_id`+w.String()+`
		order by f.position desc, f.ordinal desc limit @limit`, args)
}

func parseInt(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, ErrCursor
	}
	return n, nil
}

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }
