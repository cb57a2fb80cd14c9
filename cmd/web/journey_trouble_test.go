package main

import (
	"bytes"
	"os"
	"strings"

	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

// whatGoesWrong: files that are no rides, forms sent twice, the back button, pages that are out of date, and addresses that
// lead nowhere. Each has its own words, and nothing happens twice.
func whatGoesWrong(j journey) {
	ilse, bram := j.Athlete("Ilse Maes", sport.Female, nil), j.Athlete("Bram Claes", sport.Male, nil)
	hill := j.newGround(ilse, "Bosberg", 60)
	challenge, _ := j.contest(ilse, "Trouble on the hill", hill)
	r := j.reader(deskExpecting("404", "403", "422", "400", "413"), &bram)
	wrongFiles(j, r, hill)
	twiceAndBack(j, r)
	twoTabs(r, challengePath(challenge))
	refusedForms(r)
	nowhere(r, challengePath(challenge))
}

func wrongFiles(j journey, r *browsertest.Reader, hill ground) {
	r.Helper()
	ride, _ := hill.ride(5, yesterday(), simulate.Rider{})
	whole := readFile(j, j.save("whole.fit", ride))
	r.Go("/upload")
	for _, file := range []struct{ name, words string }{
		{j.saveBytes("letter.txt", []byte("Dear club")), "This isn't an activity file."},
		{j.saveBytes("empty.gpx", nil), "This file is empty."},
		{j.saveBytes("header.fit", whole[:20]), "ends before anything was recorded"},
		{j.saveBytes("broken.gpx", []byte(`<?xml version="1.0"?><gpx version="1.1"><trk><trkseg><trkpt lat="1`)), "ends in the middle"},
		{j.saveBytes("huge.gpx", bytes.Repeat([]byte(" "), 51<<20)), "larger than 50 MB"},
	} {
		r.Attach("#f-files", file.name)
		r.SeesIn("[data-upload-list] article", file.words)
	}
	r.Attach("#f-files", j.saveBytes("half.fit", whole[:len(whole)*9/10]))
	r.SeesIn("[data-upload-list] article.upload-done", "What was recorded up to there was taken.") // what was recorded until then is taken, and said so
}

func readFile(j journey, path string) []byte {
	j.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		j.Fatal(err)
	}
	return data
}

// twiceAndBack presses a button twice, and sends a form again after going back to it: with script, which lets the second
// press go nowhere, and without, where the program knows the form again.
func twiceAndBack(j journey, r *browsertest.Reader) {
	r.Helper()
	plain := phone
	plain.NoScript = true
	ilse := j.Athlete("Ilse Maes", sport.Female, nil)
	for name, reader := range map[string]*browsertest.Reader{"Once with script": r, "Once without": j.reader(plain, &ilse)} {
		reader.Go("/clubs/new")
		reader.Type("Name", name)
		reader.PressTwice("Found the club")
		reader.Until(`location.pathname.startsWith("/clubs/once-")`)
		reader.Sees(name)
		reader.Back()
		reader.Sees("Found a club")
		reader.Type("Name", name)
		reader.Press("Found the club")
		reader.Sees(name + " has been founded already.")
		clubs, _, err := readmodel.Clubs(j.Context(), j.Pool, readmodel.ClubFilter{Query: name})
		if err != nil || len(clubs) != 1 {
			j.Errorf("%s: %d clubs, want one (%v)", name, len(clubs), err)
		}
	}
}

// twoTabs does in one tab what the other doesn't know of.
func twoTabs(r *browsertest.Reader, challenge string) {
	r.Helper()
	other := r.SecondTab(desk)
	r.Go(challenge)
	other.Go(challenge)
	join(r, challenge, "Trouble on the hill")
	other.Press("Join")
	other.PressOn("dialog[open] button[type=submit]")
	other.Sees("You're in already.")
	other.Go("/settings")
	r.Go("/settings")
	r.PressOn("#site-menu summary")
	r.Press("Sign out")
	r.At("/")
	other.Type("Town", "Bree")
	other.Press("Save")
	other.At("/sign-in")
	other.Sees("We send a link to your e-mail address.")
}

// refusedForms are shown again with what was typed and why it was refused, and the list of problems has the focus.
func refusedForms(r *browsertest.Reader) {
	r.Helper()
	r.Go("/sign-in")
	signInByMail(r, newAddress("Tom"))
	r.At("/register")
	r.Type("First name", "Tom")
	r.Type("Last name", "Mertens")
	r.Type("Year of birth", "1850")
	r.Type("Time zone", "Europe/Atlantis")
	r.Press("Register")
	r.Sees("Something is missing")
	r.Until(`document.activeElement.matches(".error-summary")`)
	r.SeesIn("#f-birthYear-error", "That can't be the year of your birth.")
	r.SeesIn("#f-timeZone-error", "There is no such time zone.")
	r.Until(`document.getElementById("f-firstName").value === "Tom" && document.getElementById("f-birthYear").value === "1850"`)
	r.Type("Year of birth", "1985")
	r.Type("Time zone", "Europe/Brussels")
	r.Press("Register")
	r.Sees("Welcome, Tom!")
	r.Go("/challenges/new")
	r.Type("Name", "Backwards")
	r.Type("Starts", typed(webtest.Days(5, 6).Start))
	r.Type("Ends", typed(webtest.Days(2, 3).End))
	r.Type("Time zone", "Europe/Brussels")
	r.Press("Create the draft")
	r.Sees("This needs another look")
	r.SeesIn("#f-endLocal-error", "end")
	r.Until(`document.getElementById("f-name").value === "Backwards"`)
}

// nowhere are addresses that lead nowhere, or not for this reader.
func nowhere(r *browsertest.Reader, challenge string) {
	r.Helper()
	for _, page := range []struct{ path, title, words string }{
		{"/nowhere", "Nothing here", "There is no page at this address."},
		{"/challenges/nowhere", "Nothing here", "challenge"},
		{challenge + "/stages/nowhere", "Nothing here", "stage"},
		{"/segments/not-an-id", "Nothing here", "segment"},
		{"/athletes/0197f6f0-0000-7000-8000-000000000000", "Nothing here", "athlete"},
		{"/clubs/nowhere", "Nothing here", "club"},
		{challenge + "/organise", "That isn't yours to do", "organiser"},
		{challenge + "/stages/bosberg?offset=many", "That can't be read", "offset"},
	} {
		r.Go(page.path)
		r.Sees(page.title)
		if text := r.Text(); !strings.Contains(strings.ToLower(text), strings.ToLower(page.words)) {
			r.Errorf("%s doesn't say %q: %s", page.path, page.words, text)
		}
	}
}
