package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/aggregate"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/panics"
	"segmentchallenge/internal/postgres/postgrestest"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TestAG01_EachDecidesOnWhatTheOneBeforeLeft(t *testing.T) {
	one, other, store := two(t, aggregate.Options{})
	for round := range 5 {
		id := uuid.New()
		do(t, one, id, Deposit{60})
		errs := parallel(100, func(i int) error {
			_, err := []*accounts{one, other}[i%2].Execute(soon(t), id, Withdraw{1}, eventstore.Meta{})
			return err
		})
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if !errors.Is(err, errOverdrawn) {
				t.Errorf("round %d: %v", round, err)
			}
		}
		if _, withdrawn := checkHistory(t, store, id); done != 60 || withdrawn != 60 {
			t.Errorf("round %d: 60 of 100 withdrawals should succeed: %d did, %d are in the log", round, done, withdrawn)
		}
	}
	if n := one.Boxes() + other.Boxes(); n != 0 {
		t.Errorf("%d mailboxes are left over", n)
	}
}

// streamReads counts the queries that read events of a single stream.
type streamReads struct{ atomic.Int64 }

func (c *streamReads) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.Contains(q.SQL, "recorded_at from events where stream =") {
		c.Add(1)
	}
	return ctx
}

func (c *streamReads) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestAG02_ColdAggregateIsReadOnce(t *testing.T) {
	pool := postgrestest.New(t)
	id := uuid.New()
	warm := aggregate.NewHost[Account](node(t, pool), "account", aggregate.Options{})
	for range 50 {
		do(t, warm, id, Deposit{1})
	}

	reads := &streamReads{}
	config := pool.Config()
	config.ConnConfig.Tracer = reads
	traced, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	cold := aggregate.NewHost[Account](node(t, traced), "account", aggregate.Options{})
	for i, err := range parallel(100, func(i int) error {
		_, err := cold.Execute(soon(t), id, Withdraw{1 - i%2}, eventstore.Meta{})
		return err
	}) {
		if err != nil {
			t.Errorf("command %d: %v", i, err)
		}
	}
	if n := reads.Load(); n != 1 {
		t.Errorf("the stream was read %d times, want once", n)
	}
	if state, _, err := cold.Load(soon(t), id); err != nil || state.Balance != 0 {
		t.Errorf("state afterwards: %+v, %v", state, err)
	}
	if n := reads.Load(); n != 2 {
		t.Errorf("loading what is known took %d reads, want one", n-1)
	}
}

func TestAG04_FailingCommandLeavesTheStateAsItWas(t *testing.T) {
	h, store := open(t)
	id := uuid.New()
	do(t, h, id, Deposit{5})
	errNo := errors.New("no")
	for name, with := range map[string]func() error{
		"error": func() error { return errNo },
		"panic": func() error { panic(errNo) },
	} {
		_, err := h.Execute(soon(t), id, Spoil{with}, eventstore.Meta{})
		var panicked *panics.Error
		if isPanic := errors.As(err, &panicked); isPanic != (name == "panic") || !isPanic && !errors.Is(err, errNo) {
			t.Errorf("%s: the answer is %v", name, err)
		}
		if panicked != nil && !strings.Contains(string(panicked.Stack), "Decide") {
			t.Errorf("the stack doesn't say where it panicked:\n%s", panicked.Stack)
		}
		if _, err := h.Execute(soon(t), id, Withdraw{6}, eventstore.Meta{}); !errors.Is(err, errOverdrawn) {
			t.Errorf("after the %s more could be withdrawn than there is: %v", name, err)
		}
	}
	do(t, h, id, Withdraw{5})
	checkHistory(t, store, id)
}

// In one batch, too, what fails leaves nothing to those behind it.
func TestAG04_WithinABatch(t *testing.T) {
	h, store := open(t)
	id := uuid.New() // with a deposit of 1
	_, errs := inOneBatch(t, h, id, sent{AccountCommand: Spoil{func() error { panic("no") }}}, sent{AccountCommand: Withdraw{2}},
		sent{AccountCommand: Withdraw{1}}, sent{AccountCommand: Withdraw{1}})
	if errs[0] == nil || !errors.Is(errs[1], errOverdrawn) || errs[2] != nil || !errors.Is(errs[3], errOverdrawn) {
		t.Errorf("answers: %v", errs)
	}
	if n := len(events(t, store, id)); n != 2 {
		t.Errorf("%d events are stored, want 2", n)
	}
}

func TestAG10_ForeignAppendsAreDecidedOnAnew(t *testing.T) {
	one, other, store := two(t, aggregate.Options{Attempts: 4})
	for _, c := range []struct {
		interferes int64
		want       error
		stored     int
	}{{1, nil, 3}, {3, nil, 5}, {4, aggregate.ErrTooManyAttempts, 5}} {
		t.Run(fmt.Sprint(c.interferes), func(t *testing.T) {
			id := uuid.New()
			do(t, one, id, Deposit{10}) // on both nodes the state is known
			var decided atomic.Int64
			_, err := one.Execute(soon(t), id, Meanwhile{Withdraw{10}, func() {
				if decided.Add(1) <= c.interferes {
					do(t, other, id, Deposit{1})
				}
			}}, eventstore.Meta{})
			if !errors.Is(err, c.want) {
				t.Errorf("the answer is %v, want %v", err, c.want)
			}
			checkHistory(t, store, id)
			if n := len(events(t, store, id)); n != c.stored {
				t.Errorf("%d events are stored, want %d", n, c.stored)
			}
		})
	}
}

// A refusal is given only if it holds of the newest state.
func TestRefusalOnACachedStateIsConfirmed(t *testing.T) {
	one, other, store := two(t, aggregate.Options{})
	id := uuid.New()
	do(t, one, id, Deposit{1})
	do(t, other, id, Deposit{100})
	if result := do(t, one, id, Withdraw{101}); result.Versions[eventstore.StreamName("account", id)] != 3 {
		t.Errorf("result: %+v", result)
	}
	if _, err := other.Execute(soon(t), id, Withdraw{1}, eventstore.Meta{}); !errors.Is(err, errOverdrawn) {
		t.Errorf("the other node knows nothing of the withdrawal: %v", err)
	}
	checkHistory(t, store, id)
}

func TestNothingChanges(t *testing.T) {
	h, store := open(t)
	id := uuid.New()
	for range 2 {
		if result := do(t, h, id, Deposit{0}); result.First != 0 || result.Last != 0 {
			t.Errorf("result: %+v", result)
		}
	}
	if _, version, err := h.Load(soon(t), id); version != 0 || err != nil {
		t.Errorf("version %d, %v", version, err)
	}
	if n := len(events(t, store, id)); n != 0 {
		t.Errorf("%d events", n)
	}
}

func TestResultsOfABatchAreEachTheirOwn(t *testing.T) {
	h, store := open(t)
	id := uuid.New()
	results := make([]eventstore.Result, 40)
	for i, err := range parallel(len(results), func(i int) (err error) {
		results[i], err = h.Execute(soon(t), id, Deposit{1 + i}, eventstore.Meta{})
		return err
	}) {
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	stream := eventstore.StreamName("account", id)
	for i, rec := range events(t, store, id) {
		n := slices.IndexFunc(results, func(r eventstore.Result) bool { return r.First == rec.Position })
		if n < 0 || results[n].Last != rec.Position || results[n].Versions[stream] != int64(i+1) {
			t.Fatalf("event %d at position %d is nobody's: %+v", i+1, rec.Position, results)
		}
		e, err := store.Registry().Decode(rec)
		if err != nil || e.(Deposited).Amount != 1+n {
			t.Errorf("position %d was given to command %d but holds %+v, %v", rec.Position, n, e, err)
		}
	}
}

// An event that the log can't take is its command's fault alone.
func TestPoisonedCommandFailsAlone(t *testing.T) {
	h, store := open(t)
	id := uuid.New()
	_, errs := inOneBatch(t, h, id, sent{AccountCommand: Deposit{1}}, sent{AccountCommand: Note{2 << 20}}, sent{AccountCommand: Deposit{2}})
	if errs[0] != nil || errs[2] != nil || !errors.Is(errs[1], eventstore.ErrInvalidEvent) {
		t.Errorf("answers: %v", errs)
	}
	if deposits, _ := checkHistory(t, store, id); deposits != 3 {
		t.Errorf("%d deposits are stored, want 3", deposits)
	}
}

// What is on the stream but can't be taken in is an error for everybody who asks this aggregate, at once and each time.
func TestUnreadableStream(t *testing.T) {
	h, store := open(t)
	for name, bad := range map[string]eventstore.NewEvent{
		"panics":  {Type: "Noted", Data: []byte(`{"Text":"panic"}`)},
		"unknown": {Type: "Forgotten", Data: []byte(`{}`)},
		"foreign": {Type: "Incremented", Data: []byte(`{}`)},
	} {
		id := uuid.New()
		do(t, h, id, Deposit{1})
		if _, err := store.Append(soon(t), eventstore.Write{Stream: eventstore.StreamName("account", id), Events: []eventstore.NewEvent{bad}}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, err := range parallel(5, func(int) error {
				_, err := h.Execute(soon(t), id, Deposit{1}, eventstore.Meta{})
				return err
			}) {
				var panicked *panics.Error
				if err == nil || errors.As(err, &panicked) != (name == "panics") {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if n := len(events(t, store, id)); n != 2 {
			t.Errorf("%s: %d events are stored, want 2", name, n)
		}
	}
	if h.Boxes() != 0 {
		t.Error("mailboxes are left over")
	}
}
