package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/web/webtest"
	"segmentchallenge/internal/zones"
)

func TestPrivacyZones(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	bram, visitor, ride := s.SignIn(s.v.Bram), s.Visitor(), "/activities/"+s.v.Twice.ID.String()
	reads(t, bram, "/settings", "Privacy zones")
	reads(t, bram, "/settings/zones", "No zone yet", "The start of Evening spin", "The end of Evening spin")
	whole := visitor.Get(ride)
	if !strings.Contains(whole.Body, "<svg") || whole.Has("isn't shown to others") {
		t.Fatalf("others don't see the ride at first:\n%s", whole.Text())
	}

	// Around where the ride starts: 300 m before the hill's foot.
	track, err := s.Importer.Track(t.Context(), s.v.Twice.ID)
	if err != nil {
		t.Fatal(err)
	}
	door := fmt.Sprintf("%.5f, %.5f", track[0].Lat, track[0].Lon)
	leads(t, bram, "/settings/zones", url.Values{"name": {"Home"}, "around": {door}, "place": {""}, "radius": {"200"}}, "/settings/zones",
		"Home", "200 m around", "Hides a part of 2 of your latest 3 rides.", "not The start of Evening spin")
	for who, by := range map[string]actor.Actor{"a visitor": {}, "another": s.v.Ana.Actor, "the organiser": s.v.Organiser.Actor, "an administrator": {AthleteID: s.v.Stranger.ID, Admin: true}} {
		seen, err := s.Importer.ShownTrack(t.Context(), by, s.v.Twice.ID, s.v.Bram.ID)
		if err != nil || len(seen) != len(track) || seen.Count(activities.HasPosition) >= len(track) || seen[0].Is(activities.HasPosition) {
			t.Errorf("%s sees %d of %d points, %v", who, seen.Count(activities.HasPosition), len(track), err)
		}
	}
	if seen, err := s.Importer.ShownTrack(t.Context(), s.v.Bram.Actor, s.v.Twice.ID, s.v.Bram.ID); err != nil || seen.Count(activities.HasPosition) != len(track) {
		t.Errorf("Bram sees %d of his %d points, %v", seen.Count(activities.HasPosition), len(track), err)
	}
	reads(t, bram, ride, "Others see this without what lies in your privacy zones")
	if page := visitor.Get(ride); page.Body == whole.Body || !strings.Contains(page.Body, "<svg") || page.Has("privacy zones") {
		t.Error("a visitor's page is as it was, or has no map at all, or tells of zones")
	}
	reads(t, visitor, s.active, "Bram Claes", "5:20") // results stay

	// A segment can't be cut out of what is hidden.
	ana := s.SignIn(s.v.Ana)
	if page := ana.Get("/segments/new?activity=" + s.v.Twice.ID.String()); page.Status == http.StatusOK && strings.Contains(page.Body, door[:7]) {
		t.Error("the page to cut a segment tells where the ride starts")
	}
	for who, by := range map[string]webtest.Athlete{"Ana": s.v.Ana, "Bram": s.v.Bram} {
		line, _, err := s.Importer.GeometryOfActivity(t.Context(), by.Actor, s.v.Twice.ID, 0, 60)
		fromDoor := activities.Metres(track[0], activities.At(line.Start[0], line.Start[1]))
		if err != nil || who == "Ana" && fromDoor < 200 || who == "Bram" && fromDoor > 20 {
			t.Errorf("the segment that %s cuts begins %.0f m from Bram's door, %v", who, fromDoor, err)
		}
	}

	// All of it, and nothing again.
	middle := track[len(track)/2]
	leads(t, bram, "/settings/zones", url.Values{"place": {fmt.Sprintf("%.4f,%.4f", middle.Lat, middle.Lon)}, "radius": {"2000"}}, "/settings/zones", "Zone 2", "2.0 km")
	reads(t, visitor, ride, "Its track isn't shown to others.")
	mine, err := zones.Store{Pool: s.Pool}.Of(t.Context(), s.v.Bram.ID)
	if err != nil || len(mine) != 2 {
		t.Fatal(mine, err)
	}
	refuses(t, ana, "/settings/zones/"+mine[0].ID.String()+"/delete", nil, 404, "There is no such zone")
	refuses(t, bram, "/settings/zones/"+uuid.NewString()+"/delete", nil, 404)
	for _, z := range mine {
		leads(t, bram, "/settings/zones/"+z.ID.String()+"/delete", nil, "/settings/zones", "Deleted")
	}
	if page := visitor.Get(ride); !strings.Contains(page.Body, "<svg") {
		t.Error("the zones are gone, and the ride isn't shown again")
	}
}

func TestBadPrivacyZones(t *testing.T) {
	t.Parallel()
	s := webtest.Start(t)
	ana := s.SignIn(s.Athlete("Ana de Smet", "F", nil))
	for name, c := range map[string]struct {
		form  url.Values
		words string
	}{
		"no place":     {url.Values{"radius": {"400"}}, "Give the place as latitude and longitude"},
		"no numbers":   {url.Values{"radius": {"400"}, "place": {"Kerkstraat 1"}}, "Give the place as latitude and longitude"},
		"one number":   {url.Values{"radius": {"400"}, "place": {"50.85"}}, "Give the place as latitude and longitude"},
		"off the map":  {url.Values{"radius": {"400"}, "place": {"95, 4"}}, "Give the place as latitude and longitude"},
		"not a number": {url.Values{"radius": {"400"}, "place": {"NaN, 4"}}, "Give the place as latitude and longitude"},
		"huge":         {url.Values{"radius": {"50000"}, "place": {"50, 4"}}, "A zone reaches 200 to 2,000 metres"},
		"radius words": {url.Values{"radius": {"far"}, "place": {"50, 4"}}, "A zone reaches 200 to 2,000 metres"},
		"long name":    {url.Values{"radius": {"400"}, "place": {"50, 4"}, "name": {strings.Repeat("x", 500)}}, "at most"},
	} {
		page := refuses(t, ana, "/settings/zones", c.form, 422, c.words)
		if typed := c.form.Get("place"); typed != "" && !strings.Contains(page.Body, typed) {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	reads(t, ana, "/settings/zones", "No zone yet")
	if page := s.Visitor().Get("/settings/zones"); page.Status != http.StatusSeeOther {
		t.Errorf("a visitor: status %d", page.Status)
	}
}
