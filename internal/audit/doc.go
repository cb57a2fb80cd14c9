// Package audit keeps one row of each command that was dispatched: who asked what of whom, when, what became of it and how
// long that took. The log says what happened; the audit also says what was refused, what failed, and what somebody tried.
//
// # Reading
//
// List answers newest first, in pages; a Query's empty fields don't restrict:
//
//	page, err := audit.List(ctx, pool, audit.Query{Challenge: id, People: true})        // every decision on a challenge
//	page, err := audit.List(ctx, pool, audit.Query{Actor: athlete.String()})            // all that somebody did
//	page, err := audit.List(ctx, pool, audit.Query{Correlation: id})                    // all that followed from one click
//	page, err := audit.List(ctx, pool, audit.Query{Outcomes: audit.Troubles})           // what went wrong
//	next, err := audit.List(ctx, pool, audit.Query{…, Before: page.Next})               // what is older; Next is zero at the end
//
// A decision on a challenge is a command to it, to one of its stages or to one of its competitors. What only follows, such
// as the places on boards, is found by its correlation id; the events of a command by Entry.First and Last.
//
// # Writing
//
// Record hands an entry to a bounded queue and never waits; Run writes what has queued in batches, beside the commands,
// and at the end what is left. An audit that can't be written never fails a command: entries that find the queue full or
// that PostgreSQL refuses are lost, counted (Lost) and logged. Flush waits until what was recorded before can be read.
// Rows older than Options.Keep are deleted.
//
// # What is not in it
//
// Fields makes JSON of a command's own fields and leaves out: fields tagged audit:"-" or personal:"…", fields whose name
// says that they hold a secret or describe a person, what looks like an e-mail address, bytes, and whatever is long.
//
// log.go writes, query.go reads, fields.go says what is left out.
package audit
