package dispatch

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/sport"
)

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
		if terms.Forgotten {
			return cmd, errNoAthlete
		}
		c.Terms = terms
		cmd = c
	case competitors.Leave:
		c.Terms = terms
		c.Over, err = d.stagesThatAre(ctx, challenge, sport.Past, sport.Approved)
		cmd = c
	case competitors.Exclude:
		c.Terms = terms
		c.Final, err = d.stagesThatAre(ctx, challenge, sport.Approved)
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
	case competitors.Restate:
		c.Terms = terms
		cmd = c
	case competitors.RecordEfforts:
		c.Terms = terms
		c.Rules, err = d.rulesOf(ctx, challenge, c.Rules.StageID)
		cmd = c
	case competitors.RecordByHand:
		c.Terms = terms
		c.Rules, err = d.rulesOf(ctx, challenge, c.Rules.StageID)
		cmd = c
	case competitors.FlagEffort:
		c.Rules, err = d.rulesOf(ctx, challenge, c.Rules.StageID)
		cmd = c
	case competitors.AcceptEffort:
		c.Terms = terms
		c.Rules, err = d.rulesOf(ctx, challenge, c.Rules.StageID)
		cmd = c
	case competitors.RejectEffort:
		c.Rules, err = d.rulesOf(ctx, challenge, c.Rules.StageID)
		cmd = c
	case competitors.RemoveActivity:
		c.Final, err = d.stagesThatAre(ctx, challenge, sport.Approved)
		cmd = c
	case competitors.RemoveEffort, competitors.ClearStage:
	}
	if err != nil {
		return cmd, err
	}
	return asClubAdmin(ctx, d, cmd, challenge.Definition.ClubID)
}

func (d *Dispatcher) termsOf(ctx context.Context, challenge challenges.State, athlete uuid.UUID) (competitors.Terms, error) {
	terms := competitors.Terms{Status: challenge.Status, OrganiserID: challenge.OrganiserID,
		Restricted: challenge.Definition.RestrictedToClubMembers, Categories: challenge.Definition.Categories}
	who, version, err := d.athletes.Load(ctx, athlete)
	if err != nil {
		return terms, err
	}
	if version == 0 {
		return terms, errNoAthlete
	}
	terms.Gender, terms.Forgotten = who.Profile.Gender, who.Deleted
	terms.Age = sport.AgeIn(challenge.StartYear(), who.Profile.BirthYear)
	if terms.Restricted {
		terms.ClubMember, err = d.isMember(ctx, challenge.Definition.ClubID, athlete)
	}
	return terms, err
}

// rulesOf are those of one of the challenge's stages. A stage of another challenge is none: who runs this one has no say
// there.
func (d *Dispatcher) rulesOf(ctx context.Context, challenge challenges.State, id uuid.UUID) (competitors.Rules, error) {
	stage, version, err := d.stages.Load(ctx, id)
	if err != nil {
		return competitors.Rules{}, err
	}
	if version == 0 || stage.Definition.ChallengeID != challenge.ID {
		return competitors.Rules{}, errNoStage
	}
	goal := 0.0
	if challenge.Goal != nil {
		goal = challenge.Goal.Base()
	}
	return competitors.Rules{StageID: id, Goal: goal, OrganiserID: challenge.OrganiserID, Type: stage.Definition.Type,
		Status: stage.Status, ChallengeStatus: challenge.Status, Window: stage.Definition.Window,
		Included: challenge.Definition.IncludedActivityTypes, AllowPrivate: challenge.Definition.AllowPrivateActivities,
		Result: challenge.StageResult(), Admission: challenge.Scoring.Admission, Closes: stage.EndsAt(),
		Precision: stage.Definition.Type.RankedBy().Precision(challenge.Definition.Tenths)}, nil
}

// stagesThatAre lists those of a challenge that have one of these statuses.
func (d *Dispatcher) stagesThatAre(ctx context.Context, challenge challenges.State, statuses ...sport.Status) ([]uuid.UUID, error) {
	var found []uuid.UUID
	for _, slot := range challenge.Stages {
		status, err := d.statusOf(ctx, slot.StageID)
		if err != nil {
			return nil, err
		}
		if slices.Contains(statuses, status) {
			found = append(found, slot.StageID)
		}
	}
	return found, nil
}
