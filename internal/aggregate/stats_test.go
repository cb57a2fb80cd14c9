package aggregate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/aggregate"
)

func TestStats(t *testing.T) {
	one, other, _ := two(t, aggregate.Options{})
	id := uuid.New()
	do(t, one, id, Deposit{1})                                                                  // nothing in memory
	inOneBatch(t, one, id, sent{AccountCommand: Deposit{1}}, sent{AccountCommand: Withdraw{9}}) // and one before them
	do(t, other, id, Deposit{1})                                                                // nothing in its memory
	do(t, one, id, Deposit{1})                                                                  // too old
	for name, c := range map[string]struct {
		host *accounts
		want aggregate.Stats
	}{
		"one":   {one, aggregate.Stats{Commands: 5, Batches: 4, Hits: 3, Misses: 1, Retries: 1, States: 1, Weight: 1}},
		"other": {other, aggregate.Stats{Commands: 1, Batches: 1, Misses: 1, States: 1, Weight: 1}},
	} {
		if diff := cmp.Diff(c.want, c.host.Stats()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
