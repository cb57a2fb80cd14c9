package competitors

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// reviewDetail is what an athlete reads while an effort waits.
const reviewDetail = "Part of this effort wasn't recorded, so its time can't be told for sure. It counts once the organiser has looked at it and accepted it."

// needsReview says whether an effort has to wait for the organiser. What was accepted once is known again as long as it
// is the same; what the organiser entered by hand, they have seen.
func (s State) needsReview(e Effort) bool {
	if !e.NeedsReview || e.Manual {
		return false
	}
	seen, ok := s.vouched.Get(e.EffortID)
	return !ok || !seen.same(e)
}

// acceptEffort lets an effort count that waited. Accepted twice, the first note stands.
func (s State) acceptEffort(c AcceptEffort) ([]Event, error) {
	var err error
	if c.Note, err = cleanNote(c.Note); err != nil {
		return nil, err
	}
	e, waits := s.held.Get(c.EffortID)
	if !waits {
		if _, done := s.vouched.Get(c.EffortID); done && s.stageOf.Has(c.EffortID) {
			return nil, nil
		}
		return nil, s.noReview(c.EffortID)
	}
	why := s.whoCompetes(c.Rules, e.Activity, e.Performance)
	if why == nil {
		why = s.attemptsLeft(c.Rules, e)
	}
	switch {
	case e.StageID != c.Rules.StageID:
		return nil, ErrNoSuchEffort
	case c.Rules.Status == sport.Approved:
		return nil, ErrStageApproved
	case why != nil:
		return nil, why
	}
	d := decision{state: s}
	d.accept(c.Head, c.Rules, e, &c)
	return d.settled(s), nil
}

// rejectEffort takes an effort out for good that waited. Rejected twice, the first note stands.
func (s State) rejectEffort(c RejectEffort) ([]Event, error) {
	note, err := cleanNote(c.Note)
	switch {
	case err != nil:
		return nil, err
	case note == "":
		return nil, ErrNoteMissing
	}
	e, waits := s.held.Get(c.EffortID)
	switch {
	case !waits && slices.ContainsFunc(s.flagged, func(f flag) bool { return f.EffortID == c.EffortID && f.StageID == c.Rules.StageID }):
		return nil, nil
	case !waits:
		return nil, s.noReview(c.EffortID)
	case e.StageID != c.Rules.StageID:
		return nil, ErrNoSuchEffort
	case c.Rules.Status == sport.Approved:
		return nil, ErrStageApproved
	}
	return []Event{EffortRejected{Ref: s.Ref, StageID: e.StageID, ActivityID: e.Activity.ID, EffortID: e.EffortID, Note: note, By: c.By.String()}}, nil
}

// noReview says of an effort that doesn't wait whether there is one at all.
func (s State) noReview(id uuid.UUID) error {
	if _, accepted := s.find(id); accepted {
		return ErrNoReview
	}
	for _, f := range s.flagged {
		if f.EffortID == id {
			return ErrNoReview.Because("This effort has been taken out: " + f.reason)
		}
	}
	return ErrNoSuchEffort
}

func cleanNote(s string) (string, error) {
	s, err := sport.CleanText("note", strings.Join(strings.Fields(s), " "))
	if err == nil && utf8.RuneCountInString(s) > maxReason {
		err = ErrNoteTooLong
	}
	return s, err
}

// attemptsLeft says why an effort is one too many; nil when it isn't. The first ones count, in whichever order they are
// brought.
func (s State) attemptsLeft(r Rules, e Effort) *refusal.Error {
	if r.Admission.MaxAttempts == 0 {
		return nil
	}
	earlier := 0
	for _, o := range s.Efforts(r.StageID) {
		if o.EffortID != e.EffortID && (byTime{}).Compare(when{o.StartUTC, o.EffortID}, when{e.StartUTC, e.EffortID}) < 0 {
			earlier++
		}
	}
	if earlier < r.Admission.MaxAttempts {
		return nil
	}
	return tooManyAttempts(r)
}

func tooManyAttempts(r Rules) *refusal.Error {
	if r.Admission.MaxAttempts == 1 {
		return ErrTooManyAttempts.Because("Only the first attempt on this stage counts, and there is an earlier one.")
	}
	return ErrTooManyAttempts.Because(fmt.Sprintf("Only the first %d attempts on this stage count, and there are as many earlier ones.", r.Admission.MaxAttempts))
}
