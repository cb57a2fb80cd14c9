package challenges

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
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
	case AddStage:
		return s.addStage(c)
	case RescheduleStage:
		return s.rescheduleStage(c)
	case RemoveStage:
		return s.removeStage(c)
	case Host:
		return s.host(c)
	case Start:
		return s.start(c.By, c.Now)
	case End:
		return s.end(c)
	case Cancel:
		return s.cancel()
	case Approve:
		return s.approve(c)
	case Publish:
		return s.publish(c)
	case Reopen:
		return s.reopen(c)
	case Edit:
		return s.edit(c)
	case Rename:
		return s.rename(c)
	case Describe:
		return s.describe(c)
	case AdjustWindow:
		return s.adjustWindow(c)
	case SetScoring:
		return s.setScoring(c)
	case GroupAthletes:
		return s.groupAthletes(c)
	case AdjustActivityTypes:
		return s.adjustActivityTypes(c)
	}
	return nil, nil
}

// admit says who may ask at all: anybody signed in may create, and only who runs the challenge may change it.
func (s State) admit(c Command) error {
	by := c.Actor()
	if create, ok := c.(Create); ok {
		return mayCreate(create)
	}
	switch {
	case !by.SignedIn():
		return ErrSignIn
	case !s.Exists:
		return ErrNotFound
	case !by.MayRun(s.OrganiserID):
		return ErrNotOrganiser
	}
	return nil
}

// host opens the challenge; one whose start has passed starts with it.
func (s State) host(c Host) ([]Event, error) {
	switch s.Status {
	case sport.Upcoming, sport.Active:
		return nil, ErrAlreadyHosted
	case sport.Pending:
	default:
		return nil, s.mustRun()
	}
	if err := s.readyToHost(c.Now); err != nil {
		return nil, err
	}
	hosted := Hosted{ChallengeID: s.ID, Stages: s.refs(), Categories: s.Categories, Tenths: s.Tenths}
	events := []Event{hosted}
	if !c.Now.Before(s.StartsAt()) {
		started, err := s.Evolve(hosted).start(actor.System, c.Now)
		if err != nil {
			return nil, err
		}
		events = append(events, started...)
	}
	return events, nil
}

func (s State) readyToHost(now time.Time) error {
	if !now.Before(s.EndsAt()) {
		return ErrOver.Because("The end of this challenge has passed. Move it into the future first.")
	}
	if len(s.Stages) == 0 {
		return ErrNoStages
	}
	last := s.byTime()[len(s.Stages)-1]
	if s.Type == sport.SegmentChallenge && !last.Window.End.Equal(s.Window.End) {
		return ErrEndUncovered.Because(fmt.Sprintf("The last stage must end when the challenge ends, but %s ends on %s and the challenge on %s.",
			last.title(), moment(last.Window.End), moment(s.Window.End)))
	}
	return nil
}

func (s State) start(by actor.Actor, now time.Time) ([]Event, error) {
	switch s.Status {
	case sport.Pending:
		return nil, ErrNotHosted
	case sport.Active:
		return nil, ErrAlreadyActive
	case sport.Upcoming:
	default:
		return nil, s.mustRun()
	}
	early := now.Before(s.StartsAt())
	if early && by.System {
		return nil, ErrNotDue
	}
	window := s.Window
	if early {
		window.Start = sport.LocalOf(now.In(s.zone()))
	}
	d := decision{state: s}
	d.then(Started{ChallengeID: s.ID, Early: early, Window: window, Stages: s.refs(), Starting: s.starting(now), TimeZone: s.TimeZone})
	d.reckonAges(s)
	return d.events, nil
}

// reckonAges says that ages are others than before, when the start has moved into another year.
func (d *decision) reckonAges(before State) {
	if year := d.state.StartYear(); year != before.StartYear() && slices.ContainsFunc(d.state.Categories, sport.Category.AgeGroup) {
		d.then(StartYearChanged{ChallengeID: d.state.ID, Year: year})
	}
}

// starting names the stages that are due, and those that were to begin with the challenge even when that is early.
func (s State) starting(now time.Time) []uuid.UUID {
	var out []uuid.UUID
	for _, slot := range s.byTime() {
		if !slot.Window.Start.After(s.Window.Start) || !now.Before(slot.Window.Start.In(s.zone())) {
			out = append(out, slot.StageID)
		}
	}
	return out
}

func (s State) end(c End) ([]Event, error) {
	switch s.Status {
	case sport.Pending, sport.Upcoming:
		return nil, ErrNotActive
	case sport.Active:
	default:
		return nil, s.mustRun()
	}
	early := c.Now.Before(s.EndsAt())
	if early && c.By.System {
		return nil, ErrNotDue
	}
	window := s.Window
	if early {
		window.End = sport.LocalOf(c.Now.In(s.zone()))
	}
	return []Event{Ended{ChallengeID: s.ID, Early: early, Window: window, Stages: s.refs()}}, nil
}

func (s State) cancel() ([]Event, error) {
	if err := s.mustRun(); err != nil {
		return nil, err
	}
	return []Event{Cancelled{ChallengeID: s.ID, Stages: s.refs()}}, nil
}

// approve makes the results final. Left alone, they are approved by the system when the time for review is over.
func (s State) approve(c Approve) ([]Event, error) {
	switch s.Status {
	case sport.Cancelled:
		return nil, ErrCancelled
	case sport.Approved:
		return nil, ErrAlreadyApproved
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
	if len(c.Unapproved) > 0 {
		return nil, ErrStagesOpen.Because(waiting(c.Unapproved))
	}
	message, err := sport.CleanText("message", c.Message)
	if err != nil {
		return nil, err
	}
	return []Event{ResultsApproved{ChallengeID: s.ID, Message: message, Categories: s.Categories}}, nil
}

// reopen takes an approval back, so that stages can be reopened and corrected.
func (s State) reopen(c Reopen) ([]Event, error) {
	reason, err := sport.CleanReason(c.Reason)
	switch {
	case err != nil:
		return nil, err
	case s.Status == sport.Cancelled:
		return nil, ErrCancelled
	case s.Status != sport.Approved:
		return nil, ErrNotApproved
	}
	return []Event{Reopened{ChallengeID: s.ID, Reason: reason, By: c.By.String(), At: c.Now.UTC(), Categories: s.Categories}}, nil
}

func waiting(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range slices.Sorted(slices.Values(numbers)) {
		words[i] = fmt.Sprint(n)
	}
	if len(words) == 1 {
		return "Approve the results of stage " + words[0] + " first."
	}
	last := len(words) - 1
	return "Approve the results of stages " + strings.Join(words[:last], ", ") + " and " + words[last] + " first."
}

func (s State) publish(c Publish) ([]Event, error) {
	if s.Status == sport.Cancelled {
		return nil, ErrCancelled
	}
	if s.Status != sport.Approved {
		return nil, ErrNotApproved
	}
	message, err := sport.CleanText("message", c.Message)
	switch {
	case err != nil:
		return nil, err
	case message == "":
		return nil, ErrResultsEmpty
	case message == s.Message:
		return nil, nil
	}
	return []Event{ResultsPublished{ChallengeID: s.ID, Message: message}}, nil
}

// mustRun refuses what can't be done to a challenge that is over or cancelled.
func (s State) mustRun() error {
	switch s.Status {
	case sport.Cancelled:
		return ErrCancelled
	case sport.Past, sport.Approved:
		return ErrOver
	}
	return nil
}

// refs names all stages, by time.
func (s State) refs() []StageRef {
	out := make([]StageRef, 0, len(s.Stages))
	for _, slot := range s.byTime() {
		out = append(out, StageRef{slot.StageID, slot.Number, slot.Window})
	}
	return out
}
