// Package importer brings rides in and finds what they are worth.
//
// Bring takes a file as it was uploaded: it is decoded at once, so that a bad file is refused where it was given; bytes and
// track are kept beside the log, and the Activity is recorded. Run follows the log and matches: a ride against the stages
// that its athlete is in, or, when a stage starts, changes its segment, or an athlete joins late, the rides brought before.
//
// Matching tells the competitor all that an activity holds for a stage, and the competitor accepts, refuses, replaces or
// removes: so doing it again after a crash changes nothing. What the segment engine saw and did not take is kept with the
// activity, for the page that explains it.
package importer
