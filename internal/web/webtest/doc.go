// Package webtest runs the whole site for tests: a fresh database, the log, read models, processes and importer, behind a
// real HTTP server. Nothing is mocked; the clock alone is the test's, by Tick. Where is what:
//
//   - site.go: Start, and what a test waits for.
//   - browser.go: somebody who looks at pages and sends forms, signed in or not.
//   - make.go: athletes, clubs, segments, challenges, stages by the same commands that the pages send.
//   - ride.go: rides over a segment, as GPX files brought through the importer.
//   - season.go: a challenge with a stage that is over, one that runs, one to come and a mystery, with rides.
package webtest
