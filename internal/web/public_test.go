package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
	"segmentchallenge/internal/web/webtest"
)

// season is a site with a season on it, and where its pages are.
type season struct {
	*webtest.Site
	v                                webtest.Season
	challenge, past, active, mystery string
}

func startSeason(t *testing.T) season {
	t.Helper()
	s := webtest.Start(t)
	v := s.Season()
	c := "/challenges/" + v.Challenge.Slug
	return season{s, v, c, c + "/stages/" + v.Past.Slug, c + "/stages/" + v.Active.Slug, c + "/stages/" + v.Mystery.Slug}
}

// reads asks for a page that must be there, and hold the words and not the others (which begin with "not ").
func reads(t *testing.T, b *webtest.Browser, path string, words ...string) webtest.Page {
	t.Helper()
	page := b.Get(path)
	if page.Status != http.StatusOK {
		t.Errorf("%s answers %d: %s", path, page.Status, page.Text())
	}
	for _, w := range words {
		if unwanted, no := strings.CutPrefix(w, "not "); no == page.Has(strings.TrimPrefix(w, "not ")) {
			t.Errorf("%s: it has %q: %v, in\n%s", path, unwanted, !no, page.Text())
		}
	}
	return page
}

func TestVisitorsRead(t *testing.T) {
	s := startSeason(t)
	visitor := s.Visitor()
	for path, words := range map[string][]string{
		"/":                                {"Kattenberg, Open", "Ana de Smet", "5:00", "Running now", "Five Hills", "Three steps", "Join", "Ride", "Upload"},
		"/challenges":                      {"Five Hills", "WTC De Kattenberg", "Stage 2 of 4", "4 athletes", "not Only mine"},
		s.challenge:                        {"Five Hills", "Heideheuvel", "Mystery stage", "Queen stage", "Sign in to join", "Provisional", "Your fastest time over the segment", "Dirk Aerts"},
		s.challenge + "/feed":              {"Ana de Smet takes the lead on Kattenberg", "Dirk Aerts joined the challenge"},
		s.challenge + "/competitors":       {"Chloé Martin", "4 athletes"},
		s.challenge + "/competitors?q=dir": {"Dirk Aerts", "not Chloé"},
		s.active:                           {"Stage 2 of 4", "Up from the canal", "Ana de Smet", "5:00", "+0:20", "27.", "km/h", "Provisional", "Profile", "not Why is my ride missing"},
		s.active + "?category=Women":       {"Kattenberg, Women", "Ana de Smet", "not All efforts of Bram Claes"},
		s.active + "?athlete=" + s.v.Bram.ID.String(): {"5:20", "5:41", "Counts"},
		"/segments":                                {"Kattenberg", "Ring of Bree", "2.3 km", "not Star"},
		"/segments?q=katt":                         {"Kattenberg", "not Heideheuvel"},
		"/segments?bbox=50.79,4.5,50.82,4.7":       {"Heideheuvel", "not Kattenberg"},
		"/segments?type=Run":                       {"No segment matches"},
		"/segments/" + s.v.Segments[1].ID.String(): {"Kattenberg", "Five Hills", "Ana de Smet 5:00", "Added by Ilse Maes"},
		"/clubs":                               {"WTC De Kattenberg", "3 members", "1 challenge"},
		"/clubs/" + s.v.Club.Slug:              {"We ride on Sundays", "Five Hills", "Bram Claes", "Sign in to join", "not Manage"},
		"/athletes/" + s.v.Ana.ID.String():     {"Ana de Smet", "Bree, Belgium", "Five Hills", "Sunday best", "not Secret training"},
		"/activities/" + s.v.Twice.ID.String(): {"Evening spin", "Bram Claes", "Stage 2 · Kattenberg", "5:20", "not Edit", "not Only you"},
		"/api":                                 {"OpenAPI", "curl " + s.URL},
	} {
		reads(t, visitor, path, words...)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	s := startSeason(t)
	nobody := uuid.NewString()
	for path, status := range map[string]int{
		"/challenges/none": 404, s.challenge + "/stages/none": 404, "/challenges/none/stages/none": 404, "/segments/" + nobody: 404,
		"/segments/x": 404, "/clubs/none": 404, "/athletes/" + nobody: 404, "/athletes/x": 404, "/activities/" + nobody: 404,
		"/activities/x": 404, s.active + "?category=Nobody": 404, s.active + "?athlete=x": 404, s.active + "?offset=x": 400,
		s.active + "?offset=-1": 400, "/segments?bbox=1,2": 400, "/segments?bbox=a,b,c,d": 400, "/segments?bbox=9,0,1,0": 400,
		"/segments?cursor=zz": 422, "/challenges?cursor=zz": 422, s.challenge + "/feed?before=zz": 422, "/challenges/%FF": 404,
		s.challenge + "/calendar.ics": 200, "/challenges/none/calendar.ics": 404, "/challenges/none/competitors.csv": 404,
		s.active + "/results.csv?category=Nobody": 404, "/dashboard": 303, "/segments/" + nobody + "/segment.gpx": 404,
	} {
		page := s.Visitor().Get(path)
		if page.Status != status {
			t.Errorf("%s answers %d, want %d: %s", path, page.Status, status, page.Text())
		}
		if status >= 400 && !page.Has("To the challenges") {
			t.Errorf("%s isn't a page that leads on: %s", path, page.Text())
		}
	}
}

func TestAMysteryIsKept(t *testing.T) {
	s := startSeason(t)
	told := func(b *webtest.Browser) (where []string) {
		for _, path := range []string{"/", "/challenges", s.challenge, s.challenge + "/feed", s.challenge + "/calendar.ics", s.active, s.mystery,
			"/segments", "/segments?q=geheime", "/clubs/" + s.v.Club.Slug, "/dashboard",
			s.challenge + "/decisions", s.challenge + "/decisions.csv", s.mystery + "/history"} {
			body := b.Get(path).Body
			if strings.Contains(body, "Geheime Muur") || strings.Contains(body, "water tower") || !strings.HasPrefix(path, s.mystery) && path != "/segments?q=geheime" && strings.Contains(body, "geheime") {
				where = append(where, path)
			}
		}
		return where
	}
	secret := "/segments/" + s.v.Segments[2].ID.String()
	for name, b := range map[string]*webtest.Browser{"visitor": s.Visitor(), "competitor": s.SignIn(s.v.Ana)} {
		if where := told(b); where != nil {
			t.Errorf("%s: the mystery is told on %v", name, where)
		}
		for _, path := range []string{s.mystery + "/segment.gpx", secret, secret + "/segment.gpx"} {
			if got := b.Get(path).Status; got != http.StatusNotFound {
				t.Errorf("%s: %s answers %d", name, path, got)
			}
		}
		reads(t, b, s.mystery, "A mystery stage", "Mystery", "not Gradient")
	}
	reads(t, s.SignIn(s.v.Organiser), s.mystery, "Geheime Muur", "Mystery", "Gradient")

	s.Send(stages.Reveal{Head: stages.Head{ID: s.v.Mystery.ID, By: s.v.Organiser.Actor, Now: time.Now()}})
	reads(t, s.Visitor(), s.mystery, "Geheime Muur", "Gradient", "not Mystery")
	if got := s.Visitor().Get(s.mystery + "/segment.gpx"); got.Status != http.StatusOK || !strings.Contains(got.Body, "<trkpt") {
		t.Errorf("a revealed segment's file answers %d", got.Status)
	}
}

func TestAPrivateRideIsItsAthletesAlone(t *testing.T) {
	s := startSeason(t)
	ride := "/activities/" + s.v.Private.ID.String()
	page := reads(t, s.SignIn(s.v.Ana), ride, "Secret training", "Private", "6:30", "Edit")
	if !strings.Contains(page.Body, "map-line") {
		t.Error("Ana doesn't see where she rode")
	}
	for name, b := range map[string]*webtest.Browser{"visitor": s.Visitor(), "Bram": s.SignIn(s.v.Bram), "organiser": s.SignIn(s.v.Organiser)} {
		if got := b.Get(ride).Status; got != http.StatusNotFound {
			t.Errorf("%s: the private ride answers %d", name, got)
		}
		row := reads(t, b, s.past+"?athlete="+s.v.Ana.ID.String(), "6:30", "Counts", "not Secret training")
		if strings.Contains(row.Body, s.v.Private.ID.String()) {
			t.Errorf("%s: the board leads to the private ride", name)
		}
		reads(t, b, "/athletes/"+s.v.Ana.ID.String(), "Sunday best", "not Secret training")
	}
	if !strings.Contains(s.SignIn(s.v.Ana).Get(s.past+"?athlete="+s.v.Ana.ID.String()).Body, ride) {
		t.Error("Ana's own row doesn't lead to her ride")
	}
}

func TestAnUnlistedChallengeIsReachedByItsLink(t *testing.T) {
	s := startSeason(t)
	c := s.Challenge(s.v.Organiser, "Behind the Barn", func(d *challenges.Definition) { d.Private, d.ClubID = true, s.v.Club.ID })
	s.Stage(s.v.Organiser, c, "Barn Door", s.v.Segments[1], nil)
	s.Host(s.v.Organiser, c)
	s.Join(c, s.v.Ana)
	at := "/challenges/" + c.Slug
	page := reads(t, s.Visitor(), at, "Behind the Barn", "Unlisted", "Barn Door", "Ana de Smet")
	if !strings.Contains(page.Body, `name="robots" content="noindex"`) {
		t.Error("search engines may list it")
	}
	for name, b := range map[string]*webtest.Browser{"visitor": s.Visitor(), "stranger": s.SignIn(s.v.Stranger)} {
		for _, path := range []string{"/", "/challenges", "/challenges?q=barn", "/clubs/" + s.v.Club.Slug, "/athletes/" + s.v.Ana.ID.String(),
			"/segments/" + s.v.Segments[1].ID.String(), "/activities/" + s.v.Twice.ID.String()} {
			if p := b.Get(path); strings.Contains(p.Text(), "Barn") {
				t.Errorf("%s: it's told of on %s", name, path)
			}
		}
	}
	reads(t, s.SignIn(s.v.Ana), "/challenges?mine=true", "Behind the Barn", "Joined")
	reads(t, s.SignIn(s.v.Organiser), "/challenges", "Behind the Barn")
}

func TestADraftIsItsOrganisersAlone(t *testing.T) {
	s := startSeason(t)
	c := s.Challenge(s.v.Organiser, "Not Yet", nil)
	at := "/challenges/" + c.Slug
	for _, path := range []string{at, at + "/feed", at + "/competitors", at + "/calendar.ics"} {
		if got := s.SignIn(s.v.Ana).Get(path).Status; got != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got)
		}
	}
	reads(t, s.SignIn(s.v.Organiser), at, "Not Yet", "Draft", "Organise", "No stages yet")
}

func TestJoining(t *testing.T) {
	s := startSeason(t)
	clubsOwn := s.Challenge(s.v.Organiser, "Club's Own", func(d *challenges.Definition) { d.ClubID, d.RestrictedToClubMembers = s.v.Club.ID, true })
	s.Stage(s.v.Organiser, clubsOwn, "Heideheuvel", s.v.Segments[0], nil)
	s.Host(s.v.Organiser, clubsOwn)
	reads(t, s.Visitor(), s.challenge, "Sign in to join", "not becomes public")
	reads(t, s.SignIn(s.v.Stranger), s.challenge, "This becomes public", "The results of your private activities too", "The rules")
	reads(t, s.SignIn(s.v.Ana), s.challenge, "You: 5:00, 1st", "Leave the challenge", "not This becomes public")
	reads(t, s.SignIn(s.v.Stranger), "/challenges/"+clubsOwn.Slug, "This challenge is for members of its club", "Join WTC De Kattenberg first", "not This becomes public")
	reads(t, s.SignIn(s.v.Bram), "/challenges/"+clubsOwn.Slug, "This becomes public", "Nothing of your private activities")

	stranger := s.SignIn(s.v.Stranger)
	if got := stranger.Post(s.challenge+"/join", url.Values{}); got.Status != http.StatusSeeOther {
		t.Fatalf("joining answers %d: %s", got.Status, got.Text())
	}
	reads(t, stranger, s.challenge, "5 athletes", "Zoë Janssens", "Leave the challenge")
}

func TestProfilesAreShownAsTheirAthletesWant(t *testing.T) {
	s := startSeason(t)
	chloe := "/athletes/" + s.v.Chloe.ID.String()
	reads(t, s.Visitor(), chloe, "Chloé Martin", "This profile isn't shown", "not Five Hills", "not Ride of")
	reads(t, s.SignIn(s.v.Bram), chloe, "This profile isn't shown")
	reads(t, s.SignIn(s.v.Chloe), chloe, "Five Hills", "Ride of Chloé Martin", "1.8 mi")
}

func TestAMemberReadsTheirOwn(t *testing.T) {
	s := startSeason(t)
	reads(t, s.SignIn(s.v.Ana), "/dashboard", "Hello, Ana", "2 · Kattenberg", "1st of 3, 1 try", "3 · Mystery stage", "Sunday best", "Secret training", "Five Hills")
	dirk := s.SignIn(s.v.Dirk)
	reads(t, dirk, "/dashboard", "you have no time yet", "Turned off too early", "No stage of yours lies on it.")
	page := reads(t, dirk, s.active, "Why is my ride missing?", "Turned off too early", "Start found, finish missed", "The ride leaves here")
	if !strings.Contains(page.Body, "map-mark-miss") || !strings.Contains(page.Body, "map-track") {
		t.Error("the map doesn't show where the ride failed")
	}
	reads(t, dirk, "/activities/"+s.v.Missed.ID.String(), "What doesn't count, and why", "finish missed", "Edit", "Delete")
	reads(t, s.SignIn(s.v.Chloe), s.active, "mph", "1.4 mi", "You")
	reads(t, s.SignIn(s.v.Stranger), "/dashboard", "No stage to ride", "No ride yet")

	s.Ride(s.v.Dirk, webtest.Ride{Line: webtest.Hill(1), Start: webtest.Day(-1, 15*time.Hour).In(webtest.Zone), Time: 330 * time.Second, Type: sport.Run, Name: "Ran it"})
	reads(t, dirk, s.active, "Run activities don't count in this challenge (Ride, Gravel ride do).")
	reads(t, s.Visitor(), s.active+"?athlete="+s.v.Dirk.ID.String(), "not Run activities")
}

func TestNumbersOfAFinalStageAreFinal(t *testing.T) {
	s := startSeason(t)
	s.Send(stages.Approve{Head: stages.Head{ID: s.v.Past.ID, By: s.v.Organiser.Actor, Now: time.Now()}, Message: "Well **ridden**, Bram! <script>alert(1)</script>"})
	page := reads(t, s.Visitor(), s.past, "Final", "Well ridden", "not Provisional")
	if strings.Contains(page.Body, "<script>") || strings.Contains(page.Body, "data-live=") {
		t.Error("the message brings script, or a final board is watched")
	}
	reads(t, s.Visitor(), s.challenge, "Bram Claes wins Open on Heideheuvel", "Final")
}

func TestFilesToTakeAlong(t *testing.T) {
	s := startSeason(t)
	for path, want := range map[string]struct{ contentType, part string }{
		s.challenge + "/calendar.ics":                               {"text/calendar; charset=utf-8", "SUMMARY:Five Hills: stage 2\\, Kattenberg\r\n"},
		s.challenge + "/competitors.csv":                            {"text/csv; charset=utf-8", ",Chloé Martin,Open,"},
		s.active + "/results.csv":                                   {"text/csv; charset=utf-8", "\n1," + s.v.Ana.ID.String() + ",Ana de Smet,300,,1,"},
		s.active + "/results.csv?category=Men":                      {"text/csv; charset=utf-8", "\n1," + s.v.Bram.ID.String() + ",Bram Claes,320,,2,"},
		s.challenge + "/standings.csv?category=Men":                 {"text/csv; charset=utf-8", "\n1," + s.v.Bram.ID.String() + ",Bram Claes,"},
		s.active + "/efforts.csv":                                   {"text/csv; charset=utf-8", "," + s.v.Ana.ID.String() + ",Ana de Smet,"},
		s.active + "/segment.gpx":                                   {"application/gpx+xml", "<name>Kattenberg</name>"},
		"/segments/" + s.v.Segments[0].ID.String() + "/segment.gpx": {"application/gpx+xml", "<ele>"},
	} {
		got := s.Visitor().Get(path)
		if got.Status != http.StatusOK || got.Header.Get("Content-Type") != want.contentType || !strings.Contains(got.Body, want.part) {
			t.Errorf("%s answers %d, %s without %q:\n%.600s", path, got.Status, got.Header.Get("Content-Type"), want.part, got.Body)
		}
		if !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment;") {
			t.Errorf("%s isn't a file to save", path)
		}
	}
	formula := s.Athlete("=HYPERLINK(1) Evil", sport.Male, nil)
	s.Join(s.v.Challenge, formula)
	if got := s.Visitor().Get(s.challenge + "/competitors.csv").Body; !strings.Contains(got, ",'=HYPERLINK(1) Evil,") {
		t.Errorf("a name is a formula:\n%s", got)
	}
}
