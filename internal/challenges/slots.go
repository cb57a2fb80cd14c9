package challenges

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// MaxStages is how many stages a challenge can have: a day each for a year, and some.
const MaxStages = 400

func (s State) addStage(c AddStage) ([]Event, error) {
	if err := s.mayArrange(); err != nil {
		return nil, err
	}
	if _, there := s.Slot(c.StageID); there {
		return nil, nil
	}
	if len(s.Stages) >= MaxStages {
		return nil, ErrTooManyStages
	}
	definition, err := c.StageDefinition.cleaned()
	if err != nil {
		return nil, err
	}
	if definition.Window, err = s.fill(definition.Window); err != nil {
		return nil, err
	}
	if err := s.checkSlot(uuid.Nil, definition.Window); err != nil {
		return nil, err
	}
	return []Event{s.withStage(c.StageID, s.numberFor(definition.Window), definition)}, nil
}

// withStage is the event of one more stage.
func (s State) withStage(id uuid.UUID, number int, d StageDefinition) StageAdded {
	return StageAdded{ChallengeID: s.ID, OrganiserID: s.OrganiserID, StageID: id, Number: number, Slug: s.slugFor(d.Name),
		StageDefinition: d, Categories: s.Categories, Tenths: s.Tenths, TimeZone: s.TimeZone, Measure: s.otherMeasure(d.Type),
		UnderWay: s.Status == sport.Active}
}

// rescheduleStage moves a stage within the challenge; a running one keeps its start.
func (s State) rescheduleStage(c RescheduleStage) ([]Event, error) {
	if err := s.mayArrange(); err != nil {
		return nil, err
	}
	slot, there := s.Slot(c.StageID)
	if !there {
		return nil, ErrStageNotFound
	}
	window := c.Window
	if window.Start.IsZero() {
		window.Start = slot.Window.Start
	}
	if window.End.IsZero() {
		window.End = slot.Window.End
	}
	switch c.Status {
	case sport.Past, sport.Approved:
		return nil, ErrStageOver
	case sport.Deleted, sport.Cancelled:
		return nil, ErrStageNotFound
	case sport.Active:
		if window.Start.In(s.zone()).After(c.Now) {
			return nil, ErrStageStarted.Because("This stage has started already, so its start can't be moved.")
		}
		window.Start = slot.Window.Start
	}
	if same(window, slot.Window) {
		return nil, nil
	}
	if err := s.checkSlot(slot.StageID, window); err != nil {
		return nil, err
	}
	return []Event{StageRescheduled{ChallengeID: s.ID, StageID: slot.StageID, Window: window}}, nil
}

func (s State) removeStage(c RemoveStage) ([]Event, error) {
	if err := s.mayArrange(); err != nil {
		return nil, err
	}
	slot, there := s.Slot(c.StageID)
	switch {
	case !there || c.Status == sport.Deleted:
		return nil, ErrStageNotFound
	case c.Status == sport.Active:
		return nil, ErrStageStarted.Because("This stage has started already, so it can't be deleted.")
	case c.Status == sport.Past || c.Status == sport.Approved:
		return nil, ErrStageOver.Because("This stage is over, so it can't be deleted.")
	case s.Status != sport.Pending && len(s.Stages) == 1:
		return nil, ErrOnlyStage
	}
	return []Event{StageRemoved{ChallengeID: s.ID, StageID: slot.StageID, Number: slot.Number}}, nil
}

// mayArrange says whether stages can still be arranged by hand.
func (s State) mayArrange() error {
	if err := s.mustRun(); err != nil {
		return err
	}
	if s.Type != sport.SegmentChallenge {
		return ErrStagesGenerated
	}
	return nil
}

// cleaned returns the stage's definition as it is kept, or everything that is wrong with it.
func (d StageDefinition) cleaned() (StageDefinition, error) {
	var bad []error
	var err error
	if d.Name, err = sport.CleanName("name", d.Name); err != nil {
		bad = append(bad, err)
	}
	if d.Description, err = sport.CleanText("description", d.Description); err != nil {
		bad = append(bad, err)
	}
	if !d.Type.OnSegment() {
		bad = append(bad, ErrStageType)
	}
	if d.SegmentID == uuid.Nil {
		bad = append(bad, ErrSegmentMissing)
	}
	if d.Adjustment == "" {
		d.Adjustment = sport.NoAdjustment
	}
	if !slices.Contains(sport.PointsAdjustments, d.Adjustment) {
		bad = append(bad, ErrPointsAdjustment)
	}
	return d, errors.Join(bad...)
}

// fill gives a window the ends it lacks: it starts a second after the previous stage and ends with the challenge, or
// before the next stage. With no time left at the end, the first gap between stages is taken.
func (s State) fill(w sport.Window) (sport.Window, error) {
	switch {
	case w.Start.IsZero() && w.End.IsZero():
		return s.room()
	case w.Start.IsZero():
		w.Start = s.Window.Start
		for _, slot := range s.byTime() {
			if slot.Window.End.Before(w.End) {
				w.Start = slot.Window.End.Add(time.Second)
			}
		}
	case w.End.IsZero():
		w.End = s.Window.End
		for _, slot := range slices.Backward(s.byTime()) {
			if slot.Window.Start.After(w.Start) {
				w.End = slot.Window.Start.Add(-time.Second)
			}
		}
	}
	return w, nil
}

// room is the time after the last stage, or else the first gap.
func (s State) room() (sport.Window, error) {
	slots := s.byTime()
	gaps := make([]sport.Window, 0, len(slots)+1)
	start := s.Window.Start
	for _, slot := range slots {
		gaps = append(gaps, sport.Window{Start: start, End: slot.Window.Start.Add(-time.Second)})
		start = slot.Window.End.Add(time.Second)
	}
	gaps = append([]sport.Window{{Start: start, End: s.Window.End}}, gaps...)
	for _, gap := range gaps {
		if gap.End.After(gap.Start) {
			return gap, nil
		}
	}
	return sport.Window{}, ErrNoRoom
}

// checkSlot says whether a window can be that of a stage: of the one named, or of a new one.
func (s State) checkSlot(stage uuid.UUID, w sport.Window) error {
	if !w.End.After(w.Start) {
		return ErrEndsFirst
	}
	if !w.Within(s.Window) {
		outside := *ErrStageOutside
		if s.Window.Holds(w.Start) {
			outside.Field = "endLocal"
		}
		return outside.Because(fmt.Sprintf("The stage must lie within the challenge, which lasts from %s until %s.",
			moment(s.Window.Start), moment(s.Window.End)))
	}
	for _, slot := range s.byTime() {
		if slot.StageID != stage && slot.Window.Overlaps(w) {
			return ErrStageOverlaps.Because(fmt.Sprintf("Stages may not overlap: %s lasts from %s until %s.",
				slot.title(), moment(slot.Window.Start), moment(slot.Window.End)))
		}
	}
	return nil
}

// numberFor is one more than the last number, or one that is free between the stages before and after the window.
func (s State) numberFor(w sport.Window) int {
	before, after, last := 0, MaxStages*2, 0
	for _, slot := range s.Stages {
		last = max(last, slot.Number)
		if slot.Window.End.Before(w.Start) {
			before = max(before, slot.Number)
		} else {
			after = min(after, slot.Number)
		}
	}
	if before+1 < after {
		return before + 1
	}
	return last + 1
}

// byTime returns the stages as they follow each other in time.
func (s State) byTime() []Slot {
	return slices.SortedStableFunc(slices.Values(s.Stages), func(a, b Slot) int {
		return a.Window.Start.AsUTC().Compare(b.Window.Start.AsUTC())
	})
}

func (s Slot) title() string { return fmt.Sprintf("stage %d (%s)", s.Number, s.Name) }

// moment is a wall-clock time in words.
func moment(l sport.Local) string { return l.AsUTC().Format("2 January 2006 15:04:05") }

// quoted puts a stranger's word into a sentence, shortened.
func quoted(sentence, word string) string {
	if r := []rune(word); len(r) > 40 {
		word = string(r[:40]) + "…"
	}
	return fmt.Sprintf(sentence, fmt.Sprintf("“%s”", word))
}
