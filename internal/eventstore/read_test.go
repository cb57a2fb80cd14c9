package eventstore_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
)

// Stream a-1 has versions 1 to 5 at positions 1 to 5; b-1 follows at 6.
func TestRD01_RangesAndLimits(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 5)...))
	cases := []struct {
		from     int64
		backward bool
		limit    int
		want     []int64
	}{
		{0, false, 0, upTo(1, 5)}, {0, false, 1, upTo(1, 1)}, {0, false, 5, upTo(1, 5)}, {0, false, 6, upTo(1, 5)},
		{3, false, 0, upTo(3, 5)}, {3, false, 1, upTo(3, 3)}, {3, false, 3, upTo(3, 5)}, {3, false, 4, upTo(3, 5)},
		{5, false, 0, upTo(5, 5)}, {6, false, 0, nil}, {7, false, 1, nil}, {1, false, 2, upTo(1, 2)},
		{0, true, 0, []int64{5, 4, 3, 2, 1}}, {0, true, 1, []int64{5}}, {0, true, 5, []int64{5, 4, 3, 2, 1}}, {0, true, 6, []int64{5, 4, 3, 2, 1}},
		{3, true, 0, []int64{3, 2, 1}}, {3, true, 1, []int64{3}}, {3, true, 3, []int64{3, 2, 1}}, {3, true, 4, []int64{3, 2, 1}},
		{1, true, 0, []int64{1}}, {6, true, 0, []int64{5, 4, 3, 2, 1}}, {9, true, 2, []int64{5, 4}}, {5, true, 2, []int64{5, 4}},
	}
	for _, c := range cases {
		opts := eventstore.ReadOptions{From: c.from, Backward: c.backward, Limit: c.limit}
		if diff := cmp.Diff(c.want, positions(all(t, s, opts))); diff != "" {
			t.Errorf("all, %+v: %s", opts, diff)
		}
		var got []int64
		for e, err := range s.ReadStream(ctx(t), "a-1", opts) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Version)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("stream, %+v: %s", opts, diff)
		}
	}
}

func TestRD01_Pages(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 1500)...), write("b-1", eventstore.Any, counted(1, 1500)...))
	for _, limit := range []int{999, 1000, 1001, 2000, 2001, 2999, 3000, 0} {
		want := int64(limit)
		if limit == 0 {
			want = 3000
		}
		if diff := cmp.Diff(upTo(1, want), positions(all(t, s, eventstore.ReadOptions{Limit: limit}))); diff != "" {
			t.Errorf("limit %d: %s", limit, diff)
		}
		backward := positions(all(t, s, eventstore.ReadOptions{Limit: limit, Backward: true}))
		if len(backward) != int(want) || backward[want-1] != 3000-want+1 {
			t.Errorf("backward, limit %d: %d events", limit, len(backward))
		}
	}
	if diff := cmp.Diff(upTo(1, 1500), versions(stream(t, s, "b-1"))); diff != "" {
		t.Error(diff)
	}
	for range s.ReadAll(ctx(t), eventstore.ReadOptions{}) { // a reader may leave
		break
	}
}

func TestRD02_PagingOverErasedEvents(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	s := run(t, pool, eventstore.Options{})
	appended(t, s, write("a-1", eventstore.Any, counted(1, 4000)...))
	err := pgx.BeginFunc(ctx(t), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx(t), `set local eventstore.allow_change = 'on'`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx(t), `delete from events where position between 500 and 2600 or position % 7 = 0 or position > 3990`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var want []int64
	for _, p := range upTo(1, 3990) {
		if (p < 500 || p > 2600) && p%7 != 0 {
			want = append(want, p)
		}
	}
	if diff := cmp.Diff(want, positions(all(t, s, eventstore.ReadOptions{}))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, versions(stream(t, s, "a-1"))); diff != "" {
		t.Error(diff)
	}
	// Subscriptions in catch-up pass over the gap too (DL-03), also one on a node that had nothing in memory.
	other := run(t, postgrestest.Second(t, pool), eventstore.Options{})
	next := follow(t, other, 0, eventstore.Filter{})
	if diff := cmp.Diff(want, positions(next(len(want)))); diff != "" {
		t.Error(diff)
	}
	appended(t, s, write("b-1", eventstore.Any, event("counted", 1)))
	if got := next(1)[0].Position; got != 4001 {
		t.Error(got)
	}
}

func TestRD04_FiltersEqualFilteringTheLog(t *testing.T) {
	t.Parallel()
	s := open(t)
	types, categories := []string{"x", "y", "z"}, []string{"a", "b", "ab", "a_"}
	for i := range 300 {
		name := categories[i*7%4] + fmt.Sprintf("-%d", i*3%5)
		appended(t, s, write(name, eventstore.Any, event(types[i*5%3], i)))
	}
	log := all(t, s, eventstore.ReadOptions{})
	rapid.Check(t, func(rt *rapid.T) {
		opts := eventstore.ReadOptions{
			From: rapid.Int64Range(0, 310).Draw(rt, "from"), Backward: rapid.Bool().Draw(rt, "backward"), Limit: rapid.IntRange(0, 40).Draw(rt, "limit"),
			Filter: eventstore.Filter{
				Types:      rapid.SliceOfDistinct(rapid.SampledFrom(append(types, "none")), rapid.ID).Draw(rt, "types"),
				Categories: rapid.SliceOfDistinct(rapid.SampledFrom(append(categories, "%")), rapid.ID).Draw(rt, "categories"),
				Streams:    rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a-0", "b-1", "ab-2", "a_-3", "none"}), 0, 3, rapid.ID).Draw(rt, "streams"),
			}}
		var want []int64
		for i := range log {
			e := log[i]
			if opts.Backward {
				e = log[len(log)-1-i]
			}
			inRange := opts.From == 0 || !opts.Backward && e.Position >= opts.From || opts.Backward && e.Position <= opts.From
			if inRange && opts.Filter.Matches(e) && (opts.Limit == 0 || len(want) < opts.Limit) {
				want = append(want, e.Position)
			}
		}
		if diff := cmp.Diff(want, positions(all(t, s, opts))); diff != "" {
			rt.Errorf("%+v: %s", opts, diff)
		}
	})
}

func TestRD05_MissingAndExhausted(t *testing.T) {
	t.Parallel()
	s := open(t)
	appended(t, s, write("a-1", eventstore.Any, counted(1, 2)...))
	read := func(stream string, opts eventstore.ReadOptions) (n int, failed error) {
		for _, err := range s.ReadStream(ctx(t), stream, opts) {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}
	if n, err := read("a-2", eventstore.ReadOptions{}); n != 0 || !errors.Is(err, eventstore.ErrStreamNotFound) {
		t.Error(n, err)
	}
	for _, opts := range []eventstore.ReadOptions{{From: 3}, {Filter: eventstore.Filter{Types: []string{"none"}}}} {
		if n, err := read("a-1", opts); n != 0 || err != nil {
			t.Error(n, err)
		}
	}
}

func TestLastOf(t *testing.T) {
	t.Parallel()
	s := open(t)
	chain := uuid.New()
	e := event("counted", 1)
	e.CorrelationID = chain
	appended(t, s, write("a-1", eventstore.Any, e, event("counted", 2), e, event("counted", 3)))
	for after, want := range map[int64]int64{0: 3, 2: 3, 3: 0, 9: 0} {
		if got, err := s.LastOf(ctx(t), chain, after); got != want || err != nil {
			t.Errorf("after %d: %d, %v", after, got, err)
		}
	}
	if got, err := s.LastOf(ctx(t), uuid.New(), 0); got != 0 || err != nil {
		t.Error(got, err)
	}
}
