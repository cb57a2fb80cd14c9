package process_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
)

// A node that stops in the middle of a round writes down what it has sent; what it was about to send is as if it had not
// been tried.
func TestStoppedWhileSending(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	sending := make(chan struct{})
	stop := n.run(n.manager(diaries(process.ToPark, nil), func(ctx context.Context, command any, meta eventstore.Meta) error {
		if command.(Note).Text == "two" {
			close(sending)
			<-ctx.Done()
			return ctx.Err()
		}
		return n.note(ctx, command, meta)
	}).Run)
	n.ask(words("a", "one", "two", "three")...)
	<-sending
	stop()
	wantLines(n, "a", "one")
	if left, tried := n.count(`process_outbox`), n.count(`process_outbox where attempts > 0 or parked`); left != 2 || tried != 0 {
		t.Errorf("%d commands are left, %d of them tried", left, tried)
	}
	n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
	n.settle("diaries")
	wantLines(n, "a", "one", "two", "three")
}

// Stopped and started again while a command is on its way, an instance doesn't hear that this was refused: it was another's.
func TestLateRefusal(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	sending, restarted := make(chan struct{}), make(chan struct{})
	var once sync.Once
	n.run(n.manager(diaries(process.ToReact, nil), func(ctx context.Context, command any, meta eventstore.Meta) error {
		if command.(Note).Text == "refuse me" {
			once.Do(func() { close(sending); <-restarted })
		}
		return n.note(ctx, command, meta)
	}).Run)
	n.ask(words("a", "refuse me")...)
	<-sending
	head := n.ask(words("a", "stop", "count")...)
	if err := n.store.WaitFor(n.soon(), head, "diaries"); err != nil {
		t.Fatal(err)
	}
	close(restarted)
	n.settle("diaries")
	wantLines(n, "a", "stop", "count 1")
}

// Of timers that are due at the same moment, one may cancel another, or end it all.
func TestTimersThatCancelOthers(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]process.Effect{"cancel": process.CancelTimer{Timer: "timer 2"}, "stop": process.Stop{},
		"later": process.SetTimer{Timer: "timer 2", At: start.Add(24 * time.Hour)}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			p := diaries(process.ToPark, nil)
			without := p.React
			p.React = func(s Memory, in process.Input) (Memory, []process.Effect) {
				s, effects := without(s, in)
				if due, ok := in.(process.Due); ok && due.Timer == "timer 1" {
					effects = append(effects, effect)
				}
				return s, effects
			}
			m := n.manager(p, n.note)
			n.run(m.Run)
			n.ask(Asked{Key: "a", Do: "timer 1", In: time.Minute}, Asked{Key: "a", Do: "timer 2", In: time.Minute})
			n.settle("diaries")
			fireTogether(n, []*process.Manager{m}, start.Add(time.Hour))
			wantLines(n, "a", "timer 1")
		})
	}
}

// What follows from an event, a refusal or a timer is sent at once by the node that decided it, not at the next poll.
func TestSentAtOnce(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	opts := n.options()
	opts.Poll = time.Hour
	m, err := process.New(n.store, n.pool, diaries(process.ToReact, nil), n.note, opts)
	if err != nil {
		t.Fatal(err)
	}
	n.run(m.Run)
	n.ask(Asked{Key: "a", Do: "one"}, Asked{Key: "a", Do: "refuse it"}, Asked{Key: "a", Do: "timer t", In: time.Minute})
	n.settle("diaries")
	if fired, err := m.FireDue(n.soon(), start.Add(time.Hour)); fired != 1 || err != nil {
		t.Errorf("%d timers fired, %v", fired, err)
	}
	n.drained()
	wantLines(n, "a", "one", "sorry for refuse it", "timer t")
}

// Who waits for what follows from an event waits for what follows from its refusal as well.
func TestSentWaitsForWhatRefusalsLeadTo(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	sorry, goOn := make(chan struct{}), make(chan struct{})
	n.run(n.manager(diaries(process.ToReact, nil), func(ctx context.Context, command any, meta eventstore.Meta) error {
		if command.(Note).Text == "sorry for refuse it" {
			close(sorry)
			<-goOn
		}
		return n.note(ctx, command, meta)
	}).Run)
	position := n.ask(words("a", "refuse it")...)
	<-sorry
	impatient, cancel := context.WithTimeout(n.soon(), 50*time.Millisecond)
	defer cancel()
	if err := process.Sent(n.pool)(impatient, position); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("what is on its way counts as sent: %v", err)
	}
	close(goOn)
	n.settle("diaries")
	wantLines(n, "a", "sorry for refuse it")
}
