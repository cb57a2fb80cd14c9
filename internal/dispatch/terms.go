package dispatch

import (
	"context"
	"math"
	"reflect"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// hosted is what every aggregate's command can say of itself.
type hosted interface {
	Command
	Actor() actor.Actor
}

var (
	errNoChallenge = refusal.Of(refusal.NotFound, "challenge_not_found", "There is no such challenge.")
	errNoStage     = refusal.Of(refusal.NotFound, "stage_not_found", "There is no such stage.")
)

// challengeTerms fills in what a challenge needs of its club and its stages.
func (d *Dispatcher) challengeTerms(ctx context.Context, cmd challenges.Command) (challenges.Command, error) {
	if c, isNew := cmd.(challenges.Create); isNew {
		if c.ClubID != uuid.Nil {
			club, _, err := d.clubs.Load(ctx, c.ClubID)
			if err != nil {
				return cmd, err
			}
			c.ClubMember = club.IsMember(c.By.AthleteID)
		}
		return asClubAdmin[challenges.Command](ctx, d, c, c.ClubID)
	}
	state, _, err := d.challenges.Load(ctx, cmd.Target())
	if err != nil {
		return cmd, err
	}
	switch c := cmd.(type) {
	case challenges.RescheduleStage:
		if c.Status, err = d.statusOf(ctx, c.StageID); err != nil {
			return cmd, err
		}
		cmd = c
	case challenges.RemoveStage:
		if c.Status, err = d.statusOf(ctx, c.StageID); err != nil {
			return cmd, err
		}
		cmd = c
	case challenges.Approve:
		if c.Unapproved, err = d.unapproved(ctx, state, math.MaxInt); err != nil {
			return cmd, err
		}
		cmd = c
	}
	return asClubAdmin(ctx, d, cmd, state.Definition.ClubID)
}

// stageTerms fills in what a stage needs of its challenge and of the stages before it.
func (d *Dispatcher) stageTerms(ctx context.Context, cmd stages.Command) (stages.Command, error) {
	if _, isNew := cmd.(stages.Create); isNew {
		return cmd, nil
	}
	stage, _, err := d.stages.Load(ctx, cmd.Target())
	if err != nil {
		return cmd, err
	}
	challenge, _, err := d.challenges.Load(ctx, stage.Definition.ChallengeID)
	if err != nil {
		return cmd, err
	}
	terms := stages.Terms{ChallengeStatus: challenge.Status}
	switch c := cmd.(type) {
	case stages.Start:
		c.Terms = terms
		cmd = c
	case stages.Approve:
		open, err := d.unapproved(ctx, challenge, stage.Definition.Number-1)
		if err != nil {
			return cmd, err
		}
		c.Terms = terms
		c.Terms.PreviousApproved = len(open) == 0
		cmd = c
	}
	return asClubAdmin(ctx, d, cmd, challenge.Definition.ClubID)
}

// competitorTerms fills in the rules of the challenge and, where an effort is judged, of the stage.
func (d *Dispatcher) competitorTerms(ctx context.Context, cmd competitors.Command) (competitors.Command, error) {
	challengeID, athleteID := cmd.Whose()
	challenge, version, err := d.challenges.Load(ctx, challengeID)
	if err != nil {
		return cmd, err
	}
	if version == 0 {
		return cmd, errNoChallenge
	}
	terms, err := d.termsOf(ctx, challenge, athleteID)
	if err != nil {
		return cmd, err
	}
	switch c := cmd.(type) {
	case competitors.Join:
		c.Terms = terms
		cmd = c
	case competitors.Leave:
		c.Terms = terms
		if c.Final, err = d.finalStages(ctx, challenge); err != nil {
			return cmd, err
		}
		cmd = c
	case competitors.Exclude:
		c.Terms = terms
		if c.Final, err = d.finalStages(ctx, challenge); err != nil {
			return cmd, err
		}
		cmd = c
	case competitors.Limit:
		c.Terms = terms
		cmd = c
	case competitors.Allow:
		c.Terms = terms
		cmd = c
	case competitors.Reclassify:
		c.Terms = terms
		cmd = c
	case competitors.RecordEfforts:
		c.Terms = terms
		if c.Rules, err = d.rulesOf(ctx, challenge, c.Rules.StageID); err != nil {
			return cmd, err
		}
		cmd = c
	case competitors.RecordByHand:
		c.Terms = terms
		if c.Rules, err = d.rulesOf(ctx, challenge, c.Rules.StageID); err != nil {
			return cmd, err
		}
		cmd = c
	case competitors.FlagEffort:
		if c.Rules, err = d.rulesOf(ctx, challenge, c.Rules.StageID); err != nil {
			return cmd, err
		}
		cmd = c
	case competitors.RemoveActivity:
		if c.Final, err = d.finalStages(ctx, challenge); err != nil {
			return cmd, err
		}
		cmd = c
	}
	return asClubAdmin(ctx, d, cmd, challenge.Definition.ClubID)
}

// finalStages lists those whose results are approved.
func (d *Dispatcher) finalStages(ctx context.Context, challenge challenges.State) ([]uuid.UUID, error) {
	var final []uuid.UUID
	for _, slot := range challenge.Stages {
		status, err := d.statusOf(ctx, slot.StageID)
		if err != nil {
			return nil, err
		}
		if status == sport.Approved {
			final = append(final, slot.StageID)
		}
	}
	return final, nil
}

func (d *Dispatcher) termsOf(ctx context.Context, challenge challenges.State, athlete uuid.UUID) (competitors.Terms, error) {
	terms := competitors.Terms{Status: challenge.Status, OrganiserID: challenge.OrganiserID,
		Restricted: challenge.Definition.RestrictedToClubMembers, Categories: challenge.Definition.Categories}
	who, _, err := d.athletes.Load(ctx, athlete)
	if err != nil {
		return terms, err
	}
	terms.Gender = who.Profile.Gender
	if terms.Restricted {
		club, _, err := d.clubs.Load(ctx, challenge.Definition.ClubID)
		if err != nil {
			return terms, err
		}
		terms.ClubMember = club.IsMember(athlete)
	}
	return terms, nil
}

func (d *Dispatcher) rulesOf(ctx context.Context, challenge challenges.State, id uuid.UUID) (competitors.Rules, error) {
	stage, version, err := d.stages.Load(ctx, id)
	if err != nil {
		return competitors.Rules{}, err
	}
	if version == 0 {
		return competitors.Rules{}, errNoStage
	}
	goal := 0.0
	if challenge.Goal != nil {
		goal = challenge.Goal.Base()
	}
	return competitors.Rules{StageID: id, Goal: goal, OrganiserID: challenge.OrganiserID, Type: stage.Definition.Type,
		Status: stage.Status, ChallengeStatus: challenge.Status, Window: stage.Definition.Window,
		Included: challenge.Definition.IncludedActivityTypes, AllowPrivate: challenge.Definition.AllowPrivateActivities,
		Accumulate: challenge.Definition.AccumulateActivities,
		Precision:  stage.Definition.Type.RankedBy().Precision(challenge.Definition.Tenths)}, nil
}

func (d *Dispatcher) statusOf(ctx context.Context, stage uuid.UUID) (sport.Status, error) {
	state, version, err := d.stages.Load(ctx, stage)
	if err == nil && version == 0 {
		err = errNoStage
	}
	return state.Status, err
}

// unapproved lists the numbers of the challenge's stages up to number upTo that aren't approved yet.
func (d *Dispatcher) unapproved(ctx context.Context, challenge challenges.State, upTo int) ([]int, error) {
	var open []int
	for _, slot := range challenge.Stages {
		status, err := d.statusOf(ctx, slot.StageID)
		if err != nil {
			return nil, err
		}
		if slot.Number <= upTo && status != sport.Approved {
			open = append(open, slot.Number)
		}
	}
	return open, nil
}

// asClubAdmin marks the command's actor when they administer the hosting club. Every command has the same Head but none
// shares a type, so the one field is set by reflection.
func asClubAdmin[C hosted](ctx context.Context, d *Dispatcher, cmd C, club uuid.UUID) (C, error) {
	by := cmd.Actor()
	if club == uuid.Nil || by.System || by.AthleteID == uuid.Nil {
		return cmd, nil
	}
	state, _, err := d.clubs.Load(ctx, club)
	if err != nil {
		return cmd, err
	}
	filled := reflect.New(reflect.TypeOf(cmd)).Elem()
	filled.Set(reflect.ValueOf(cmd))
	filled.FieldByName("By").FieldByName("ClubAdmin").SetBool(state.IsAdministrator(by.AthleteID))
	return filled.Interface().(C), nil
}
