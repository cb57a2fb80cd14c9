package auth

import "segmentchallenge/internal/refusal"

// What sign-in says no to.
var (
	ErrEmailInvalid = refusal.Field("email", "email_invalid", "This isn't an e-mail address. It should look like ana@example.org.")
	ErrEmailTaken   = refusal.Of(refusal.Conflict, "email_taken", "This e-mail address belongs to another athlete.")
	ErrTooManyLinks = refusal.New("too_many_links",
		"This address has been sent several sign-in links within the hour. Use the newest one, or try again later.")
	ErrMailFailed = refusal.New("mail_failed", "The mail couldn't be sent. Try again in a few minutes.")

	ErrLinkUnknown = refusal.Of(refusal.NotFound, "link_unknown",
		"This sign-in link isn't one of ours or isn't complete. Copy the whole address from the mail, or ask for a new link.")
	ErrLinkUsed = refusal.New("link_used",
		"This sign-in link has been used already: each works once. Ask for a new one to sign in again.")
	ErrLinkExpired = refusal.New("link_expired",
		"This sign-in link has expired: links work for 20 minutes. Ask for a new one.")

	// ErrInvalidToken is answered with status 401.
	ErrInvalidToken = refusal.Of(refusal.Forbidden, "invalid_token", "This API token is unknown or has been revoked.")
	ErrTokenName    = refusal.Field("name", "token_name_too_long", "A token's name has at most 80 characters.")
	ErrNotFound     = refusal.Of(refusal.NotFound, "not_found", "There is no such session or token of yours.")
)
