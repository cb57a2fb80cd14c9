// Package zones keeps places that athletes don't want others to see in their rides: home, work, school.
//
// Hide (hide.go) is pure, and takes what lies in a zone out of a track before anybody but its athlete sees it: on maps, in
// profiles, where segments are cut, where efforts are reviewed. Store (store.go) keeps the zones in a table of their own and
// not in the log, so that one that is deleted is gone.
//
// A circle around a door would give the door away: many rides, all cut off on its edge, lie on the circle. So each ride is
// cut off a little further out, by a share of the radius that follows from its id.
package zones
