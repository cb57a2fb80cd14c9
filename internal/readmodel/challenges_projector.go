package readmodel

import (
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

var challengesFamily = Projector{
	Name:   ChallengesModel,
	Tables: []string{"challenges", "stages", "competitors"},
	Types: typesOf(challenges.Created{}, challenges.StageAdded{}, challenges.StageRescheduled{}, challenges.StageRemoved{},
		challenges.Hosted{}, challenges.Started{}, challenges.Ended{}, challenges.Cancelled{}, challenges.ResultsApproved{},
		challenges.ResultsPublished{}, challenges.Reopened{}, challenges.Renamed{}, challenges.Described{}, challenges.WindowAdjusted{},
		challenges.StartYearChanged{}, challenges.ActivityTypesAdjusted{},
		stages.Created{}, stages.Rescheduled{}, stages.Described{}, stages.SegmentChanged{}, stages.PointsAdjusted{},
		stages.Revealed{}, stages.HiddenChanged{}, stages.Reopened{}, stages.Started{}, stages.Ended{}, stages.Approved{}, stages.Published{}, stages.Deleted{},
		competitors.Joined{}, competitors.Left{}, competitors.Excluded{}, competitors.Limited{}, competitors.Allowed{},
		competitors.Reclassified{}, competitors.StandingRestated{}, athletes.Erased{}),
	apply: applyChallenges,
}

func applyChallenges(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	switch e := e.(type) {
	case challenges.Event:
		return w.challenge(rec, e)
	case stages.Event:
		return w.stage(rec, e)
	case competitors.Event:
		return w.competitor(rec, e)
	case athletes.Erased:
		w.forgetCompetitor(e.AthleteID)
		return nil
	default:
		return unhandled(e)
	}
}

func (w *writer) challenge(rec eventstore.Recorded, e challenges.Event) error {
	switch e := e.(type) {
	case challenges.Created:
		w.challengeCreated(rec, e)
	case challenges.StageAdded:
		return w.stageAdded(rec, e.ChallengeID, e.OrganiserID, e.StageID, e.Number, e.Slug, e.StageDefinition)
	case challenges.StageRescheduled:
		return w.stageWindow(e.ChallengeID, e.StageID, rec.Position, e.Window)
	case challenges.StageRemoved:
		w.exec(`delete from stages where id = $1`, e.StageID)
	case challenges.Hosted:
		w.exec(`update challenges set status = 'upcoming', hosted_at = $2, version = $3, categories = $4, tenths = $5 where id = $1`,
			e.ChallengeID, rec.Time, rec.Position, orEmpty(e.Categories), e.Tenths)
	case challenges.Started:
		w.exec(`update challenges set status = 'active', started_at = $2 where id = $1`, e.ChallengeID, rec.Time)
		return w.challengeWindow(e.ChallengeID, rec.Position, e.Window)
	case challenges.Ended:
		w.exec(`update challenges set status = 'past', ended_at = $2 where id = $1`, e.ChallengeID, rec.Time)
		return w.challengeWindow(e.ChallengeID, rec.Position, e.Window)
	case challenges.Cancelled:
		w.exec(`update challenges set status = 'cancelled', ended_at = $2, version = $3 where id = $1`, e.ChallengeID, rec.Time, rec.Position)
	case challenges.ResultsApproved:
		w.exec(`update challenges set status = 'approved', approved_at = $2, version = $3 where id = $1`, e.ChallengeID, rec.Time, rec.Position)
		if e.Message != "" {
			w.resultsMessage("challenges", e.ChallengeID, rec, e.Message)
		}
	case challenges.ResultsPublished:
		w.resultsMessage("challenges", e.ChallengeID, rec, e.Message)
	case challenges.Reopened:
		w.exec(`update challenges set status = 'past', approved_at = null, reopened_at = $2, version = $3 where id = $1`, e.ChallengeID, rec.Time, rec.Position)
	case challenges.Renamed:
		w.exec(`update challenges set name = $2, slug = $3, version = $4 where id = $1`, e.ChallengeID, e.Name, e.Slug, rec.Position)
	case challenges.Described:
		w.exec(`update challenges set description = $2, version = $3 where id = $1`, e.ChallengeID, e.Description, rec.Position)
	case challenges.WindowAdjusted:
		return w.challengeWindow(e.ChallengeID, rec.Position, e.Window)
	case challenges.StartYearChanged: // the window has been said, and competitors say their categories themselves
		w.exec(`update challenges set version = $2 where id = $1`, e.ChallengeID, rec.Position)
	case challenges.ActivityTypesAdjusted:
		w.exec(`update challenges set included_activity_types = $2, version = $3 where id = $1`, e.ChallengeID, orEmpty(e.Types), rec.Position)
	case challenges.ScoringSet: // the standings keep the scheme
	}
	return nil
}

func (w *writer) challengeCreated(rec eventstore.Recorded, e challenges.Created) {
	zone := w.zones.note(e.ChallengeID, e.TimeZone)
	w.exec(`insert into challenges (id, slug, type, name, description, status, start_local, end_local, time_zone, start_at, end_at,
			club_id, organiser_id, restricted_to_club_members, allow_private_activities, included_activity_types,
			accumulate_activities, goal, private, categories, tenths, created_at, version)
		values ($1, $2, $3, $4, $5, 'pending', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
		e.ChallengeID, e.Slug, e.Type, e.Name, e.Description, e.Window.Start.AsUTC(), e.Window.End.AsUTC(), e.TimeZone,
		e.Window.Start.In(zone), e.Window.End.In(zone), orNull(e.ClubID), e.OrganiserID, e.RestrictedToClubMembers,
		e.AllowPrivateActivities, orEmpty(e.IncludedActivityTypes), e.AccumulateActivities, e.Goal, e.Private,
		orEmpty(e.Categories), e.Tenths, rec.Time, rec.Position)
}

func (w *writer) challengeWindow(id uuid.UUID, position int64, window sport.Window) error {
	zone, err := w.zone(id)
	w.exec(`update challenges set start_local = $2, end_local = $3, start_at = $4, end_at = $5, version = $6 where id = $1`,
		id, window.Start.AsUTC(), window.End.AsUTC(), window.Start.In(zone), window.End.In(zone), position)
	return err
}

func (w *writer) resultsMessage(table string, id uuid.UUID, rec eventstore.Recorded, message string) {
	w.exec(`update `+table+` set results_message = $2, published_at = $3, version = $4 where id = $1`, id, message, rec.Time, rec.Position)
}

func (w *writer) stage(rec eventstore.Recorded, e stages.Event) error {
	switch e := e.(type) {
	case stages.Created:
		d := e.Definition
		return w.stageAdded(rec, d.ChallengeID, d.OrganiserID, e.StageID, d.Number, d.Slug, challenges.StageDefinition{
			Type: d.Type, SegmentID: d.SegmentID, Name: d.Name, Description: d.Description, Window: d.Window,
			Adjustment: d.Adjustment, Hidden: d.Hidden})
	case stages.Rescheduled:
		return w.stageWindow(e.ChallengeID, e.StageID, rec.Position, e.Window)
	case stages.Described:
		w.exec(`update stages set name = $2, description = $3, type = $4, version = $5 where id = $1`,
			e.StageID, e.Name, e.Description, e.Type, rec.Position)
	case stages.SegmentChanged:
		w.exec(`update stages set segment_id = $2, version = $3 where id = $1`, e.StageID, orNull(e.SegmentID), rec.Position)
	case stages.PointsAdjusted:
		w.exec(`update stages set points_adjustment = $2, version = $3 where id = $1`, e.StageID, adjustment(e.Adjustment), rec.Position)
	case stages.Revealed:
		w.exec(`update stages set revealed = true, version = $2 where id = $1`, e.StageID, rec.Position)
	case stages.Started:
		w.exec(`update stages set status = 'active', started_at = $2 where id = $1`, e.StageID, rec.Time)
		return w.stageWindow(e.ChallengeID, e.StageID, rec.Position, e.Window)
	case stages.Ended:
		w.exec(`update stages set status = 'past', ended_at = $2 where id = $1`, e.StageID, rec.Time)
		return w.stageWindow(e.ChallengeID, e.StageID, rec.Position, e.Window)
	case stages.Approved:
		w.exec(`update stages set status = 'approved', approved_at = $2, version = $3 where id = $1`, e.StageID, rec.Time, rec.Position)
		if e.Message != "" {
			w.resultsMessage("stages", e.StageID, rec, e.Message)
		}
	case stages.Published:
		w.resultsMessage("stages", e.StageID, rec, e.Message)
	case stages.Reopened:
		w.exec(`update stages set status = 'past', approved_at = null, reopened_at = $2, version = $3 where id = $1`, e.StageID, rec.Time, rec.Position)
	case stages.HiddenChanged:
		w.exec(`update stages set hidden = $2, revealed = false, version = $3 where id = $1`, e.StageID, e.Hidden, rec.Position)
	case stages.Deleted: // a removed stage is gone already; one of a cancelled challenge stays, to tell what it was
		w.exec(`update stages set status = 'deleted', version = $2 where id = $1`, e.StageID, rec.Position)
	}
	return nil
}

// stageAdded follows the challenge, which names a stage first, and the stage itself, which says the same again a moment
// later: so the organiser sees the stage at once, and a page doesn't depend on which of the two it waited for.
func (w *writer) stageAdded(rec eventstore.Recorded, challenge, organiser, id uuid.UUID, number int, slug string, d challenges.StageDefinition) error {
	zone, err := w.zone(challenge)
	w.exec(`insert into stages (id, challenge_id, organiser_id, number, slug, type, segment_id, name, description, status,
			start_local, end_local, start_at, end_at, points_adjustment, hidden, created_at, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'upcoming', $10, $11, $12, $13, $14, $15, $16, $17) on conflict do nothing`,
		id, challenge, organiser, number, slug, d.Type, orNull(d.SegmentID), d.Name, d.Description, d.Window.Start.AsUTC(),
		d.Window.End.AsUTC(), d.Window.Start.In(zone), d.Window.End.In(zone), adjustment(d.Adjustment), d.Hidden, rec.Time, rec.Position)
	return err
}

func (w *writer) stageWindow(challenge, id uuid.UUID, position int64, window sport.Window) error {
	zone, err := w.zone(challenge)
	w.exec(`update stages set start_local = $2, end_local = $3, start_at = $4, end_at = $5, version = $6 where id = $1`,
		id, window.Start.AsUTC(), window.End.AsUTC(), window.Start.In(zone), window.End.In(zone), position)
	return err
}

const sumCompetitors = `update challenges set competitor_count = competitor_count + $2 where id = $1`

func (w *writer) competitor(rec eventstore.Recorded, e competitors.Event) error {
	switch e := e.(type) {
	case competitors.Joined:
		w.counted(sumCompetitors, e.ChallengeID, `with old as (select status from competitors where challenge_id = $1 and athlete_id = $2)
			insert into competitors (challenge_id, athlete_id, gender, categories, status, joined_at)
			values ($1, $2, $3, $4, 'joined', $5)
			on conflict (challenge_id, athlete_id) do update set gender = excluded.gender, categories = excluded.categories,
				status = 'joined', joined_at = excluded.joined_at
			returning coalesce((select status = 'joined' from old), false), true`,
			e.ChallengeID, e.AthleteID, e.Gender, orEmpty(e.Categories), rec.Time)
	case competitors.Left:
		w.counted(sumCompetitors, e.ChallengeID, `update competitors set status = 'left'
			where challenge_id = $1 and athlete_id = $2 and status = 'joined' returning true, false`, e.ChallengeID, e.AthleteID)
	case competitors.Excluded:
		w.excluded(rec, e)
	case competitors.Limited:
		w.exec(`update competitors set limited = true, reason = $3 where challenge_id = $1 and athlete_id = $2`,
			e.ChallengeID, e.AthleteID, e.Reason)
	case competitors.Allowed:
		w.exec(`update competitors set limited = false, reason = '', status = case status when 'excluded' then 'left' else status end
			where challenge_id = $1 and athlete_id = $2`, e.ChallengeID, e.AthleteID)
	case competitors.Reclassified:
		w.exec(`update competitors set gender = $3, categories = $4 where challenge_id = $1 and athlete_id = $2`,
			e.ChallengeID, e.AthleteID, e.Gender, orEmpty(e.Now))
	case competitors.StandingRestated: // the boards say what comes of it
	case competitors.EffortAccepted, competitors.EffortHeld, competitors.EffortRejected, competitors.EffortRefused, competitors.EffortRemoved, competitors.EffortFlagged:
		return unhandled(e) // they are of the activities' family
	}
	return nil
}

// excluded also takes athletes who never joined: they are kept from joining.
func (w *writer) excluded(rec eventstore.Recorded, e competitors.Excluded) {
	w.counted(sumCompetitors, e.ChallengeID, `with old as (select status from competitors where challenge_id = $1 and athlete_id = $2)
		insert into competitors (challenge_id, athlete_id, gender, categories, status, reason, joined_at)
		values ($1, $2, '', '{}', 'excluded', $3, $4)
		on conflict (challenge_id, athlete_id) do update set status = 'excluded', limited = false, reason = excluded.reason
		returning coalesce((select status = 'joined' from old), false), false`, e.ChallengeID, e.AthleteID, e.Reason, rec.Time)
}

// zones are the time zones of challenges met in a batch.
type zones map[uuid.UUID]*time.Location

// note keeps a challenge's zone. One that this machine doesn't know counts as UTC: the log is never refused.
func (z zones) note(challenge uuid.UUID, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = time.UTC
	}
	z[challenge] = loc
	return loc
}

// zone is that of a challenge created in this batch, or before.
func (w *writer) zone(challenge uuid.UUID) (*time.Location, error) {
	if loc, ok := w.zones[challenge]; ok {
		return loc, nil
	}
	var name string
	err := w.tx.QueryRow(w.ctx, `select time_zone from challenges where id = $1`, challenge).Scan(&name)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return time.UTC, err
	}
	return w.zones.note(challenge, name), nil
}

func orNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func adjustment(a sport.PointsAdjustment) sport.PointsAdjustment {
	if a == "" {
		return sport.NoAdjustment
	}
	return a
}
