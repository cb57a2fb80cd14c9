// Package athletes is the aggregate Athlete: the person, as they show themselves, and what they keep at hand.
//
// It protects: a profile can be shown and used (names, a time zone that exists); only the athlete and the site's
// administrators change it; nobody makes themselves an administrator; a deleted account stays deleted.
//
//	(none) ──Register──▶ registered
//	                      │    ▲
//	                      │    │ ChangeProfile, ChangeAvatar, ChooseNotifications, AppointAdmin, StarSegment, UnstarSegment
//	                      ├────┘
//	                      ▼ Delete
//	                   deleted ──NoteErasure──▶ erased: nobody can read any more who it was
//
// The e-mail address is not part of it: internal/auth keeps that outside the log.
package athletes
