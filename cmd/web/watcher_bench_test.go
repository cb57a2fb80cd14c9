package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/browsertest"
	"segmentchallenge/internal/web/webtest"
)

const (
	first        = 400 * time.Second      // the leader's time at the start
	boardSize    = 100                    // athletes on the watched board: a whole page of it
	leastSamples = 200                    // for a 99th percentile that isn't the maximum
	betweenTwo   = 500 * time.Millisecond // the change before has been sent, and its row has glided to its place
)

// whenNew sets up a promise of the moment at which an athlete's row has another time than now, in ms of the wall clock.
// An observer is called when the script that brings the update in has ended, so all that it does is in the figure.
const whenNew = `((id) => {
	const time = () => document.getElementById(id)?.dataset.value, was = time();
	window.seen = new Promise((done) => {
		new MutationObserver((_, o) => { if (time() !== was) { o.disconnect(); done(performance.timeOrigin + performance.now()) } })
			.observe(document.querySelector("main"), {subtree: true, childList: true, attributes: true, characterData: true});
	});
	return was;
})`

// BenchmarkWatcherSeesEffort measures from the moment at which an effort is accepted (its event is in the log) until the
// new row stands in the page of somebody who watches a board of 100 rows in Chromium: reaction, read model, rendering,
// WebSocket and script. Nothing else goes on, but program, PostgreSQL and browser share the machine, and its clock.
func BenchmarkWatcherSeesEffort(b *testing.B) {
	p := serve(b)
	organiser := p.Athlete("Ilse Maes", sport.Female, nil)
	challenge := p.Challenge(organiser, "Hill of the year", nil)
	stage := p.Stage(organiser, challenge, "Kattenberg", p.Segment(organiser, "Kattenberg", webtest.Hill(1)),
		func(d *challenges.StageDefinition) { d.Window = webtest.Days(-20, 20) })
	p.Host(organiser, challenge)
	riders := p.Crowd(organiser, challenge, stage, boardSize, first)
	watcher := browsertest.Read(b, p.URL, browsertest.Options{Width: 1280, Height: 900, Timeout: 10 * time.Minute})
	watcher.Go("/challenges/" + challenge.Slug + "/stages/" + stage.Slug)
	watcher.Until(`document.querySelector('[data-live-state="live"]')`)

	best := map[int]time.Duration{}
	var took []float64
	sample := func() {
		who := rand.IntN(boardSize)
		if best[who] == 0 {
			best[who] = first + time.Duration(who)*time.Second
		}
		best[who] -= time.Duration(1+rand.IntN(4)) * time.Second
		time.Sleep(betweenTwo) // idle is what's measured
		browsertest.Value[string](b, watcher.Tab, whenNew+`("row-`+riders[who].ID.String()+`")`)
		p.Clock(organiser, stage, riders[who], best[who])
		accepted := time.Now()
		seen, err := chromedp.Run(watcher.Tab, chromedp.Evaluate[float64]("window.seen", chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, seen-float64(accepted.UnixMicro())/1000)
	}
	for b.Loop() {
		sample()
	}
	for len(took) < leastSamples {
		sample()
	}
	slices.Sort(took)
	b.ReportMetric(0, "ns/op") // has the pauses in it
	b.ReportMetric(took[len(took)/2], "p50-ms")
	b.ReportMetric(took[len(took)*99/100], "p99-ms")
}
