package api_test

import (
	"testing"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

func TestAClubIsRunByItsAdministrators(t *testing.T) {
	t.Parallel()
	s := start(t)
	ilse, ana, bram := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana de Smet", sport.Female, nil), s.Athlete("Bram Claes", sport.Male, nil)
	runs, asks, visitor := as(s, ilse), as(s, ana), client{Site: s}
	id := runs.post("/clubs", `{"name": "Velo Genk", "private": true}`).is(201).text("id")
	club := "/clubs/" + id
	about := func(a webtest.Athlete, action string) string {
		return club + "/members/" + a.ID.String() + "/" + action
	}

	runs.patch(club, `{"description": "We *ride*", "website": "https://genk.example"}`).is(200).has("name", "Velo Genk", "description", "We *ride*", "private", true)
	runs.patch(club, `{"name": " ", "website": "genk"}`).refused(422, "name_missing")
	runs.patch("/clubs/none", `{}`).refused(404, "club_not_found")

	asks.post(club+"/members", `{}`).is(200).has("membership", "requested", "memberCount", 1)
	asks.get(club+"/members").is(200).has("items.0.role", "administrator", "items.1", nil)
	runs.get(club+"/members").is(200).has("items.1.status", "requested", "items.1.name", "Ana de Smet")
	runs.post(about(ana, "decline"), "").is(200).has("memberCount", 1)
	runs.post(about(ana, "decline"), "").refused(404, "no_membership_request")
	asks.post(club+"/members", `{}`).is(200)
	asks.post(about(ana, "remove"), "").is(200).has("membership", nil) // she takes it back
	asks.post(club+"/members", `{}`).is(200)
	runs.post(about(ana, "accept"), "").is(200).has("memberCount", 2)
	runs.post(about(ana, "accept"), "").is(200).has("memberCount", 2)

	for _, action := range []string{"accept", "decline", "remove", "appoint", "dismiss"} {
		asks.post(about(bram, action), "").refused(403, "not_the_club_administrator")
		visitor.post(about(bram, action), "").refused(401, "not_signed_in")
		runs.post(club+"/members/nobody/"+action, "").refused(404, "athlete_not_found")
	}
	asks.patch(club, `{"name": "Mine"}`).refused(403, "not_the_club_administrator")
	visitor.patch(club, `{"name": "Mine"}`).refused(401, "not_signed_in")

	runs.post(about(bram, "appoint"), "").refused(404, "not_a_member")
	runs.post(about(ilse, "remove"), "").refused(422, "last_administrator")
	runs.post(about(ilse, "dismiss"), "").refused(422, "last_administrator")
	runs.post(about(ana, "appoint"), "").is(200)
	asks.post(about(ilse, "dismiss"), "").is(200) // there are two now
	runs.post(about(bram, "accept"), "").refused(403, "not_the_club_administrator")
	runs.post(about(ilse, "remove"), "").is(200).has("memberCount", 1)
	asks.post(about(ana, "remove"), "").refused(422, "last_administrator")

	s.Send(athletes.Delete{Head: athletes.Head{ID: bram.ID, By: bram.Actor}})
	asks.post(about(bram, "accept"), "").refused(404, "athlete_not_found")
	asks.post(club+"/members", body(t, map[string]any{"athleteId": bram.ID})).refused(404, "athlete_not_found")
}

// Who leaves the club stays in its challenges: they have ridden for their places. Only coming back needs the club again.
func TestLeavingTheClubLeavesNoChallenge(t *testing.T) {
	t.Parallel()
	s := start(t)
	ilse, ana, bram := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana de Smet", sport.Female, nil), s.Athlete("Bram Claes", sport.Male, nil)
	club := s.Club(ilse, "Velo Genk", ana, bram)
	segment := s.Segment(ilse, "Kattenberg", webtest.Hill(1))
	c := s.Challenge(ilse, "Members Only", func(d *challenges.Definition) { d.ClubID, d.RestrictedToClubMembers = club.ID, true })
	s.Stage(ilse, c, "Kattenberg", segment, nil)
	s.Host(ilse, c)
	c = s.Reload(ilse, c.ID)
	at := "/challenges/" + c.Slug
	runs := as(s, ilse)
	for _, a := range []webtest.Athlete{ana, bram} {
		as(s, a).post(at+"/join", "").is(200).has("joined", true)
	}
	as(s, ana).post("/clubs/"+club.Slug+"/members/"+ana.ID.String()+"/remove", "").is(200)
	runs.post("/clubs/"+club.Slug+"/members/"+bram.ID.String()+"/remove", "").is(200)

	runs.get(at+"/competitors").is(200).has("items.0.athleteId", ana.ID.String(), "items.1.athleteId", bram.ID.String())
	s.Clock(ilse, c.Stages[0], ana, 300e9)
	s.Settled()
	runs.get(at+"/stages/"+c.Stages[0].Slug+"/leaderboards/Open").is(200).has("entries.0.athleteId", ana.ID.String(), "entries.0.value", 300)
	as(s, ana).post(at+"/leave", "").is(200)
	as(s, ana).post(at+"/join", "").refused(422, "not_a_club_member")
	as(s, ana).post("/clubs/"+club.Slug+"/members", `{}`).is(200)
	as(s, ana).post(at+"/join", "").is(200).has("joined", true)
}

// A club's administrators do what its organisers do, on all challenges of the club.
func TestAClubsAdministratorsRunItsChallenges(t *testing.T) {
	t.Parallel()
	s := start(t)
	ilse, ana, bram := s.Athlete("Ilse Maes", sport.Female, nil), s.Athlete("Ana de Smet", sport.Female, nil), s.Athlete("Bram Claes", sport.Male, nil)
	club := s.Club(ilse, "Velo Genk", ana, bram)
	segment := s.Segment(ana, "Kattenberg", webtest.Hill(1))
	c := s.Challenge(ana, "Ana's", func(d *challenges.Definition) { d.ClubID = club.ID })
	at, member, runs := "/challenges/"+c.Slug, as(s, bram), as(s, ilse)
	stage := body(t, map[string]any{"type": "mountain", "segmentId": segment.ID, "name": "Kattenberg"})
	for _, a := range [][2]string{{"/stages", stage}, {"/host", ""}, {"/cancel", ""}} {
		member.post(at+a[0], a[1]).refused(403, "not_the_organiser")
	}
	runs.post(at+"/stages", stage).is(201)
	runs.post(at+"/host", "").is(200)
	s.Join(s.Reload(ilse, c.ID), bram)
	about := at + "/competitors/" + bram.ID.String()
	member.post(about+"/limit", `{"reason": "x"}`).refused(403, "not_the_organiser")
	runs.post(about+"/limit", `{"reason": "Rides for another club."}`).is(200).has("limited", true)
	runs.post(about+"/exclude", `{"reason": "On a moped."}`).is(200).has("excluded", true)
	runs.patch(at, `{"description": "Ilse's words"}`).is(200).has("description", "Ilse's words")
	runs.post(at+"/end", "").is(200)
}

func TestPicturesHaveAddresses(t *testing.T) {
	t.Parallel()
	s := start(t)
	ana, bram := s.Athlete("Ana de Smet", sport.Female, nil), s.Athlete("Bram Claes", sport.Male, nil)
	club := s.Club(ana, "Velo Genk")
	as(s, ana).get("/me").is(200).has("avatarUrl", nil)
	s.Send(athletes.ChangeAvatar{Head: athletes.Head{ID: ana.ID, By: ana.Actor}, Avatar: "cafe"})
	s.Send(clubs.ChangeAvatar{Head: clubs.Head{ID: club.ID, By: ana.Actor}, Avatar: "beef"})
	as(s, ana).get("/me").is(200).has("avatarUrl", "/avatars/cafe/320")
	client{Site: s}.get("/athletes/"+ana.ID.String()).is(200).has("avatarUrl", "/avatars/cafe/320")
	client{Site: s}.get("/athletes/"+bram.ID.String()).is(200).has("avatarUrl", nil)
	client{Site: s}.get("/clubs/velo-genk").is(200).has("avatarUrl", "/avatars/beef/320")
	client{Site: s}.get("/clubs/velo-genk/members").is(200).has("items.0.avatarUrl", "/avatars/cafe/320")
}
