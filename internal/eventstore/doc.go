// Package eventstore keeps what happened, in order and for ever, in PostgreSQL, and tells everybody who wants to know.
//
// The examples show each part at work, the package's own from opening a store to stopping it. docs/conformance.md lists
// what is promised, and which test holds the store to it.
//
// # The log
//
// An event is a row of the table events: a position in the whole log, a version in its stream, a type with a schema
// version, JSON data and metadata, and who and what caused it (Recorded). Positions are 1, 2, 3 … in commit order and
// without gaps. So "everything up to n" is a statement that stays true: whoever has read up to n has missed nothing and
// needs one number to go on, and no reader ever has to guess whether a gap will still be filled: what is missing was erased.
//
// A sequence can't give that, since it hands out numbers before the commit. Positions come from the one row of
// events_head, the last lock that an append takes, held for one statement and the commit. Commits then queue behind each
// other's flush to disk; group commit makes up for it.
//
// # Appending
//
//	result, err := store.Append(ctx, eventstore.Write{Stream: "challenge-0197…", Expect: eventstore.Exact(7), Events: events})
//
// Append puts events on one or several streams, all or nothing. Expect says what state the stream must be in: Any,
// NoStream, StreamExists or Exact(n); otherwise there is a *ConflictError with the actual version. Event ids make it
// idempotent: the same events again give the first result. Registry.Encode derives ids from a command's id for that.
//
// On each node one goroutine at a time writes (writer.go). It takes all requests that have queued while the last batch was
// being committed, checks expectations in memory against the versions that streams will have after those before (plan.go),
// and stores all of it in one statement (commit.go). The versions that it remembers may be too old where other nodes write
// to the same streams; then the unique key (stream, version) refuses the batch, and it is done again with the head locked
// before the versions are read. Only that second way ever says that there is a conflict. Every caller gets an answer of its
// own: a conflict or an event that PostgreSQL refuses fails alone. If the connection breaks in the middle, the writer looks
// into the log, under the lock, whether the events are there, so an answer is never a guess. It pays: 64 callers get three
// times the rate of plain inserts over 64 connections, a lone caller nine tenths (docs/performance.md has the figures).
//
// What can't be stored is refused before it gets near a batch, as an *EventError that names stream and event: JSON that
// isn't an object or holds what PostgreSQL's text can't (NUL, half a surrogate pair), data beyond Options.MaxEventBytes,
// names that are empty, not text or longer than 512 bytes, ids that are used for something else.
//
// AppendTx appends inside the caller's transaction, for what must be stored together with other rows.
//
// # Reading
//
// ReadStream and ReadAll give events forward or backward as iterators, in pages, filtered by type, category (what stands
// before the dash in a stream's name) and stream. Registry.Decode makes a Go value of a Recorded; it is the only way to
// one, so old shapes are lifted by their upcasters for everybody alike, and what it can't read is a *DecodeError with
// stream and position. Streams lists streams, StreamInfo tells about one.
//
// # Deleting
//
// The log refuses changes: triggers let no update, delete or truncate through. What is to go goes in two steps.
// DeleteStream closes a stream and hides it from ReadStream and Streams; TruncateStream hides its beginning. Both leave the
// events in the log, and RestoreStream takes a deletion back. EraseStream then removes what is hidden for ever, if
// Options.AllowErase says that this may be. Readers and subscriptions pass over the gap, and nobody gets its positions again.
//
// Each of these moves the log to another generation, a number in the row that every append updates anyway. A writer names
// the generation that it knows; where that is an old one, nothing is stored, and the writer looks again, under the lock
// (delete.go, migration 11). So no node appends to what another has deleted, and an append pays nothing for it.
//
// # What is personal
//
// Fields of an event that are tagged personal are sealed with a key of the person whom the event is about, on their way into the
// log (Registry.Encode), and opened by Decode; everything else stays open JSON. Where the keys are is a Vault's business
// (package vault). When a person's key is destroyed, their fields are zero, or say what the tag says, for everybody and in
// every copy of the log; nothing else changes. personal.go finds the tags, seal.go seals; SealStored does it for what was stored
// before there were keys.
//
// # Changing history
//
// What an event type was once is lifted by its upcasters whenever it is read; stored events stay as they were. What must
// change itself is copied: Migrate reads the log in order, gives each event to a Transform, which answers nothing, something
// else or several, and writes what comes of it into another database. Ids, times, metadata and order stay; positions and
// versions are counted anew, and with them checkpoints, parked events and marks are mapped. The copy is compared with what was
// written before it gets its head, so half a copy is an empty log. With MigrateOptions.CutOver all but the end is copied
// while writers write, and the old log then takes no more.
//
// WriteLines and Import carry a log through a file. An import is all or nothing, and its errors name line, stream and position.
//
// # Subscribing
//
// There are three kinds. Each first catches up from the database and then gets what is appended, on whatever node, filtered
// by type, category and stream; from the beginning, from a position, or from Now.
//
//   - Follow remembers nothing: for pushing to browsers.
//   - RunProjection keeps tables. Its checkpoint moves in the transaction that changes them, so each event counts exactly
//     once. All nodes may run it; the lock on the checkpoint's row decides who does the next batch, so there is nothing to
//     fail over.
//   - RunHandler calls a function, for what no transaction can undo. One node holds a lease, whose epoch fences off what an
//     earlier holder writes too late (lease.go). It may work at several keys at a time, each in its order; one in trouble
//     holds up nobody but itself (lanes.go), and the checkpoint goes as far as everything is finished (flight.go).
//
// A handler that fails tries again with growing pauses and then does what GiveUp says: Park sets the event aside, and those
// behind it with the same key, until somebody calls Replay or Discard (parked.go); Skip forgets it; Stop handles nothing
// more on any node until Resume. A projection that fails keeps trying, event by event, so that Checkpoints names the one
// that it can't take. Checkpoints also says how far each subscription is behind, in events and in seconds.
//
// What this node has committed goes to its subscribers from memory (tail.go), what others have is read once for all.
// NOTIFY tells other nodes that there is something, but only as a hint: a poll finds everything without it, so lost hints
// and PgBouncer cost at most Options.Poll. A checkpoint isn't written for each event that the filter leaves out, but
// everything that compares positions (WaitFor, Checkpoints) knows the filters. Whoever catches up has the page under way and
// the next one in memory, so a subscriber that hangs costs the others nothing (follow.go).
//
// What a crash costs: a projection nothing; a handler gets again what it did in its last tenth of a second, which is why
// Handle should derive ids from the event's. A graceful stop costs nothing. A database that goes away is waited for; one
// that comes back shorter than it was ends Run, and a checkpoint beyond the log's end is an *AheadError: waiting would
// skip what will be stored there.
//
// # Reading what was written
//
// WaitFor returns when subscriptions have reached a position: append, wait for the read models that the answer needs,
// then read them, on whatever node. The position is a number that a browser can carry to another node, which waits in its
// turn: a node that waits for a position that it hasn't heard of looks for itself and runs its projections forward.
//
// # Not in here
//
// What events mean, who may cause them (package aggregate and the domain packages), and what tables follow from them
// (package readmodel).
package eventstore
