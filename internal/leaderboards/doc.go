// Package leaderboards has THE RULES by which athletes are ranked, as pure functions and values.
//
// Start with rank.go: who stands before whom, what rank that is, who moves when one changes. The package stageboard,
// below this one, is the aggregate that keeps one stage's board in one category.
package leaderboards
