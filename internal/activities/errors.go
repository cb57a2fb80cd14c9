package activities

import "segmentchallenge/internal/refusal"

// Why an activity can't be recorded, changed or deleted; what is wrong with files is in refusals.go.
var (
	ErrSignIn       = refusal.Of(refusal.Forbidden, "sign_in_required", "Please sign in first.")
	ErrNotYours     = refusal.Of(refusal.Forbidden, "not_your_activity", "This activity is somebody else's.")
	ErrProgramOnly  = refusal.Of(refusal.Forbidden, "follows_from_matching", "What an activity holds is found by the program.")
	ErrErasing      = refusal.Of(refusal.Forbidden, "follows_from_deletion", "This follows from deleting an account and can't be asked for by itself.")
	ErrNotFound     = refusal.Of(refusal.NotFound, "activity_not_found", "There is no such activity.")
	ErrExists       = refusal.Of(refusal.Conflict, "activity_exists", "There is an activity with this id already.")
	ErrTypeUnknown  = refusal.Field("type", "activity_type_unknown", "This type of activity is not known.")
	ErrStartMissing = refusal.Field("startLocal", "start_missing", "An activity needs a start.")
	ErrFigures      = refusal.New("figures_impossible", "The time, distance or elevation of this activity can't be right: it is negative or not a number.")
)
