package clubs

import "segmentchallenge/internal/refusal"

// Why a club says no.
var (
	ErrSignIn            = refusal.Of(refusal.Forbidden, "sign_in_required", "Please sign in first.")
	ErrNotAdministrator  = refusal.Of(refusal.Forbidden, "not_the_club_administrator", "Only administrators of this club can do that.")
	ErrNotFound          = refusal.Of(refusal.NotFound, "club_not_found", "There is no such club.")
	ErrExists            = refusal.Of(refusal.Conflict, "club_exists", "There is a club with this id already.")
	ErrSlugMissing       = refusal.Field("name", "slug_missing", "This name can't be made into an address. Use some letters or digits.")
	ErrWebsite           = refusal.Field("website", "website_invalid", "Give the website's whole address, such as https://example.org.")
	ErrAthleteMissing    = refusal.Field("athleteId", "athlete_missing", "Say which athlete.")
	ErrNotMember         = refusal.Of(refusal.NotFound, "not_a_member", "This athlete isn't a member of the club.")
	ErrNoRequest         = refusal.Of(refusal.NotFound, "no_membership_request", "This athlete hasn't asked to join the club.")
	ErrLastAdministrator = refusal.New("last_administrator", "A club needs an administrator. Appoint another one first.")
)
