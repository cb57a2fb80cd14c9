package stages

import "segmentchallenge/internal/refusal"

// Who may not.
var (
	ErrSignIn       = refusal.Of(refusal.Forbidden, "sign_in_required", "Please sign in first.")
	ErrNotOrganiser = refusal.Of(refusal.Forbidden, "not_the_organiser", "Only the organiser of this challenge can do that.")
	ErrProgramOnly  = refusal.Of(refusal.Forbidden, "follows_from_challenge", "This follows from a change of the challenge and can't be asked for by itself.")
)

// What the stage's time of life doesn't allow.
var (
	ErrNotFound           = refusal.Of(refusal.NotFound, "stage_not_found", "There is no such stage.")
	ErrChallengeNotActive = refusal.New("challenge_not_active", "The challenge is not under way, so its stages can't start.")
	ErrAlreadyStarted     = refusal.New("stage_already_started", "This stage has started already.")
	ErrNotActive          = refusal.New("stage_not_active", "This stage has not started yet.")
	ErrNotDue             = refusal.New("stage_not_due", "It is not time for that yet.")
	ErrNotOver            = refusal.New("stage_not_over", "This stage has not ended yet.")
	ErrOver               = refusal.New("stage_over", "This stage is over.")
	ErrAlreadyApproved    = refusal.New("stage_already_approved", "The results of this stage have been approved already.")
	ErrNotApproved        = refusal.New("stage_not_approved", "The results of this stage have not been approved yet.")
	ErrChallengeFinal     = refusal.New("challenge_already_approved", "The results of the whole challenge are final. Reopen those first.")
	ErrChallengeCancelled = refusal.New("challenge_cancelled", "This challenge was cancelled.")
	ErrEarlierOpen        = refusal.New("earlier_stage_not_approved", "Stages are approved in their order. Approve the earlier ones first.")
)

// What can't be said of a stage.
var (
	ErrType             = refusal.Field("type", "stage_type_unknown", "A stage of a segment challenge is mountain, rolling or flat; those of other challenges keep their type.")
	ErrNoSegment        = refusal.Field("segmentId", "segment_not_possible", "This stage isn't ridden over a segment.")
	ErrSegmentMissing   = refusal.Field("segmentId", "segment_missing", "Say which segment the stage is ridden over.")
	ErrPointsAdjustment = refusal.Field("pointsAdjustment", "points_adjustment_unknown", "The points adjustment is none, double, queen or preview.")
	ErrNoPoints         = refusal.Field("pointsAdjustment", "points_not_possible", "Only stages over a segment score points.")
	ErrMessageEmpty     = refusal.Field("message", "message_missing", "Write a message.")
)
