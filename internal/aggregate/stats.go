package aggregate

import "sync/atomic"

// Stats is what a host has done since it was made, and what it holds now.
type Stats struct {
	Commands int64 // decided
	Batches  int64 // that they came in, one append each
	Hits     int64 // batches that found the state in memory
	Misses   int64 // batches for which it had to be loaded
	Retries  int64 // batches decided again because of another node's append, each time
	Restored int64 // states that came from a snapshot
	States   int   // in memory
	Weight   int   // of these together, see Sized
}

type counters struct{ commands, batches, hits, misses, retries, restored atomic.Int64 }

func (c *counters) began(commands int, cached bool) {
	c.batches.Add(1)
	c.commands.Add(int64(commands))
	if cached {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
}

// Stats counts.
func (h *Host[S, C, E]) Stats() Stats {
	states, weight := h.cache.size()
	return Stats{Commands: h.did.commands.Load(), Batches: h.did.batches.Load(), Hits: h.did.hits.Load(), Misses: h.did.misses.Load(),
		Retries: h.did.retries.Load(), Restored: h.did.restored.Load(), States: states, Weight: weight}
}
