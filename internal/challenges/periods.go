package challenges

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// decision collects the events of one command together with the state that they lead to.
type decision struct {
	state  State
	events []Event
}

func (d *decision) then(e Event) {
	d.state, d.events = d.state.Evolve(e), append(d.events, e)
}

// period is the time and the name of a stage that follows from a goal.
type period struct {
	name   string
	window sport.Window
}

// periods cuts the challenge's window into calendar days, weeks (Monday to Sunday) or months as the goal recurs. The
// first and the last may be shorter. Without recurrence it is one period with the challenge's own name.
func (s State) periods(w sport.Window) ([]period, error) {
	recurrence := s.recurrence()
	var out []period
	for start := w.Start; !start.After(w.End); {
		if len(out) == MaxStages {
			return nil, ErrTooManyStages.Because("This goal would make more than 400 stages. Let it recur less often, or make the challenge shorter.")
		}
		next, name := nextPeriod(start, recurrence, len(out)+1)
		if recurrence == sport.Once || !next.Before(w.End) {
			next = w.End.Add(time.Second)
		}
		if recurrence == sport.Once {
			name = s.Name
		}
		out = append(out, period{name, sport.Window{Start: start, End: next.Add(-time.Second)}})
		start = next
	}
	return out, nil
}

func (s State) recurrence() sport.Recurrence {
	if s.Goal == nil {
		return sport.Once
	}
	return s.Goal.Recurrence
}

// nextPeriod returns when the period after that of start begins, and what the period of start, the n-th, is called.
func nextPeriod(start sport.Local, r sport.Recurrence, n int) (next sport.Local, name string) {
	t := start.AsUTC()
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	switch r {
	case sport.Daily:
		return sport.LocalOf(day.AddDate(0, 0, 1)), t.Format("2 January 2006")
	case sport.Weekly:
		sinceMonday := (int(day.Weekday()) + 6) % 7
		return sport.LocalOf(day.AddDate(0, 0, 7-sinceMonday)), fmt.Sprintf("Week %d", n)
	case sport.Monthly:
		return sport.LocalOf(day.AddDate(0, 1, 1-day.Day())), t.Format("January 2006")
	case sport.Once:
	}
	return start, ""
}

// fitPeriods makes the stages of a challenge without segments what its window and goal say: added, moved, or removed at
// the end. A challenge of segments is left alone.
func (d *decision) fitPeriods(w sport.Window) error {
	if d.state.Type == sport.SegmentChallenge {
		return nil
	}
	have := d.state.Stages
	if d.state.Status == sport.Active { // which may have started early; its stages go on as planned
		w.Start = have[0].Window.Start
	}
	want, err := d.state.periods(w)
	if err != nil {
		return err
	}
	if len(have) > 0 && d.state.namedByDate() && have[0].Name != want[0].name { // every number now means another date
		d.removeAll(have)
		have = nil
	}
	for i, p := range want {
		switch {
		case i >= len(have):
			d.addPeriod(i+1, p)
		case !same(have[i].Window, p.window):
			d.then(StageRescheduled{ChallengeID: d.state.ID, StageID: have[i].StageID, Window: p.window})
		}
	}
	d.removeAll(have[min(len(want), len(have)):])
	return nil
}

func (s State) namedByDate() bool {
	r := s.recurrence()
	return r == sport.Daily || r == sport.Monthly
}

func (d *decision) removeAll(slots []Slot) {
	for _, slot := range slots {
		d.then(StageRemoved{ChallengeID: d.state.ID, StageID: slot.StageID, Number: slot.Number})
	}
}

func same(a, b sport.Window) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) }

func (d *decision) addPeriod(number int, p period) {
	s := d.state
	id := uuid.NewSHA1(s.ID, fmt.Appendf(nil, "stage-%d", s.added+1))
	d.then(s.withStage(id, number, StageDefinition{Type: sport.StageType(s.Type), Name: p.name, Window: p.window,
		Adjustment: sport.NoAdjustment}))
}

// adjustWindow moves start and end. A stage that began or ended with the challenge goes on doing so; the stages of a
// recurring goal are fitted anew. A challenge under way keeps its start.
func (s State) adjustWindow(c AdjustWindow) ([]Event, error) {
	if err := s.mustRun(); err != nil {
		return nil, err
	}
	window := c.Window
	if window.Start.IsZero() {
		window.Start = s.Window.Start
	}
	if window.End.IsZero() {
		window.End = s.Window.End
	}
	if same(window, s.Window) {
		return nil, nil
	}
	if s.Status == sport.Active && !window.Start.Equal(s.Window.Start) {
		return nil, ErrStartFixed
	}
	if err := checkWindow(window, s.TimeZone, c.Now); err != nil {
		return nil, err
	}
	d := decision{state: s}
	d.then(WindowAdjusted{ChallengeID: s.ID, Window: window})
	d.reckonAges(s)
	if err := errors.Join(d.fitPeriods(window), d.follow(s.Window, window)); err != nil {
		return nil, err
	}
	return d.events, nil
}

// follow moves the ends of segment stages that were those of the challenge, and refuses what leaves a stage outside.
func (d *decision) follow(was, is sport.Window) error {
	if d.state.Type != sport.SegmentChallenge {
		return nil
	}
	for _, slot := range d.state.byTime() {
		w := slot.Window
		if w.Start.Equal(was.Start) {
			w.Start = is.Start
		}
		if w.End.Equal(was.End) {
			w.End = is.End
		}
		if !w.Within(is) || !w.End.After(w.Start) {
			outside := *ErrStageOutside
			if is.Holds(w.Start) {
				outside.Field = "endLocal"
			}
			return outside.Because(fmt.Sprintf("The challenge must hold its stages, but %s lasts from %s until %s. Move or delete that first.",
				slot.title(), moment(slot.Window.Start), moment(slot.Window.End)))
		}
		if !same(w, slot.Window) {
			d.then(StageRescheduled{ChallengeID: d.state.ID, StageID: slot.StageID, Window: w})
		}
	}
	return nil
}
