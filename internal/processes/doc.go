// Package processes is where aggregates meet: what follows from an event, as commands to others.
//
//	a stage is added, moved, dropped by its challenge  → the stage is created (with its boards), moved, deleted
//	a challenge starts, ends, is cancelled             → its stages start, end, are deleted
//	an effort is accepted, removed, flagged            → the stage's boards place or withdraw its athlete
//	a stage is approved                                → its boards are final
//	a stage is reopened                                → its boards are open again, and hear what they missed
//	an athlete joins, or discloses a gender or an age  → the categories follow, and the boards with them
//	a start moves into another year                    → everybody's categories follow
//
// React (react.go) is pure and is the whole policy. Runner (runner.go) feeds it from the log and sends what it says.
//
// The events of one challenge are handled one after the other, in the order of the log. So what it means that an effort
// came in while its stage was being approved is decided in one place: before the approval in the log, it stands on all
// boards; behind it, on none, and the competitor is told so (stage_approved). Challenges don't wait for each other.
//
// An event may be delivered again after a crash, in the middle of what follows from it, too. The ids of the commands
// derive from the event's, so that each still takes effect once.
//
// What follows from time is a process with a memory (package process): the Calendar (calendar.go) knows when a challenge and
// its stages start, end and are to be approved, and asks for it then. calendar_hear.go is how it learns, clock.go runs it.
package processes
