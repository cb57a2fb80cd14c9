package segments

import "segmentchallenge/internal/refusal"

// Why a segment can't be added or renamed; what is wrong with lines is said where they are read.
var (
	ErrSignIn      = refusal.Of(refusal.Forbidden, "sign_in_required", "Please sign in first.")
	ErrNotOwner    = refusal.Of(refusal.Forbidden, "not_your_segment", "Only who added this segment can change it.")
	ErrNotFound    = refusal.Of(refusal.NotFound, "segment_not_found", "There is no such segment.")
	ErrExists      = refusal.Of(refusal.Conflict, "segment_exists", "There is a segment with this id already.")
	ErrTypeUnknown = refusal.Field("activityType", "activity_type_unknown", "This type of activity is not known.")
	ErrNoLine      = refusal.Field("polyline", "line_missing", "A segment needs a line of at least two points.")
	ErrFigures     = refusal.Field("polyline", "figures_impossible", "The length, grades or heights of this line can't be right.")
)
