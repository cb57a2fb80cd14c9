// Package privacy gives people what is kept about them, and takes it away.
//
// Export writes a zip with everything. Eraser follows the log, and when an athlete has deleted their account it goes through
// all that there is of them:
//
//	AthleteDeleted ─► e-mail address, sessions, tokens ─► activities, with files and tracks ─► challenges without a result,
//	    drafts, clubs ─► what was copied elsewhere (snapshots, the audit's fields) ─► the key ─► AthleteErased
//
// Each step can be repeated, so a crash in between loses nothing: the event is handled again. When the key is destroyed,
// what events said about the person can't be read any more, in the log or anywhere it was copied to (package vault);
// AthleteErased tells read models to forget what they had read before, and all nodes to drop the key from memory.
//
// Results stay, as those of a "Deleted athlete": others were ranked by them. So who has some in a challenge stays in it.
// A club never stays without an administrator: the longest-standing member follows.
package privacy
