// Package aggregate hosts aggregates: it loads their state from the log, lets them decide, and appends what they decided.
//
// An aggregate is a value with two pure methods:
//
//	func (s State) Decide(c Command) ([]Event, error) // which events follow from a command, or why not
//	func (s State) Evolve(e Event) State              // the state after an event; s itself stays as it was
//
// The zero State is "does not exist yet". A Host keeps the states of one kind of aggregate:
//
//   - One mailbox an id. What queued while the last append was on its way is decided in turn on the evolving state and
//     appended at once, so that a hot aggregate costs one append for many commands and never conflicts with itself.
//   - A bounded cache of states. It is a baseline only: a refusal decided on a cached state is confirmed against the
//     stream's version before it is given, and an append insists on the exact version.
//   - Another node's append makes ours conflict: the tail is read and the batch decided again, a few times.
//   - A command with an id appends once, however often and wherever it is sent; who sends it again gets the first result.
//     One that changed nothing leaves no trace, and is decided anew.
//   - A state that can (Snapshotter) is kept beside the log every now and then, so that a long stream needn't be read from
//     its beginning. A snapshot that doesn't fit is as good as none.
//   - A panic in Decide or Evolve is an error of that command (*panics.Error): nobody else notices.
//
// host.go loads and remembers, mailbox.go says whose turn it is, work.go decides and appends a batch, outcome.go tells
// each caller what became of its command, snapshot.go keeps states beside the log. Examples: a counter
// (example_counter_test.go), a bank account and a wallet.
package aggregate
