package process_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"segmentchallenge/internal/process"
)

// Whatever is asked, and wherever nodes crash meanwhile: the diaries say what they would if nothing had crashed. That is
// worked out by told, which knows nothing of batches, tables and nodes.
func TestCrashesChangeNothing(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	cases := 0
	rapid.Check(t, func(r *rapid.T) {
		cases++
		keys := []string{fmt.Sprint("a", cases), fmt.Sprint("b", cases), fmt.Sprint("c", cases)}
		told := map[string]*expected{}
		for _, key := range keys {
			told[key] = &expected{timers: map[string]time.Time{}}
		}
		crashes := rapid.SliceOfN(rapid.Custom(drawCrash), 0, 4).Draw(r, "crashes")
		for range rapid.IntRange(1, 3).Draw(r, "days") {
			asked := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) Asked { return drawAsked(r, keys) }), 1, 12).Draw(r, "asked")
			for _, a := range asked {
				for key := range strings.SplitSeq(a.Key, ",") {
					told[key].hear(a, n.now())
				}
			}
			n.ask(asked...)
			crashes = n.live(crashes)
			for _, key := range keys {
				told[key].rest()
			}
			n.clock.Add(int64(time.Hour))
			for _, key := range keys {
				told[key].fire(n.now())
			}
			crashes = n.live(crashes)
		}
		n.live(nil)
		for _, key := range keys {
			got, want := n.lines(key), told[key]
			if diff := cmp.Diff(inOrder(want.lines), inOrder(got), cmpopts.EquateEmpty()); diff != "" {
				r.Fatalf("diary of %s (-want +got):\n%s", key, diff)
			}
			want.checkOthers(r, got)
		}
	})
}

// crash is where and how a node falls.
type crash struct {
	place string
	times int64
	ends  bool
}

func drawCrash(r *rapid.T) crash {
	return crash{rapid.SampledFrom(places).Draw(r, "place"), rapid.Int64Range(1, 4).Draw(r, "times"), rapid.Bool().Draw(r, "ends")}
}

func drawAsked(r *rapid.T, keys []string) Asked {
	key := rapid.SampledFrom(append(keys, strings.Join(keys, ","), strings.Join(keys[1:], ","))).Draw(r, "key")
	number := fmt.Sprint(rapid.IntRange(0, 2).Draw(r, "number"))
	do := rapid.SampledFrom([]string{"count", "both " + number, "quiet", "late count", "refuse " + number, "timer " + number, "cancel timer " + number,
		"stop " + number}).Draw(r, "do")
	return Asked{Key: key, Do: do, In: time.Duration(rapid.IntRange(-30, 90).Draw(r, "minutes")) * time.Minute}
}

// live runs two nodes, which fall as they are told to, until all is done that can be done at this hour. What they didn't
// come to is left for the next time.
func (n *node) live(crashes []crash) (left []crash) {
	n.Helper()
	for {
		var next *crash
		if len(crashes) > 0 {
			next, crashes = &crashes[0], crashes[1:]
		}
		fell := n.liveOnce(next)
		if next != nil && !fell {
			left = append(left, *next)
		}
		if next == nil {
			return left
		}
	}
}

func (n *node) liveOnce(c *crash) (fell bool) {
	n.Helper()
	ctx, cancel := context.WithCancel(n.soon())
	defer cancel()
	var down atomic.Bool
	die := func(string) {}
	if c != nil {
		die = killAt(c.place, c.times, func() {
			down.Store(true)
			if c.ends {
				cancel()
			}
			panic(errCrash)
		})
	}
	m := n.manager(diaries(process.ToReact, nil), n.noteThen(die))
	m.CrashAt(die)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	n.eventually(func() bool { return ctx.Err() != nil || n.nothingLeft() })
	cancel()
	if err := <-ended; err != nil {
		n.Fatal(err)
	}
	return down.Load()
}

// nothingLeft says whether all events are handled, all commands sent and all due timers fired.
func (n *node) nothingLeft() bool {
	n.Helper()
	var left bool
	err := n.pool.QueryRow(n.soon(), `select exists (select from process_outbox)
		or exists (select from process_timers where due <= $1)
		or not exists (select from subscriptions s where s.name = 'diaries' and not exists (
			select from events e where e.type = 'Asked' and e.position > s.position))`, n.now()).Scan(&left)
	if err != nil {
		n.Fatal(err)
	}
	return !left
}

// expected is what an instance ought to have done.
type expected struct {
	count   int
	running bool
	refused []string // this day
	sorry   []string // for refusals that it has heard of
	maybe   []string // for those of which it may have heard before it stopped
	lines   []string
	timers  map[string]time.Time
}

func (x *expected) hear(a Asked, now time.Time) {
	if strings.HasPrefix(a.Do, "late") && !x.running {
		return
	}
	x.running = true
	x.count++
	verb, rest, _ := strings.Cut(a.Do, " ")
	switch verb {
	case "both":
		x.lines = append(x.lines, rest+"a", rest+"b")
	case "quiet":
	case "count":
		x.lines = append(x.lines, fmt.Sprint("count ", x.count))
	case "late":
		x.lines = append(x.lines, a.Do)
	case "refuse":
		x.refused = append(x.refused, "sorry for "+a.Do)
	case "timer":
		x.timers[a.Do] = now.Add(a.In)
	case "cancel":
		delete(x.timers, rest)
	case "stop":
		x.lines = append(x.lines, a.Do)
		*x = expected{lines: x.lines, sorry: x.sorry, maybe: append(x.maybe, x.refused...), timers: map[string]time.Time{}}
	}
}

// rest is when everything has been sent, and answered.
func (x *expected) rest() { x.sorry, x.refused = append(x.sorry, x.refused...), nil }

func (x *expected) fire(now time.Time) {
	for name, at := range x.timers {
		if !at.After(now) {
			x.lines = append(x.lines, name)
			delete(x.timers, name)
		}
	}
}

// checkOthers looks at what has no certain place: apologies and timers.
func (x *expected) checkOthers(r *rapid.T, got []string) {
	for _, line := range slices.Concat(x.lines, x.sorry, x.maybe, got) {
		least := count(x.lines, line) + count(x.sorry, line)
		if n := count(got, line); n < least || n > least+count(x.maybe, line) {
			r.Fatalf("%q stands %d times in %v, want %d and perhaps %v", line, n, got, least, x.maybe)
		}
	}
}

// inOrder leaves them out.
func inOrder(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return strings.HasPrefix(line, "sorry") || strings.HasPrefix(line, "timer")
	})
}
