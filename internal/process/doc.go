// Package process runs processes: what reacts to events over time, remembers something, and has commands sent.
//
// A read model remembers and does nothing; an aggregate decides about itself alone. Where several meet, or where time has a
// say (money that is taken here and given there, a mail that waits whether it is still true, a stage that ends on Sunday),
// somebody has to know how far things have come. That is an instance of a process: a small state with a name.
//
// # Writing one
//
//	var transfers = process.Process[Transfer]{
//		Name:     "transfers",
//		Events:   []eventstore.Event{Asked{}, Accepted{}, Withdrawn{}, Deposited{}},
//		Commands: map[string]any{"Withdraw": Withdraw{}, "Deposit": Deposit{}},
//		Refusals: process.ToReact,
//		Route:    func(e eventstore.Event) []process.Route { … }, // Starts(id) or Continues(id)
//		React:    func(t Transfer, in process.Input) (Transfer, []process.Effect) { … },
//	}
//
// Route says which instances an event is for, and whether it may start one. React is the whole process: pure, from the state
// and an input (an event that Happened, a timer that is Due, a command that was Refused) to the next state and effects
// (Send, SetTimer, CancelTimer, Stop). So a table test of React is a test of the process. The example moves money between
// two accounts, with a refund when that is refused and a time-out when nobody accepts it.
//
//	m, err := process.New(store, pool, transfers, send, process.Options{})
//	…
//	go m.Run(ctx) // on as many nodes as there are
//
// # What is promised
//
// Each input counts once, and each command takes effect once, whatever crashes where. Two steps see to it:
//
//	log ──► Apply, one transaction:              ──► rounds of sending:                 ──► log
//	        checkpoint, states, timers,              send, then delete what was sent
//	        commands into process_outbox
//
// The first step is a projection of the event store: the checkpoint moves in the transaction that keeps the states, the
// timers and the commands that were decided. The second may happen twice around a crash. The id of a command derives from
// the event that it follows from (UUIDv5 of event, process, instance and number), the ids of its events from the command's,
// and the append answers to known ids with the first result. So twice is once, for a command that has left something in
// the log. One that was refused or changed nothing left no trace, and is decided anew.
//
// The commands of an instance are sent in the order in which they were decided, one after the other; instances don't wait for
// each other. Two nodes share the work: the lock on an instance's first command says who sends.
//
// A timer is a row. It fires once, at its time or as soon as somebody is there, on whichever node looks first. Before it
// does, the process has handled all that was in the log: what happened while nobody was there and cancels it, cancels it.
//
// Stop forgets the instance and its timers. An event that may only continue doesn't bring it back, a refusal that comes late
// isn't heard; one that may start begins a new life.
//
// # When something goes wrong
//
//   - A command is refused: Refusals says whether that is ignored, is an input, or waits for a person.
//   - A command fails otherwise: it is tried again with growing pauses, then parked. The instance's later commands wait.
//   - React panics, or the state can't be read: it would again, so the instance is stuck at once. Its later events wait, its
//     timers don't fire. Nothing is lost: Replay takes all of it up, in order, when the program is better; Discard drops
//     the one that is in the way. ListParked names them.
//   - An event can't be decoded or routed: nobody knows whose it is. The whole process waits there, as a projection does.
//
// Read-your-writes: the process's subscription reaches a position when what follows is decided, Sent tells when it is sent.
//
// # Where what is
//
// process.go has the words, manager.go the workers, turn.go one transaction's work and save.go its rows, outbox.go the
// sending, timers.go the clock, parked.go what waits for a person, sent.go the waiting. The tables are in migration 15.
//
// # Not in here
//
// Reactions without memory need none of it: where the commands' ids derive from the event, a handler subscription that sends
// them before its checkpoint has the same effect with fewer writes. See docs/decisions/0007.
package process
