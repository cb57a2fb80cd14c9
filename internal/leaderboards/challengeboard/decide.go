package challengeboard

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// Decide says what follows from c, or refuses it by an error of this package.
func (s State) Decide(c Command) ([]Event, error) {
	if err := s.admit(c); err != nil {
		return nil, err
	}
	d := decision{state: s, by: c.Actor().String()}
	var err error
	switch c := c.(type) {
	case Open:
		d.open(c.Of(), c.Terms)
	case SetScheme:
		err = d.setScheme(c)
	case ScoreStage:
		d.scoreStage(c)
	case CorrectStage:
		err = d.correctStage(c)
	case ReopenStage:
		if _, done := d.state.find(c.StageID); done {
			d.then(StageReopened{Ref: c.Of(), StageID: c.StageID, Reason: c.Reason})
		}
	case Adjust:
		err = d.adjust(c)
	case SetLimited:
		d.setLimited(c)
	case Finalise:
		d.open(c.Of(), c.Terms)
		d.finalise(c.Terms)
	case Reopen:
		if d.state.Final {
			d.then(Reopened{Ref: c.Of()})
		}
	}
	if err != nil {
		return nil, err
	}
	return d.events, nil
}

// admit says who may ask at all: the organiser corrects and adjusts, the rest follows.
func (s State) admit(c Command) error {
	by := c.Actor()
	terms, organisers := termsOf(c)
	switch {
	case !by.SignedIn():
		return ErrSignIn
	case !by.MayRun(terms.OrganiserID):
		return ErrNotOrganiser
	case !organisers && !by.System:
		return ErrProgramOnly
	case !slices.Contains(terms.Categories, c.Of().Category):
		return ErrNoCategory
	}
	return nil
}

// termsOf also says whether a command is for people.
func termsOf(c Command) (t Terms, organisers bool) {
	switch c := c.(type) {
	case CorrectStage:
		return c.Terms, true
	case Adjust:
		return c.Terms, true
	case Open:
		return c.Terms, false
	case SetScheme:
		return c.Terms, false
	case ScoreStage:
		return c.Terms, false
	case ReopenStage:
		return c.Terms, false
	case SetLimited:
		return c.Terms, false
	case Finalise:
		return c.Terms, false
	case Reopen:
		return c.Terms, false
	}
	return Terms{}, false
}

// decision collects the events of one command together with the state that they lead to.
type decision struct {
	state  State
	by     string
	events []Event
}

func (d *decision) then(e Event) { d.state, d.events = d.state.Evolve(e), append(d.events, e) }

// open begins the board where it hasn't been begun.
func (d *decision) open(ref Ref, t Terms) {
	if !d.state.Exists {
		d.then(Opened{Ref: ref, Scheme: t.Scheme})
	}
}

// adjust is what an organiser gives or takes by hand.
func (d *decision) adjust(c Adjust) error {
	switch c.Terms.Status {
	case sport.Pending:
		return ErrNotHosted
	case sport.Cancelled:
		return ErrCancelled
	case sport.Approved:
		return ErrFinal
	}
	if d.state.Final {
		return ErrFinal
	}
	d.open(c.Of(), c.Terms)
	of, found := d.state.Scheme.Find(c.Category, c.Classification)
	reason, err := cleanReason(c.Reason)
	switch {
	case !found:
		return ErrClassification
	case of.Teams:
		return ErrTeamsAdjusted
	case c.Points == 0:
		return ErrNothing
	case max(c.Points, -c.Points) > 1_000_000*leaderboards.Whole:
		return ErrTooManyPoints
	case err != nil:
		return err
	case !c.Terms.Known:
		return ErrAthleteUnknown
	}
	d.then(PointsAdjusted{Ref: c.Of(), AthleteID: c.AthleteID, Classification: of.Key, Points: c.Points, Reason: reason, By: d.by})
	return nil
}

// maxReason is in characters.
const maxReason = 500

func cleanReason(s string) (string, error) {
	s, err := sport.CleanText("reason", strings.TrimSpace(s))
	switch {
	case refusal.All(err) != nil:
		return "", err
	case s == "":
		return "", ErrReasonMissing
	case utf8.RuneCountInString(s) > maxReason:
		return "", ErrReasonTooLong
	}
	return s, nil
}

// setLimited counts for stages that are scored from here on: what is given is given.
func (d *decision) setLimited(c SetLimited) {
	d.open(c.Of(), c.Terms)
	switch is := d.state.Limited(c.AthleteID); {
	case c.Limited && !is:
		d.then(AthleteLimited{Ref: c.Of(), AthleteID: c.AthleteID})
	case !c.Limited && is:
		d.then(AthleteAllowed{Ref: c.Of(), AthleteID: c.AthleteID})
	}
}

// finalise ends the challenge once all of its stages are scored. Until then it waits: the last of them will do it.
func (d *decision) finalise(t Terms) {
	for _, stage := range t.Stages {
		if _, done := d.state.find(stage.ID); !done {
			return
		}
	}
	if !d.state.Final {
		d.finish()
	}
}

func (d *decision) finish() {
	s := d.state
	s.Final = true
	d.then(Finalised{Ref: s.Ref, Stages: len(s.stages), Podiums: podiums(s.Standings(), nil)})
	for i, athletes := range chunks(s.achievers()) {
		d.then(GoalsAchieved{Ref: s.Ref, Part: i + 1, Athletes: athletes})
	}
}

// achievers reached the goal on every stage.
func (s State) achievers() []uuid.UUID {
	reached, stages := map[uuid.UUID]int{}, 0
	var all []uuid.UUID
	for _, stage := range s.Scored() {
		if stage.Goal == 0 {
			continue
		}
		stages++
		for _, line := range stage.Lines {
			if !line.Goal {
				continue
			}
			if reached[line.AthleteID]++; reached[line.AthleteID] == 1 {
				all = append(all, line.AthleteID)
			}
		}
	}
	return slices.DeleteFunc(all, func(a uuid.UUID) bool { return reached[a] < stages })
}
