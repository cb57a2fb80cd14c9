package dispatch_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

// wantRefusal checks a refusal's code; none means that there may be no error.
func wantRefusal(t *testing.T, what string, err error, code string) {
	t.Helper()
	got := ""
	if all := refusal.All(err); all != nil {
		got = all[0].Code
	}
	if got != code || err != nil && code == "" {
		t.Errorf("%s: refused with %q (%v), want %q", what, got, err, code)
	}
}

// club founds a club with an administrator and a member.
func club(n *dispatchtest.Node, admin, member actor.Actor) uuid.UUID {
	id := uuid.New()
	n.Send(clubs.Create{Head: clubs.Head{ID: id, By: admin, Now: dispatchtest.At(1, 0)}, Slug: "club-" + id.String()[:8], Definition: clubs.Definition{Name: "The club"}})
	n.Send(clubs.Join{Head: clubs.Head{ID: id, By: member, Now: dispatchtest.At(1, 0)}})
	return id
}

// Whoever administers the hosting club may do what the organiser may; nobody may by saying so.
func TestWhoMayRunAChallenge(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	admin, organiser, stranger, rider := n.Athlete(sport.Female), n.Athlete(sport.Male), n.Athlete(sport.Male), n.Athlete(sport.Female)
	hosting := club(n, admin, organiser)
	club(n, stranger, rider) // has no say
	pretender := stranger
	pretender.ClubAdmin = true
	siteAdmin := n.Athlete(sport.Female)
	siteAdmin.Admin = true
	people := []struct {
		name string
		by   actor.Actor
		may  bool
	}{{"club administrator", admin, true}, {"organiser", organiser, true}, {"site administrator", siteAdmin, true}, {"program", actor.System, true},
		{"administrator of another club", stranger, false}, {"pretender", pretender, false}, {"member", rider, false}, {"visitor", actor.Actor{}, false}}

	for _, host := range []struct {
		name string
		club uuid.UUID
	}{{"club", hosting}, {"nobody", uuid.Nil}} {
		s := n.Season(organiser, func(d *challenges.Definition) { d.ClubID = host.club }, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
		s.Host(dispatchtest.At(2, 0))
		s.Join(rider)
		for i, command := range organisersCommands(s, rider) {
			for _, p := range people {
				may := p.may && (p.by != admin || host.club != uuid.Nil)
				cmd := command(p.by)
				_, err := n.Try(cmd)
				forbidden := false
				for _, r := range refusal.All(err) {
					forbidden = forbidden || r.Kind == refusal.Forbidden
				}
				if forbidden == may {
					t.Errorf("hosted by %s, command %d, %s: %T: %v", host.name, i, p.name, cmd, err)
				}
			}
		}
	}
}

// organisersCommands are what only who runs a challenge may ask; what comes of it depends on what came before.
func organisersCommands(s *dispatchtest.Season, rider actor.Actor) []func(by actor.Actor) dispatch.Command {
	now := dispatchtest.At(3, 0)
	head := func(by actor.Actor) challenges.Head { return s.Head(by, now) }
	stage := func(by actor.Actor) stages.Head { return stages.Head{ID: s.Stages[0], By: by, Now: now} }
	of := func(by actor.Actor) competitors.Head { return s.Competitor(rider, by, now) }
	rules := competitors.Rules{StageID: s.Stages[0]}
	return []func(by actor.Actor) dispatch.Command{
		func(by actor.Actor) dispatch.Command { return challenges.AddStage{Head: head(by), StageID: uuid.New()} },
		func(by actor.Actor) dispatch.Command {
			return challenges.RescheduleStage{Head: head(by), StageID: s.Stages[1]}
		},
		func(by actor.Actor) dispatch.Command {
			return challenges.RemoveStage{Head: head(by), StageID: s.Stages[0]}
		},
		func(by actor.Actor) dispatch.Command { return challenges.Host{Head: head(by)} },
		func(by actor.Actor) dispatch.Command {
			return challenges.Rename{Head: head(by), Name: "Named by " + by.String()}
		},
		func(by actor.Actor) dispatch.Command {
			return challenges.Describe{Head: head(by), Description: by.String()}
		},
		func(by actor.Actor) dispatch.Command { return challenges.AdjustWindow{Head: head(by)} },
		func(by actor.Actor) dispatch.Command { return challenges.AdjustActivityTypes{Head: head(by)} },
		func(by actor.Actor) dispatch.Command { return challenges.Start{Head: head(by)} },
		func(by actor.Actor) dispatch.Command { return challenges.Approve{Head: head(by)} },
		func(by actor.Actor) dispatch.Command { return challenges.Publish{Head: head(by)} },
		func(by actor.Actor) dispatch.Command {
			return stages.Describe{Head: stage(by), Name: "Named by " + by.String(), Type: sport.Flat}
		},
		func(by actor.Actor) dispatch.Command {
			return stages.ChangeSegment{Head: stage(by), SegmentID: uuid.New()}
		},
		func(by actor.Actor) dispatch.Command {
			return stages.AdjustPoints{Head: stage(by), Adjustment: sport.NoAdjustment}
		},
		func(by actor.Actor) dispatch.Command { return stages.Reveal{Head: stage(by)} },
		func(by actor.Actor) dispatch.Command { return stages.Start{Head: stage(by)} },
		func(by actor.Actor) dispatch.Command { return stages.Approve{Head: stage(by)} },
		func(by actor.Actor) dispatch.Command { return stages.Publish{Head: stage(by)} },
		func(by actor.Actor) dispatch.Command {
			return competitors.Limit{Head: of(by), Reason: "by " + by.String()}
		},
		func(by actor.Actor) dispatch.Command {
			return competitors.Exclude{Head: of(by), Reason: "by " + by.String()}
		},
		func(by actor.Actor) dispatch.Command { return competitors.Allow{Head: of(by)} },
		func(by actor.Actor) dispatch.Command { return competitors.RecordByHand{Head: of(by), Rules: rules} },
		func(by actor.Actor) dispatch.Command {
			return competitors.FlagEffort{Head: of(by), Rules: rules, EffortID: uuid.New(), Reason: "by " + by.String()}
		},
		func(by actor.Actor) dispatch.Command { return stages.End{Head: stage(by)} },
		func(by actor.Actor) dispatch.Command { return challenges.End{Head: head(by)} },
		func(by actor.Actor) dispatch.Command { return challenges.Cancel{Head: head(by)} },
	}
}

func TestCreatingForAClub(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	admin, member, stranger := n.Athlete(sport.Female), n.Athlete(sport.Female), n.Athlete(sport.Female)
	hosting := club(n, admin, member)
	for name, c := range map[string]struct {
		by   actor.Actor
		club uuid.UUID
		code string
	}{"administrator": {admin, hosting, ""}, "member": {member, hosting, ""}, "stranger": {stranger, hosting, "not_a_club_member"},
		"no such club": {member, uuid.New(), "not_a_club_member"}} {
		_, err := n.Try(challenges.Create{Head: challenges.Head{ID: uuid.New(), By: c.by, Now: dispatchtest.At(1, 0)}, Slug: uuid.NewString(),
			Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "May", Window: dispatchtest.Days(1, 31), TimeZone: "UTC", ClubID: c.club}})
		wantRefusal(t, name, err, c.code)
	}
}

func TestJoiningARestrictedChallenge(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	admin, member, stranger := n.Athlete(sport.Female), n.Athlete(sport.Female), n.Athlete(sport.Male)
	hosting := club(n, admin, member)
	s := n.Season(admin, func(d *challenges.Definition) { d.ClubID, d.RestrictedToClubMembers = hosting, true }, dispatchtest.Days(1, 31))
	join := func(who actor.Actor) error {
		_, err := n.Try(competitors.Join{Head: s.Competitor(who, who, dispatchtest.At(2, 0))})
		return err
	}
	wantRefusal(t, "before it is hosted", join(member), "challenge_not_hosted")
	s.Host(dispatchtest.At(2, 0))
	wantRefusal(t, "member", join(member), "")
	wantRefusal(t, "stranger", join(stranger), "not_a_club_member")
	n.Send(clubs.Join{Head: clubs.Head{ID: hosting, By: stranger, Now: dispatchtest.At(2, 0)}})
	wantRefusal(t, "stranger, now a member", join(stranger), "")
	joined := n.Events(eventstore.Filter{Types: []string{competitors.Joined{}.EventType()}})
	want := []sport.Category{sport.Open, sport.Men}
	if len(joined) != 2 || !cmp.Equal(joined[1].(competitors.Joined).Categories, want) {
		t.Errorf("joined: %+v, want the last in %v", joined, want)
	}
}

// Stages are approved in their order, and the challenge when all are.
func TestOrderOfApproval(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	organiser := n.Athlete(sport.Female)
	s := n.Season(organiser, nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 20), dispatchtest.Days(21, 31))
	s.Host(dispatchtest.At(2, 0))
	n.Send(challenges.End{Head: s.Head(organiser, dispatchtest.At(12, 0))})
	approve := func(stage int) error {
		_, err := n.Try(stages.Approve{Head: stages.Head{ID: s.Stages[stage], By: organiser, Now: dispatchtest.At(12, 1)}})
		return err
	}
	all := func() error {
		_, err := n.Try(challenges.Approve{Head: s.Head(organiser, dispatchtest.At(12, 1))})
		return err
	}
	wantRefusal(t, "the third first", approve(2), "earlier_stage_not_approved")
	wantRefusal(t, "the first", approve(0), "")
	wantRefusal(t, "twice", approve(0), "stage_already_approved")
	wantRefusal(t, "the third before the second", approve(2), "earlier_stage_not_approved")
	wantRefusal(t, "the challenge before its stages", all(), "stages_not_approved")
	wantRefusal(t, "the second", approve(1), "")
	wantRefusal(t, "the third", approve(2), "")
	wantRefusal(t, "the challenge", all(), "")
}

// Who runs one challenge has no say about the stages of another, whatever ids they bring together.
func TestStageOfAnotherChallenge(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	rider := n.Athlete(sport.Female)
	mine, theirs := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31)), n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	mine.Host(dispatchtest.At(2, 0))
	theirs.Host(dispatchtest.At(2, 0))
	mine.Join(rider)
	theirs.Join(rider)
	now, rules := dispatchtest.At(5, 0), competitors.Rules{StageID: theirs.Stages[0]}
	ride := theirs.Effort(rider, 0, 4, 600)
	for _, cmd := range []dispatch.Command{
		competitors.RecordByHand{Head: mine.Competitor(rider, mine.Organiser, now), Rules: rules, Activity: ride.Activity, Performance: ride.Performances[0]},
		competitors.RecordEfforts{Head: mine.Competitor(rider, actor.System, now), Rules: rules, Activity: ride.Activity, Performances: ride.Performances},
		competitors.FlagEffort{Head: mine.Competitor(rider, mine.Organiser, now), Rules: rules, EffortID: uuid.New(), Reason: "mine"},
		competitors.RecordByHand{Head: mine.Competitor(rider, mine.Organiser, now), Rules: competitors.Rules{StageID: uuid.New()}},
	} {
		_, err := n.Try(cmd)
		wantRefusal(t, fmt.Sprintf("%T", cmd), err, "stage_not_found")
	}
	for _, cmd := range []dispatch.Command{
		challenges.RemoveStage{Head: mine.Head(mine.Organiser, now), StageID: theirs.Stages[0]},
		challenges.RescheduleStage{Head: mine.Head(mine.Organiser, now), StageID: theirs.Stages[0], Window: dispatchtest.Days(2, 31)},
	} {
		_, err := n.Try(cmd)
		wantRefusal(t, fmt.Sprintf("%T", cmd), err, "stage_not_found")
	}
}

// A stage can be moved and removed before the reaction that creates it has run; the reactions keep the order.
func TestChangingAStageThatIsBeingCreated(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{NoReactions: true})
	organiser := actor.Athlete(uuid.New()) // nobody waits for reactions here
	s := &dispatchtest.Season{Node: n, ID: uuid.New(), Organiser: organiser, Stages: []uuid.UUID{uuid.New(), uuid.New()}}
	head := s.Head(organiser, dispatchtest.At(1, 0))
	for _, cmd := range []dispatch.Command{
		challenges.Create{Head: head, Slug: "may", Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "May", Window: dispatchtest.Days(1, 31), TimeZone: "UTC"}},
		challenges.AddStage{Head: head, StageID: s.Stages[0], StageDefinition: challenges.StageDefinition{Type: sport.Flat, SegmentID: uuid.New(), Name: "One", Window: dispatchtest.Days(1, 10)}},
		challenges.AddStage{Head: head, StageID: s.Stages[1], StageDefinition: challenges.StageDefinition{Type: sport.Flat, SegmentID: uuid.New(), Name: "Two", Window: dispatchtest.Days(11, 20)}},
		challenges.RescheduleStage{Head: head, StageID: s.Stages[0], Window: dispatchtest.Days(2, 10)},
		challenges.RemoveStage{Head: head, StageID: s.Stages[1]},
	} {
		if _, err := n.Dispatch.Send(n.Soon(), cmd, eventstore.Meta{}); err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
	}
	n.React()
	n.Catch("processes")
	for i, want := range [][]string{{"StageCreated", "StageRescheduled"}, {"StageCreated", "StageDeleted"}} {
		if got := types(n, dispatch.StageStream, s.Stages[i]); !cmp.Equal(got, want) {
			t.Errorf("stage %d: %v, want %v", i+1, got, want)
		}
	}
}

func types(n *dispatchtest.Node, category string, id uuid.UUID) (names []string) {
	for _, e := range n.Events(eventstore.Filter{Streams: []string{eventstore.StreamName(category, id)}}) {
		names = append(names, e.EventType())
	}
	return names
}

// What is final stays when an athlete leaves or an activity goes.
func TestFinalStagesAreLeftAlone(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	rider, other := n.Athlete(sport.Female), n.Athlete(sport.Female)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 10), dispatchtest.Days(11, 31))
	s.Host(dispatchtest.At(2, 0))
	s.Join(rider, other)
	n.Send(s.Effort(rider, 0, 4, 600))
	n.Send(s.Effort(other, 0, 4, 700))
	n.Send(stages.End{Head: stages.Head{ID: s.Stages[0], By: s.Organiser, Now: dispatchtest.At(11, 0)}})
	n.Send(stages.Approve{Head: stages.Head{ID: s.Stages[0], By: s.Organiser, Now: dispatchtest.At(11, 1)}})
	n.Send(stages.Start{Head: stages.Head{ID: s.Stages[1], By: actor.System, Now: dispatchtest.At(11, 2)}})
	n.Send(s.Effort(rider, 1, 12, 600))
	n.Send(s.Effort(other, 1, 12, 700))
	n.Send(competitors.Leave{Head: s.Competitor(rider, rider, dispatchtest.At(13, 0))})
	for stage, day := range []int{4, 12} {
		n.Send(competitors.RemoveActivity{Head: s.Competitor(other, actor.System, dispatchtest.At(13, 0)), ActivityID: s.Effort(other, stage, day, 700).Activity.ID})
	}
	removed := n.Events(eventstore.Filter{Types: []string{competitors.EffortRemoved{}.EventType()}})
	for _, e := range removed {
		if stage := e.(competitors.EffortRemoved).StageID; stage != s.Stages[1] {
			t.Errorf("an effort on stage %v was removed", stage)
		}
	}
	if len(removed) != 2 {
		t.Errorf("%d efforts were removed, want 2", len(removed))
	}
}

// The gender of an athlete is what they say of themselves when they join.
func TestCategoriesFollowTheProfile(t *testing.T) {
	n := dispatchtest.Start(t, dispatchtest.Options{})
	rider := n.Athlete(sport.Undisclosed)
	s := n.Season(n.Athlete(sport.Male), nil, dispatchtest.Days(1, 31))
	s.Host(dispatchtest.At(2, 0))
	n.Send(athletes.ChangeProfile{Head: athletes.Head{ID: rider.AthleteID, By: rider, Now: dispatchtest.At(2, 0)}, Profile: athletes.Profile{
		FirstName: "Ana", LastName: "Smet", Gender: sport.Female, Units: sport.Metric, TimeZone: "UTC", Visibility: athletes.Everyone}})
	s.Join(rider)
	for _, e := range n.Events(eventstore.Filter{Types: []string{competitors.Joined{}.EventType()}}) {
		if got := e.(competitors.Joined).Categories; !cmp.Equal(got, []sport.Category{sport.Open, sport.Women}) {
			t.Errorf("categories: %v", got)
		}
	}
}
