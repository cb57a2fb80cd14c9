package stages

import (
	"errors"
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// edit changes what is given, all of it or nothing, and tells of everything that is wrong.
func (s State) edit(c Edit) ([]Event, error) {
	if err := s.mustBeOpen(); err != nil {
		return nil, err
	}
	var events []Event
	var bad []error
	then := func(some []Event, err error) {
		events, bad = append(events, some...), append(bad, err)
	}
	if c.Name != nil || c.Description != nil || c.Type != nil {
		then(s.describe(Describe{c.Head, or(c.Name, s.Name), or(c.Description, s.Description), or(c.Type, s.Type)}))
	}
	if c.Adjustment != nil {
		then(s.adjustPoints(AdjustPoints{c.Head, *c.Adjustment}))
	}
	if c.SegmentID != nil {
		then(s.changeSegment(ChangeSegment{c.Head, *c.SegmentID}))
	}
	if c.Hidden != nil {
		then(s.hide(*c.Hidden))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, err
	}
	return events, nil
}

func or[T any](given *T, is T) T {
	if given != nil {
		return *given
	}
	return is
}

// hide makes the segment a mystery, or no longer, before the stage has begun.
func (s State) hide(hidden bool) ([]Event, error) {
	switch {
	case hidden == (s.Hidden && !s.Revealed):
		return nil, nil
	case s.Status != sport.Upcoming:
		return nil, ErrAlreadyStarted.Because("This stage has started already, so its segment is no secret.")
	case !s.Type.OnSegment():
		return nil, ErrNoSegment
	}
	return []Event{HiddenChanged{s.ref(), hidden}}, nil
}

func (s State) describe(c Describe) ([]Event, error) {
	if err := s.mustBeOpen(); err != nil {
		return nil, err
	}
	name, badName := sport.CleanName("name", c.Name)
	description, badText := sport.CleanText("description", c.Description)
	var badType error
	if c.Type != s.Type && (!c.Type.OnSegment() || !s.Type.OnSegment()) {
		badType = ErrType
	}
	if err := errors.Join(badName, badText, badType); err != nil {
		return nil, err
	}
	if name == s.Name && description == s.Description && c.Type == s.Type {
		return nil, nil
	}
	return []Event{Described{s.ref(), name, description, c.Type}}, nil
}

// changeSegment puts the stage on another road, as long as it isn't over.
func (s State) changeSegment(c ChangeSegment) ([]Event, error) {
	if err := s.mustBeOpen(); err != nil {
		return nil, err
	}
	switch {
	case s.Status == sport.Past:
		return nil, ErrOver
	case !s.Type.OnSegment():
		return nil, ErrNoSegment
	case c.SegmentID == uuid.Nil:
		return nil, ErrSegmentMissing
	case c.SegmentID == s.SegmentID:
		return nil, nil
	}
	return []Event{SegmentChanged{s.ref(), c.SegmentID, s.Status}}, nil
}

func (s State) adjustPoints(c AdjustPoints) ([]Event, error) {
	if err := s.mustBeOpen(); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(sport.PointsAdjustments, c.Adjustment):
		return nil, ErrPointsAdjustment
	case !s.Type.OnSegment():
		return nil, ErrNoPoints
	case c.Adjustment == s.Adjustment:
		return nil, nil
	}
	return []Event{PointsAdjusted{s.ref(), c.Adjustment}}, nil
}

// reveal does nothing where there is no secret left.
func (s State) reveal() ([]Event, error) {
	if s.Status == sport.Deleted {
		return nil, ErrNotFound
	}
	if !s.Secret() {
		return nil, nil
	}
	return []Event{Revealed{s.ref()}}, nil
}

// mustBeOpen refuses what can't be changed any more.
func (s State) mustBeOpen() error {
	switch s.Status {
	case sport.Approved:
		return ErrAlreadyApproved
	case sport.Deleted:
		return ErrNotFound
	}
	return nil
}
