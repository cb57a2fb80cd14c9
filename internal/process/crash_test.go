package process_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"segmentchallenge/internal/process"
)

// places are where PM-01 has a crash: "handled" when React has answered and nothing is written; "state saved" and "outbox
// saved" when these rows are written and not committed; "before checkpoint" when all is written, the checkpoint with it,
// and not committed; "dispatched" when a command has taken effect and others of its round have not; "sent" when a round has,
// and nobody has written down that it was sent.
var places = []string{"handled", "state saved", "outbox saved", "before checkpoint", "dispatched", "sent"}

// story has something of everything: several instances in one batch, several commands of one event, a refusal that is
// reacted to, a timer that fires (in the past: at once), one that is cancelled, an instance that stops.
func story(round int) []Asked {
	return interleave(
		append(words("a", "one", "both x", "count"), Asked{Key: "a", Do: fmt.Sprint("timer ", round), In: -time.Hour}),
		append(words("b", "refuse me"), Asked{Key: "b", Do: "timer u", In: time.Hour}, Asked{Key: "b", Do: "cancel timer u"}, Asked{Key: "b", Do: "stop b"}),
		words("c", "count", "quiet", "count", "late count"))
}

// wantStory checks that everything was told once.
func wantStory(n *node) {
	n.Helper()
	wantLines(n, "a", "one", "xa", "xb", "count 3", "timer 1")
	if got := n.lines("b"); len(got) != 1 && len(got) != 2 || count(got, "stop b") != 1 || len(got) == 2 && count(got, "sorry for refuse me") != 1 {
		n.Errorf("diary of b: %v", got) // an instance that has stopped before it hears of the refusal has nothing to say to it
	}
	wantLines(n, "c", "count 1", "count 3", "late count")
}

// told says whether the story has come to its end.
func told(n *node) func() bool {
	return func() bool {
		checkpoints, err := n.store.Checkpoints(n.soon())
		if err != nil {
			n.Fatal(err)
		}
		for _, c := range checkpoints {
			if c.Name == "diaries" && c.LagSeconds == 0 {
				return n.count(`process_outbox`)+n.count(`process_timers`) == 0
			}
		}
		return false
	}
}

// PM-01 by kill -9: a node dies at a place, at the first, second, third … time that it comes there, and another takes over,
// which dies as well; in the end everything has happened once.
func TestPM01_Killed(t *testing.T) {
	t.Parallel()
	for _, place := range places {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			n.ask(story(1)...)
			kills := 0
			for times := 1; times <= 3 && n.runChild(place, times, told(n)); times++ {
				kills++
			}
			if kills == 0 {
				t.Errorf("it never came to %q", place)
			}
			n.run(n.manager(diaries(process.ToReact, nil), n.note).Run)
			n.eventually(told(n))
			wantStory(n)
		})
	}
}

var errCrash = errors.New("a crash of the test")

// PM-01 by panic: at the n-th time that a place is come to, for each n; both where the node goes on by itself and where it
// ends and another one takes over.
func TestPM01_Panicked(t *testing.T) {
	t.Parallel()
	for _, place := range places {
		for _, ends := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, ends: %v", place, ends), func(t *testing.T) {
				t.Parallel()
				n := newNode(t)
				for round := 1; round <= 2; round++ {
					n.ask(story(round)...)
					if crashed := n.untilPanic(place, int64(round), ends); round == 1 && !crashed {
						t.Errorf("it never came to %q", place)
					}
					n.run(n.manager(diaries(process.ToReact, nil), n.note).Run)()
				}
				n.run(n.manager(diaries(process.ToReact, nil), n.note).Run)
				n.eventually(told(n))
				got := n.lines("a")
				for line, want := range map[string]int{"one": 2, "xa": 2, "xb": 2, "timer 1": 1, "timer 2": 1} {
					if count(got, line) != want {
						t.Errorf("diary of a: %v", got)
						break
					}
				}
				wantLines(n, "c", "count 1", "count 3", "late count", "count 5", "count 7", "late count")
			})
		}
	}
}

// untilPanic runs a manager that panics once. With ends, it comes to its end with it; otherwise it goes on.
func (n *node) untilPanic(place string, times int64, ends bool) (crashed bool) {
	n.Helper()
	ctx, cancel := context.WithCancel(n.soon())
	defer cancel()
	var fell atomic.Bool
	die := killAt(place, times, func() {
		fell.Store(true)
		if ends {
			cancel()
		}
		panic(errCrash)
	})
	m := n.manager(diaries(process.ToReact, nil), n.noteThen(die))
	m.CrashAt(die)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	n.eventually(func() bool { return ends && fell.Load() || told(n)() })
	cancel()
	if err := <-ended; err != nil {
		n.Error(err)
	}
	return fell.Load()
}
