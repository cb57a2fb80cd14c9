package web_test

import (
	"strings"
	"testing"

	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/live"
	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/webtest"
)

// Standings on the challenge's page and on their own: with what is provisional, by category and classification, and what they
// are made of.
func TestStandingsPages(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	visitor := s.Visitor()
	reads(t, visitor, s.challenge, "General, Open", "27 provisional", "Bram Claes", "12 provisional", "All standings", "Mountains", "Sprint",
		"Places give 15, 12, 10, 8, 6, 5, 4, 3, 2 and 1 points", "Why Ana de Smet has this")
	reads(t, visitor, s.challenge+"?category=Women&classification=Mountains", "Mountains, Women", "10 provisional", "not Why Chloé Martin has")
	reads(t, visitor, s.challenge+"/standings?category=Open&classification=Sprint", "Sprint, Open", "8 provisional", "Standings")
	reads(t, visitor, s.challenge+"/standings?category=Nonsense&classification=Nothing&offset=x", "General, Open", "Ana de Smet")
	reads(t, visitor, s.challenge+"/standings?offset=900", "Nobody has points yet")

	topic := live.StandingsOf(s.v.Challenge.ID, "Open")
	before, err := s.Web.Fragment(t.Context(), topic)
	if err != nil || !strings.Contains(string(before.HTML), "data-value=\"27\"") || !strings.Contains(string(before.HTML), "Sprint, Open") {
		t.Errorf("what watchers get: %v, %s", err, before.HTML)
	}
	now := webtest.Day(0, 0).In(webtest.Zone)
	s.Send(stages.Approve{Head: stages.Head{ID: s.v.Past.ID, By: s.v.Organiser.Actor, Now: now}})
	s.Send(competitors.Limit{Head: competitors.Head{ChallengeID: s.v.Challenge.ID, AthleteID: s.v.Bram.ID, By: s.v.Organiser.Actor, Now: now}, Reason: "A professional."})
	reads(t, visitor, s.challenge+"/standings", "Scores no points", "15 provisional", "not 27 provisional")
	if after, err := s.Web.Fragment(t.Context(), topic); err != nil || after.Version <= before.Version || !strings.Contains(string(after.HTML), "15 provisional") {
		t.Errorf("what watchers get then: %v, version %d after %d", err, after.Version, before.Version)
	}
	reads(t, s.SignIn(s.v.Chloe), s.challenge+"/standings?classification=GC", "You", "Chloé Martin")
}
