// Package history answers what only a log can: how a leaderboard stood at any past moment (Board), when it changed hands
// (Moments), how the standings of a challenge stood (Standings), and why an athlete has the rank (Why) and the points
// (Points) that they have.
//
// A board's stream holds one small event a change, so the past is a fold of it: reading and evolving take some ten
// microseconds an event (go test -bench . ./internal/history). Nothing is stored for it, so nothing can disagree with the log.
package history
