package readmodel

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
)

var activitiesFamily = Projector{
	Name:   ActivitiesModel,
	Tables: []string{"activities", "activity_findings", "efforts"},
	Types: typesOf(activities.Recorded{}, activities.Edited{}, activities.Removed{}, activities.Matched{},
		activities.Erased{}, athletes.Erased{},
		competitors.EffortAccepted{}, competitors.EffortHeld{}, competitors.EffortRefused{}, competitors.EffortRemoved{},
		competitors.EffortFlagged{}, competitors.EffortRejected{}),
	apply: applyActivities,
}

func applyActivities(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	switch e := e.(type) {
	case activities.Recorded:
		w.activity(rec, e)
	case activities.Edited:
		w.exec(`update activities set name = $2, activity_type = $3, private = $4, commute = $5 where id = $1`,
			e.ActivityID, e.Name, e.Type, e.Private, e.Commute)
		w.exec(`update efforts set private = $2 where activity_id = $1 and private <> $2`, e.ActivityID, e.Private)
	case activities.Removed: // efforts that counted say themselves what becomes of them
		w.activityGone(e.ActivityID)
	case activities.Erased: // and these stay
		w.activityGone(e.ActivityID)
	case athletes.Erased:
		w.forgetEfforts(e.AthleteID)
	case activities.Matched:
		w.exec(`update activities set matched_at = $2, method = $3 where id = $1`, e.ActivityID, rec.Time, e.Method)
		for _, f := range e.Findings {
			w.finding(rec, e.Ref, f)
		}
	case competitors.EffortAccepted:
		w.effort(rec, e.Ref, e.StageID, e.Activity, e.Performance, verdict{status: EffortAccepted, best: e.Best, reason: e.Note, reviewedBy: e.ReviewedBy})
	case competitors.EffortHeld:
		w.effort(rec, e.Ref, e.StageID, e.Activity, e.Performance, verdict{status: EffortNeedsReview, code: EffortNeedsReview, reason: e.Detail})
	case competitors.EffortRefused:
		w.effort(rec, e.Ref, e.StageID, e.Activity, e.Performance, verdict{status: EffortRefused, code: e.Code, reason: e.Detail})
	case competitors.EffortRemoved:
		w.exec(`update efforts set status = 'removed', code = $2, reason = $3, version = $4 where id = $1`,
			e.EffortID, e.Code, e.Detail, rec.Position)
	case competitors.EffortFlagged:
		w.exec(`update efforts set status = 'flagged', code = 'flagged', reason = $2, flagged_by = $3, version = $4 where id = $1`,
			e.EffortID, e.Reason, e.By, rec.Position)
	case competitors.EffortRejected:
		w.exec(`update efforts set status = 'rejected', code = 'rejected', reason = $2, reviewed_by = $3, version = $4 where id = $1`,
			e.EffortID, e.Note, e.By, rec.Position)
	default:
		return unhandled(e)
	}
	return nil
}

func (w *writer) activityGone(id uuid.UUID) {
	w.exec(`delete from activities where id = $1`, id)
	w.exec(`delete from activity_findings where activity_id = $1`, id)
	w.exec(`delete from efforts where activity_id = $1 and status = 'refused'`, id)
}

func (w *writer) activity(rec eventstore.Recorded, e activities.Recorded) {
	var bounds []float64
	if e.HasTrack && e.Box != [4]float64{} {
		bounds = e.Box[:]
	}
	w.exec(`insert into activities (id, athlete_id, name, activity_type, type_guessed, start_utc, start_local, elapsed_ms, moving_ms,
			distance, elevation_gain, average_heart_rate, average_power, has_track, bounds, points, source, file, sha256, device,
			private, commute, trainer, recorded_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
		on conflict do nothing`,
		e.ActivityID, e.AthleteID, e.Name, e.Type, e.TypeGuessed, e.StartUTC, e.StartLocal.AsUTC(), e.ElapsedMs, e.MovingMs,
		e.DistanceM, e.GainM, e.HeartRate, e.Power, e.HasTrack, bounds, e.Points, e.Source, e.File, e.SHA256, e.Device,
		e.Private, e.Commute, e.Trainer, rec.Time)
}

// finding replaces what an earlier matching saw of the stage; those of other stages stay, since a back-fill looks at one
// stage alone.
func (w *writer) finding(rec eventstore.Recorded, ref activities.Ref, f activities.Finding) {
	w.exec(`insert into activity_findings (activity_id, stage_id, challenge_id, athlete_id, segment_id, traversals, misses, found_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (activity_id, stage_id) do update set segment_id = excluded.segment_id, traversals = excluded.traversals,
			misses = excluded.misses, found_at = excluded.found_at`,
		ref.ActivityID, f.StageID, f.ChallengeID, ref.AthleteID, orNull(f.SegmentID), f.Traversals, orEmpty(f.Misses), rec.Time)
}

// verdict is what was decided of an effort.
type verdict struct {
	status, code, reason, reviewedBy string
	best                             bool
}

// effort writes an effort that was accepted, held or refused, maybe anew. A flagged or rejected one stays so whatever is said when it
// is brought again, and one that counts isn't made to look refused.
func (w *writer) effort(rec eventstore.Recorded, ref competitors.Ref, stage uuid.UUID, a competitors.Activity, p competitors.Performance, v verdict) {
	w.exec(`insert into efforts (id, stage_id, challenge_id, athlete_id, activity_id, lap, activity_type, start_utc, start_local,
			elapsed_ms, moving_ms, distance, elevation_gain, average_heart_rate, average_power, quality, uncertainty_ms, method,
			source, manual, private, best, status, code, reason, recorded_at, version, reviewed_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)
		on conflict (id) do update set activity_type = excluded.activity_type, start_utc = excluded.start_utc,
			start_local = excluded.start_local, elapsed_ms = excluded.elapsed_ms, moving_ms = excluded.moving_ms,
			distance = excluded.distance, elevation_gain = excluded.elevation_gain,
			average_heart_rate = excluded.average_heart_rate, average_power = excluded.average_power, quality = excluded.quality,
			uncertainty_ms = excluded.uncertainty_ms, method = excluded.method, source = excluded.source,
			manual = excluded.manual, private = excluded.private, best = excluded.best, status = excluded.status,
			code = excluded.code, reason = excluded.reason, recorded_at = excluded.recorded_at, version = excluded.version,
			reviewed_by = excluded.reviewed_by
		where excluded.status = 'accepted' or efforts.status not in ('accepted', 'flagged', 'rejected')`,
		p.EffortID, stage, ref.ChallengeID, ref.AthleteID, a.ID, p.Lap, a.Type, p.StartUTC, p.StartLocal.AsUTC(),
		p.ElapsedMs, p.MovingMs, p.DistanceM, p.GainM, p.HeartRate, p.Power, p.Quality, p.UncertaintyMs, p.Method,
		a.Source, a.Manual, a.Private, v.best, v.status, v.code, v.reason, rec.Time, rec.Position, v.reviewedBy)
}
