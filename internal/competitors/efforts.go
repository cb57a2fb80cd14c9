package competitors

import (
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/refusal"
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

// recordEfforts compares what the activity now holds for the stage with what is known of it, and tells the difference.
// Told the same again, nothing happens. Results that are final, or history, stay as they are.
func (s State) recordEfforts(c RecordEfforts) ([]Event, error) {
	d := decision{state: s}
	final := c.Rules.Status == sport.Approved || c.Rules.Status == sport.Deleted || c.Rules.ChallengeStatus == sport.Cancelled
	found := c.performances()
	for _, old := range s.Efforts(c.Rules.StageID) {
		gone := !slices.ContainsFunc(found, func(p Performance) bool { return p.EffortID == old.EffortID })
		if old.Activity.ID == c.Activity.ID && gone && !final {
			d.remove(old, CodeActivityChanged, "The activity was changed, and this effort isn't in it any more.")
		}
	}
	for _, p := range found {
		if _, accepted := s.find(p.EffortID); !accepted || !final {
			d.record(c, p)
		}
	}
	return d.settled(), nil
}

// performances are those of the command, each once and with its id.
func (c RecordEfforts) performances() []Performance {
	out := make([]Performance, 0, len(c.Performances))
	for _, p := range c.Performances {
		if p.EffortID == uuid.Nil {
			p.EffortID = EffortIDOf(c.Rules.StageID, c.Activity.ID, p.Lap)
		}
		if !slices.ContainsFunc(out, func(o Performance) bool { return o.EffortID == p.EffortID }) {
			out = append(out, p)
		}
	}
	return out
}

// record brings one performance to where it belongs: accepted, refused, or left as it was.
func (d *decision) record(c RecordEfforts, p Performance) {
	effort := effortOf(c.Rules.StageID, c.Activity, p)
	why := d.state.judge(c.Rules, c.Activity, p)
	if old, ok := d.state.find(p.EffortID); ok {
		if why == nil && old.same(effort) {
			return
		}
		d.remove(old, codeOf(why), detailOf(why))
	}
	if why == nil {
		d.accept(c.Head, c.Rules, effort)
		return
	}
	if last, ok := d.state.refused.Get(p.EffortID); ok && last.Code == why.Code && last.Detail == why.Detail && last.same(effort) {
		return
	}
	d.then(EffortRefused{c.ref(), c.Rules.StageID, effort.Activity, p, why.Code, why.Detail})
}

func codeOf(why *refusal.Error) string {
	if why == nil {
		return CodeActivityChanged
	}
	return why.Code
}

func detailOf(why *refusal.Error) string {
	if why == nil {
		return "The activity was changed, and this effort with it."
	}
	return why.Detail
}

func (d *decision) accept(h Head, r Rules, e Effort) {
	measure := r.Type.RankedBy()
	d.then(EffortAccepted{Ref: h.ref(), StageID: e.StageID, Activity: e.Activity, Performance: e.Performance,
		Ranking:    Ranking{Measure: measure, Accumulate: r.Accumulate && !measure.Ascending(), Precision: max(1, r.Precision)},
		Categories: d.state.Categories})
}

func (d *decision) remove(e Effort, code, detail string) {
	d.then(EffortRemoved{Ref: d.state.Ref, StageID: e.StageID, ActivityID: e.Activity.ID, EffortID: e.EffortID, Code: code,
		Detail: detail, Categories: d.state.Categories})
}

// removeAll takes the efforts out that match, except on stages that are final.
func (d *decision) removeAll(final []uuid.UUID, code, detail string, match func(Effort) bool) {
	for stage, r := range d.state.stages.All() {
		if slices.Contains(final, stage) {
			continue
		}
		for _, e := range r.list() {
			if match(e) {
				d.remove(e, code, detail)
			}
		}
	}
}

// settled writes into each event the standing that all of them together lead to.
func (d *decision) settled() []Event {
	for i, e := range d.events {
		switch e := e.(type) {
		case EffortAccepted:
			r, _ := d.state.stages.Get(e.StageID)
			best, _ := r.best()
			e.Standing, e.Best = *r.standing(), best.EffortID == e.EffortID
			d.events[i] = e
		case EffortRemoved:
			r, _ := d.state.stages.Get(e.StageID)
			e.Standing = r.standing()
			d.events[i] = e
		case EffortFlagged:
			r, _ := d.state.stages.Get(e.StageID)
			e.Standing = r.standing()
			d.events[i] = e
		case Joined, Left, Excluded, Limited, Allowed, Reclassified, EffortRefused:
		}
	}
	return d.events
}

// recordByHand is the organiser's; what is wrong is told to the organiser, not kept as a refused effort.
func (s State) recordByHand(c RecordByHand) ([]Event, error) {
	p := c.Performance
	switch {
	case !c.Activity.Type.Valid():
		return nil, ErrTypeUnknown
	case p.StartUTC.IsZero(), p.StartLocal.IsZero():
		return nil, ErrStartMissing
	case p.StartUTC.After(c.Now):
		return nil, ErrInFuture
	case p.ElapsedMs <= 0:
		return nil, ErrElapsedMissing
	}
	if c.Rules.Type == sport.RaceStage && p.DistanceM == 0 {
		p.DistanceM = c.Rules.Goal // what else was raced
	}
	c.Activity.Manual = false // for the rule that refuses an athlete's own entries
	if why := s.judge(c.Rules, c.Activity, p); why != nil {
		return nil, why
	}
	c.Activity.Manual, c.Activity.Source = true, "manual"
	if p.EffortID == uuid.Nil {
		p.EffortID = EffortIDOf(c.Rules.StageID, c.Activity.ID, p.Lap)
	}
	effort := effortOf(c.Rules.StageID, c.Activity, p)
	if old, ok := s.find(p.EffortID); ok {
		if old.same(effort) {
			return nil, nil
		}
		return nil, ErrAlreadyRecorded
	}
	d := decision{state: s}
	d.accept(c.Head, c.Rules, effort)
	return d.settled(), nil
}

func (s State) removeActivity(c RemoveActivity) ([]Event, error) {
	d := decision{state: s}
	d.removeAll(c.Final, CodeActivityDeleted, "The activity was deleted.", func(e Effort) bool { return e.Activity.ID == c.ActivityID })
	return d.settled(), nil
}

func (s State) removeEffort(c RemoveEffort) ([]Event, error) {
	d := decision{state: s}
	if e, ok := s.find(c.EffortID); ok {
		d.remove(e, c.Code, c.Detail)
	}
	return d.settled(), nil
}

func (s State) clearStage(c ClearStage) ([]Event, error) {
	d := decision{state: s}
	d.removeAll(nil, CodeSegmentChanged, "The segment of this stage was changed.", func(e Effort) bool { return e.StageID == c.StageID })
	return d.settled(), nil
}

// flagEffort takes an effort out for good. Flagged twice, the first reason stands.
func (s State) flagEffort(c FlagEffort) ([]Event, error) {
	reason, err := cleanReason(c.Reason)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(s.flagged, func(f flag) bool { return f.EffortID == c.EffortID && f.StageID == c.Rules.StageID }) {
		return nil, nil
	}
	e, ok := s.find(c.EffortID)
	switch {
	case !ok || e.StageID != c.Rules.StageID:
		return nil, ErrNoSuchEffort
	case c.Rules.Status == sport.Approved:
		return nil, ErrStageApproved
	}
	d := decision{state: s}
	d.then(EffortFlagged{Ref: s.Ref, StageID: e.StageID, ActivityID: e.Activity.ID, EffortID: e.EffortID, Reason: reason,
		By: c.By.String(), Categories: s.Categories})
	return d.settled(), nil
}
