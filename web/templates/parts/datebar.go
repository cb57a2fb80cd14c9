package parts

import "time"

// DateBarView is a window of time with today's mark, and the stages within it.
type DateBarView struct {
	Start, End, Now time.Time
	StartWords      string // "3 May"
	EndWords        string
	Parts           []DatePart // stages; none draws the window as one
}

// DatePart is a stage's window; Label is read out, not drawn.
type DatePart struct {
	Start, End time.Time
	Label      string
}

// barPiece is a stretch of the bar in percent, cut at today: what lies behind is filled.
type barPiece struct {
	X, Width string
	Past     bool
}

func (v DateBarView) share(t time.Time) float64 {
	whole := v.End.Sub(v.Start)
	if whole <= 0 {
		return 0
	}
	return min(1, max(0, float64(t.Sub(v.Start))/float64(whole)))
}

func (v DateBarView) pieces() []barPiece {
	parts := v.Parts
	if len(parts) == 0 {
		parts = []DatePart{{Start: v.Start, End: v.End}}
	}
	now := v.share(v.Now)
	var out []barPiece
	for _, p := range parts {
		from, to := v.share(p.Start), v.share(p.End)
		if mid := min(to, max(from, now)); mid > from {
			out = append(out, barPiece{percent(from), percent(mid - from), true})
		}
		if mid := min(to, max(from, now)); mid < to {
			out = append(out, barPiece{percent(mid), percent(to - mid), false})
		}
	}
	return out
}

// seams are where one stage ends and the next begins.
func (v DateBarView) seams() []string {
	var out []string
	for _, p := range v.Parts {
		if at := v.share(p.Start); at > 0 && at < 1 {
			out = append(out, percent(at))
		}
	}
	return out
}

func (v DateBarView) running() bool { return !v.Now.Before(v.Start) && v.Now.Before(v.End) }
