package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/webtest"
)

func TestJoiningAndLeavingByForm(t *testing.T) {
	s := startSeason(t)
	b := s.SignIn(s.v.Stranger)
	s.Ride(s.v.Stranger, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, 7*3600e9).In(webtest.Zone), Time: 299e9})
	leads(t, b, s.challenge+"/join", nil, s.challenge, "You're in.", "You: 4:59, 1st", "Leave the challenge")
	leads(t, b, s.challenge+"/join", nil, s.challenge, "You're in already.")
	leads(t, b, s.challenge+"/leave", nil, s.challenge, "You have left", "not You: 4:59")
	leads(t, b, s.challenge+"/leave", nil, s.challenge)

	refuses(t, b, "/challenges/none/join", nil, http.StatusNotFound, "There is no such challenge")
	draft := s.Challenge(s.v.Organiser, "Not Yet", nil)
	refuses(t, b, "/challenges/"+draft.Slug+"/join", nil, http.StatusNotFound)
	members := s.Challenge(s.v.Organiser, "Members Only", func(d *challenges.Definition) { d.ClubID, d.RestrictedToClubMembers = s.v.Club.ID, true })
	s.Stage(s.v.Organiser, members, "Kattenberg", s.v.Segments[1], nil)
	s.Host(s.v.Organiser, members)
	refuses(t, b, "/challenges/"+members.Slug+"/join", nil, http.StatusUnprocessableEntity, "Join the club first")
	if got := s.Visitor().Post(s.challenge+"/join", nil); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.Location, "/sign-in?next=") {
		t.Errorf("a visitor who joins is led to %d %s", got.Status, got.Location)
	}
}

func TestClubsAreJoinedAndLeft(t *testing.T) {
	s := startSeason(t)
	club, b := "/clubs/"+s.v.Club.Slug, s.SignIn(s.v.Stranger)
	leads(t, b, club+"/join", nil, club, "Welcome to WTC De Kattenberg")
	leads(t, b, club+"/join", nil, club, "You're a member already")
	leads(t, b, club+"/leave", nil, club, "You have left")
	leads(t, b, club+"/leave", nil, club, "You aren't a member")
	refuses(t, s.SignIn(s.v.Organiser), club+"/leave", nil, http.StatusUnprocessableEntity, "A club needs an administrator")
	refuses(t, b, "/clubs/none/join", nil, http.StatusNotFound)

	s.Send(clubs.Edit{Head: clubs.Head{ID: s.v.Club.ID, By: s.v.Organiser.Actor}, Definition: clubs.Definition{Name: "WTC De Kattenberg", Private: true}})
	leads(t, b, club+"/join", nil, club, "Your request has gone to the administrators")
	leads(t, b, club+"/leave", nil, club, "Your request has been taken back")
}

func TestStars(t *testing.T) {
	s := startSeason(t)
	b, path := s.SignIn(s.v.Dirk), "/segments/"+s.v.Segments[1].ID.String()
	for _, action := range []string{"star", "star", "unstar", "unstar"} {
		leads(t, b, path+"/"+action, nil, path)
	}
	leads(t, b, path+"/star", nil, path, "Starred")
	for _, none := range []string{"/segments/x/star", "/segments/" + uuid.NewString() + "/star", "/segments/" + s.v.Segments[2].ID.String() + "/star"} {
		refuses(t, b, none, nil, http.StatusNotFound, "There is no such segment")
	}
}

func TestActivitiesAreEditedAndDeletedByTheirAthlete(t *testing.T) {
	s := startSeason(t)
	path := "/activities/" + s.v.Twice.ID.String()
	bram := s.SignIn(s.v.Bram)
	page := reads(t, bram, path+"/edit", "Edit Evening spin")
	leads(t, bram, path+"/edit", form(t, page, path+"/edit", url.Values{"name": {"Night spin"}}), path, "Saved", "Night spin", "5:20")
	page = refuses(t, bram, path+"/edit", form(t, page, path+"/edit", url.Values{"name": {""}, "type": {"Run"}}), 422, "Give a name")
	if got := form(t, page, path+"/edit", nil); got.Get("type") != "Run" || got.Get("name") != "" {
		t.Errorf("what was typed is lost: %v", got)
	}
	refuses(t, bram, path+"/edit", url.Values{"name": {"x"}, "type": {"Napping"}}, 422, "This type of activity is not known")
	leads(t, bram, path+"/edit", url.Values{"name": {"Jog"}, "type": {"Run"}}, path, "Jog")
	reads(t, s.Visitor(), s.active, "Bram Claes", "5:41", "not Bram Claes BC Claes 5:20") // the other ride counts now

	for _, action := range []string{"/edit", "/delete"} {
		refuses(t, s.SignIn(s.v.Ana), path+action, url.Values{"name": {"Mine"}, "type": {"Ride"}}, 403, "somebody else's")
		refuses(t, s.SignIn(s.v.Ana), "/activities/"+uuid.NewString()+action, nil, 404)
		refuses(t, s.SignIn(s.v.Bram), "/activities/"+s.v.Private.ID.String()+action, nil, 404)
	}
	leads(t, bram, path+"/delete", nil, "/upload", "“Jog” is deleted", "not Night spin")
	refuses(t, bram, path+"/delete", nil, 404)
}

func TestSettings(t *testing.T) {
	s := startSeason(t)
	ana := s.SignIn(s.v.Ana)
	page := reads(t, ana, "/settings", "You sign in as "+s.v.Ana.Email, "This one", "Profile")
	filled := form(t, page, "/settings", url.Values{"town": {"Genk"}, "units": {"imperial"}})
	leads(t, ana, "/settings", filled, "/settings", "Saved")
	reads(t, ana, s.active, "mph")
	bad := refuses(t, ana, "/settings", form(t, page, "/settings", url.Values{"firstName": {""}, "timeZone": {"Mars/Olympus"}, "birthYear": {"soon"}}), 422, "Write a whole number")
	if got := form(t, bad, "/settings", nil); got.Get("timeZone") != "Mars/Olympus" || got.Get("birthYear") != "soon" {
		t.Errorf("what was typed is lost: %v", got)
	}
	refuses(t, ana, "/settings", form(t, page, "/settings", url.Values{"firstName": {""}, "timeZone": {"Mars/Olympus"}}), 422, "Give a name", "no such time zone")
	if got := s.Visitor().Get("/settings"); got.Status != 303 {
		t.Errorf("a visitor sees settings: %d", got.Status)
	}
}

func TestTokens(t *testing.T) {
	s := webtest.Start(t)
	ana := s.Athlete("Ana de Smet", sport.Female, nil)
	b := s.SignIn(ana)
	made := b.Post("/settings/tokens", url.Values{"name": {"Garage"}})
	_, secret, _ := strings.Cut(made.Body, `<code id="token-secret">`)
	secret, _, _ = strings.Cut(secret, "<")
	if made.Status != 200 || made.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(secret, "sc_") {
		t.Fatalf("%d, %q: %s", made.Status, secret, made.Text())
	}
	if who, err := s.Accounts.TokenAthlete(t.Context(), secret); err != nil || who != ana.ID {
		t.Errorf("the token is %s's: %v", who, err)
	}
	page := reads(t, b, "/settings", "Garage", "last used", "not "+secret)
	refuses(t, b, "/settings/tokens", url.Values{"name": {strings.Repeat("x", 81)}}, 422, "at most 80 characters")
	_, id, _ := strings.Cut(page.Body, "/settings/tokens/")
	id, _, _ = strings.Cut(id, "/")
	refuses(t, s.SignIn(s.Athlete("Bram Claes", sport.Male, nil)), "/settings/tokens/"+id+"/revoke", nil, 404)
	leads(t, b, "/settings/tokens/"+id+"/revoke", nil, "/settings", "works no more", "not Garage")
	if _, err := s.Accounts.TokenAthlete(t.Context(), secret); err == nil {
		t.Error("a revoked token works")
	}
	refuses(t, b, "/settings/tokens/x/revoke", nil, 404)
}

func TestSessions(t *testing.T) {
	s := webtest.Start(t)
	ana := s.Athlete("Ana de Smet", sport.Female, nil)
	here, there, third := s.SignIn(ana), s.SignIn(ana), s.SignIn(ana)
	page := reads(t, here, "/settings", "Sign out everywhere else")
	_, id, _ := strings.Cut(page.Body, `action="/settings/sessions/end-others"`)
	_, id, _ = strings.Cut(id, "/settings/sessions/")
	id, _, _ = strings.Cut(id, "/")
	leads(t, here, "/settings/sessions/"+id+"/end", nil, "/settings", "Signed out there")
	leads(t, here, "/settings/sessions/end-others", nil, "/settings", "Signed out in 1 other place", "not everywhere else")
	for _, b := range []*webtest.Browser{there, third} {
		if got := b.Get("/settings"); got.Status != 303 {
			t.Errorf("still signed in: %d", got.Status)
		}
	}
	refuses(t, here, "/settings/sessions/"+uuid.NewString()+"/end", nil, 404)
}

func TestTheTheme(t *testing.T) {
	s := webtest.Start(t)
	b := s.Visitor()
	leads(t, b, "/theme", url.Values{"theme": {"dark"}, "back": {"/challenges"}}, "/challenges")
	if page := b.Get("/challenges"); !strings.Contains(page.Body, `data-theme="dark"`) {
		t.Error("it isn't dark")
	}
	leads(t, b, "/theme", url.Values{"theme": {"auto"}, "back": {"//evil.example"}}, "/")
	if page := b.Get("/"); strings.Contains(page.Body, `data-theme=`) {
		t.Error("it isn't the system's again")
	}
}
