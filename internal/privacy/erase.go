package privacy

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
)

// account comes first: from here on nobody acts as this athlete.
func (w erasure) account(ctx context.Context) error {
	for _, sql := range []string{
		`delete from dev_mails using identities i where i.athlete_id = $1 and lower(dev_mails.recipient) = i.email`,
		`delete from idempotency_keys where athlete_id = $1`,
		`delete from challenge_drafts where athlete_id = $1`,
		`delete from privacy_zones where athlete_id = $1`,
		`delete from avatars where owner_id = $1`,
		`delete from notices where athlete_id = $1`,
	} {
		if _, err := w.Pool.Exec(ctx, sql, w.athlete); err != nil {
			return err
		}
	}
	return w.Accounts.Forget(ctx, w.athlete)
}

func (w erasure) activities(ctx context.Context) error {
	all, err := w.streams(ctx, dispatch.ActivityStream)
	for _, id := range all {
		head := activities.Head{ID: id, By: actor.System, Now: w.rec.Time}
		if err := w.send(ctx, activities.Erase{Head: head}, "activity/"+id.String()); err != nil {
			return err
		}
	}
	return err
}

// streams are the ids of the athlete's streams of a category.
func (w erasure) streams(ctx context.Context, category string) (ids []uuid.UUID, err error) {
	all, err := readmodel.PersonStreams(ctx, w.Pool, w.athlete)
	for _, stream := range all {
		if text, ok := strings.CutPrefix(stream, category+"-"); ok {
			id, err := uuid.Parse(text)
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
	}
	return ids, err
}

// challenges: who has no result in one leaves it; what was never hosted is nobody's loss.
func (w erasure) challenges(ctx context.Context) error {
	in, err := readmodel.ChallengesOf(ctx, w.Pool, w.athlete)
	if err != nil {
		return err
	}
	results, err := readmodel.ResultsOf(ctx, w.Pool, w.athlete)
	if err != nil {
		return err
	}
	drafts, err := readmodel.DraftsOf(ctx, w.Pool, w.athlete)
	if err != nil {
		return err
	}
	for _, id := range in {
		if slices.Contains(results, id) {
			continue
		}
		head := competitors.Head{ChallengeID: id, AthleteID: w.athlete, By: actor.System, Now: w.rec.Time}
		if err := unlessRefused(w.send(ctx, competitors.Leave{Head: head}, "leave/"+id.String())); err != nil {
			return err
		}
	}
	for _, id := range drafts {
		head := challenges.Head{ID: id, By: actor.System, Now: w.rec.Time}
		if err := unlessRefused(w.send(ctx, challenges.Cancel{Head: head}, "cancel/"+id.String())); err != nil {
			return err
		}
	}
	return nil
}

// unlessRefused: that a challenge is over, say, is no reason not to go on.
func unlessRefused(err error) error {
	if refusal.All(err) != nil {
		return nil
	}
	return err
}

// clubs: the last administrator hands over to who has been there longest; a club of nobody else keeps its one member.
func (w erasure) clubs(ctx context.Context) error {
	in, err := readmodel.ClubsOf(ctx, w.Pool, w.athlete)
	if err != nil {
		return err
	}
	for _, id := range in {
		head := clubs.Head{ID: id, By: actor.System, Now: w.rec.Time}
		leave := func() error {
			return w.send(ctx, clubs.RemoveMember{Head: head, AthleteID: w.athlete}, "club/"+id.String())
		}
		err := leave()
		if errors.Is(err, clubs.ErrLastAdministrator) {
			heir, ok, err := readmodel.OldestMember(ctx, w.Pool, id, w.athlete)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			appoint := clubs.AppointAdministrator{Head: head, AthleteID: heir, Administrator: true}
			if err := w.send(ctx, appoint, "heir/"+id.String()+"/"+heir.String()); err != nil {
				return err
			}
			if err := leave(); err != nil {
				return err
			}
		} else if err := unlessRefused(err); err != nil {
			return err
		}
	}
	return nil
}

func (w erasure) files(ctx context.Context) error {
	for _, sql := range []string{`delete from activity_files where athlete_id = $1`, `delete from activity_tracks where athlete_id = $1`,
		`delete from avatars where owner_id = $1`} {
		if _, err := w.Pool.Exec(ctx, sql, w.athlete); err != nil {
			return err
		}
	}
	return nil
}

// copies: states that were kept beside the log, and what the audit says was asked of the athlete's own aggregates.
func (w erasure) copies(ctx context.Context) error {
	streams, err := readmodel.PersonStreams(ctx, w.Pool, w.athlete)
	if err != nil {
		return err
	}
	targets := []uuid.UUID{w.athlete}
	for _, stream := range streams {
		if err := aggregate.DropSnapshot(ctx, w.Pool, stream); err != nil {
			return err
		}
		_, id, _ := strings.Cut(stream, "-")
		if parsed, err := uuid.Parse(id); err == nil {
			targets = append(targets, parsed)
		}
	}
	_, err = w.Pool.Exec(ctx, `update command_audit set fields = '{}', detail = '' where target = any($1)`, targets)
	return err
}

func (w erasure) key(ctx context.Context) error {
	if _, err := w.Store.SealStored(ctx); err != nil { // what isn't sealed yet would stay readable
		return err
	}
	return w.Vault.Forget(ctx, w.athlete)
}

func (w erasure) note(ctx context.Context) error {
	return w.send(ctx, athletes.NoteErasure{Head: athletes.Head{ID: w.athlete, By: actor.System, Now: w.rec.Time}}, "note")
}
