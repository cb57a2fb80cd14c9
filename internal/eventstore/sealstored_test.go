package eventstore_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/vault"
)

// What was stored before there were keys is sealed once, in place, by whatever node comes first; what came later was
// sealed from the beginning.
func TestSealStored(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	old := run(t, pool, eventstore.Options{}) // a program without keys
	var want []eventstore.Event
	var events []eventstore.NewEvent
	for i := range 700 {
		met := Met{Who: uuid.NewSHA1(ada, []byte{byte(i)}), Name: fmt.Sprint("Ada ", i), Town: "London"}
		data, err := json.Marshal(met)
		if err != nil {
			t.Fatal(err)
		}
		want, events = append(want, met), append(events, eventstore.NewEvent{Type: "met", Data: data}, event("counted", i))
	}
	appended(t, old, write("person-1", eventstore.Any, events...))
	if _, err := pool.Exec(t.Context(), `update unsealed set up_to = (select position from events_head)`); err != nil { // as migration 16 found it
		t.Fatal(err)
	}
	registry, keys := keyless(), vault.New(pool, vault.Options{})
	registry.SealWith(keys)
	s, err := eventstore.Open(t.Context(), pool, registry, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := all(t, s, eventstore.ReadOptions{})
	sums := make(chan int64, 2)
	for range 2 { // on two nodes at once
		go func() {
			n, err := s.SealStored(t.Context())
			if err != nil {
				t.Error(err)
			}
			sums <- n
		}()
	}
	if n := <-sums + <-sums; n != 700 {
		t.Errorf("%d events were sealed", n)
	}
	if n, err := s.SealStored(t.Context()); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	after, met := all(t, s, eventstore.ReadOptions{}), 0
	for i, rec := range after {
		if bytes.Contains(rec.Data, []byte("Ada ")) {
			t.Fatalf("event %d says %s", rec.Position, rec.Data)
		}
		if rec.Type == "met" {
			got, err := registry.Decode(rec)
			if diff := cmp.Diff(want[met], got); err != nil || diff != "" {
				t.Fatalf("%v %s", err, diff)
			}
			met++
			rec.Data = before[i].Data
		}
		if diff := cmp.Diff(before[i], rec); diff != "" {
			t.Fatalf("more than the data has changed: %s", diff)
		}
	}
	if err := keys.Forget(t.Context(), uuid.NewSHA1(ada, []byte{7})); err != nil {
		t.Fatal(err)
	}
	if got, err := registry.Decode(after[14]); err != nil || got.(Met).Name != "Somebody" {
		t.Errorf("forgotten: %+v, %v", got, err)
	}
}
