package eventstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestCheckEscapes(t *testing.T) {
	for data, ok := range map[string]bool{
		`{}`: true, `{"a":"\u0001"}`: true, `{"a":"\\u0000"}`: true, `{"a":"\\\u0000"}`: false, `{"a":"\u0000"}`: false, `{"\u0000":1}`: false,
		`{"a":"\ud83d\ude00"}`: true, `{"a":"\ud83d"}`: false, `{"a":"\ud83dx"}`: false, `{"a":"\ude00\ud83d"}`: false, `{"a":"\ud83d\u0041"}`: false,
		`{"a":"\uD83D\uDE00\uD83D"}`: false, `{"a":"\"\\"}`: true, `{"a":"\ud83d\\"}`: false, `{"a":"\n\u00fc"}`: true,
	} {
		if err := checkJSON(json.RawMessage(data), 100); (err == nil) != ok {
			t.Errorf("%s: %v", data, err)
		}
	}
}

// FuzzCheckJSON: whatever is let through decodes, and encodes again without what PostgreSQL's text can't hold.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{`{"a":"\u0000"}`, `{"a":"\ud83d\ude00"}`, `{"\\":[1,null,{"b":"\/"}]}`, ` {}`, `[]`, `{"a":"` + "\xff" + `"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if checkJSON(data, 1<<20) != nil {
			return
		}
		var v map[string]any
		if err := json.Unmarshal(data, &v); err != nil {
			if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
				t.Fatalf("%q: %v", data, err)
			}
		}
		var noNul func(any)
		noNul = func(v any) {
			switch v := v.(type) {
			case string:
				for _, r := range v {
					if r == 0 {
						t.Fatalf("%q holds a NUL", data)
					}
				}
			case []any:
				for _, e := range v {
					noNul(e)
				}
			case map[string]any:
				for k, e := range v {
					noNul(k)
					noNul(e)
				}
			}
		}
		noNul(v)
	})
}

// The plan must be what carrying out the requests one after the other would be.
func TestPlanIsSequential(t *testing.T) {
	expectations := rapid.SampledFrom([]Expected{Any, NoStream, StreamExists, 1, 2, 3})
	streams := rapid.SampledFrom([]string{"a", "b", "c"})
	rapid.Check(t, func(t *rapid.T) {
		stored := rapid.MapOf(streams, rapid.Int64Range(1, 3)).Draw(t, "stored")
		head := rapid.Int64Range(0, 9).Draw(t, "head")
		model, next := maps.Clone(stored), head
		var requests []*request
		var want []Recorded
		var outcomes []Result
		for range rapid.IntRange(1, 6).Draw(t, "requests") {
			r := &request{}
			trial, from, conflict := maps.Clone(model), next, false
			var events []Recorded
			for range rapid.IntRange(1, 3).Draw(t, "parts") {
				p := part{streams.Draw(t, "stream"), expectations.Draw(t, "expect"), rapid.IntRange(0, 2).Draw(t, "count")}
				r.parts = append(r.parts, p)
				conflict = conflict || !p.expect.holds(trial[p.stream])
				for range p.count {
					r.events = append(r.events, Recorded{Stream: p.stream})
					trial[p.stream]++
					next++
					events = append(events, Recorded{Stream: p.stream, Version: trial[p.stream], Position: next})
				}
			}
			requests = append(requests, r)
			if conflict {
				next = from
				outcomes = append(outcomes, Result{})
				continue
			}
			model, want = trial, append(want, events...)
			result := Result{First: from + 1, Last: next, Versions: map[string]int64{}}
			for _, p := range r.parts {
				result.Versions[p.stream] = trial[p.stream]
			}
			outcomes = append(outcomes, result)
		}
		p := plan(requests, func(stream string) (int64, bool) { v, ok := stored[stream]; return v, ok })
		p.place(head)
		if diff := cmp.Diff(want, append([]Recorded(nil), p.events...)); diff != "" {
			t.Fatal(diff)
		}
		for i, r := range requests {
			if errors.Is(r.err, ErrConflict) != (outcomes[i].Versions == nil) {
				t.Fatalf("request %d: %v", i, r.err)
			}
			if diff := cmp.Diff(outcomes[i], r.result); diff != "" {
				t.Fatalf("request %d: %s", i, diff)
			}
		}
		for stream, version := range p.versions {
			if version != model[stream] {
				t.Fatalf("stream %s: version %d instead of %d", stream, version, model[stream])
			}
		}
	})
}

// A log with own and foreign batches: subscribers that follow the tail's advice see every event once, in order, and
// memory stays within its bounds.
func TestTailGivesEveryEventOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keep := rapid.IntRange(1, 12).Draw(t, "keep")
		tl := newTail(keep)
		start := rapid.Int64Range(0, 5).Draw(t, "start")
		tl.startAt(start)
		var log []Recorded // log[i] has position i+1
		for range start {
			log = append(log, Recorded{Position: int64(len(log) + 1)})
		}
		at := make([]int64, 3)
		disk := func(from, to int64) []Recorded { return log[from:to] }
		t.Repeat(map[string]func(*rapid.T){
			"commit": func(t *rapid.T) {
				var batch []Recorded
				for range rapid.IntRange(1, 6).Draw(t, "events") {
					batch = append(batch, Recorded{Position: int64(len(log) + 1), Data: json.RawMessage(`{}`)})
					log = append(log, batch[len(batch)-1])
				}
				if rapid.Bool().Draw(t, "own") {
					tl.publish(batch)
				} else if rapid.Bool().Draw(t, "heard") {
					tl.advance(int64(len(log)))
				}
			},
			"read": func(t *rapid.T) {
				i := rapid.IntRange(0, len(at)-1).Draw(t, "subscriber")
				limit := rapid.IntRange(1, 8).Draw(t, "limit")
				v := tl.after(at[i], limit)
				var events []Recorded
				switch v.standing {
				case atEnd:
					return
				case foreign:
					if from, to := tl.missing(); from < to {
						tl.fill(disk(from, to), from, to)
					}
					return
				case inMemory:
					events = v.events
				case onDisk:
					v.upTo = min(v.upTo, at[i]+int64(limit))
					events = disk(at[i], v.upTo)
				}
				if len(events) > limit || v.upTo <= at[i] {
					t.Fatalf("%d events for a limit of %d, from %d to %d", len(events), limit, at[i], v.upTo)
				}
				for _, e := range events {
					if at[i]++; e.Position != at[i] {
						t.Fatalf("event %d instead of %d", e.Position, at[i])
					}
				}
				if at[i] != v.upTo {
					t.Fatalf("events up to %d, but %d was said", at[i], v.upTo)
				}
			},
			"": func(t *rapid.T) {
				if tl.count > keep && len(tl.batches) > 1 || len(tl.pending) > keep+1 {
					t.Fatalf("%d events in memory, %d batches pending, %d allowed", tl.count, len(tl.pending), keep)
				}
			},
		})
		tl.advance(int64(len(log)))
		for i := range at { // in the end all get everything
			for range 10 * (len(log) + 1) {
				v := tl.after(at[i], 100)
				if v.standing == atEnd {
					break
				}
				if v.standing == foreign {
					if from, to := tl.missing(); from < to {
						tl.fill(disk(from, to), from, to)
					}
					continue
				}
				at[i] = v.upTo
			}
			if at[i] != int64(len(log)) {
				t.Fatalf("subscriber %d ends at %d of %d", i, at[i], len(log))
			}
		}
	})
}

func TestTailForgetsByBytes(t *testing.T) {
	tl := newTail(1000)
	big := json.RawMessage(fmt.Sprintf(`{"a":"%01000000d"}`, 0))
	for p := int64(1); p <= 100; p++ {
		tl.publish([]Recorded{{Position: p, Data: big}})
		if tl.size > tailBytes || tl.count != len(tl.batches) {
			t.Fatalf("%d bytes in memory", tl.size)
		}
	}
	if v := tl.after(99, 10); v.standing != inMemory || len(v.events) != 1 {
		t.Errorf("%+v", v.standing)
	}
	if v := tl.after(1, 10); v.standing != onDisk {
		t.Errorf("%+v", v.standing)
	}
}

// Batches keep the order of arrival and their bounds, and nobody waits for ever.
func TestQueueBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue()
		var want, got []*request
		for range rapid.IntRange(1, 30).Draw(t, "requests") {
			r := &request{events: make([]Recorded, rapid.SampledFrom([]int{1, 2, 1000, 2000, 5000}).Draw(t, "events")),
				size: rapid.SampledFrom([]int{1, 1 << 20, 9 << 20}).Draw(t, "bytes")}
			if err := q.put(r); err != nil {
				t.Fatal(err)
			}
			if rapid.IntRange(0, 4).Draw(t, "withdrawn") == 0 {
				r.claim()
			} else {
				want = append(want, r)
			}
		}
		for range want {
			batch, _ := q.take()
			events, size := 0, 0
			for _, r := range batch {
				events, size = events+len(r.events), size+r.size
			}
			if len(batch) > 1 && (events > maxBatchEvents || size > maxBatchBytes) {
				t.Fatalf("a batch of %d requests has %d events, %d bytes", len(batch), events, size)
			}
			got = append(got, batch...)
		}
		if len(got) != len(want) {
			t.Fatalf("%d of %d requests", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("request %d is out of order", i)
			}
		}
	})
}

func TestSettleKnown(t *testing.T) {
	e := Recorded{ID: uuid.New(), Stream: "a", Type: "t", SchemaVersion: 1, Data: json.RawMessage(`{}`)}
	old := e
	old.Position, old.Version = 7, 3
	r := &request{events: []Recorded{e}, ambiguous: true}
	r.settleKnown(map[uuid.UUID]Recorded{e.ID: old})
	if want := (Result{First: 7, Last: 7, Versions: map[string]int64{"a": 3}}); !cmp.Equal(want, r.result) || r.err != nil {
		t.Error("an append whose answer was lost is no duplicate:", cmp.Diff(want, r.result), r.err)
	}
}
