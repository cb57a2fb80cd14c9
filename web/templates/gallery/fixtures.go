package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

func reader() *layout.User {
	return &layout.User{ID: "bram-8", Name: "Bram Wouters", URL: "/athletes/bram", Admin: true}
}

type result struct {
	id, name, club string
	time           time.Duration
	tries, move    int
	chips          []string
}

var names = []string{"Ana de Smet", "Tomáš Dvořák", "Ines Carvalho", "Joris van den Heuvel-Nieuwenhuis", "Maya Lindqvist",
	"Łukasz Wójcik", "Oskar Brandt", "Chiara Rossi", "Bram Wouters", "Noor El Amrani", "Pieter Claes", "Saoirse Kelly",
	"Mathis Lefèvre", "Yuki Tanaka", "Eva Peeters", "Hanne Mertens", "Dirk Aerts", "Luca Moretti", "Sofie Jansen", "Amir Haddad",
	"Greta Olsen", "Jules Martin", "Katrin Vogel", "Wout Hermans", "Ilse Maes", "Rafa Ortega", "Björn Åkesson", "Zoë Janssens"}

func results() []result {
	var out []result
	clubs := []string{"WTC De Kattenberg", "Team Noorderwind", "", "Velo Club Genk"}
	for i, name := range names {
		r := result{id: fmt.Sprintf("%s-%d", strings.ToLower(strings.Fields(name)[0]), i), name: name, club: clubs[i%4], tries: 1 + i*7%5}
		r.time = 249*time.Second + time.Duration(i*i*700+i*4300)*time.Millisecond
		switch i {
		case 1:
			r.move = 2
		case 3:
			r.move, r.chips = -1, []string{"limited"}
		case 4:
			r.move, r.chips = 3, []string{"pr"}
		case 5:
			r.time, r.move = out[4].time, -1
		case 9:
			r.chips = []string{"new"}
		}
		out = append(out, r)
	}
	out[8].id = "bram-8"
	return out
}

// improved is the results after an athlete rode a time, and the sentence about it.
func improved(all []result, id string, to time.Duration) ([]result, string) {
	all = slices.Clone(all)
	before := slices.IndexFunc(all, func(r result) bool { return r.id == id })
	for i := range all {
		all[i].move, all[i].chips = 0, nil
	}
	all[before].time, all[before].chips = to, []string{"pr"}
	all[before].tries++
	name := all[before].name
	slices.SortStableFunc(all, func(a, b result) int { return int(a.time - b.time) })
	after := slices.IndexFunc(all, func(r result) bool { return r.id == id })
	all[after].move = before - after
	if after == 0 {
		return all, fmt.Sprintf("%s takes the lead in %s.", name, format.Time(to))
	}
	return all, fmt.Sprintf("%s is %s in %s.", name, format.Ordinal(after+1), format.Time(to))
}

func boardOf(all []result, version int64, say string, me *layout.User, n int, open string) parts.BoardView {
	b := parts.BoardView{
		ID: parts.BoardID("stage-2", "Open"), Version: version, Caption: "Stage 2, Open", Note: format.Count(len(all), "athlete", "athletes"),
		State: "provisional", Say: say, ValueLabel: "Time", PaceLabel: "Speed",
		Empty: ui.EmptyView{Icon: "timer", Title: "Nobody has ridden yet", Text: "The first ride over the segment between 3 and 9 May opens this board."},
	}
	if n <= 0 {
		n = len(all)
	}
	for i, r := range all {
		row := boardRow(all, i, r)
		row.Own = me != nil && me.ID == r.id
		if open == r.id {
			row.More = efforts()
		}
		if i < n {
			b.Rows = append(b.Rows, row)
		} else if row.Own {
			b.Own = &row
		}
	}
	return b
}

func boardRow(all []result, i int, r result) parts.BoardRow {
	rank := 1 + slices.IndexFunc(all, func(o result) bool { return o.time == r.time })
	row := parts.BoardRow{
		AthleteID: r.id, Name: r.name, URL: "/athletes/" + r.id, Club: r.club, Rank: rank, Move: r.move,
		Value: format.Time(r.time), Gap: format.Gap(r.time - all[0].time), Pace: format.Speed(3180, r.time, sport.Metric),
		Attempts: r.tries, Date: fmt.Sprintf("%d May", 3+i%7), Chips: r.chips, MoreURL: "/stage?open=" + r.id + "#row-" + r.id,
	}
	if i > 0 {
		row.GapAbove = format.Gap(r.time - all[i-1].time)
	}
	return row
}

func efforts() []parts.EffortLine {
	return []parts.EffortLine{
		{Value: "4:21", Date: "Sat 9 May, 10:12", Pace: "43.9 km/h", Heart: "171 bpm", Power: "342 W", URL: "/activities/3", Best: true},
		{Value: "4:34", Date: "Wed 6 May, 18:40", Pace: "41.8 km/h", Heart: "168 bpm", URL: "/activities/2"},
		{Value: "3:02", Date: "Mon 4 May, 19:05", Pace: "62.9 km/h", URL: "/activities/1", Excluded: "Excluded by the organiser: recorded in a car."},
	}
}

func standings() parts.BoardView {
	b := parts.BoardView{ID: parts.BoardID("challenge-1", "GC-Open"), Version: 7, Caption: "General, Open", State: "provisional",
		Note: "after 2 of 5 stages", ValueLabel: "Points", Points: true}
	for i, points := range []int{27, 25, 20, 18, 13, 11, 9, 6, 5, 4} {
		row := parts.BoardRow{AthleteID: fmt.Sprintf("gc-%d", i), Name: names[i], URL: "/athletes/x", Club: "WTC De Kattenberg", Rank: i + 1,
			Value: format.Points(float64(points)), Own: i == 8, Move: []int{0, 1, -1}[i%3]}
		if i > 0 {
			row.Gap = fmt.Sprintf("−%d", 27-points)
		}
		if i < 4 {
			row.ValueNote = fmt.Sprintf("%d provisional", 15-3*i)
		}
		b.Rows = append(b.Rows, row)
	}
	return b
}

// climb is a winding road of about three kilometres, up a hill with a flat in its middle.
func climb() []parts.Point {
	var out []parts.Point
	for i := range 400 {
		t := float64(i) / 399
		north := t*1.05 + 0.10*math.Sin(t*9) + 0.02*math.Sin(t*41)
		east := t*0.85 + 0.26*math.Sin(t*6.2) + 0.035*math.Sin(t*33)
		height := 48 + 150*t + 22*math.Sin(t*9.5) + 5*math.Sin(t*31) - 26*math.Exp(-math.Pow((t-0.55)/0.06, 2))
		out = append(out, parts.Point{Lat: 51.02 + north*0.0155, Lon: 5.61 + east*0.026, Elevation: height})
	}
	return out
}

// lap is a flat round that ends where it began.
func lap() []parts.Point {
	var out []parts.Point
	for i := range 300 {
		a := float64(i) / 299 * 2 * math.Pi
		r := 1 + 0.16*math.Sin(3*a) + 0.08*math.Cos(5*a)
		out = append(out, parts.Point{Lat: 51.0 + 0.0061*r*math.Sin(a), Lon: 5.5 + 0.0135*r*math.Cos(a), Elevation: 34 + 3*math.Sin(2*a)})
	}
	return out
}

// alp is a long mountain pass with hairpins.
func alp() []parts.Point {
	var out []parts.Point
	for i := range 900 {
		t := float64(i) / 899
		out = append(out, parts.Point{Lat: 46.52 + t*0.055 + 0.003*math.Sin(t*70)*t, Lon: 10.41 + 0.11*t + 0.012*math.Sin(t*26)*(0.3+t),
			Elevation: 1240 + 1420*math.Pow(t, 1.1) + 30*math.Sin(t*22)})
	}
	return out
}

func climbMap() parts.MapView {
	return parts.MapView{ID: "map-1", Description: "Kattenberg, 3.2 km, heading north-east", Line: climb(), Graded: true, Units: sport.Metric}
}

func climbProfile() parts.ProfileView {
	return parts.ProfileView{ID: "profile-1", Title: "Elevation of Kattenberg", Samples: parts.ProfileOf(climb()), Units: sport.Metric}
}

func missMap() *parts.MapView {
	line := climb()
	ride := slices.Clone(line[:290])
	for i := range 60 {
		p := ride[len(ride)-1]
		ride = append(ride, parts.Point{Lat: p.Lat - 0.00004, Lon: p.Lon + 0.00011*float64(1+i/20)})
	}
	return &parts.MapView{ID: "map-miss", Description: "The ride leaves the segment before its finish", Line: line, Tracks: [][]parts.Point{ride},
		Holes: [][]parts.Point{line[290:]}, Marks: []parts.MapMark{{At: line[399], Kind: "miss", Label: "Not passed"}}, Units: sport.Metric}
}

func outcomes() []parts.UploadOutcomeView {
	return []parts.UploadOutcomeView{
		{ID: "1", Version: 1, File: "2026-05-09-morning.fit", Size: "214 kB", State: "done", Title: "Morning ride", URL: "/activities/3",
			Facts: []string{"Sat 9 May, 09:31", "42.1 km", "1:31:20", "512 m"},
			Results: []parts.UploadResult{
				{Title: "Stage 2 · Kattenberg", URL: "/stage", Value: "4:21", Words: "3rd, your best", Rank: 3, Move: 2, Best: true},
				{Title: "Stage 4 · Ring of Bree", URL: "/stage", Value: "11:48", Words: "12th, your second try", Rank: 12},
			},
			Misses: []parts.UploadMiss{{Title: "Stage 1 · Heideheuvel", URL: "/stage", Reason: "The ride is outside of the stage's dates: the stage ended on Sat 2 May."}}},
		{ID: "2", Version: 1, File: "evening_spin.gpx", Size: "1.1 MB", State: "done", Title: "Evening spin", URL: "/activities/4",
			Facts: []string{"Wed 6 May, 18:02", "28.4 km", "1:02:11", "290 m"},
			Misses: []parts.UploadMiss{{Title: "Stage 2 · Kattenberg", URL: "/stage", Map: missMap(),
				Reason: "You passed the start, but left the segment 0.9 km before its finish. The whole stretch has to be ridden."}}},
		{ID: "3", Version: 1, File: "IMG_2041.tcx", Size: "12 B", State: "refused",
			Refusal: "This isn't a TCX file: it holds a picture. Export the ride as FIT, GPX or TCX."},
		{ID: "4", Version: 1, File: "ride.fit.gz", Size: "88 kB", State: "reading"},
	}
}

func timeline(now time.Time) parts.StageTimelineView {
	day := 24 * time.Hour
	at := func(days int) time.Time { return now.Add(time.Duration(days)*day + 5*time.Hour + 30*time.Minute) }
	return parts.StageTimelineView{ID: "stages-1", Version: 7, Stages: []parts.StageView{
		{Number: 1, Name: "Heideheuvel", URL: "/stage", Type: "flat", State: "approved", Adjustment: "preview", Dates: "26 Apr – 2 May", Facts: "4.6 km · 0.4 %", Leader: "Ines Carvalho 6:02", Own: "You: 6:31, 7th"},
		{Number: 2, Name: "Kattenberg", URL: "/stage", Type: "mountain", State: "active", Dates: "3–9 May", Facts: "3.2 km · 4.7 %", Leader: "Ana de Smet 4:09", Own: "You: 5:28, 9th", Now: now, Start: at(-4), End: at(3)},
		{Number: 3, Name: "Ring of Bree, twice round the market and over the old railway bridge", URL: "/stage", Type: "rolling", State: "upcoming", Adjustment: "double", Dates: "10–16 May", Facts: "8.0 km · 1.1 %", Now: now, Start: at(4), End: at(10)},
		{Number: 4, Type: "mountain", State: "hidden", Dates: "17–23 May", Facts: "Revealed when it starts"},
		{Number: 5, Name: "Passo del Cervo", URL: "/stage", Type: "mountain", State: "upcoming", Adjustment: "queen", Dates: "24–30 May", Facts: "18.4 km · 7.8 %", Now: now, Start: at(18), End: at(24)},
	}}
}

func dates(now time.Time) parts.DateBarView {
	day := 24 * time.Hour
	v := parts.DateBarView{Start: now.Add(-11 * day), End: now.Add(24*day + 90*time.Minute), Now: now, StartWords: "26 Apr", EndWords: "30 May"}
	for i := range 5 {
		v.Parts = append(v.Parts, parts.DatePart{Start: v.Start.Add(time.Duration(i) * 7 * day), End: v.Start.Add(time.Duration(i+1)*7*day - time.Second)})
	}
	return v
}

func cards(now time.Time) []parts.ChallengeCardView {
	day := 24 * time.Hour
	next := parts.DateBarView{Start: now.Add(9 * day), End: now.Add(39 * day), Now: now, StartWords: "16 May", EndWords: "15 Jun"}
	past := parts.DateBarView{Start: now.Add(-60 * day), End: now.Add(-30 * day), Now: now, StartWords: "1 Mar", EndWords: "31 Mar"}
	return []parts.ChallengeCardView{
		{Name: "Five hills of May", URL: "/challenge", Club: "WTC De Kattenberg", Type: "segment", TypeWords: "Segments", Sport: "Ride", State: "active", Bar: dates(now), Stages: "Stage 2 of 5", Competitors: "48 athletes", Joined: true},
		{Name: "1,000 km in 30 days", URL: "/challenge", Club: "Team Noorderwind", Type: "distance", TypeWords: "Distance", Sport: "Ride, gravel ride", State: "upcoming", Bar: next, Competitors: "112 athletes", Restricted: true},
		{Name: "Everest in March", URL: "/challenge", Club: "Velo Club Genk", Type: "elevation", TypeWords: "Elevation", Sport: "Run, trail run, hike", State: "approved", Bar: past, Competitors: "23 athletes", Private: true},
		{Name: "Virtual 5k", URL: "/challenge", Club: "Loopgroep Peer", Type: "race", TypeWords: "Race over 5.0 km", Sport: "Run", State: "active", Bar: dates(now), Competitors: "9 athletes"},
	}
}

func feed(now time.Time) parts.FeedView {
	athlete := func(name string) parts.Piece { return parts.Piece{Text: name, URL: "/athletes/x", Strong: true} }
	on := parts.Piece{Text: "Kattenberg", URL: "/stage"}
	item := func(id, kind, detail string, ago time.Duration, pieces ...parts.Piece) parts.FeedItemView {
		return parts.FeedItemView{ID: id, Kind: kind, Detail: detail, Now: now, At: now.Add(-ago), Sentence: pieces}
	}
	say := func(s string) parts.Piece { return parts.Piece{Text: s} }
	return parts.FeedView{ID: parts.FeedID("challenge-1"), Version: 7, More: "/challenge?before=1", Items: []parts.FeedItemView{
		item("1", "recorded", "4:09, 8 s faster than before", 4*time.Minute, athlete("Ana de Smet"), say("takes the lead on"), on),
		item("2", "lost", "", 4*time.Minute, athlete("Tomáš Dvořák"), say("falls from 1st to 2nd on"), on),
		item("3", "joined", "", 3*time.Hour, athlete("Noor El Amrani"), say("joined the challenge")),
		item("4", "flagged", "Recorded in a car", 26*time.Hour, say("An effort of"), athlete("Maya Lindqvist"), say("was excluded")),
		item("5", "started", "", 4*24*time.Hour, say("Stage 2,"), on, say(", has started")),
		item("6", "approved", "", 5*24*time.Hour, say("The results of"), parts.Piece{Text: "Heideheuvel", URL: "/stage"}, say("are final")),
	}}
}

// liveURL asks for as many rows as the page shows.
func liveURL(b parts.BoardView) string { return fmt.Sprintf("/live/board?rows=%d", len(b.Rows)) }
