// Package dispatch brings a command to the aggregate that takes it, and tells when everybody can read what it did.
//
// Send is one type switch over the sealed command interfaces of the domain. On the way it fills in what a decision needs
// of other aggregates (Terms, Rules: see terms.go and competitorterms.go), read from their present state. The race that remains
// has a named winner: a stage that is approved refuses, and so does a board that is final. Two aggregates for one command
// there can't be: the interfaces are sealed, and a case that is there twice doesn't compile.
//
// Every command leaves an entry in the audit, whatever became of it (record.go). One with an id is carried out once; sent
// again, wherever and whenever, it gets the first result, also where several are decided together (together.go, recall.go).
//
// Settle gives read-your-writes: it waits for the reactions that a command set off, for what those set off in turn (they
// share a correlation id), and then for the read models, on whatever node they run.
package dispatch
