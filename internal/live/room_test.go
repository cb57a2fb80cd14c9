package live

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// world is what a room reads: a version that read models reach some time after it has happened.
type world struct {
	supply
	patience time.Duration // 0: they are never behind

	mu      sync.Mutex
	reached int64       // the read models' position
	broken  error       // reading fails
	renders []time.Time // when they were read
}

func newWorld() *world {
	w := &world{}
	w.log = slog.New(slog.DiscardHandler)
	w.wait = func(ctx context.Context, position int64) error {
		if w.position() >= position || sleep(ctx, w.patience) && w.position() >= position {
			return nil
		}
		return errors.New("behind")
	}
	w.render = func(context.Context, Topic) (Frame, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.renders = append(w.renders, time.Now())
		return Frame{Version: w.reached}, w.broken
	}
	return w
}

func (w *world) position() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reached
}

func (w *world) reach(position int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached = position
}

func (w *world) breaks(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = err
}

func (w *world) rendered() []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.renders)
}

// watched is a running room with one watcher.
func (w *world) watched(t *testing.T, since int64) (*room, *watcher) {
	r, one := newRoom(StageBoard(uuid.New(), "Open"), &w.supply, w.position()), newWatcher(since)
	r.join(one)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { r.run(ctx); close(ended) }()
	t.Cleanup(func() { cancel(); <-ended })
	synctest.Wait()
	return r, one
}

func (w *watcher) take() (int64, bool) {
	select {
	case f := <-w.slot:
		return f.Version, true
	default:
		return 0, false
	}
}

func want(t *testing.T, w *watcher, version int64) {
	t.Helper()
	if got, ok := w.take(); !ok || got != version {
		t.Fatalf("offered version %d, %v; want %d", got, ok, version)
	}
}

func wantNothing(t *testing.T, w *watcher) {
	t.Helper()
	if got, ok := w.take(); ok {
		t.Fatalf("offered version %d; want nothing", got)
	}
}

func TestFirstChangeIsSentAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.reach(7)
		r, one := w.watched(t, -1)
		want(t, one, 7)
		time.Sleep(time.Minute)
		start := time.Now()
		w.reach(8)
		r.changed(8)
		synctest.Wait()
		want(t, one, 8)
		if waited := w.rendered()[1].Sub(start); waited != 0 {
			t.Errorf("the change waited %v", waited)
		}
	})
}

// A thousand changes within a second are at most ten frames more, and the last of them is the newest.
func TestChangesCoalesce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r, one := w.watched(t, -1)
		for i := range int64(1000) {
			w.reach(i + 1)
			r.changed(i + 1)
			time.Sleep(time.Millisecond)
		}
		time.Sleep(interval)
		synctest.Wait()
		want(t, one, 1000)
		renders := w.rendered()
		if n := len(renders); n < 10 || n > 12 {
			t.Errorf("%d frames within a second", n)
		}
		for i := 1; i < len(renders); i++ {
			if gap := renders[i].Sub(renders[i-1]); gap < interval {
				t.Errorf("frames %d and %d are %v apart", i-1, i, gap)
			}
		}
		if n := w.skipped.Load(); n == 0 {
			t.Error("the watcher took nothing, and nothing was skipped")
		}
	})
}

func TestNothingNewIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.reach(7)
		r, one := w.watched(t, 7)
		wantNothing(t, one)
		r.changed(7) // something that changes what isn't shown
		time.Sleep(time.Second)
		synctest.Wait()
		wantNothing(t, one)
		late := newWatcher(6)
		r.join(late)
		want(t, late, 7)
	})
}

// While the read models are behind, what they know is shown, and the rest when they have it, without another change.
func TestReadModelsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.patience = 2 * time.Second
		w.reach(5)
		r, one := w.watched(t, -1)
		want(t, one, 5)
		r.changed(9)
		time.Sleep(time.Second)
		wantNothing(t, one)
		w.reach(8)
		time.Sleep(1500 * time.Millisecond)
		want(t, one, 8)
		w.reach(9)
		time.Sleep(10 * time.Second)
		want(t, one, 9)
	})
}

func TestTroubleAfterTheFirstFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.reach(1)
		r, one := w.watched(t, -1)
		want(t, one, 1)
		w.breaks(errors.New("the database is away"))
		r.changed(2)
		time.Sleep(100 * time.Second)
		wantNothing(t, one)
		if n := len(w.rendered()) - 1; n < 5 || n > 9 { // after 0, 1, 3, 7, 15, 31, 61, 91 s
			t.Errorf("%d tries in 100 s", n)
		}
		w.breaks(nil)
		w.reach(2)
		time.Sleep(longestRetry)
		want(t, one, 2)
		w.reach(3)
		r.changed(3)
		time.Sleep(interval)
		want(t, one, 3) // and it's quick again
	})
}

func TestNoFirstFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		broken := errors.New("no such board")
		w.breaks(broken)
		r, one := w.watched(t, -1)
		<-r.ready
		if !errors.Is(r.err, broken) {
			t.Errorf("error %v", r.err)
		}
		wantNothing(t, one)
	})
}

// Whatever comes and however seldom it is taken: versions rise, none is taken that the other end had, and the last that
// was offered can be taken.
func TestSlotKeepsTheNewest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		since := rapid.Int64Range(-1, 20).Draw(t, "since")
		w, newest, last := newWatcher(since), since, since
		take := func() {
			v, ok := w.take()
			if ok != (newest > last) {
				t.Fatalf("took %d, %v; the newest is %d and the last taken %d", v, ok, newest, last)
			}
			if ok && v != newest {
				t.Fatalf("took %d, the newest is %d", v, newest)
			}
			last = newest
		}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "offer") {
				v := rapid.Int64Range(0, 40).Draw(t, "version")
				waiting := newest > last
				if skipped := w.offer(Frame{Version: v}); skipped != (waiting && v > newest) {
					t.Fatalf("offered %d: skipped %v", v, skipped)
				}
				newest = max(newest, v)
			} else {
				take()
			}
		}
		take()
	})
}

func TestCountedAs(t *testing.T) {
	for remote, want := range map[string]string{
		"203.0.113.7:4711":          "203.0.113.7",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
		"[2001:db8:1:2:9::1]:80":    "2001:db8:1:2::/64",
		"[::ffff:203.0.113.7]:80":   "203.0.113.7",
		"203.0.113.7":               "203.0.113.7",
		"127.0.0.1:80":              "", "[::1]:80": "", "10.1.2.3:80": "", "[fe80::1%eth0]:80": "", "[fd00::1]:80": "", "@": "",
	} {
		if got := countedAs(remote); got != want {
			t.Errorf("countedAs(%q) = %q, want %q", remote, got, want)
		}
	}
}
