// Package challengeboard is the aggregate ChallengeBoard: who has which points in a challenge, in one category.
//
// It protects: what an approved stage gave stays given; whatever changes it is an event of its own, with a reason; and each
// point can be traced to the stage, the place and the rule that gave it.
//
//	                            Finalise
//	(none) ──Open──▶ open ─────────────────────▶ final
//	                 │  ▲ ◀────────Reopen─────── │  ▲
//	                 └──┘                        └──┘ CorrectStage
//	        ScoreStage, ReopenStage, Adjust, SetLimited, SetScheme, CorrectStage
//
// The points come from the pure rules above this package (Season.Score); the events say what was given, in parts of 250
// athletes, all of them appended at once. Totals and ranks aren't stored: Tabulate makes them of what was given, here, in
// the read model and wherever somebody asks why.
//
// What a stage under way would give is no event: it's read from the stage's board. A stage whose approval is taken back gives
// nothing until it is approved, and scored, anew.
//
// Commands follow from other aggregates, and may come twice or late: what is known already is no news, and the last stage
// to be scored makes a challenge final that was approved before.
package challengeboard
