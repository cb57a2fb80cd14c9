// Package demo fills a site with a season of challenges on an invented island, and keeps it moving: simulated riders bring
// rides as files to the site's own address, the way that everybody does. Where is what:
//
//   - demo.go: Demo and Run, from an empty database to riders who go on until the program ends.
//   - people.go, island.go, season.go: who rides where and in which challenges. All of it is invented.
//   - seed.go, history.go: the same as commands. Every id derives from its name, so that seeding again after an
//     interruption, or at the next start, goes on where it stopped.
//   - outing.go, files.go: one ride, with all that can go wrong, as the file that a device would write.
//   - upload.go: a rider's way to the site.
//   - calendar.go, rides.go: the rides that have been ridden when the demo begins.
//   - riders.go: the rides that come in while somebody watches.
//   - samples.go: files for the visitor to try an upload with.
package demo
