package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Change is what the clock asks of a challenge or stage.
type Change string

const (
	StartChallenge   Change = "start_challenge"
	StartStage       Change = "start_stage"
	EndStage         Change = "end_stage"
	EndChallenge     Change = "end_challenge"
	ApproveStage     Change = "approve_stage"
	ApproveChallenge Change = "approve_challenge"
)

// Transition is a change whose time has come. StageID is zero where the change is the challenge's.
type Transition struct {
	Change      Change
	ChallengeID uuid.UUID
	StageID     uuid.UUID
	Due         time.Time
}

// DueTransitions lists what has to start or end by now, in the order in which it must happen. What one transition makes
// possible (a started challenge's first stage) is listed by the next call, once the read models have it.
func DueTransitions(ctx context.Context, db DB, now time.Time) ([]Transition, error) {
	return list[Transition](ctx, db, `
		select change, challenge_id, stage_id, due from (
			select 'start_challenge' as change, 1 as turn, id as challenge_id, '00000000-0000-0000-0000-000000000000'::uuid as stage_id, start_at as due
			from challenges where status = 'upcoming' and start_at <= $1
			union all
			select 'start_stage', 2, s.challenge_id, s.id, s.start_at
			from stages s join challenges c on c.id = s.challenge_id
			where s.status = 'upcoming' and s.start_at <= $1 and c.status = 'active'
			union all
			select 'end_stage', 3, s.challenge_id, s.id, s.end_at
			from stages s join challenges c on c.id = s.challenge_id
			where s.status = 'active' and s.end_at <= $1 and c.status in ('active', 'past')
			union all
			select 'end_challenge', 4, id, '00000000-0000-0000-0000-000000000000', end_at
			from challenges where status = 'active' and end_at <= $1
		) due order by turn, due, stage_id, challenge_id`, now)
}

// DueApprovals lists stages, in their order, and then challenges that ended (or were reopened) at least wait ago and that nobody has
// approved. Only a challenge's first unapproved stage is listed, and a challenge only once all its stages are approved.
func DueApprovals(ctx context.Context, db DB, now time.Time, wait time.Duration) ([]Transition, error) {
	return list[Transition](ctx, db, `
		select change, challenge_id, stage_id, due from (
			select 'approve_stage' as change, 1 as turn, s.challenge_id, s.id as stage_id, s.ended_at as due
			from stages s where s.status = 'past' and greatest(s.ended_at, s.reopened_at) <= $1
			and not exists (select from stages p where p.challenge_id = s.challenge_id and p.number < s.number
				and p.status not in ('approved', 'deleted'))
			union all
			select 'approve_challenge', 2, c.id, '00000000-0000-0000-0000-000000000000', c.ended_at
			from challenges c where c.status = 'past' and greatest(c.ended_at, c.reopened_at) <= $1
			and not exists (select from stages s where s.challenge_id = c.id and s.status not in ('approved', 'deleted'))
		) due order by turn, due, challenge_id`, now.Add(-wait))
}
