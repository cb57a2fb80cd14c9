package segments

// Corridor says how far from the line a track may stray. Standard, the zero value, suits most roads and trails.
type Corridor uint8

const (
	Standard Corridor = iota // 35 m: GPS among trees and houses
	Open                     // 25 m: open road, good reception
	Tight                    // 15 m, and little patience with holes: where another way runs close by
	Loose                    // 50 m: gorges, woods, old devices
)

func (c Corridor) String() string {
	return [...]string{"standard", "open", "tight", "loose"}[c]
}

// tolerance is what a traversal may lack and still count. All but coverage are metres.
type tolerance struct {
	corridor float64 // how far from the line is still on it
	p95      float64 // 95th percentile of the samples' distances to the line
	hole     float64 // longest stretch of the line without track beside it
	detour   float64 // longest stretch of the track outside the corridor
	coverage float64 // least part of the line that has track beside it, 0 to 1
}

func (c Corridor) tolerance() tolerance {
	switch c {
	case Open:
		return tolerance{corridor: 25, p95: 25, hole: 60, detour: 150, coverage: 0.95}
	case Tight:
		return tolerance{corridor: 15, p95: 10, hole: 25, detour: 60, coverage: 0.95}
	case Loose:
		return tolerance{corridor: 50, p95: 50, hole: 60, detour: 150, coverage: 0.95}
	default:
		return tolerance{corridor: 35, p95: 35, hole: 60, detour: 150, coverage: 0.95}
	}
}
