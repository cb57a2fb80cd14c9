package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/fit"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/activities/tcx"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

var (
	phone = browsertest.Options{Width: 360, Height: 800}
	desk  = browsertest.Options{Width: 1280, Height: 900}
)

// deskExpecting is a desk where some errors in the console belong to the story.
func deskExpecting(parts ...string) browsertest.Options {
	o := desk
	o.Expect = parts
	return o
}

// journey is one story that people live through with the program, in a browser of its own within the one that all share.
type journey struct {
	program
	browser *browsertest.Reader
}

// TestJourneys runs the whole program, and has people use it in Chromium. An error in the console (broken script, anything
// that the Content-Security-Policy stops, files that are missing) fails the journey in which it happens.
func TestJourneys(t *testing.T) {
	p := serve(t)
	browser := browsertest.Read(t, p.URL, browsertest.Options{Timeout: 10 * time.Minute})
	for _, story := range []struct {
		name string
		live func(journey)
	}{
		{"an athlete joins, uploads, and a watcher sees it", rideAndWatch},
		{"an effort moves the standings", standingsMove},
		{"an organiser hosts a challenge", hostChallenge},
		{"without script", withoutScript},
		{"what goes wrong", whatGoesWrong},
		{"every page", everyPage},
	} {
		t.Run(story.name, func(t *testing.T) { story.live(journey{program{webtest.Over(t, *p.Site), p.app}, browser}) })
	}
}

// reader is somebody before a screen, signed in as an athlete unless that's nil.
func (j journey) reader(o browsertest.Options, as *webtest.Athlete) *browsertest.Reader {
	j.Helper()
	r := j.browser.Other(j.TB, o)
	if as != nil {
		r.Keep(j.SignIn(*as).Cookies()...)
	}
	return r
}

// ground is a road with a climb, which is a segment.
type ground struct {
	road    simulate.Road
	climb   simulate.Span
	segment readmodel.Segment
}

// newGround makes one; each seed has its own place.
func (j journey) newGround(by webtest.Athlete, name string, seed uint64) ground {
	j.Helper()
	g := ground{road: simulate.Way(seed, simulate.Landscape{Lat: 46 + float64(seed)*0.2, Lon: 7.4, Length: 6000, Hills: 1, Height: 120})}
	g.climb = g.road.Climbs[0]
	g.segment = j.Segment(by, name, g.road.Part(g.climb))
	return g
}

// ride is a ride over the whole road as a device records it: with noise, and samples when it likes.
func (g ground) ride(seed uint64, start time.Time, rider simulate.Rider) (activities.Recording, simulate.Truth) {
	return simulate.Plan{Seed: seed, Road: g.road, Rider: rider, Start: start, Name: "Morning ride",
		Device: simulate.Device{Name: "Roadmate 3", Smart: true, Noise: 2, Barometer: true}}.Ride()
}

// yesterday is when the journeys' riders set out.
func yesterday() time.Time { return webtest.Day(-1, 9*time.Hour).In(webtest.Zone) }

// contest is a hosted challenge with one stage over a ground, which has been on for a week.
func (j journey) contest(by webtest.Athlete, name string, g ground) (readmodel.Challenge, readmodel.Stage) {
	j.Helper()
	c := j.Challenge(by, name, nil)
	s := j.Stage(by, c, g.segment.Name, g.segment, func(d *challenges.StageDefinition) { d.Window = webtest.Days(-7, 20) })
	j.Host(by, c)
	c = j.Reload(by, c.ID)
	if c.Stages[0].Status != sport.Active {
		j.Fatalf("%s: the stage is %s", name, c.Stages[0].Status)
	}
	return c, s
}

func challengePath(c readmodel.Challenge) string { return "/challenges/" + c.Slug }

func stagePath(s readmodel.Stage) string {
	return "/challenges/" + s.ChallengeSlug + "/stages/" + s.Slug
}

// save writes a recording in the format that its name ends in.
func (j journey) save(name string, r activities.Recording) string {
	j.Helper()
	var file bytes.Buffer
	var err error
	switch filepath.Ext(name) {
	case ".fit":
		err = fit.Write(&file, r)
	case ".tcx":
		err = tcx.Write(&file, r)
	case ".gpx":
		err = gpx.Write(&file, r.Name, r.Type, r.Track)
	}
	if err != nil {
		j.Fatal(err)
	}
	return j.saveBytes(name, file.Bytes())
}

func (j journey) saveBytes(name string, data []byte) string {
	j.Helper()
	path := filepath.Join(j.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		j.Fatal(err)
	}
	return path
}

// newAddress is an e-mail address that nobody has.
func newAddress(name string) string {
	return strings.ToLower(name) + "-" + uuid.NewString()[:8] + "@example.org"
}

// signInByMail goes to the mailbox and uses the link. Afterwards the reader is where a new or known athlete is led.
func signInByMail(r *browsertest.Reader, address string) {
	r.Helper()
	r.Type("E-mail address", address)
	r.Press("Send me a link")
	r.Sees("Look into your mail", address)
	r.Press("open its mailbox")
	r.At("/dev/mailbox")
	r.Sees("Sent to " + address)
	r.Press(r.Site + "/sign-in/link")
	r.At("/sign-in/link")
	r.Press("Sign in as " + address)
}
