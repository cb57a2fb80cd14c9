package competitors

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/ordered"
	"segmentchallenge/internal/sport"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{
	Joined{}, Left{}, Excluded{}, Limited{}, Allowed{}, Reclassified{}, StandingRestated{},
	EffortAccepted{}, EffortHeld{}, EffortRefused{}, EffortRemoved{}, EffortFlagged{}, EffortRejected{},
}

// State is one athlete in one challenge as the events have made them. It is a value; the zero value has never joined.
type State struct {
	Exists    bool // something has happened: joined, excluded, or an effort refused
	Ref       Ref
	Competing bool // in the challenge now
	Limited   bool // ranked, but scores no points
	Excluded  bool // out, and can't rejoin
	Reason    string
	Gender    sport.Gender
	// Categories are those of the last joining; they stay when the athlete leaves, to say which boards they leave.
	Categories []sport.Category
	stages     ordered.ByID[results]   // by stage
	stageOf    ordered.ByID[uuid.UUID] // of an accepted effort, by its id
	held       ordered.ByID[Effort]    // by its id: needs review
	vouched    ordered.ByID[Effort]    // by its id: needed review and was accepted, as it was then
	refused    ordered.ByID[refused]   // by effort: the last answer, so that it isn't given twice
	flagged    []flag                  // out for good
}

// Effort is one performance and the activity that holds it.
type Effort struct {
	StageID uuid.UUID
	Activity
	Performance
}

// refused is an effort with the reason why it doesn't count.
type refused struct {
	Effort
	Code, Detail string
}

// flag is an effort that the organiser took out, or didn't take after looking at it.
type flag struct {
	Effort
	reason string
}

// effortOf keeps what is stored: the activity's start serves for judging alone.
func effortOf(stage uuid.UUID, a Activity, p Performance) Effort {
	a.StartLocal, a.BroughtAt = sport.Local{}, a.BroughtAt.UTC()
	return Effort{stage, a, p}
}

// same compares all that counts or shows. Which version of the segment engine found it makes no difference, nor how that
// judges its own evidence: what has been accepted doesn't fall back to being looked at.
func (e Effort) same(o Effort) bool {
	if !e.StartUTC.Equal(o.StartUTC) || !e.Performance.StartLocal.Equal(o.Performance.StartLocal) || !e.BroughtAt.Equal(o.BroughtAt) {
		return false
	}
	e.StartUTC, e.Performance.StartLocal, e.BroughtAt, e.Method, e.NeedsReview = o.StartUTC, o.Performance.StartLocal, o.BroughtAt, o.Method, o.NeedsReview
	return e == o
}

// FinishedAt is when the effort ended.
func (p Performance) FinishedAt() time.Time {
	return p.StartUTC.Add(time.Duration(p.ElapsedMs) * time.Millisecond)
}

// Efforts returns the accepted efforts on a stage, earliest first.
func (s State) Efforts(stage uuid.UUID) []Effort {
	r, _ := s.stages.Get(stage)
	return r.list()
}

// Evolve returns the state after e.
func (s State) Evolve(e Event) State {
	s.Exists = true
	switch e := e.(type) {
	case Joined:
		s.Ref, s.Competing, s.Gender, s.Categories = e.Ref, true, e.Gender, e.Categories
	case Left:
		s.Competing = false
	case Excluded:
		s.Ref, s.Competing, s.Excluded, s.Limited, s.Reason = e.Ref, false, true, false, e.Reason
	case Limited:
		s.Limited, s.Reason = true, e.Reason
	case Allowed:
		s.Limited, s.Excluded, s.Reason = false, false, ""
	case Reclassified:
		s.Gender, s.Categories = e.Gender, e.Now
	case StandingRestated: // nothing is new
	case EffortAccepted:
		return s.accept(e)
	case EffortHeld:
		s.Ref, s.held = e.Ref, s.held.Set(e.EffortID, effortOf(e.StageID, e.Activity, e.Performance))
		s.refused = s.refused.Delete(e.EffortID)
	case EffortRefused:
		effort := effortOf(e.StageID, e.Activity, e.Performance)
		s.Ref, s.refused = e.Ref, s.refused.Set(e.EffortID, refused{effort, e.Code, e.Detail})
	case EffortRemoved:
		return s.drop(e.StageID, e.EffortID)
	case EffortFlagged:
		return s.keepOut(e.EffortID, e.Reason).drop(e.StageID, e.EffortID)
	case EffortRejected:
		return s.keepOut(e.EffortID, e.Note).drop(e.StageID, e.EffortID)
	}
	return s
}

func (s State) accept(e EffortAccepted) State {
	effort := effortOf(e.StageID, e.Activity, e.Performance)
	r, _ := s.stages.Get(e.StageID)
	s.stages = s.stages.Set(e.StageID, r.with(effort, e.Ranking))
	s.stageOf = s.stageOf.Set(e.EffortID, e.StageID)
	s.refused, s.held = s.refused.Delete(e.EffortID), s.held.Delete(e.EffortID)
	if e.ReviewedBy != "" {
		s.vouched = s.vouched.Set(e.EffortID, effort)
	}
	return s
}

func (s State) drop(stage, effort uuid.UUID) State {
	r, _ := s.stages.Get(stage)
	if r = r.without(effort); r.efforts.Len() == 0 {
		s.stages = s.stages.Delete(stage)
	} else {
		s.stages = s.stages.Set(stage, r)
	}
	s.stageOf, s.held = s.stageOf.Delete(effort), s.held.Delete(effort)
	return s
}

// keepOut remembers an effort that isn't to count ever again.
func (s State) keepOut(id uuid.UUID, reason string) State {
	if effort, ok := s.findAny(id); ok {
		s.flagged = append(slices.Clip(s.flagged), flag{effort, reason})
	}
	return s
}

// findAny returns an effort that is accepted or waits for review.
func (s State) findAny(id uuid.UUID) (Effort, bool) {
	if e, ok := s.held.Get(id); ok {
		return e, true
	}
	return s.find(id)
}

// Held returns the efforts on a stage that wait for review, in no order.
func (s State) Held(stage uuid.UUID) (out []Effort) {
	for _, e := range s.held.All() {
		if e.StageID == stage {
			out = append(out, e)
		}
	}
	return out
}

// find returns an accepted effort.
func (s State) find(id uuid.UUID) (Effort, bool) {
	stage, ok := s.stageOf.Get(id)
	if !ok {
		return Effort{}, false
	}
	r, _ := s.stages.Get(stage)
	return r.find(id)
}
