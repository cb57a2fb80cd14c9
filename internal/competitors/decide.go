package competitors

import (
	"slices"
	"strings"
	"unicode/utf8"

	"segmentchallenge/internal/sport"
)

// maxReason is the length of a reason in characters: it rides on events and is shown beside names.
const maxReason = 500

// Decide says what follows from c, or refuses it by an error of this package.
func (s State) Decide(c Command) ([]Event, error) {
	if err := admit(c); err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case Join:
		return s.join(c)
	case Leave:
		return s.leave(c)
	case Exclude:
		return s.exclude(c)
	case Limit:
		return s.limit(c)
	case Allow:
		return s.allow(c)
	case RecordEfforts:
		return s.recordEfforts(c)
	case RecordByHand:
		return s.recordByHand(c)
	case RemoveActivity:
		return s.removeActivity(c)
	case RemoveEffort:
		return s.removeEffort(c)
	case ClearStage:
		return s.clearStage(c)
	case FlagEffort:
		return s.flagEffort(c)
	case AcceptEffort:
		return s.acceptEffort(c)
	case RejectEffort:
		return s.rejectEffort(c)
	case Reclassify:
		return s.reclassify(c)
	case Restate:
		return s.restate(c)
	}
	return nil, nil
}

// admit says who may ask: athletes come and go by themselves, the organiser polices, and what follows from activities is
// for the program alone.
func admit(c Command) error {
	by := c.Actor()
	if !by.SignedIn() {
		return ErrSignIn
	}
	_, athlete := c.Whose()
	err, may := ErrProgramOnly, by.System
	switch c := c.(type) {
	case Join, Leave:
		err, may = ErrNotYourself, by.System || by.Admin || by.Is(athlete)
	case Exclude:
		err, may = ErrNotOrganiser, by.MayRun(c.Terms.OrganiserID)
	case Limit:
		err, may = ErrNotOrganiser, by.MayRun(c.Terms.OrganiserID)
	case Allow:
		err, may = ErrNotOrganiser, by.MayRun(c.Terms.OrganiserID)
	case RecordByHand:
		err, may = ErrNotOrganiser, by.MayRun(c.Rules.OrganiserID)
	case FlagEffort:
		err, may = ErrNotOrganiser, by.MayRun(c.Rules.OrganiserID)
	case AcceptEffort:
		err, may = ErrNotOrganiser, by.MayRun(c.Rules.OrganiserID)
	case RejectEffort:
		err, may = ErrNotOrganiser, by.MayRun(c.Rules.OrganiserID)
	case RecordEfforts, RemoveActivity, RemoveEffort, ClearStage, Reclassify, Restate:
	}
	if may {
		return nil
	}
	return err
}

func (h Head) ref() Ref { return Ref{h.ChallengeID, h.AthleteID} }

// join lets the athlete in. Who is in already, or was excluded, may ask as often as they like: nothing happens.
func (s State) join(c Join) ([]Event, error) {
	if s.Competing || s.Excluded {
		return nil, nil
	}
	switch c.Terms.Status {
	case sport.Upcoming, sport.Active:
	case sport.Past:
		return nil, ErrChallengeOver
	case sport.Approved:
		return nil, ErrChallengeApproved
	case sport.Cancelled:
		return nil, ErrChallengeCancelled
	default:
		return nil, ErrChallengeNotHosted
	}
	if c.Terms.Restricted && !c.Terms.ClubMember {
		return nil, ErrNotClubMember
	}
	return []Event{Joined{Ref: c.ref(), Gender: c.Terms.Gender, Categories: c.Terms.categories()}}, nil
}

// leave takes the athlete out, and what they have brought to stages that still run. What was ridden on a stage that is over
// stays: it was ridden as a competitor.
func (s State) leave(c Leave) ([]Event, error) {
	switch {
	case !s.Exists:
		return nil, ErrNotCompeting
	case !s.Competing:
		return nil, nil
	case c.Terms.Status == sport.Approved:
		return nil, ErrChallengeApproved
	}
	d := decision{state: s}
	d.then(Left{s.Ref})
	d.removeAll(c.Over, CodeLeft, "The athlete left the challenge.", func(Effort) bool { return true })
	return d.settled(s), nil
}

// exclude throws the athlete out, or keeps one out who has not joined yet.
func (s State) exclude(c Exclude) ([]Event, error) {
	reason, err := cleanReason(c.Reason)
	switch {
	case err != nil:
		return nil, err
	case c.Terms.Status == sport.Approved:
		return nil, ErrChallengeApproved
	case s.Excluded && s.Reason == reason:
		return nil, nil
	}
	d := decision{state: s}
	d.then(Excluded{c.ref(), reason})
	d.removeAll(c.Final, ErrExcluded.Code, "The athlete was excluded from the challenge: "+reason, func(Effort) bool { return true })
	return d.settled(s), nil
}

func (s State) limit(c Limit) ([]Event, error) {
	reason, err := cleanReason(c.Reason)
	switch {
	case err != nil:
		return nil, err
	case !s.Competing:
		return nil, ErrNotCompeting
	case c.Terms.Status == sport.Approved:
		return nil, ErrChallengeApproved
	case s.Limited && s.Reason == reason:
		return nil, nil
	}
	return []Event{Limited{s.Ref, reason, c.Terms.Categories}}, nil
}

func (s State) allow(c Allow) ([]Event, error) {
	switch {
	case !s.Exists:
		return nil, ErrNotCompeting
	case !s.Limited && !s.Excluded:
		return nil, nil
	case c.Terms.Status == sport.Approved:
		return nil, ErrChallengeApproved
	}
	return []Event{Allowed{s.Ref, c.Terms.Categories}}, nil
}

// categories are those that the athlete is ranked in.
func (t Terms) categories() []sport.Category {
	return sport.CategoriesOf(t.Categories, sport.Entrant{Gender: t.Gender, Age: t.Age})
}

// reclassify says which boards gain and lose the athlete, and with what.
func (s State) reclassify(c Reclassify) ([]Event, error) {
	now := c.Terms.categories()
	if !s.Competing || c.Terms.Forgotten || s.Gender == c.Terms.Gender && slices.Equal(s.Categories, now) {
		return nil, nil
	}
	e := Reclassified{Ref: s.Ref, Gender: c.Terms.Gender, Now: now, Gained: without(now, s.Categories), Lost: without(s.Categories, now)}
	for stage, r := range s.stages.All() {
		if standing := r.standing(); standing != nil {
			e.Standings = append(e.Standings, StageStanding{stage, *standing})
		}
	}
	return []Event{e}, nil
}

func (s State) restate(c Restate) ([]Event, error) {
	if !s.Exists {
		return nil, nil
	}
	r, _ := s.stages.Get(c.StageID)
	return []Event{StandingRestated{Ref: s.Ref, StageID: c.StageID, Now: s.Categories, Not: without(c.Terms.Categories, s.Categories), Standing: r.standing()}}, nil
}

func without(all, some []sport.Category) []sport.Category {
	var out []sport.Category
	for _, c := range all {
		if !slices.Contains(some, c) {
			out = append(out, c)
		}
	}
	return out
}

func cleanReason(s string) (string, error) {
	s, err := sport.CleanText("reason", strings.Join(strings.Fields(s), " "))
	switch {
	case err != nil:
		return "", err
	case s == "":
		return "", ErrReasonMissing
	case utf8.RuneCountInString(s) > maxReason:
		return "", ErrReasonTooLong
	}
	return s, nil
}
