package athletes

import "segmentchallenge/internal/refusal"

// Why an athlete can't be registered or changed.
var (
	ErrSignIn         = refusal.Of(refusal.Forbidden, "sign_in_required", "Please sign in first.")
	ErrNotYourself    = refusal.Of(refusal.Forbidden, "not_yourself", "You can only change your own profile.")
	ErrNotAdmin       = refusal.Of(refusal.Forbidden, "not_an_administrator", "Only administrators of the site can do that.")
	ErrOwnAppointment = refusal.New("own_appointment", "Another administrator has to take that back, so that the site always has one.")
	ErrNotFound       = refusal.Of(refusal.NotFound, "athlete_not_found", "There is no such athlete.")
	ErrProgramOnly    = refusal.Of(refusal.Forbidden, "follows_from_deletion", "This follows from deleting an account and can't be asked for by itself.")
	ErrNotDeleted     = refusal.New("account_not_deleted", "This account has not been deleted.")
	ErrDeleted        = refusal.New("account_deleted", "This account has been deleted. What was personal in it is gone, so it can't be brought back.")
	ErrGender         = refusal.Field("gender", "gender_unknown", "The gender is F, M, X, or left open.")
	ErrBirthYear      = refusal.Field("birthYear", "birth_year_impossible", "That can't be the year of your birth. It may be left open.")
	ErrUnits          = refusal.Field("units", "units_unknown", "Units are metric or imperial.")
	ErrZoneUnknown    = refusal.Field("timeZone", "time_zone_unknown", "There is no such time zone. Give a name like Europe/Amsterdam.")
	ErrVisibility     = refusal.Field("visibility", "visibility_unknown", "A profile is visible to everyone, to members, or to nobody.")
	ErrNotification   = refusal.Field("notifications", "notification_unknown", "There is no such kind of e-mail.")
	ErrSegmentMissing = refusal.Field("segmentId", "segment_missing", "Say which segment.")
)
