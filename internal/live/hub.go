package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/refusal"
)

// Options of a Hub. Store, Render and Lookup are needed; the zero value of the others suits a server.
type Options struct {
	Store *eventstore.Store
	// Models are the subscriptions that Render reads the tables of: it is called when they have reached the change.
	Models []string
	// FeedTypes are the event types that feeds tell of; none: there are no feeds to watch.
	FeedTypes []string
	// Render reads a topic and gives its bytes. An error before the first frame is answered to who asked (a
	// refusal.NotFound by 404); later it leaves the watchers what they have, and Render is tried again.
	Render func(ctx context.Context, t Topic) (Frame, error)
	// Lookup finds the topic of a stage's board by the names that the API has for it.
	Lookup func(ctx context.Context, challengeSlug, stageSlug, category string) (Topic, error)

	Origins    []string // hosts of pages that may connect, beside the one that is asked: the public host behind a proxy
	MaxSockets int      // most sockets on this node; 0: 20,000
	MaxPerIP   int      // most sockets of one public address (IPv6: one /64); 0: 200

	PatienceFor  time.Duration // the read models may lag this long behind a change before it is sent as far as it is known; 0: 2 s
	WriteTimeout time.Duration // for one frame; a watcher that takes longer is disconnected; 0: 15 s
	PingEvery    time.Duration // keeps connections open through proxies and finds dead ones; 0: 30 s
	Log          *slog.Logger  // nil: slog.Default
}

func (o *Options) fill() {
	set(&o.MaxSockets, 20_000)
	set(&o.MaxPerIP, 200)
	set(&o.PatienceFor, 2*time.Second)
	set(&o.WriteTimeout, 15*time.Second)
	set(&o.PingEvery, 30*time.Second)
	set(&o.Log, slog.Default())
}

func set[T comparable](option *T, usual T) {
	var zero T
	if *option == zero {
		*option = usual
	}
}

// Hub hands what changes to those who watch.
type Hub struct {
	opts   Options
	supply *supply
	mux    *http.ServeMux
	limits limits

	mu      sync.Mutex
	root    context.Context // of the rooms; nil while Run doesn't run
	sockets context.Context // of the sockets, which outlive the rooms by hangUpAfter
	closing chan struct{}   // closed when Run's time has come
	seen    int64           // position up to which changes have been passed on
	rooms   map[Topic]*room
	work    sync.WaitGroup // rooms and sockets
}

// hangUpAfter is how long sockets have at shutdown to take the goodbye.
const hangUpAfter = 5 * time.Second

var errRestarting = refusal.New("restarting", "The server is about to restart. Try again in a few seconds.")

// New makes a hub. It lets nobody in until Run runs.
func New(o Options) (*Hub, error) {
	if o.Store == nil || o.Render == nil || o.Lookup == nil {
		return nil, errors.New("live: Store, Render and Lookup are needed")
	}
	o.fill()
	h := &Hub{opts: o, closing: make(chan struct{}), rooms: map[Topic]*room{}}
	h.supply = &supply{wait: h.wait, render: o.Render, log: o.Log}
	h.limits = limits{total: o.MaxSockets, perIP: o.MaxPerIP, byIP: map[string]int{}}
	h.mux = h.routes()
	return h, nil
}

// Run follows the log until ctx ends. Then it closes all sockets with code 1012 ("try again") and returns when they and
// the rooms have ended. It runs once.
func (h *Hub) Run(ctx context.Context) error {
	head, err := h.opts.Store.Head(ctx)
	if ctx.Err() != nil {
		return nil // stopped before it began
	}
	if err != nil {
		return fmt.Errorf("live: %w", err)
	}
	// Neither ends with ctx: first nobody new may be let in.
	root, endRooms := context.WithCancel(context.WithoutCancel(ctx))
	sockets, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	h.mu.Lock()
	h.root, h.sockets, h.seen = root, sockets, head
	h.mu.Unlock()

	err = h.opts.Store.Follow(ctx, head, eventstore.Filter{Types: slices.Concat(boardTypes, h.opts.FeedTypes)}, h.follow)
	h.mu.Lock()
	h.root = nil
	h.mu.Unlock()
	close(h.closing)
	endRooms()
	late := time.AfterFunc(hangUpAfter, hangUp)
	h.work.Wait()
	late.Stop()
	hangUp()
	if err != nil {
		return fmt.Errorf("live: %w", err)
	}
	return nil
}

// follow passes on which topics have changed.
func (h *Hub) follow(_ context.Context, events []eventstore.Recorded) error {
	h.mu.Lock()
	h.seen = events[len(events)-1].Position
	watched := len(h.rooms) > 0
	h.mu.Unlock()
	if !watched {
		return nil // who comes later waits for the position in seen
	}
	for _, recorded := range events {
		for _, topic := range h.topicsOf(recorded) {
			for _, t := range topic.inUnits() {
				h.changed(t, recorded.Position)
			}
		}
	}
	return nil
}

// topicsOf are the topics that an event changes.
func (h *Hub) topicsOf(recorded eventstore.Recorded) (topics []Topic) {
	if slices.Contains(h.opts.FeedTypes, recorded.Type) {
		topics = feedsOf(recorded)
	}
	if !slices.Contains(boardTypes, recorded.Type) {
		return topics
	}
	event, err := h.opts.Store.Registry().Decode(recorded)
	if err != nil {
		h.opts.Log.Error("live: an event can't be read, its watchers aren't told", "error", err)
		return topics
	}
	return append(topics, boardsOf(event)...)
}

func (h *Hub) changed(t Topic, position int64) {
	h.mu.Lock()
	r := h.rooms[t]
	h.mu.Unlock()
	if r != nil {
		r.changed(position)
	}
}

// wait is for the read models, as long as patience lasts.
func (h *Hub) wait(ctx context.Context, position int64) error {
	ctx, cancel := context.WithTimeout(ctx, h.opts.PatienceFor)
	defer cancel()
	return h.opts.Store.WaitFor(ctx, position, h.opts.Models...)
}

// watch lets a watcher into a topic's room, opening it for the first one, and returns when there is a frame or the reason
// why there is none. since is the version that the other end has, -1 for none. leave has to be called in the end.
func (h *Hub) watch(ctx context.Context, t Topic, since int64) (w *watcher, leave func(), err error) {
	w = newWatcher(since)
	r, err := h.enter(t, w)
	if err != nil {
		return nil, nil, err
	}
	leave = func() { h.leave(r, w) }
	select {
	case <-r.ready:
		err = r.err // written before ready was closed
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		leave()
		return nil, nil, err
	}
	return w, leave, nil
}

func (h *Hub) enter(t Topic, w *watcher) (*room, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.root == nil {
		return nil, errRestarting
	}
	r := h.rooms[t]
	if r == nil {
		// What was passed on before has to be in the first frame too: nobody will tell of it again.
		r = newRoom(t, h.supply, h.seen)
		ctx, cancel := context.WithCancel(h.root)
		r.cancel = cancel
		h.rooms[t] = r
		h.work.Go(func() {
			defer cancel()
			r.run(ctx)
		})
	}
	r.join(w)
	return r, nil
}

// leave closes the room behind the last one.
func (h *Hub) leave(r *room, w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.leave(w) > 0 {
		return
	}
	r.cancel()
	if h.rooms[r.topic] == r {
		delete(h.rooms, r.topic)
	}
}

// Stats is what the hub does at the moment, for the metrics.
type Stats struct {
	Sockets int   // open now
	Topics  int   // watched now
	Frames  int64 // rendered since the start
	Skipped int64 // frames that were replaced by newer ones before a slow watcher took them
}

// Stats counts.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	topics := len(h.rooms)
	h.mu.Unlock()
	return Stats{Sockets: h.limits.open(), Topics: topics, Frames: h.supply.frames.Load(), Skipped: h.supply.skipped.Load()}
}
