package dispatch

import (
	"context"
	"math"
	"reflect"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// hosted is what every aggregate's command can say of itself.
type hosted interface {
	Command
	Actor() actor.Actor
}

// What a command names and doesn't exist. What it is for itself, its own aggregate knows.
var (
	errNoChallenge = refusal.Of(refusal.NotFound, "challenge_not_found", "There is no such challenge.")
	errNoStage     = refusal.Of(refusal.NotFound, "stage_not_found", "There is no such stage in this challenge.")
	errNoAthlete   = refusal.Of(refusal.NotFound, "athlete_not_found", "There is no such athlete.")
)

// challengeTerms fills in what a challenge needs of its club and its stages.
func (d *Dispatcher) challengeTerms(ctx context.Context, cmd challenges.Command) (challenges.Command, error) {
	state, _, err := d.challenges.Load(ctx, cmd.Target())
	if err != nil {
		return cmd, err
	}
	club := state.Definition.ClubID
	switch c := cmd.(type) {
	case challenges.Create:
		club = c.ClubID
		c.ClubMember, err = d.isMember(ctx, club, c.By.AthleteID)
		cmd = c
	case challenges.RescheduleStage:
		c.Status, err = d.statusOf(ctx, c.StageID)
		cmd = c
	case challenges.RemoveStage:
		c.Status, err = d.statusOf(ctx, c.StageID)
		cmd = c
	case challenges.Approve:
		c.Unapproved, err = d.unapproved(ctx, state, math.MaxInt)
		cmd = c
	case challenges.SetScoring:
		c.Confirmed, err = d.approvedOf(ctx, state)
		cmd = c
	case challenges.GroupAthletes:
		c.Confirmed, err = d.approvedOf(ctx, state)
		cmd = c
	case challenges.AddStage, challenges.Host, challenges.Start, challenges.End, challenges.Cancel, challenges.Publish,
		challenges.Reopen, challenges.Edit, challenges.Rename, challenges.Describe, challenges.AdjustWindow, challenges.AdjustActivityTypes:
	}
	if err != nil {
		return cmd, err
	}
	return asClubAdmin(ctx, d, cmd, club)
}

// stageTerms fills in what a stage needs of its challenge and of the stages before it.
func (d *Dispatcher) stageTerms(ctx context.Context, cmd stages.Command) (stages.Command, error) {
	stage, _, err := d.stages.Load(ctx, cmd.Target())
	if err != nil || !stage.Exists { // being created, or never was: it knows
		return cmd, err
	}
	challenge, _, err := d.challenges.Load(ctx, stage.Definition.ChallengeID)
	if err != nil {
		return cmd, err
	}
	switch c := cmd.(type) {
	case stages.Start:
		c.Terms = stages.Terms{ChallengeStatus: challenge.Status}
		cmd = c
	case stages.Approve:
		earlier, err := d.unapproved(ctx, challenge, stage.Definition.Number-1)
		if err != nil {
			return cmd, err
		}
		c.Terms = stages.Terms{ChallengeStatus: challenge.Status, PreviousApproved: len(earlier) == 0}
		cmd = c
	case stages.Reopen:
		c.Terms = stages.Terms{ChallengeStatus: challenge.Status}
		cmd = c
	case stages.Create, stages.Reschedule, stages.Describe, stages.ChangeSegment, stages.AdjustPoints, stages.Edit, stages.Reveal,
		stages.End, stages.Publish, stages.Delete:
	}
	return asClubAdmin(ctx, d, cmd, challenge.Definition.ClubID)
}

// statusOf is a stage's; none while the reaction that creates it is under way.
func (d *Dispatcher) statusOf(ctx context.Context, stage uuid.UUID) (sport.Status, error) {
	state, _, err := d.stages.Load(ctx, stage)
	return state.Status, err
}

// unapproved lists the numbers of the challenge's stages up to number upTo that aren't approved yet.
func (d *Dispatcher) unapproved(ctx context.Context, challenge challenges.State, upTo int) ([]int, error) {
	var open []int
	for _, slot := range challenge.Stages {
		if slot.Number > upTo {
			continue
		}
		status, err := d.statusOf(ctx, slot.StageID)
		if err != nil {
			return nil, err
		}
		if status != sport.Approved {
			open = append(open, slot.Number)
		}
	}
	return open, nil
}

// approvedOf lists the numbers of the challenge's stages that are approved.
func (d *Dispatcher) approvedOf(ctx context.Context, challenge challenges.State) ([]int, error) {
	var done []int
	for _, slot := range challenge.Stages {
		status, err := d.statusOf(ctx, slot.StageID)
		if err != nil {
			return nil, err
		}
		if status == sport.Approved {
			done = append(done, slot.Number)
		}
	}
	return done, nil
}

// isMember says whether an athlete is in a club; in none, nobody is.
func (d *Dispatcher) isMember(ctx context.Context, club, athlete uuid.UUID) (bool, error) {
	if club == uuid.Nil {
		return false, nil
	}
	state, _, err := d.clubs.Load(ctx, club)
	return state.IsMember(athlete), err
}

// asClubAdmin says of the command's actor whether they administer the hosting club, whatever the sender has claimed. Every
// command has the same Head but none shares a type, so the one field is set by reflection.
func asClubAdmin[C hosted](ctx context.Context, d *Dispatcher, cmd C, club uuid.UUID) (C, error) {
	by, admin := cmd.Actor(), false
	if club != uuid.Nil && !by.System && by.AthleteID != uuid.Nil {
		state, _, err := d.clubs.Load(ctx, club)
		if err != nil {
			return cmd, err
		}
		admin = state.IsAdministrator(by.AthleteID)
	}
	if by.ClubAdmin == admin {
		return cmd, nil
	}
	filled := reflect.New(reflect.TypeOf(cmd)).Elem()
	filled.Set(reflect.ValueOf(cmd))
	filled.FieldByName("By").FieldByName("ClubAdmin").SetBool(admin)
	return filled.Interface().(C), nil
}
