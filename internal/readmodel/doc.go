// Package readmodel is what the pages and the API read: tables that projectors fill from the log.
//
// One family is a pair of files: leaderboard.go has the row structs and the queries, leaderboard_projector.go is the only
// writer of the family's tables.
//
//	people       athletes, clubs, club_members
//	segments     segments, starred_segments
//	challenges   challenges, stages, competitors (their queries are also in stages.go, competitors.go, home.go)
//	activities   activities, activity_findings, efforts (and matching.go)
//	leaderboard  boards, board_entries
//	standings    standing_…: what the points of a challenge are made of, and its tables (standings_projector.go notes what a
//	             batch changed, standings_settle.go and standings_tabulate.go make that anew)
//	feed         feed_items, feed_goals, feed_goals_reached
//	personal     person_streams: which streams are about whom
//	notifications  notification_choices: e-mails that athletes don't want
//	trophies     trophies
//
// A projector does a fixed amount of work for an event, however many athletes there are (standings do more where the rules
// of a challenge make everybody's points depend on everybody), reads no table of another
// family and calls nothing outside: so Rebuild can run it beside the live tables, and Verify can compare the two. Queries
// join the families freely; one may lag behind another for a moment, so they join outward and take what is missing as
// empty.
//
// db.go holds what all queries share, projector.go what all projectors do.
//
// Queries take who asks (actor.Actor, the zero value is a visitor) where that decides what is shown. What isn't there,
// and what the viewer may not see, is the same refusal: not found. Lists are paged by an opaque cursor.
package readmodel
