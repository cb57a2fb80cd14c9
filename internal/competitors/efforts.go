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
	for _, old := range slices.Concat(s.Efforts(c.Rules.StageID), s.Held(c.Rules.StageID)) {
		gone := !slices.ContainsFunc(found, func(p Performance) bool { return p.EffortID == old.EffortID })
		if old.Activity.ID == c.Activity.ID && gone && !final {
			d.remove(old, CodeActivityChanged, "The activity was changed, and this effort isn't in it any more.")
		}
	}
	for _, p := range found {
		if _, known := s.findAny(p.EffortID); !known || !final {
			d.record(c, p)
		}
	}
	return d.settled(s), nil
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

// record brings one performance to where it belongs: accepted, held for review, refused, or left as it was.
func (d *decision) record(c RecordEfforts, p Performance) {
	effort := effortOf(c.Rules.StageID, c.Activity, p)
	why := d.state.judge(c.Rules, c.Activity, p)
	if why == nil {
		why = d.state.attemptsLeft(c.Rules, effort)
	}
	if old, ok := d.state.findAny(p.EffortID); ok {
		if why == nil && old.same(effort) {
			return
		}
		d.remove(old, codeOf(why), detailOf(why))
	}
	switch {
	case why == nil && d.state.needsReview(effort):
		d.then(EffortHeld{c.ref(), c.Rules.StageID, effort.Activity, p, reviewDetail})
		return
	case why == nil:
		d.accept(c.Head, c.Rules, effort, nil)
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

// accept takes an effort in; with that there may be one attempt too many, which is then the last one.
func (d *decision) accept(h Head, r Rules, e Effort, review *AcceptEffort) {
	accepted := EffortAccepted{Ref: h.ref(), StageID: e.StageID, Activity: e.Activity, Performance: e.Performance,
		Ranking: r.ranking(), Categories: d.state.Categories}
	if review != nil {
		accepted.ReviewedBy, accepted.Note = review.By.String(), review.Note
	}
	d.then(accepted)
	if all := d.state.Efforts(e.StageID); r.Admission.MaxAttempts > 0 && len(all) > r.Admission.MaxAttempts {
		last := all[len(all)-1]
		why := tooManyAttempts(r)
		d.remove(last, why.Code, why.Detail)
		d.then(EffortRefused{h.ref(), last.StageID, last.Activity, last.Performance, why.Code, why.Detail})
	}
}

// ranking is how efforts on the stage become a result. Times don't add up to a total.
func (r Rules) ranking() Ranking {
	measure := r.Type.RankedBy()
	out := Ranking{Measure: measure, Precision: max(1, r.Precision), MaxAttempts: r.Admission.MaxAttempts}
	switch r.Result.Kind {
	case sport.TotalOfAll:
		out.Accumulate = !measure.Ascending()
	case sport.SumOfBest:
		out.Of = max(1, r.Result.Of)
	case sport.EffortCount:
		out.Count = true
	case sport.BestEffort:
	}
	return out
}

func (d *decision) remove(e Effort, code, detail string) {
	d.then(EffortRemoved{Ref: d.state.Ref, StageID: e.StageID, ActivityID: e.Activity.ID, EffortID: e.EffortID, Code: code,
		Detail: detail, Categories: d.state.Categories})
}

// removeAll takes the efforts out that match, except on stages that are final.
func (d *decision) removeAll(final []uuid.UUID, code, detail string, match func(Effort) bool) {
	var all []Effort
	for _, r := range d.state.stages.All() {
		all = append(all, r.list()...)
	}
	for _, e := range d.state.held.All() {
		all = append(all, e)
	}
	for _, e := range all {
		if match(e) && !slices.Contains(final, e.StageID) {
			d.remove(e, code, detail)
		}
	}
}

// settled writes into each event the standing that all of them together lead to, and whether there is room for another
// attempt now.
func (d *decision) settled(before State) []Event {
	room := func(stage uuid.UUID) bool {
		was, _ := before.stages.Get(stage)
		is, _ := d.state.stages.Get(stage)
		return d.state.Competing && was.ranking.MaxAttempts > 0 && is.efforts.Len() < was.ranking.MaxAttempts && was.efforts.Len() >= was.ranking.MaxAttempts
	}
	for i, e := range d.events {
		switch e := e.(type) {
		case EffortAccepted:
			r, _ := d.state.stages.Get(e.StageID)
			best, _ := r.best()
			e.Standing, e.Best = r.standing(), best.EffortID == e.EffortID
			d.events[i] = e
		case EffortRemoved:
			r, _ := d.state.stages.Get(e.StageID)
			e.Standing, e.Refill = r.standing(), room(e.StageID)
			d.events[i] = e
		case EffortFlagged:
			r, _ := d.state.stages.Get(e.StageID)
			e.Standing, e.Refill = r.standing(), room(e.StageID)
			d.events[i] = e
		case Joined, Left, Excluded, Limited, Allowed, Reclassified, StandingRestated, EffortHeld, EffortRefused, EffortRejected:
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
	case p.MovingMs > p.ElapsedMs:
		return nil, ErrMovingTooLong
	}
	if c.Rules.Type == sport.RaceStage && p.DistanceM == 0 {
		p.DistanceM = c.Rules.Goal // what else was raced
	}
	c.Activity.Manual = false // for the rule that refuses an athlete's own entries
	if why := s.judge(c.Rules, c.Activity, p); why != nil {
		return nil, s.forOrganiser(c.Rules, why)
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
	if why := s.attemptsLeft(c.Rules, effort); why != nil {
		return nil, s.forOrganiser(c.Rules, why)
	}
	d := decision{state: s}
	d.accept(c.Head, c.Rules, effort, nil)
	return d.settled(s), nil
}

func (s State) removeActivity(c RemoveActivity) ([]Event, error) {
	d := decision{state: s}
	d.removeAll(c.Final, CodeActivityDeleted, "The activity was deleted.", func(e Effort) bool { return e.Activity.ID == c.ActivityID })
	return d.settled(s), nil
}

func (s State) removeEffort(c RemoveEffort) ([]Event, error) {
	d := decision{state: s}
	if e, ok := s.findAny(c.EffortID); ok {
		d.remove(e, c.Code, c.Detail)
	}
	return d.settled(s), nil
}

func (s State) clearStage(c ClearStage) ([]Event, error) {
	d := decision{state: s}
	d.removeAll(nil, CodeSegmentChanged, "The segment of this stage was changed.", func(e Effort) bool { return e.StageID == c.StageID })
	return d.settled(s), nil
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
	e, ok := s.findAny(c.EffortID)
	switch {
	case !ok || e.StageID != c.Rules.StageID:
		return nil, ErrNoSuchEffort
	case c.Rules.Status == sport.Approved:
		return nil, ErrStageApproved
	}
	d := decision{state: s}
	d.then(EffortFlagged{Ref: s.Ref, StageID: e.StageID, ActivityID: e.Activity.ID, EffortID: e.EffortID, Reason: reason,
		By: c.By.String(), Categories: s.Categories})
	return d.settled(s), nil
}
