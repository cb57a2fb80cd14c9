package challengeboard

import "segmentchallenge/internal/refusal"

// Why a challenge's board says no.
var (
	ErrSignIn         = refusal.Of(refusal.Forbidden, "sign_in_required", "Please sign in first.")
	ErrNotOrganiser   = refusal.Of(refusal.Forbidden, "not_the_organiser", "Only the organiser of this challenge can do that.")
	ErrProgramOnly    = refusal.Of(refusal.Forbidden, "follows_from_stages", "The standings follow from the stages and can't be changed by themselves.")
	ErrNotHosted      = refusal.New("challenge_not_hosted", "This challenge has not been hosted yet.")
	ErrCancelled      = refusal.New("challenge_cancelled", "This challenge was cancelled.")
	ErrFinal          = refusal.New("standings_final", "The standings are final: the results of this challenge have been approved.")
	ErrNotScored      = refusal.New("stage_not_scored", "This stage hasn't been scored yet: its results haven't been approved.")
	ErrReasonMissing  = refusal.Field("reason", "reason_missing", "Give a reason: everybody can see it.")
	ErrReasonTooLong  = refusal.Field("reason", "reason_too_long", "A reason can have at most 500 characters.")
	ErrNoCategory     = refusal.Field("category", "category_unknown", "The challenge has no such category.")
	ErrClassification = refusal.Field("classification", "classification_unknown", "There is no such classification in this category.")
	ErrNothing        = refusal.Field("points", "points_missing", "Say how many points to give, or to take: less than zero.")
	ErrTooManyPoints  = refusal.Field("points", "points_too_many", "At most 1,000,000 points can be given or taken at once.")
	ErrAthleteUnknown = refusal.Field("athleteId", "not_a_competitor", "This athlete has never been in the challenge.")
	ErrTeamsAdjusted  = refusal.Field("classification", "teams_not_adjustable", "Teams have what their members have: adjust those.")
)
