package main

import (
	"time"

	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/sport"
)

// standingsMove: an athlete brings a ride, and in other browsers the points of the challenge move: for a rider who loses a
// place, and keeps place and focus in the page meanwhile; and on the challenge's own page.
func standingsMove(j journey) {
	organiser, nele := j.Athlete("Ilse Maes", sport.Female, nil), j.Athlete("Nele Peeters", sport.Female, nil)
	hill := j.newGround(organiser, "Paterberg", 12)
	challenge, stage := j.contest(organiser, "Points on the hill", hill)
	ride, truth := hill.ride(21, yesterday(), simulate.Rider{})
	riders := j.Crowd(organiser, challenge, stage, 11, truth.Took(hill.climb)+30*time.Second) // ten of them have points
	j.Join(challenge, nele)
	j.Settled()
	row := func(id string) string { return `document.getElementById("row-` + id + `")?.` }

	eighth := j.reader(phone, &riders[7])
	place := settleDown(eighth, challengePath(challenge)+"/standings?category=Open", "", riders[4].ID.String())
	eighth.Until(row(riders[7].ID.String()) + `dataset.value === "3"`)
	passer := j.reader(desk, nil)
	passer.Go(challengePath(challenge) + "#standings")
	passer.Until(row(riders[9].ID.String()) + `dataset.value === "1"`)
	passer.Until(`document.querySelector('[data-live-state="live"]')`)

	athlete := j.reader(phone, &nele)
	athlete.Go("/upload")
	athlete.Attach("#f-files", j.save("points.fit", ride))
	athlete.Sees("Points on the hill: 1st, your best")

	for _, watcher := range []interface{ Until(string) }{eighth, passer} {
		watcher.Until(row(nele.ID.String()) + `dataset.rank === "1"`)
		watcher.Until(row(nele.ID.String()) + `dataset.value === "15"`)
		watcher.Until(row(riders[0].ID.String()) + `dataset.value === "12"`)
		watcher.Until(`!document.getElementById("row-` + riders[9].ID.String() + `")`) // out of the points
	}
	eighth.SeesIn("tr.own", "Rider Number008")
	eighth.Until(`document.querySelector("tr.own").dataset.rank === "9" && document.querySelector("tr.own").dataset.value === "2"`)
	eighth.Until(`document.getElementById("live-status").textContent.includes("You are 9th.")`)
	place.kept()
}
