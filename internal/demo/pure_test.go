package demo

import (
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/web/guard"
)

func TestEverybodyIsSomebodyElse(t *testing.T) {
	c := everybody()
	names, women := map[string]bool{}, len(c.women())
	for _, p := range c.all() {
		if names[p.email] {
			t.Errorf("%s is there twice", p.name)
		}
		names[p.email] = true
		if err := p.profile(); err.FirstName == "" || err.LastName == "" || err.BirthYear < 1950 || err.BirthYear > 2008 {
			t.Errorf("%s says %+v", p.name, err)
		}
		if r := p.rider(); p.foot && (r.Flat < 2.5 || r.Flat > 4.2) || !p.foot && (r.Flat < 6.5 || r.Flat > 10.5) {
			t.Errorf("%s goes %.1f m/s", p.name, r.Flat)
		}
	}
	if len(names) != 60 || women < 18 || women > 26 {
		t.Errorf("%d people, %d women who ride", len(names), women)
	}
}

// Segments are roads that a club would choose: no shorter than a minute or two, none that the engine warns of.
func TestCourses(t *testing.T) {
	for _, c := range segmentCourses {
		if c.segment.From < 1500 || c.segment.To > c.road().Length()-500 {
			t.Errorf("%s leaves no room before and behind", c.name)
		}
		var line segments.Line
		for _, p := range c.road().Part(c.segment) {
			line = append(line, segments.LatLon{Lat: p.Lat, Lon: p.Lon})
		}
		if _, warnings, err := segments.Prepare(line, segments.Options{}); err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v %v", c.name, warnings, err)
		}
	}
}

// Riders make the time that they set out to make.
func TestPaceMeetsItsTarget(t *testing.T) {
	people := everybody()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(append([]*course{millPark}, segmentCourses...)).Draw(t, "course")
		field := people.riders
		if c.foot {
			field = people.runners
		}
		p, seed := rapid.SampledFrom(field).Draw(t, "person"), rapid.Uint64().Draw(t, "seed")
		usual := c.takes(p.rider(), seed)
		target := scaled(usual, rapid.Float64Range(0.8, 1.2).Draw(t, "factor"))
		if got := c.takes(c.pace(p.rider(), seed, target), seed); math.Abs((got - target).Seconds()) > 0.5+target.Seconds()/2000 {
			t.Errorf("%s on %s takes %s instead of %s", p.name, c.name, got, target)
		}
	})
}

func TestNobodyRidesInTwoPlaces(t *testing.T) {
	p, now := &person{name: "Somebody"}, time.Date(2026, 5, 2, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		c, rng := newCalendar(time.UTC), rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var taken []stretch
		for range 30 {
			in := stretch{now.Add(-time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * time.Hour), now.Add(time.Hour)}
			takes := time.Duration(rapid.IntRange(5, 90).Draw(t, "minutes")) * time.Minute
			start, ok := c.book(rng, p, in, takes, now)
			if !ok {
				continue
			}
			if start.Before(in.from) || start.Add(takes).After(now) {
				t.Fatalf("%s in %v", start, in)
			}
			for _, s := range taken {
				if start.Before(s.to) && s.from.Before(start.Add(takes)) {
					t.Fatalf("%s overlaps %v", start, s)
				}
			}
			taken = append(taken, stretch{start, start.Add(takes)})
		}
	})
}

func TestThePaceSlowsDown(t *testing.T) {
	for running, want := range map[time.Duration][2]time.Duration{
		0: {2 * time.Second, 6 * time.Second}, 59 * time.Minute: {2 * time.Second, 6 * time.Second},
		2 * time.Hour: {10 * time.Second, 20 * time.Second}, 48 * time.Hour: {time.Minute, 2 * time.Minute},
	} {
		if got := [2]time.Duration{pace(running, 0), pace(running, 1)}; got != want {
			t.Errorf("after %s: %v, want %v", running, got, want)
		}
	}
}

// The dates of a season fit the rules whatever day it is made on, also when clocks change.
func TestStagesFollowEachOther(t *testing.T) {
	home, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(2026, 1, rapid.IntRange(1, 800).Draw(t, "day"), 0, 0, 0, 0, home)
		s := newSeason(0, day, everybody())
		for _, c := range s.contests() {
			last := c.Window.Start
			for i, l := range c.stages {
				if !l.Window.Within(c.Window) || i > 0 && !l.Window.Start.After(last) {
					t.Errorf("%s, %s: %v", c.Name, l.Name, l.Window)
				}
				last = l.Window.End
			}
			if len(c.stages) > 0 && !last.Equal(c.Window.End) {
				t.Errorf("%s ends at %s, its last stage at %s", c.Name, c.Window.End, last)
			}
		}
		for at := day; at.Before(day.AddDate(0, 0, 1)); at = at.Add(time.Hour) { // what hosting, ending and waiting for approval need
			if since := at.Sub(s.tour.stages[0].Window.End.In(home)); since < 0 || since > 72*time.Hour {
				t.Errorf("the first stage ended %s ago", since)
			}
			if since := at.Sub(s.tour.stages[2].Window.Start.In(home)); since < 3*time.Hour {
				t.Errorf("the running stage began %s ago", since)
			}
		}
	})
}

// Riders wait as long as the site's limit asks them to, and then send the whole request again.
func TestAskedToWait(t *testing.T) {
	g, err := guard.New(guard.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	g.Use(r)
	var bodies []string
	r.With(g.Limit(1, time.Second, nil)).Post("/api/v1/challenges/tour/join", func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies = append(bodies, string(body))
	})
	site := httptest.NewServer(r)
	defer site.Close()
	p := &person{id: uuid.New(), name: "Somebody"}
	c := newClient(site.URL, nil)
	c.tokens[p.id] = "sc_known"
	for range 2 {
		if err := c.join(t.Context(), p, "tour"); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(bodies, []string{"{}", "{}"}) {
		t.Errorf("the site got %q", bodies)
	}
}
