package competitors

import "segmentchallenge/internal/refusal"

// Who may not.
var (
	ErrSignIn       = refusal.Of(refusal.Forbidden, "sign_in_required", "Please sign in first.")
	ErrNotYourself  = refusal.Of(refusal.Forbidden, "not_yourself", "Athletes join and leave for themselves.")
	ErrNotOrganiser = refusal.Of(refusal.Forbidden, "not_the_organiser", "Only the organiser of this challenge can do that.")
	ErrProgramOnly  = refusal.Of(refusal.Forbidden, "follows_from_activity", "This follows from activities and can't be asked for by itself.")
)

// What the challenge's stage of life or its rules don't allow.
var (
	ErrChallengeNotHosted = refusal.New("challenge_not_hosted", "This challenge has not been hosted yet.")
	ErrChallengeOver      = refusal.New("challenge_over", "This challenge is over.")
	ErrChallengeApproved  = refusal.New("challenge_already_approved", "The results of this challenge are final.")
	ErrChallengeCancelled = refusal.New("challenge_cancelled", "This challenge was cancelled.")
	ErrNotClubMember      = refusal.New("not_a_club_member", "This challenge is for members of its club. Join the club first.")
	ErrNotCompeting       = refusal.New("not_competing", "This athlete is not in the challenge.")
	ErrReasonMissing      = refusal.Field("reason", "reason_missing", "Give a reason: the athlete will read it.")
	ErrReasonTooLong      = refusal.Field("reason", "reason_too_long", "A reason can have at most 500 characters.")
	ErrNoteMissing        = refusal.Field("note", "note_missing", "Say why: the athlete will read it.")
	ErrNoteTooLong        = refusal.Field("note", "note_too_long", "A note can have at most 500 characters.")
	ErrNoReview           = refusal.New("no_review_needed", "This effort doesn't wait for anybody to look at it.")
	ErrNoSuchEffort       = refusal.Of(refusal.NotFound, "effort_not_found", "There is no such effort on this stage.")
	ErrAlreadyRecorded    = refusal.New("already_recorded", "This effort has been recorded already, with other figures. Flag that one first.")
	ErrTypeUnknown        = refusal.Field("activityType", "activity_type_unknown", "This type of activity is not known.")
	ErrStartMissing       = refusal.Field("startLocal", "start_missing", "Say when the effort started.")
	ErrInFuture           = refusal.Field("startLocal", "in_the_future", "An effort can't start in the future.")
	ErrMovingTooLong      = refusal.Field("movingTime", "moving_time_too_long", "Nobody moves for longer than the effort took.")
	ErrElapsedMissing     = refusal.Field("elapsedTime", "elapsed_time_missing", "Say how long the effort took.")
)

// Why an effort doesn't count. Their words get the particulars of the effort, see judge.go.
var (
	ErrExcluded        = refusal.New("excluded", "You were excluded from this challenge.")
	ErrActivityType    = refusal.New("activity_type_not_included", "This type of activity doesn't count in this challenge.")
	ErrPrivate         = refusal.New("private_not_allowed", "This activity is private, and this challenge counts only those that everybody can see.")
	ErrManual          = refusal.New("manual_entry", "This activity was entered by hand. Only the organiser can enter efforts by hand.")
	ErrFlaggedEarlier  = refusal.New("flagged_earlier", "The organiser has taken this effort out.")
	ErrOutsideWindow   = refusal.New("outside_window", "This activity didn't start while the stage was open.")
	ErrStageNotStarted = refusal.New("stage_not_started", "This stage has not started yet.")
	ErrStageApproved   = refusal.New("stage_approved", "The results of this stage are final.")
	ErrStageDeleted    = refusal.New("stage_deleted", "This stage was deleted.")
	ErrTooShort        = refusal.New("too_short", "This activity doesn't cover the distance of the race.")
	ErrOutsideHours    = refusal.New("outside_hours", "This effort didn't start at one of the times that count.")
	ErrUploadedLate    = refusal.New("uploaded_late", "This activity came after the time for uploads was over.")
	ErrTooManyAttempts = refusal.New("attempts_used_up", "Only the first attempts on a stage count.")
	ErrNothingMeasured = refusal.New("nothing_measured", "This activity brings nothing that this stage counts.")
)

// Codes of EffortRemoved, besides those above.
const (
	CodeLeft            = "left"
	CodeActivityDeleted = "activity_deleted"
	CodeActivityChanged = "activity_changed"
	CodeSegmentChanged  = "segment_changed"
)
