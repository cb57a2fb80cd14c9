package stages

import (
	"time"

	"segmentchallenge/internal/sport"
)

// ReviewTime is how long results are left to the organiser before they are approved by themselves.
const ReviewTime = 72 * time.Hour

// Decide says what follows from c, or refuses it by an error of this package.
func (s State) Decide(c Command) ([]Event, error) {
	if err := s.admit(c); err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case Create:
		return s.create(c)
	case Reschedule:
		return s.reschedule(c)
	case Describe:
		return s.describe(c)
	case ChangeSegment:
		return s.changeSegment(c)
	case AdjustPoints:
		return s.adjustPoints(c)
	case Edit:
		return s.edit(c)
	case Reveal:
		return s.reveal()
	case Start:
		return s.start(c)
	case End:
		return s.end(c)
	case Approve:
		return s.approve(c)
	case Publish:
		return s.publish(c)
	case Reopen:
		return s.reopen(c)
	case Delete:
		return s.delete(c)
	}
	return nil, nil
}

// admit says who may ask at all. What follows from a decision of the challenge is for the program alone: it keeps the two
// in step.
func (s State) admit(c Command) error {
	by := c.Actor()
	if !by.SignedIn() {
		return ErrSignIn
	}
	if _, creating := c.(Create); !creating {
		switch {
		case !s.Exists:
			return ErrNotFound
		case !by.MayRun(s.OrganiserID):
			return ErrNotOrganiser
		case by.System:
			return nil
		case s.Status == sport.Deleted:
			return ErrNotFound
		}
	}
	if follows(c) && !by.System {
		return ErrProgramOnly
	}
	return nil
}

// follows says whether a command comes of a decision that the challenge has made.
func follows(c Command) bool {
	switch c := c.(type) {
	case Create, Reschedule, Delete:
		return true
	case Start:
		return c.WithChallenge
	case End:
		return c.WithChallenge
	case Describe, ChangeSegment, AdjustPoints, Edit, Reveal, Approve, Publish, Reopen:
	}
	return false
}

func (s State) ref() Ref { return Ref{s.ID, s.ChallengeID} }

// create follows the challenge, which has checked everything; told twice, it is done once.
// create also starts a stage that comes late, and ends it where its time is over: it then waits for approval like others.
func (s State) create(c Create) ([]Event, error) {
	if s.Exists {
		return nil, nil
	}
	created := Created{StageID: c.ID, Definition: c.Definition}
	if s = s.Evolve(created); !c.UnderWay || c.Now.Before(s.StartsAt()) {
		return []Event{created}, nil
	}
	started, err := s.start(Start{Head: c.Head, WithChallenge: true})
	return append([]Event{created}, started...), err
}

// reschedule follows the challenge. A running stage keeps its start, one that is over its window.
func (s State) reschedule(c Reschedule) ([]Event, error) {
	window := c.Window
	switch s.Status {
	case sport.Upcoming:
	case sport.Active:
		window.Start = s.Window.Start
	default:
		return nil, nil
	}
	if window.Start.Equal(s.Window.Start) && window.End.Equal(s.Window.End) {
		return nil, nil
	}
	return []Event{Rescheduled{s.ref(), window}}, nil
}

// start begins the stage. One whose whole time has passed ends at once, and takes efforts until it is approved.
func (s State) start(c Start) ([]Event, error) {
	if s.Status != sport.Upcoming {
		if c.WithChallenge {
			return nil, nil
		}
		return nil, s.startedAlready()
	}
	early := c.Now.Before(s.StartsAt())
	switch {
	case c.WithChallenge:
	case c.Terms.ChallengeStatus != sport.Active:
		return nil, ErrChallengeNotActive
	case early && c.By.System:
		return nil, ErrNotDue
	}
	started := Started{s.ref(), early, s.Window}
	if early {
		started.Window.Start = s.clock(c.Now)
	}
	if c.Now.Before(s.EndsAt()) {
		return []Event{started}, nil
	}
	return []Event{started, Ended{Ref: s.ref(), Window: s.Window}}, nil
}

func (s State) startedAlready() error {
	switch s.Status {
	case sport.Active:
		return ErrAlreadyStarted
	case sport.Deleted:
		return ErrNotFound
	}
	return ErrOver
}

func (s State) end(c End) ([]Event, error) {
	switch {
	case s.Status == sport.Active:
		return s.finish(c)
	case c.WithChallenge && s.Status == sport.Upcoming:
		return s.endUnbegun(c.Now)
	case c.WithChallenge:
		return nil, nil
	case s.Status == sport.Upcoming:
		return nil, ErrNotActive
	}
	return nil, s.startedAlready()
}

func (s State) finish(c End) ([]Event, error) {
	early := c.Now.Before(s.EndsAt())
	if early && c.By.System && !c.WithChallenge {
		return nil, ErrNotDue
	}
	ended := Ended{s.ref(), early, s.Window}
	if early {
		ended.Window.End = s.clock(c.Now)
	}
	return []Event{ended}, nil
}

// endUnbegun ends a stage with its challenge that nobody started: its window closes where it would have opened. Where it
// should have started by now (the program was down) it is started late and ended.
func (s State) endUnbegun(now time.Time) ([]Event, error) {
	if !now.Before(s.StartsAt()) {
		started := Started{Ref: s.ref(), Window: s.Window}
		ended, err := s.Evolve(started).finish(End{Head: Head{Now: now}, WithChallenge: true})
		return append([]Event{started}, ended...), err
	}
	never := sport.Window{Start: s.Window.Start, End: s.Window.Start}
	return []Event{Ended{s.ref(), true, never}}, nil
}

// clock is what the challenge's clocks show.
func (s State) clock(now time.Time) sport.Local { return sport.LocalOf(now.In(s.zone())) }

// approve makes the results final. Left alone, they are approved by the system when the time for review is over.
func (s State) approve(c Approve) ([]Event, error) {
	switch s.Status {
	case sport.Approved:
		return nil, ErrAlreadyApproved
	case sport.Deleted:
		return nil, ErrNotFound
	case sport.Past:
	default:
		return nil, ErrNotOver
	}
	since := s.EndsAt()
	if s.ReopenedAt.After(since) {
		since = s.ReopenedAt
	}
	if c.By.System && c.Now.Before(since.Add(ReviewTime)) {
		return nil, ErrNotDue
	}
	if !c.Terms.PreviousApproved {
		return nil, ErrEarlierOpen
	}
	message, err := sport.CleanText("message", c.Message)
	if err != nil {
		return nil, err
	}
	return []Event{Approved{Ref: s.ref(), Number: s.Number, Message: message, Categories: s.Categories}}, nil
}

// reopen takes an approval back. That of the challenge, which is made of its stages', comes first.
func (s State) reopen(c Reopen) ([]Event, error) {
	reason, err := sport.CleanReason(c.Reason)
	switch {
	case err != nil:
		return nil, err
	case s.Status != sport.Approved:
		return nil, ErrNotApproved
	case c.Terms.ChallengeStatus == sport.Approved:
		return nil, ErrChallengeFinal
	case c.Terms.ChallengeStatus == sport.Cancelled:
		return nil, ErrChallengeCancelled
	}
	return []Event{Reopened{Ref: s.ref(), Number: s.Number, Reason: reason, By: c.By.String(), At: c.Now.UTC(), Categories: s.Categories}}, nil
}

func (s State) publish(c Publish) ([]Event, error) {
	if s.Status != sport.Approved {
		return nil, ErrNotApproved
	}
	message, err := sport.CleanText("message", c.Message)
	switch {
	case err != nil:
		return nil, err
	case message == "":
		return nil, ErrMessageEmpty
	case message == s.Message:
		return nil, nil
	}
	return []Event{Published{s.ref(), message}}, nil
}

// delete follows the challenge. With its cancellation what has been ridden stays to be seen; a stage that the challenge
// dropped goes even if it has started in the meantime. What is approved stays in any case.
func (s State) delete(c Delete) ([]Event, error) {
	switch {
	case s.Status == sport.Upcoming || s.Status == sport.Active && !c.WithChallenge || s.Status == sport.Past && !c.WithChallenge:
		return []Event{Deleted{s.ref()}}, nil
	case s.Status == sport.Active:
		return s.finish(End{Head: c.Head, WithChallenge: true})
	}
	return nil, nil
}
