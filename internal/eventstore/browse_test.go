package eventstore_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
)

func TestBrowse(t *testing.T) {
	t.Parallel()
	s := open(t)
	chain := uuid.New()
	for i := range 10 {
		e := eventstore.NewEvent{Type: []string{"Odd", "Even"}[i%2], Data: []byte(`{}`), Actor: fmt.Sprint("actor", i%3)}
		if i == 4 || i == 7 {
			e.CorrelationID = chain
		}
		if _, err := s.Append(t.Context(), eventstore.Write{Stream: fmt.Sprintf("thing-%d", i%5), Events: []eventstore.NewEvent{e}}); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		search eventstore.Search
		want   []int64
		from   int64
	}{
		"newest":        {eventstore.Search{Limit: 3}, []int64{10, 9, 8}, 8},
		"older":         {eventstore.Search{Limit: 3, Before: 8}, []int64{7, 6, 5}, 5},
		"the oldest":    {eventstore.Search{Limit: 3, Before: 3}, []int64{2, 1}, 1},
		"exactly all":   {eventstore.Search{Limit: 10}, []int64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 1},
		"by type":       {eventstore.Search{Filter: eventstore.Filter{Types: []string{"Odd"}}, Limit: 2}, []int64{9, 7}, 7},
		"by stream":     {eventstore.Search{Filter: eventstore.Filter{Streams: []string{"thing-1"}}}, []int64{7, 2}, 1},
		"by actor":      {eventstore.Search{Actor: "actor0"}, []int64{10, 7, 4, 1}, 1},
		"by chain":      {eventstore.Search{Correlation: chain}, []int64{8, 5}, 1},
		"nobody's":      {eventstore.Search{Actor: "actor9"}, nil, 1},
		"before it all": {eventstore.Search{Before: 1}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := s.Browse(t.Context(), c.search)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, e := range found.Events {
				got = append(got, e.Position)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || found.From != c.from {
				t.Errorf("from %d, want %d; events (-want +got):\n%s", found.From, c.from, diff)
			}
		})
	}
}
