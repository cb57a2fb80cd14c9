package main

import (
	"strings"
	"time"

	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

// withoutScript: every form works for somebody whose browser runs none, and every page can be read.
func withoutScript(j journey) {
	ilse := j.Athlete("Ilse Maes", sport.Female, nil)
	hill := j.newGround(ilse, "Muur van Huy", 40)
	challenge, stage := j.contest(ilse, "Plain hill", hill)
	ride, truth := hill.ride(5, yesterday(), simulate.Rider{})
	j.Crowd(ilse, challenge, stage, 3, truth.Took(hill.climb)+5*time.Second)
	j.Settled()

	plain := phone
	plain.NoScript = true
	r := j.reader(plain, nil)
	register(r)
	join(r, challengePath(challenge), "Plain hill")
	r.Press("Upload a ride")
	r.At("/upload")
	r.Attach("#f-files", j.save("one.fit", ride), j.saveBytes("notes.txt", []byte("not a ride")))
	r.Press("Upload")
	r.Sees("What became of your files", "Stage 1 · Muur van Huy", "Plain hill: 1st, your best", "notes.txt", "Not taken")
	resultNear(r, truth.Took(hill.climb))
	readBoard(r, stagePath(stage))
	changeSettings(r)
	r.Go(challengePath(challenge))
	r.Press("Leave")
	r.PressOn("dialog:target button[type=submit]")
	r.Sees("You have left.")
	organisePlainly(j, r)
	r.PressOn("#site-menu summary")
	r.Press("Sign out")
	r.At("/")
	r.Sees("Sign in")
}

// readBoard opens a row, and a category, by their links.
func readBoard(r *browsertest.Reader, path string) {
	r.Helper()
	r.Go(path)
	r.SeesIn("tr.own", "Nele Peeters")
	r.PressOn("tr.own [data-row-more]")
	r.SeesIn("tr.more", "Counts")
	r.Press("Women")
	r.Until(`location.search.includes("Women")`)
	r.SeesIn("[data-board]", "Nele Peeters")
	r.Until(`!document.querySelector("[data-board]").textContent.includes("Rider Number")`)
}

func changeSettings(r *browsertest.Reader) {
	r.Helper()
	r.Go("/settings")
	r.Type("Town", "Bree")
	r.Press("Save")
	r.Sees("Saved.")
	r.Tick("Dark")
	r.Press("Use it")
	r.Until(`document.documentElement.dataset.theme === "dark"`)
	r.Type("Name of a new token", "Scoreboard")
	r.Press("Create token")
	r.Sees("Copy it now")
	r.Go("/settings")
	r.PressOn("#tokens .rows button")
	r.Sees("The token works no more.")
}

// organisePlainly goes through the organiser's forms: club, segment, challenge, stage, hosting.
func organisePlainly(j journey, r *browsertest.Reader) {
	r.Helper()
	foundClub(r)
	cut, _, _ := makeSegments(j, r, 50)
	r.Go("/challenges/new")
	r.Type("Name", "Plainly hosted")
	r.Type("Starts", typed(webtest.Days(-2, 5).Start))
	r.Type("Ends", typed(webtest.Days(-2, 5).End))
	r.Type("Time zone", webtest.TimeZone)
	r.Press("Create the draft")
	r.Sees("The draft is saved. Now its first stage")
	r.Press(cut)
	addStage(r, webtest.Days(-2, 5), "Mountain")
	r.Press("Host it")
	r.PressOn("dialog:target button[type=submit]")
	r.Sees("It's open: pass its address on.")
	r.Go(strings.TrimSuffix(r.Path(), "/organise"))
	r.Sees("Plainly hosted", cut)
}
