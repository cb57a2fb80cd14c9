package process_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
)

func wantLines(n *node, key string, want ...string) {
	n.Helper()
	if diff := cmp.Diff(want, n.lines(key)); diff != "" {
		n.Errorf("diary of %s (-want +got):\n%s", key, diff)
	}
}

func TestWordsBecomeNotesInOrder(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
	n.ask(interleave(words("a", "one", "both x", "count"), words("b", "quiet", "count", "three"))...)
	n.ask(Asked{Key: "a,b", Do: "both y"}, Asked{Key: "c,a", Do: "late count"}, Asked{Key: "b,b", Do: "count"}) // some are for several
	n.settle("diaries")
	wantLines(n, "a", "one", "xa", "xb", "count 3", "ya", "yb", "late count")
	wantLines(n, "b", "count 2", "three", "ya", "yb", "count 5")
	wantLines(n, "c")
	if left := n.count(`process_outbox`); left != 0 {
		t.Errorf("%d commands are left in the outbox", left)
	}
}

// Correlation and causation go through the outbox, and the ids of commands derive from the event's.
func TestChainOfCauses(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.run(n.manager(diaries(process.ToReact, nil), n.note).Run)
	position := n.ask(Asked{Key: "a", Do: "both x"})
	n.ask(Asked{Key: "a", Do: "timer t", In: time.Minute}, Asked{Key: "a", Do: "refuse this"})
	n.settle("diaries")
	n.clock.Store(int64(time.Hour))
	n.eventually(func() bool { return len(n.lines("a")) == 4 })
	var asked, noted []eventstore.Recorded
	for rec, err := range n.store.ReadAll(n.soon(), eventstore.ReadOptions{From: position}) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Type == "Asked" {
			asked = append(asked, rec)
		} else {
			noted = append(noted, rec)
		}
	}
	// two of the first event, then the apology for the third, then the timer that the second set
	for i, cause := range []int{0, 0, 2, 1} {
		if noted[i].CausationID != asked[cause].ID || noted[i].CorrelationID != asked[cause].CorrelationID || noted[i].Actor != "system" {
			t.Errorf("note %d: %+v, not of %+v", i, noted[i], asked[cause])
		}
	}
}

// eventually waits for what no position tells.
func (n *node) eventually(ok func() bool) {
	n.Helper()
	for ctx := n.soon(); !ok(); {
		if ctx.Err() != nil {
			n.Fatal("it has not come to that")
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// PM-02: a stopped instance is forgotten with its timers, also when nobody had it loaded; what comes late doesn't bring it
// back, and what starts it anew finds it empty.
func TestPM02_StopForgets(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	stop := n.run(n.manager(diaries(process.ToReact, nil), n.note).Run)
	n.ask(words("a", "one", "both x")...)
	n.ask(Asked{Key: "a", Do: "timer t", In: time.Minute})
	n.settle("diaries")
	stop()
	n.ask(words("a", "stop it", "late hello")...)
	n.run(n.manager(diaries(process.ToReact, nil), n.note).Run)
	n.settle("diaries")
	n.ask(words("a", "late again")...)
	n.settle("diaries")
	n.clock.Store(int64(time.Hour))
	if rows := n.count(`process_instances`) + n.count(`process_timers`) + n.count(`process_outbox`); rows != 0 {
		t.Errorf("%d rows are left of a stopped instance", rows)
	}
	wantLines(n, "a", "one", "xa", "xb", "stop it")
	n.ask(words("a", "count", "late count", "late one")...)
	n.settle("diaries")
	wantLines(n, "a", "one", "xa", "xb", "stop it", "count 1", "late count", "late one")
}

// Stopped and started again within one batch, an instance has none of its old timers.
func TestStopAndStartInOneBatch(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.ask(Asked{Key: "a", Do: "timer old", In: time.Minute}, Asked{Key: "a", Do: "stop"}, Asked{Key: "a", Do: "timer new", In: time.Minute})
	n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
	n.settle("diaries")
	n.clock.Store(int64(time.Hour))
	n.eventually(func() bool { return len(n.lines("a")) == 2 })
	wantLines(n, "a", "stop", "timer new")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		refusals process.Refusals
		want     []string
		parked   int
	}{
		{"ignored", process.ToIgnore, []string{"one", "two"}, 0},
		{"reacted to", process.ToReact, []string{"one", "two", "sorry for refuse this"}, 0},
		{"parked", process.ToPark, []string{"one"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			n.ask(interleave(words("a", "one", "refuse this", "two"), words("b", "one", "two"))...) // in one batch
			n.run(n.manager(diaries(c.refusals, nil), n.note).Run)
			n.settle("diaries")
			wantLines(n, "a", c.want...)
			wantLines(n, "b", "one", "two")
			parked, err := process.ListParked(n.soon(), n.pool)
			if err != nil || len(parked) != c.parked {
				t.Fatalf("parked: %+v, %v", parked, err)
			}
			if c.parked == 0 {
				return
			}
			if p := parked[0]; p.Process != "diaries" || p.Instance != "a" || p.At != "command" || p.Waiting != 2 || !strings.Contains(p.Trouble, "no paper") {
				t.Errorf("parked: %+v", p)
			}
			if n.count(`process_outbox where parked and attempts = 1`) != 1 {
				t.Error("a refusal isn't tried again")
			}
			if err := process.Discard(n.soon(), n.pool, "diaries", "a"); err != nil {
				t.Fatal(err)
			}
			n.settle("diaries")
			wantLines(n, "a", "one", "two")
		})
	}
}

// A command that fails is tried again, with pauses; what is behind it waits, the others flow; in the end it is parked and,
// when somebody says so, sent.
func TestCommandsThatFail(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	var mu sync.Mutex
	var tried []string
	broken := true
	n.run(n.manager(diaries(process.ToPark, nil), func(ctx context.Context, command any, meta eventstore.Meta) error {
		text := command.(Note).Text
		mu.Lock()
		defer mu.Unlock()
		tried = append(tried, text)
		switch times := count(tried, text); {
		case text == "twice" && times < 3:
			return errors.New("try again")
		case text == "panic" && times < 2:
			panic("try again")
		case text == "broken" && broken:
			return fmt.Errorf("try %d failed", times)
		}
		return n.note(ctx, command, meta)
	}).Run)
	n.ask(interleave(words("a", "one", "twice", "panic", "broken", "behind"), words("b", "one", "two", "three"))...)
	n.settle("diaries")
	wantLines(n, "a", "one", "twice", "panic")
	wantLines(n, "b", "one", "two", "three")
	parked, err := process.ListParked(n.soon(), n.pool)
	if err != nil || len(parked) != 1 || parked[0].Trouble != "Note: try 3 failed" || parked[0].Waiting != 2 {
		t.Fatalf("parked: %+v, %v", parked, err)
	}
	n.ask(words("a", "more")...)
	n.settle("diaries")
	wantLines(n, "a", "one", "twice", "panic")
	mu.Lock()
	broken = false
	mu.Unlock()
	if err := process.Replay(n.soon(), n.pool, "diaries", "a"); err != nil {
		t.Fatal(err)
	}
	n.settle("diaries")
	wantLines(n, "a", "one", "twice", "panic", "broken", "behind", "more")
	if err := process.Replay(n.soon(), n.pool, "diaries", "a"); !errors.Is(err, process.ErrNotParked) {
		t.Errorf("replaying what flows: %v", err)
	}
}

func count(all []string, one string) (n int) {
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

// An instance that can't react to an event waits with all that comes for it, and loses none of it; the others flow.
func TestPoisonedInstance(t *testing.T) {
	t.Parallel()
	for _, poison := range []string{"poison", "unlisted"} {
		t.Run(poison, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			stop := n.run(n.manager(diaries(process.ToPark, func(word string) bool { return word == "poison" }), n.note).Run)
			n.ask(interleave(words("a", "count", poison, "count"), words(poison, poison, "count"), words("b", "one", "count"))...)
			n.settle("diaries")
			n.ask(words("a", "late count")...)
			n.settle("diaries")
			wantLines(n, "a", "count 1")
			wantLines(n, poison)
			wantLines(n, "b", "one", "count 2")
			parked, err := process.ListParked(n.soon(), n.pool)
			if err != nil || len(parked) != 2 || parked[0].At != "event" || parked[0].Waiting != 3 || !strings.Contains(parked[0].Trouble, "event 4 (Asked, stream asked-1)") {
				t.Fatalf("parked: %+v, %v", parked, err)
			}
			if err := process.Replay(n.soon(), n.pool, "diaries", "a"); err != nil { // as broken as before
				t.Fatal(err)
			}
			n.eventually(func() bool { return n.count(`process_instances where replay`) == 0 })
			if got := n.count(`process_waiting where instance = 'a'`); got != 3 {
				t.Errorf("%d events wait after a replay in vain", got)
			}
			stop()
			if poison == "unlisted" { // which no other program would understand
				n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
				for _, instance := range []string{"a", poison} {
					if err := process.Discard(n.soon(), n.pool, "diaries", instance); err != nil {
						t.Fatal(err)
					}
				}
				n.eventually(func() bool { return n.count(`process_instances where stuck is not null`) == 0 })
				n.drained()
				wantLines(n, "a", "count 1", "count 2", "late count")
				wantLines(n, poison, "count 1")
				return
			}
			n.run(n.manager(diaries(process.ToPark, nil), n.note).Run) // a better program
			for _, instance := range []string{"a", poison} {
				if err := process.Replay(n.soon(), n.pool, "diaries", instance); err != nil {
					t.Fatal(err)
				}
			}
			n.eventually(func() bool { return n.count(`process_instances where stuck is not null`) == 0 })
			n.drained()
			wantLines(n, "a", "count 1", "poison", "count 3", "late count")
			wantLines(n, poison, "poison", "count 2")
		})
	}
}

// What can't even be routed concerns everybody: the subscription waits there, and says so.
func TestEventThatCanNotBeRouted(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.run(n.manager(diaries(process.ToPark, nil), n.note).Run)
	n.ask(words("a", "one", "lost", "two")...)
	n.eventually(func() bool {
		all, err := n.store.Checkpoints(n.soon())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(c eventstore.Checkpoint) bool { return c.Name == "diaries" })
		return i >= 0 && all[i].State == eventstore.StateRetrying && strings.Contains(all[i].Error, "event 2") && all[i].Position == 1
	})
	n.drained()
	wantLines(n, "a", "one")
}

func TestDefinitionsThatCanNotBe(t *testing.T) {
	t.Parallel()
	whole := diaries(process.ToPark, nil)
	for name, change := range map[string]func(*process.Process[Memory]){
		"no name":            func(p *process.Process[Memory]) { p.Name = "" },
		"no events":          func(p *process.Process[Memory]) { p.Events = nil },
		"no route":           func(p *process.Process[Memory]) { p.Route = nil },
		"no reaction":        func(p *process.Process[Memory]) { p.React = nil },
		"two names, one cmd": func(p *process.Process[Memory]) { p.Commands = map[string]any{"Note": Note{}, "Note2": Note{}} },
		"a command of nil":   func(p *process.Process[Memory]) { p.Commands = map[string]any{"Note": nil} },
	} {
		p := whole
		change(&p)
		if _, err := process.New(nil, nil, p, nil, process.Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := process.New(nil, nil, whole, nil, process.Options{}); err != nil {
		t.Error(err)
	}
}

// Two nodes: an instance's commands come in order, and while no node dies each is sent once, one at a time, whoever handles
// and sends.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	one := newNode(t)
	nodes := []*node{one, one.second()}
	var mu sync.Mutex
	sent, sending := map[uuid.UUID]int{}, map[string]int{}
	for _, n := range nodes {
		n.run(n.manager(diaries(process.ToPark, nil), func(ctx context.Context, command any, meta eventstore.Meta) error {
			key := command.(Note).Key
			mu.Lock()
			sent[meta.CommandID]++
			if sending[key]++; sending[key] > 1 {
				t.Errorf("two commands of %s at once", key)
			}
			mu.Unlock()
			err := n.note(ctx, command, meta)
			mu.Lock()
			sending[key]--
			mu.Unlock()
			return err
		}).Run)
	}
	want := map[string][]string{}
	var group sync.WaitGroup
	for i := range 8 {
		key := fmt.Sprint("key ", i)
		for k := range 30 {
			want[key] = append(want[key], fmt.Sprint(k))
		}
		asked := words(key, want[key]...)
		group.Go(func() {
			for _, a := range asked {
				nodes[i%2].ask(a)
			}
		})
	}
	group.Wait()
	one.settle("diaries")
	for key, lines := range want {
		wantLines(one, key, lines...)
	}
	for id, times := range sent {
		if times != 1 {
			t.Errorf("command %s was sent %d times", id, times)
		}
	}
}

// Somebody sets the checkpoint back and forgets all instances: everything is decided again, with the same ids, and nothing
// happens twice.
func TestDecidedAgain(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.run(n.manager(diaries(process.ToReact, nil), n.note).Run)
	n.ask(append(interleave(words("a", "one", "both x", "refuse it", "count"), words("b", "one")), Asked{Key: "a", Do: "timer t", In: -time.Hour})...)
	n.eventually(told(n))
	want := n.lines("a")
	if len(want) != 6 {
		t.Fatalf("diary of a: %v", want)
	}
	err := n.store.Rewind(n.soon(), "diaries", 0, func(tx pgx.Tx) error {
		_, err := tx.Exec(n.soon(), `delete from process_instances`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n.eventually(func() bool { return n.count(`process_instances`) == 2 && told(n)() })
	wantLines(n, "a", want...)
	wantLines(n, "b", "one")
}
