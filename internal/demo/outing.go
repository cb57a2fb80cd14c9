package demo

import (
	"math"
	"math/rand/v2"
	"time"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/simulate"
)

// mishap is what goes wrong on a ride or with its file.
type mishap string

const (
	none      mishap = ""
	detour    mishap = "detour"     // leaves the segment's way and comes back
	wrongWay  mishap = "wrong way"  // rides it in the other direction
	turnedOff mishap = "turned off" // before the finish
	secret    mishap = "secret"     // a private ride
	electric  mishap = "electric"   // of a type that doesn't count
	untimed   mishap = "untimed"    // the file has no times
	cutOff    mishap = "cut off"    // the file breaks off
	twice     mishap = "twice"      // the same file once more
)

// outing is one ride or run to be made.
type outing struct {
	person *person
	course *course
	seed   uint64
	target time.Duration // over the timed part; 0: what the person does on a usual day
	mishap mishap
	format string // fit, gpx, tcx
}

// length is how long the outing lasts, before it has a start.
func length(r activities.Recording) time.Duration { return r.Track.Elapsed() }

// record makes the outing at some time; moved puts it to its own.
func (o outing) record() activities.Recording {
	rng := rand.New(rand.NewPCG(o.seed, 1))
	rider := o.person.rider()
	if o.target > 0 {
		rider = o.course.pace(rider, o.seed, o.target)
	} else {
		rider.Flat *= 0.97 + 0.05*rng.Float64()
	}
	plan := simulate.Plan{Seed: o.seed, Road: o.course.road(), Span: o.way(rng), Rider: rider, Device: o.person.device(), Start: time.Unix(0, 0)}
	if rest := plan.Span.To - o.course.timed().To; rest > 400 && rng.IntN(3) == 0 { // at the café, behind the finish
		plan.Stops = []simulate.Stop{{At: o.course.timed().To + 300, For: time.Duration(2+rng.IntN(7)) * time.Minute, Paused: rng.IntN(2) == 0}}
	}
	if o.mishap == wrongWay {
		end := plan.Road.Length()
		plan.Road, plan.Span, plan.Stops = plan.Road.Reversed(), simulate.Span{From: end - plan.Span.To, To: end - plan.Span.From}, nil
	}
	recording, _ := plan.Ride()
	if o.mishap == detour {
		o.goAstray(recording.Track, plan.Span.From)
	}
	return recording
}

// way is which part of the loop is gone along: from somewhere before the timed part to somewhere behind it.
func (o outing) way(rng *rand.Rand) simulate.Span {
	timed, end := o.course.timed(), o.course.road().Length()
	w := simulate.Span{From: timed.From * 0.8 * rng.Float64(), To: timed.To + 250 + max(0, end-timed.To-250)*rng.Float64()}
	if o.mishap == turnedOff {
		w.To = timed.From + (timed.To-timed.From)*(0.4+0.5*rng.Float64())
	}
	return w
}

// goAstray bends the track aside in the middle of the timed part, by up to 180 m.
func (o outing) goAstray(t activities.Track, from float64) {
	timed := o.course.timed()
	for i := range t {
		along := (t[i].Odometer + from - timed.From) / (timed.To - timed.From)
		if along > 0.35 && along < 0.65 {
			t[i].Lat += 180 / 111_195.0 * math.Sin(math.Pi*(along-0.35)/0.3)
		}
	}
}

// moved is the recording as if it had begun at start, which falls on a whole second.
func moved(r activities.Recording, start time.Time, name string) activities.Recording {
	if len(r.Track) == 0 {
		return r
	}
	by := start.Truncate(time.Second).UnixMilli() - r.Track[0].TimeMS
	track := make(activities.Track, len(r.Track))
	for i, p := range r.Track {
		p.TimeMS += by
		track[i] = p
	}
	_, offset := start.Zone()
	r.Track, r.Name, r.HasOffset, r.Offset = track, name, true, time.Duration(offset)*time.Second
	return r
}

// nameFor is what devices call a ride that nobody has named.
func nameFor(start time.Time, foot bool) string {
	what := "ride"
	if foot {
		what = "run"
	}
	switch hour := start.Hour(); {
	case hour < 5:
		return "Night " + what
	case hour < 11:
		return "Morning " + what
	case hour < 14:
		return "Lunch " + what
	case hour < 18:
		return "Afternoon " + what
	case hour < 22:
		return "Evening " + what
	default:
		return "Night " + what
	}
}
