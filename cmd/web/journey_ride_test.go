package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"segmentchallenge/internal/activities/simulate"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/browsertest"
)

// rideAndWatch: somebody new registers by mail, joins, and brings a ride; meanwhile somebody else watches the board, opened
// in places, and loses the connection for a while.
func rideAndWatch(j journey) {
	organiser := j.Athlete("Ilse Maes", sport.Female, nil)
	hill := j.newGround(organiser, "Kattenberg", 1)
	challenge, stage := j.contest(organiser, "Spring on the hill", hill)
	ride, truth := hill.ride(7, yesterday(), simulate.Rider{})
	took := truth.Took(hill.climb)
	riders := j.Crowd(organiser, challenge, stage, 40, took+30*time.Second)
	j.Clock(organiser, stage, riders[5], took-20*time.Second)
	j.Settled()

	line := newWire(j, j.URL)
	watcher := j.reader(deskExpecting("WebSocket", "ERR_"), nil)
	watcher.Site = line.URL
	place := settleDown(watcher, stagePath(stage), riders[5].ID.String(), riders[20].ID.String())

	athlete := j.reader(phone, nil)
	register(athlete)
	join(athlete, challengePath(challenge), "Spring on the hill")
	athlete.Press("Upload a ride")
	athlete.At("/upload")
	athlete.Drop(".dropzone-area", j.save("morning.fit", ride))
	athlete.Sees("Stage 1 · Kattenberg", "Spring on the hill: 2nd, your best")
	shown := resultNear(athlete, took)
	id := browsertest.Value[string](j, athlete.Tab, "document.documentElement.dataset.me")

	watcher.Until(`document.getElementById("row-` + id + `")?.dataset.rank === "2"`)
	watcher.SeesIn("#row-"+id, "Nele Peeters")
	watcher.SeesIn("#row-"+id, shown)
	watcher.Until(`document.getElementById("live-status").textContent.includes("Nele Peeters is 2nd")`)
	place.kept()

	line.Cut(true)
	watcher.SeesIn("[data-live-state]", "Reconnecting")
	j.Clock(organiser, stage, riders[30], took-40*time.Second)
	line.Cut(false)
	watcher.Until(`document.querySelector("[data-board] tbody tr").id === "row-` + riders[30].ID.String() + `"`)
	watcher.SeesIn("#row-"+id, "3")
	watcher.SeesIn("[data-live-state]", "Live")
	place.kept()

	athlete.Go(stagePath(stage))
	athlete.SeesIn("tr.own", "Nele Peeters")
	athlete.SeesIn("tr.own", "You")
	second, _ := hill.ride(8, yesterday().Add(-24*time.Hour), simulate.Rider{Flat: 7})
	third, _ := hill.ride(9, yesterday().Add(-48*time.Hour), simulate.Rider{Flat: 6.5})
	athlete.Go("/upload")
	athlete.Attach("#f-files", j.save("tuesday.gpx", second), j.save("monday.tcx", third), j.save("again.fit", ride))
	athlete.Until(`document.querySelectorAll("[data-upload-list] .upload-done").length === 2`)
	athlete.Sees("Spring on the hill: you have been faster")
	athlete.Until(`document.querySelectorAll("[data-upload-list] .upload-known").length === 1`)
	athlete.Press("Morning ride")
	athlete.Until(`location.pathname.startsWith("/activities/")`)
	athlete.Sees("Stage 1 · Kattenberg")
}

// resultNear is the time that the page shows for the ride that was just brought. It must be the true one to two seconds:
// the device was metres off.
func resultNear(r *browsertest.Reader, took time.Duration) string {
	r.Helper()
	shown := browsertest.Value[string](r, r.Tab, `document.querySelector(".upload-results .value").innerText.trim()`)
	minutes, seconds, _ := strings.Cut(shown, ":")
	read, err := time.ParseDuration(minutes + "m" + seconds + "s")
	if err != nil || (read-took).Abs() > 2*time.Second {
		r.Errorf("the page says %q, the climb took %v (%v)", shown, took, err)
	}
	return shown
}

func register(r *browsertest.Reader) {
	r.Helper()
	r.Go("/sign-in")
	signInByMail(r, newAddress("Nele"))
	r.At("/register")
	r.Type("First name", "Nele")
	r.Type("Last name", "Peeters")
	r.Choose("Category", "Women")
	r.Type("Time zone", "Europe/Brussels")
	r.Press("Register")
	r.Sees("Welcome, Nele!")
}

func join(r *browsertest.Reader, path, name string) {
	r.Helper()
	r.Go(path)
	r.Press("Join")
	r.Sees("Join "+name, "This becomes public")
	r.PressOn("dialog button[type=submit]")
	r.Sees("You're in.")
}

// seat is how somebody looks at a board: with a row opened, the focus on another, scrolled to a place.
type seat struct {
	*browsertest.Reader
	opened, focused string
	scrolled        float64
}

// settleDown opens a page with a board, and waits until it's live. opened is "" where rows don't open.
func settleDown(r *browsertest.Reader, path, opened, focused string) seat {
	r.Helper()
	r.Go(path)
	if opened != "" {
		r.PressOn(`[data-row-more="more-` + opened + `"]`)
		r.Until(`document.getElementById("more-` + opened + `")`)
	}
	if err := chromedp.Do(r.Tab, chromedp.Focus("#row-"+focused+" .who-name a")); err != nil {
		r.Fatal(err)
	}
	at := browsertest.Value[float64](r, r.Tab, `(window.stayed = true, scrollTo({top: 600, behavior: "instant"}), scrollY)`)
	if at < 100 {
		r.Fatalf("the page can't be scrolled: %v", at)
	}
	r.Until(`document.querySelector('[data-live-state="live"]')`)
	return seat{r, opened, focused, at}
}

// kept checks that all is as it was, after an update.
func (s seat) kept() {
	s.Helper()
	for what, script := range map[string]string{
		"the page wasn't loaded anew":   `window.stayed === true`,
		"the opened row stays open":     fmt.Sprintf(`%q === "" || document.getElementById("row-%[1]s").nextElementSibling?.id === "more-%[1]s"`, s.opened),
		"the focus stays on its row":    `document.activeElement.closest("tr")?.id === "row-` + s.focused + `"`,
		"the page stays where it stood": fmt.Sprintf(`scrollY === %v`, s.scrolled),
	} {
		if !browsertest.Value[bool](s, s.Tab, script) {
			s.Errorf("not so: %s (%s)", what, strings.TrimSpace(script))
		}
	}
}
