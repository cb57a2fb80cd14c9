package main

import (
	"fmt"

	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

// hostChallenge: somebody founds a club, makes segments in all three ways, plans a challenge of three stages, hosts it, ends
// and approves stages; and meets the words for what can't be done twice.
func hostChallenge(j journey) {
	ilse := j.Athlete("Ilse Maes", sport.Female, nil)
	climber := j.Athlete("Bram Claes", sport.Male, nil)
	r := j.reader(deskExpecting("422"), &ilse)
	club := foundClub(r)
	cut, gpx, line := makeSegments(j, r, 20)

	r.Go("/challenges/new")
	r.Type("Name", "Three hills")
	r.Type("Description", "Ride **all three**.")
	r.Type("Starts", typed(webtest.Days(-20, 20).Start))
	r.Type("Ends", typed(webtest.Days(-20, 20).End))
	r.Type("Time zone", webtest.TimeZone)
	r.Choose("Hosting club", club)
	r.Press("Create the draft")
	r.Sees("The draft is saved. Now its first stage")
	r.Until(`location.pathname.endsWith("/stages/new")`)
	organise := "/challenges/three-hills/organise"
	r.Press(cut)
	addStage(r, webtest.Days(-20, -8), "Mountain")
	pickNext(r, gpx)
	addStage(r, webtest.Days(-7, 3), "Rolling")
	r.Press("Host it")
	r.Sees("Host Three hills?")
	r.PressOn("dialog[open] button[type=submit]")
	r.Sees("The last stage must end when the challenge ends")
	pickNext(r, line)
	addStage(r, webtest.Days(4, 20), "Flat")
	r.Press("Host it")
	r.PressOn("dialog[open] button[type=submit]")
	r.Sees("It's open: pass its address on.")
	r.At(organise)

	j.competeIn(r, climber)
	r.PressOn(`#stage-2 a[href="#f-stage-2-end"]`)
	r.Sees("End " + gpx + " now?")
	r.PressOn("dialog[open] button[type=submit]")
	r.Sees(gpx + " has ended.")
	approve(j, r, cut, gpx)
}

func foundClub(r *browsertest.Reader) string {
	r.Helper()
	r.Go("/clubs")
	r.Press("Found a club")
	r.At("/clubs/new")
	r.Type("Name", "WTC De Kattenberg")
	r.Type("Description", "We ride on *Sundays*.")
	r.Press("Found the club")
	r.Sees("WTC De Kattenberg is founded")
	return "WTC De Kattenberg"
}

// makeSegments cuts one out of a ride that is uploaded for it, and brings two others as a GPX file and as a polyline.
func makeSegments(j journey, r *browsertest.Reader, seed uint64) (cut, gpx, line string) {
	r.Helper()
	scouted, mapped, drawn := newRoad(seed), newRoad(seed+1), newRoad(seed+2)
	ride, _ := scouted.ride(3, yesterday(), simulate.Rider{})
	r.Go("/upload")
	r.Attach("#f-files", j.save("scouting.gpx", ride))
	if browsertest.Value[bool](j, r.Tab, `document.querySelector("[data-dropzone] button").checkVisibility()`) {
		r.Press("Upload") // without script; with it, files go as soon as they are chosen
	}
	r.Sees("No stage on this ride")

	r.Go("/segments/new")
	r.Press("Morning ride")
	r.Sees("Cut a segment")
	r.Type("Starts after", fmt.Sprintf("%.2f", scouted.climb.From/1000))
	r.Type("Ends after", fmt.Sprintf("%.2f", scouted.climb.To/1000))
	r.Press("Preview")
	r.SeesIn("#cut-result", "Its profile")
	cut = saveSegment(r, "Col du Chat")

	climb, _ := mapped.ride(4, yesterday(), simulate.Rider{})
	climb.Track = mapped.road.Part(mapped.climb)
	r.Go("/segments/new")
	r.Attach("#f-file", j.save("climb.gpx", climb))
	r.PressOn("#gpx button")
	r.Sees("Is this the line?", "Its profile")
	gpx = saveSegment(r, "Côte du Moulin")

	r.Go("/segments/new")
	r.Type("Polyline", lineOf(drawn).Polyline())
	r.PressOn("#polyline button")
	r.Sees("Is this the line?", "Nothing is known of its heights")
	return cut, gpx, saveSegment(r, "Route des Vins")
}

// newRoad is a road that nobody has a segment on yet; each seed has its own place.
func newRoad(seed uint64) ground {
	g := ground{road: simulate.Way(seed, simulate.Landscape{Lat: 40 + float64(seed)*0.2, Lon: 6, Length: 5000, Hills: 1, Height: 100})}
	g.climb = g.road.Climbs[0]
	return g
}

func lineOf(g ground) (line segments.Line) {
	for _, p := range g.road.Part(g.climb) {
		line = append(line, segments.LatLon{Lat: p.Lat, Lon: p.Lon})
	}
	return line
}

func saveSegment(r *browsertest.Reader, name string) string {
	r.Helper()
	r.Type("Name", name)
	r.Press("Save the segment")
	r.Sees(name + " is in the library")
	return name
}

func pickNext(r *browsertest.Reader, segment string) {
	r.Helper()
	r.Press("Add a stage")
	r.Sees("Over which segment?")
	r.Press(segment)
}

// addStage fills in the form in which the segment is chosen already.
func addStage(r *browsertest.Reader, w sport.Window, kind string) {
	r.Helper()
	r.Sees("A new stage")
	r.Type("Starts", typed(w.Start))
	r.Type("Ends", typed(w.End))
	r.Tick(kind)
	r.Press("Add the stage")
	r.Sees("is in the plan.")
}

// typed is a moment as an input for date and time holds it.
func typed(l sport.Local) string { return l.AsUTC().Format("2006-01-02T15:04") }

// competeIn lets somebody join the challenge whose desk is open, who is seen there.
func (j journey) competeIn(r *browsertest.Reader, a webtest.Athlete) {
	j.Helper()
	rider := j.reader(phone, &a)
	join(rider, "/challenges/three-hills", "Three hills")
	r.Go(r.Path() + "?show=athletes")
	r.Sees(a.Name)
	r.Go(r.Path())
}

// approve makes two stages final, tries it twice from a page that is out of date, and in the wrong order.
func approve(j journey, r *browsertest.Reader, first, second string) {
	stale, desk := r.SecondTab(deskExpecting("422")), r.Path()
	look := func(r *browsertest.Reader, n int, name string) {
		r.Helper()
		r.PressOn(fmt.Sprintf(`#stage-%d a[href$="/organise/approve"]`, n))
		r.Sees("Make "+name+" final", "Before you do", "Who moves")
	}
	confirm := func(r *browsertest.Reader) { r.Helper(); r.PressOn("#do button[type=submit]") }
	stale.Go(desk)
	look(stale, 2, second)
	stale.Sees("Stages are made final in their order.")
	confirm(stale)
	stale.Sees("That doesn't go", "Stages are approved in their order. Approve the earlier ones first.")
	stale.Go(desk)
	look(stale, 1, first)
	look(r, 1, first)
	confirm(r)
	r.Sees("The results of " + first + " are final.")
	confirm(stale)
	stale.Sees("The results of this stage have been approved already.")
	look(r, 2, second)
	confirm(r)
	r.Sees("The results of " + second + " are final.")
	r.Press("2. " + second)
	r.Sees("Final")
}
