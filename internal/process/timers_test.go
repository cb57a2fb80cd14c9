package process_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"segmentchallenge/internal/process"
)

// PM-05: a timer that was set before the process ended fires once, after it is due and not before, also on two nodes at
// once; a cancelled one never does.
func TestPM05_Timers(t *testing.T) {
	t.Parallel()
	one := newNode(t)
	stop := one.run(one.manager(diaries(process.ToPark, nil), one.note).Run)
	const instances = 40
	for i := range instances {
		key := fmt.Sprint(i)
		one.ask(Asked{Key: key, Do: "timer kept", In: time.Minute}, Asked{Key: key, Do: "timer lost", In: time.Minute},
			Asked{Key: key, Do: "timer moved", In: time.Minute}, Asked{Key: key, Do: "cancel timer lost"},
			Asked{Key: key, Do: "timer moved", In: time.Hour})
	}
	one.settle("diaries")
	stop()

	two := one.second()
	nodes := []*process.Manager{one.manager(diaries(process.ToPark, nil), one.note), two.manager(diaries(process.ToPark, nil), two.note)}
	one.run(nodes[0].Run)
	two.run(nodes[1].Run)
	for _, step := range []struct {
		at   time.Duration
		want int // of each instance's two timers
	}{{time.Minute - time.Microsecond, 0}, {time.Minute, 1}, {time.Hour - time.Microsecond, 1}, {time.Hour, 2}, {10 * time.Hour, 2}} {
		fired := fireTogether(one, nodes, start.Add(step.at))
		if got := one.count(`events where type = 'Noted'`); got != step.want*instances {
			t.Fatalf("after %s: %d notes of %d instances (%d fired now), want %d of each", step.at, got, instances, fired, step.want)
		}
	}
	for i := range instances {
		wantLines(one, fmt.Sprint(i), "timer kept", "timer moved")
	}
	if left := one.count(`process_timers`); left != 0 {
		t.Errorf("%d timers are left", left)
	}
}

// fireTogether has all nodes fire what is due at the same time, until nothing is, and waits until all is sent.
func fireTogether(n *node, nodes []*process.Manager, now time.Time) (fired int) {
	n.Helper()
	var mu sync.Mutex
	for round := -1; round != fired; {
		round = fired
		var group sync.WaitGroup
		for _, m := range nodes {
			group.Go(func() {
				k, err := m.FireDue(n.soon(), now)
				mu.Lock()
				defer mu.Unlock()
				if fired += k; err != nil {
					n.Error(err)
				}
			})
		}
		group.Wait()
	}
	n.drained()
	return fired
}

// By itself, as in a server: the timer fires when the clock gets there.
func TestTimersFireByThemselves(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
	n.ask(Asked{Key: "a", Do: "timer t", In: time.Hour}, Asked{Key: "a", Do: "timer past", In: -time.Hour})
	n.eventually(func() bool { return len(n.lines("a")) == 1 })
	n.clock.Store(int64(time.Hour))
	n.eventually(func() bool { return len(n.lines("a")) == 2 })
	wantLines(n, "a", "timer past", "timer t")
}

// Nobody was there when a timer became due, nor when what cancels it happened, before that: it must not fire.
func TestTimersSeeWhatHappenedBefore(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	stop := n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
	n.ask(Asked{Key: "a", Do: "timer t", In: time.Minute})
	n.settle("diaries")
	stop()
	n.ask(words("a", "cancel timer t")...)
	// The process can't get on for now: somebody holds its checkpoint.
	tx, err := n.pool.Begin(n.soon())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(n.soon()) }()
	if _, err := tx.Exec(n.soon(), `select from subscriptions where name = 'diaries' for update`); err != nil {
		t.Fatal(err)
	}
	n.clock.Store(int64(time.Hour))
	m := n.manager(diaries(process.ToPark, nil), n.note)
	n.run(m.Run)
	fired := make(chan int, 1)
	go func() { k, _ := m.FireDue(n.soon(), n.now()); fired <- k }()
	select {
	case k := <-fired:
		t.Fatalf("%d timers fired before the process had caught up", k)
	case <-time.After(100 * time.Millisecond): // of a wait that has no end
	}
	if err := tx.Rollback(n.soon()); err != nil {
		t.Fatal(err)
	}
	n.settle("diaries")
	if k := <-fired; k != 0 || len(n.lines("a")) != 0 {
		t.Errorf("%d timers fired, the diary says %v", k, n.lines("a"))
	}
}

// A timer or a refusal that an instance can't react to is kept, and taken up again by a better program, or dropped.
func TestPoisonedTimersAndRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ at, ask, trouble, replayed string }{
		{"timer", "timer due", `timer "timer due", due 2026-05-01T12:01:00Z: panic: what is due?`, "timer due"},
		{"refusal", "refuse me", "panic: what is refused?", "sorry for refuse me"},
	} {
		for _, drop := range []bool{false, true} {
			t.Run(fmt.Sprint(c.at, " dropped: ", drop), func(t *testing.T) {
				t.Parallel()
				n := newNode(t)
				stop := n.run(n.manager(diaries(process.ToReact, func(word string) bool { return word == "due" || word == "refused" }), n.note).Run)
				n.ask(Asked{Key: "a", Do: c.ask, In: time.Minute}, Asked{Key: "b", Do: "timer fine", In: time.Minute})
				n.settle("diaries")
				n.clock.Store(int64(time.Hour))
				n.eventually(func() bool { return n.count(`process_instances where stuck = $1`, c.at) >= 1 })
				n.ask(words("a", "count")...)
				n.settle("diaries")
				wantLines(n, "a")
				parked, err := process.ListParked(n.soon(), n.pool)
				if err != nil || len(parked) < 1 || parked[0].At != c.at || !strings.Contains(parked[0].Trouble, c.trouble) {
					t.Fatalf("parked: %+v, %v", parked, err)
				}
				stop()
				n.run(n.manager(diaries(process.ToReact, nil), n.note).Run)
				goOn, want := process.Replay, []string{c.replayed, "count 2"}
				if drop {
					goOn, want = process.Discard, []string{"count 2"}
				}
				if err := goOn(n.soon(), n.pool, "diaries", "a"); err != nil {
					t.Fatal(err)
				}
				n.eventually(func() bool { return len(n.lines("a")) == len(want) })
				got := n.lines("a") // which of the two was first, the input or the event that waited, is open
				if count(got, want[0]) != 1 || count(got, want[len(want)-1]) != 1 {
					t.Errorf("the diary says %v, want %v", got, want)
				}
				n.drained()
			})
		}
	}
}

// A timer that sets itself again fires at each of its times.
func TestTimersThatRepeat(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	p := diaries(process.ToPark, nil)
	once := p.React
	p.React = func(s Memory, in process.Input) (Memory, []process.Effect) {
		s, effects := once(s, in)
		if due, ok := in.(process.Due); ok && due.At.Before(start.Add(5*time.Minute)) {
			effects = append(effects, process.SetTimer{Timer: due.Timer, At: due.At.Add(time.Minute)})
		}
		return s, effects
	}
	m := n.manager(p, n.note)
	n.run(m.Run)
	n.ask(Asked{Key: "a", Do: "timer t", In: time.Minute})
	n.settle("diaries")
	fireTogether(n, []*process.Manager{m}, start.Add(3*time.Minute))
	wantLines(n, "a", "timer t", "timer t", "timer t")
	fireTogether(n, []*process.Manager{m}, start.Add(time.Hour))
	wantLines(n, "a", "timer t", "timer t", "timer t", "timer t", "timer t")
}
