// Package challenges is the aggregate Challenge: what an organiser lays down, which stages there are and when, and how
// far the whole has come.
//
// It protects: the challenge's time holds its stages, which don't overlap and have numbers and slugs of their own; it is
// hosted only when it can be ridden; every step of its life is taken once, in order, and by who may.
//
//	                                        Start        End         Approve
//	           Create          Host      (or by time) (or by time)  (or in time)
//	(none) ────────▶ pending ──────▶ upcoming ────▶ active ────▶ past ────────▶ approved
//	                    │  └───────────────┼──────────▶ │                         (final)
//	                    │     Host, when   │            │          ▲──────Reopen──── (with a reason)
//	                    │  the start is    │            │
//	                    │   already past   │            │
//	                    └─────────┬────────┴────────────┘
//	                              ▼ Cancel
//	                          cancelled
//
// commands.go and events.go are its words, challenge.go its state, decide.go the life cycle, define.go what a definition
// must be, slots.go where stages fit, periods.go the stages that a recurring goal makes, errors.go every refusal.
package challenges
