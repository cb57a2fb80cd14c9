package history_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/history"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

var (
	stage, challenge = uuid.UUID{1}, uuid.UUID{2}
	board            = stageboard.IDOf(stage, sport.Open)
	began            = time.Date(2026, 5, 2, 9, 0, 0, 0, time.UTC)
)

// life is a board that people ride on, beside a list that is sorted anew each time.
type life struct {
	testing.TB
	store *eventstore.Store
	host  *aggregate.Host[stageboard.State, stageboard.Command, stageboard.Event]
	times map[uuid.UUID]int // seconds, of those on the board
	now   time.Time
	past  []map[uuid.UUID]int // ranks after each minute

}

func start(t testing.TB) *life {
	t.Helper()
	store, err := eventstore.Open(t.Context(), postgrestest.New(t), eventlog.Registry(), eventstore.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	ctx, stop := contextOf(t)
	go func() { done <- store.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	l := &life{TB: t, store: store, times: map[uuid.UUID]int{}, now: began,
		host: aggregate.NewHost[stageboard.State](store, history.BoardStream, aggregate.Options{})}
	l.do(stageboard.Open{Head: l.head(), StageID: stage, ChallengeID: challenge, Category: sport.Open, Measure: sport.ElapsedTime, Precision: 1000})
	return l
}

func (l *life) head() stageboard.Head {
	return stageboard.Head{ID: board, By: actor.System, Now: l.now}
}

func (l *life) do(cmd stageboard.Command) {
	l.Helper()
	if _, err := l.host.Execute(l.Context(), board, cmd, eventstore.Meta{Now: l.now}); err != nil {
		l.Fatal(err)
	}
}

// minute lets somebody ride, or leave at 0 seconds.
func (l *life) minute(athlete uuid.UUID, seconds int) {
	l.Helper()
	l.now = l.now.Add(time.Minute)
	seq := l.now.Unix()
	if seconds == 0 {
		l.do(stageboard.Withdraw{Head: l.head(), AthleteID: athlete, Seq: seq, Reason: "Left."})
		delete(l.times, athlete)
	} else {
		l.do(stageboard.Place{Head: l.head(), AthleteID: athlete, Seq: seq,
			Standing: stageboard.Standing{Value: int64(seconds) * 1000, EffortID: uuid.New(), AchievedAt: l.now, Attempts: 1}})
		l.times[athlete] = seconds
	}
	ranks := map[uuid.UUID]int{}
	for a, mine := range l.times {
		ranks[a] = 1
		for _, other := range l.times {
			if other < mine {
				ranks[a]++
			}
		}
	}
	l.past = append(l.past, ranks)
}

func ranksOf(s stageboard.State) map[uuid.UUID]int {
	out := map[uuid.UUID]int{}
	for _, row := range s.Rows(0, s.Len()) {
		out[row.AthleteID] = row.Rank
	}
	return out
}

func TestThePastIsAsItWas(t *testing.T) {
	t.Parallel()
	l := start(t)
	random := rand.New(rand.NewPCG(1, 2))
	athletes := make([]uuid.UUID, 12)
	for i := range athletes {
		athletes[i] = uuid.UUID{15: byte(i + 1)}
	}
	for range 150 {
		seconds := 200 + random.IntN(40)
		if random.IntN(8) == 0 {
			seconds = 0
		}
		l.minute(athletes[random.IntN(len(athletes))], seconds)
	}
	for minute := 1; minute <= len(l.past); minute += 7 {
		for _, late := range []time.Duration{0, 59 * time.Second} {
			past, err := history.Board(t.Context(), l.store, board, began.Add(time.Duration(minute)*time.Minute+late))
			if diff := cmp.Diff(l.past[minute-1], ranksOf(past.State)); err != nil || diff != "" {
				t.Fatalf("%s after minute %d: %v (-was +told)\n%s", late, minute, err, diff)
			}
		}
	}
	for _, athlete := range athletes[:4] {
		l.explains(athlete)
	}
}

// explains compares the moves that Why tells with the ranks that the athlete had.
func (l *life) explains(athlete uuid.UUID) {
	l.Helper()
	why, err := history.Why(l.Context(), l.store, stage, challenge, athlete, board)
	if err != nil {
		l.Fatal(err)
	}
	var told, was []string
	for _, s := range why.Steps {
		if s.Move.From != s.Move.To {
			told = append(told, fmt.Sprint(s.At.Sub(began), s.Move.From, s.Move.To))
		}
	}
	rank := 0
	for i, ranks := range l.past {
		if ranks[athlete] != rank {
			was = append(was, fmt.Sprint(time.Duration(i+1)*time.Minute, rank, ranks[athlete]))
			rank = ranks[athlete]
		}
	}
	if diff := cmp.Diff(was, told); diff != "" {
		l.Errorf("moves of %s (-were +told)\n%s", athlete, diff)
	}
	if why.Row.Rank != rank || why.On != (rank > 0) {
		l.Errorf("%s is told to be at %d, is at %d", athlete, why.Row.Rank, rank)
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	l := start(t)
	ana, bo, cas := uuid.UUID{15: 1}, uuid.UUID{15: 2}, uuid.UUID{15: 3}
	l.minute(ana, 250) // leads
	l.minute(bo, 260)
	l.minute(cas, 240) // leads
	l.minute(bo, 240)  // as fast, later: no change of the lead
	l.minute(cas, 0)   // gone: Bo leads
	l.now = l.now.Add(time.Minute)
	l.do(stageboard.Finalise{Head: l.head()})
	span, err := history.Moments(t.Context(), l.store, board)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range span.Moments {
		got = append(got, fmt.Sprint(m.At.Sub(began), m.Leader[15], m.Value/1000, m.Tied, m.Final))
	}
	want := []string{"1m0s 1 250 false false", "3m0s 3 240 false false", "5m0s 2 240 false false", "6m0s 2 240 false true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if span.Changes != 6 || !span.First.Equal(began.Add(time.Minute)) || !span.Last.Equal(began.Add(6*time.Minute)) {
		t.Errorf("%d changes from %s to %s", span.Changes, span.First, span.Last)
	}
}

func TestABoardThatNobodyOpened(t *testing.T) {
	t.Parallel()
	l := start(t)
	other := stageboard.IDOf(stage, sport.Women)
	past, err := history.Board(t.Context(), l.store, other, l.now)
	if err != nil || past.Len() != 0 || past.Position != 0 {
		t.Errorf("%v, %v", past, err)
	}
	span, err := history.Moments(t.Context(), l.store, other)
	if err != nil || !span.First.IsZero() {
		t.Errorf("%v, %v", span, err)
	}
	why, err := history.Why(t.Context(), l.store, stage, challenge, uuid.UUID{15: 9}, other)
	if err != nil || why.On || len(why.Steps) > 0 {
		t.Errorf("%v, %v", why, err)
	}
}

func TestABoardThatWasDeleted(t *testing.T) {
	t.Parallel()
	l := start(t)
	board := stageboard.IDOf(stage, sport.Open)
	if err := l.store.DeleteStream(t.Context(), eventstore.StreamName(history.BoardStream, board), eventstore.StreamExists); err != nil {
		t.Fatal(err)
	}
	if _, err := history.Board(t.Context(), l.store, board, l.now); !errors.Is(err, refusal.Deleted) {
		t.Error(err)
	}
	if _, err := history.Why(t.Context(), l.store, stage, challenge, uuid.UUID{15: 9}, board); !errors.Is(err, refusal.Deleted) {
		t.Error(err)
	}
}

// BenchmarkPast folds a board of 10,000 athletes with two efforts each up to its end.
func BenchmarkPast(b *testing.B) {
	l := start(b)
	var state stageboard.State
	events := []stageboard.Event{stageboard.Opened{Ref: stageboard.Ref{StageID: stage, ChallengeID: challenge, Category: sport.Women}, Measure: sport.ElapsedTime, Precision: 1000}}
	state = state.Evolve(events[0])
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 20_000 {
		athlete := uuid.UUID{14: byte(i % 10_000 >> 8), 15: byte(i % 10_000)}
		made, err := state.Decide(stageboard.Place{Head: l.head(), AthleteID: athlete, Seq: int64(i + 1), Standing: stageboard.Standing{
			Value: int64(200+random.IntN(4000)) * 100, EffortID: uuid.UUID{1: byte(i)}, AchievedAt: began, Attempts: 1}})
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range made {
			state, events = state.Evolve(e), append(events, e)
		}
	}
	id := stageboard.IDOf(stage, sport.Women)
	for chunk := range slices.Chunk(events, 1000) {
		w := eventstore.Write{Stream: eventstore.StreamName(history.BoardStream, id)}
		for _, e := range chunk {
			n, err := l.store.Registry().Encode(e, eventstore.Meta{Now: l.now}, 0)
			if err != nil {
				b.Fatal(err)
			}
			w.Events = append(w.Events, n)
		}
		if _, err := l.store.Append(b.Context(), w); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if past, err := history.Board(b.Context(), l.store, id, l.now); err != nil || past.Len() != state.Len() {
			b.Fatal(past.Len(), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(events)), "µs/event")
}

// contextOf is a context that ends when the test asks, rather than before its cleanups.
func contextOf(t testing.TB) (context.Context, context.CancelFunc) {
	return context.WithCancel(context.WithoutCancel(t.Context()))
}
