package activities

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"segmentchallenge/internal/sport"
)

const (
	maxDisorder = 5 * time.Second // how far samples may be out of order before the clock itself is in doubt
	maxSpeed    = 40.0            // m/s: faster legs out and back are slips of the receiver
	maxSpike    = 10              // points that one slip may last
)

// earliestDate is before any device that could have written a file: the GPS clock began in 1980, the FIT one in 1989.
var earliestDate = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// Clean mends what a decoder found so that the figures and the segment engine can trust it: times ascend strictly, values
// are rounded as Encode stores them, slips of the receiver are out. What was changed and what is odd is noted; what can't
// be an activity is refused (ErrNoTimes, ErrTooShort, ErrTooManyPoints, ErrTimeRunsBackwards). now is for dates that lie
// in the future. The recording's own track isn't touched.
func Clean(r Recording, now time.Time) (Recording, error) {
	if len(r.Track) > MaxPoints {
		return r, ErrTooManyPoints
	}
	r.Notes = slices.Clip(r.Notes)
	t := timed(r.Track)
	switch {
	case len(r.Track) == 0:
		return r, ErrTooShort
	case 2*len(t) < len(r.Track) || len(t) > 1 && sameTime(t):
		return r, ErrNoTimes
	}
	t, err := inOrder(t)
	if err != nil {
		return r, err
	}
	t, spikes := withoutSpikes(t)
	if len(t) < 2 {
		return r, ErrTooShort
	}
	if left := len(r.Track) - r.Track.Count(HasTime); left > 0 {
		r.Note("points_without_time", count(left, "point without a time was", "points without a time were")+" left out.")
	}
	r.Track = t
	if spikes > 0 {
		r.Note("spikes_removed", count(spikes, "point was", "points were")+" left out where the GPS receiver had jumped away and back.")
	}
	r.noteWhatIsMissing()
	r.noteDates(now)
	if r.Type == "" {
		r.guessType()
	}
	r.Type = virtual(r.Type, r.Device, r.Name)
	r.checkOffset()
	r.Name, r.Device = Title(r.Name), Title(r.Device)
	return r, nil
}

// Title makes a name fit to be shown of any text: one line of at most sport.MaxName characters.
func Title(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if c := []rune(s); len(c) > sport.MaxName {
		s = strings.TrimSpace(string(c[:sport.MaxName-1])) + "…"
	}
	return s
}

// virtual knows the programs whose roads are their own, by themselves or by the title that Zwift gives its rides: GPX and
// TCX have no word for it.
func virtual(t sport.ActivityType, device, name string) sport.ActivityType {
	device = strings.ToLower(device)
	worlds := []string{"zwift", "rouvy", "mywhoosh", "fulgaz", "indievelo", "trainingpeaks virtual", "bkool", "tacx"}
	known := slices.ContainsFunc(worlds, func(w string) bool { return strings.Contains(device, w) })
	if !known && !strings.Contains(strings.ToLower(name), "zwift - ") {
		return t
	}
	switch t {
	case sport.Ride:
		return sport.VirtualRide
	case sport.Run:
		return sport.VirtualRun
	}
	return t
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// timed copies the points that have a time, rounded as they will be stored, with the places (0, 0) that some devices write
// for "no fix yet" taken out.
func timed(t Track) Track {
	out := make(Track, 0, len(t))
	var broken Has
	for _, p := range t {
		broken |= p.Has & Break
		if p.Lat == 0 && p.Lon == 0 {
			p.Has &^= HasPosition
		}
		if p = rounded(p); p.Is(HasTime) {
			p.Has |= broken
			out, broken = append(out, p), 0
		}
	}
	return out
}

// sameTime says whether all points carry one and the same time: what converters write for tracks that have none.
func sameTime(t Track) bool {
	for i := range t {
		if t[i].TimeMS != t[0].TimeMS {
			return false
		}
	}
	return true
}

// inOrder sorts points that are at most 5 s out of order and drops repeated times (the first wins, and takes the fields
// that it lacks from the later). Breaks stay between the same stretches. It works in place.
func inOrder(t Track) (Track, error) {
	latest, sorted := t[0].TimeMS, true
	for i := range t {
		if back := latest - t[i].TimeMS; back > maxDisorder.Milliseconds() {
			return nil, ErrTimeRunsBackwards.Because(fmt.Sprintf(
				"At point %d the time jumps back by %s. A track whose clock was changed can't be timed.",
				i+1, (time.Duration(back) * time.Millisecond).Round(time.Second)))
		}
		sorted = sorted && t[i].TimeMS >= latest
		latest = max(latest, t[i].TimeMS)
	}
	if !sorted {
		t = sortStretches(t)
	}
	out := t[:0]
	for _, p := range t {
		if n := len(out); n > 0 && out[n-1].TimeMS == p.TimeMS {
			out[n-1] = merged(out[n-1], p)
			continue
		}
		out = append(out, p)
	}
	out[0].Has &^= Break
	return closeShortBreaks(out), nil
}

// sortStretches sorts by time; a break is then wherever neighbours come from different stretches.
func sortStretches(t Track) Track {
	type numbered struct {
		Point
		stretch int
	}
	all, stretch := make([]numbered, len(t)), 0
	for i, p := range t {
		if p.Is(Break) {
			stretch++
		}
		p.Has &^= Break
		all[i] = numbered{p, stretch}
	}
	slices.SortStableFunc(all, func(a, b numbered) int { return int(a.TimeMS - b.TimeMS) })
	for i, n := range all {
		t[i] = n.Point
		if i > 0 && n.stretch != all[i-1].stretch {
			t[i].Has |= Break
		}
	}
	return t
}

// merged fills what a lacks from a later point b of the same time.
func merged(a, b Point) Point {
	has := a.Has
	for _, c := range columns {
		if !a.Is(c.has) && b.Is(c.has) {
			c.set(&a, c.get(&b))
			has |= c.has
		}
	}
	a.Has = has | b.Has&Break&a.Has
	return a
}

// closeShortBreaks joins stretches that are no further apart than samples can be: an automatic pause that flickered at a
// traffic light, or a new lap or file segment, isn't a gap.
func closeShortBreaks(t Track) Track {
	for i := 1; i < len(t); i++ {
		if t[i].Is(Break) && t[i].TimeMS-t[i-1].TimeMS <= longGap.Milliseconds() {
			t[i].Has &^= Break
		}
	}
	return t
}

// withoutSpikes drops up to ten points in a row that lie so far off that both the way there and the way back would need
// more than 40 m/s, while the way past them doesn't. It works in place and says how many it dropped.
func withoutSpikes(t Track) (Track, int) {
	out := t[:0]
	last := -1 // in out: the last position that is believed
	for i := 0; i < len(t); i++ {
		p := t[i]
		if last >= 0 && p.Is(HasPosition) && speed(out[last], p) > maxSpeed {
			if back := comesBack(out[last], t[i:]); back > 0 {
				broken := t[i : i+back].breaks()
				i += back - 1
				if broken && i+1 < len(t) {
					t[i+1].Has |= Break
				}
				continue
			}
		}
		if p.Is(HasPosition) {
			last = len(out)
		}
		out = append(out, p)
	}
	return out, len(t) - len(out)
}

func (t Track) breaks() bool { return t.Count(Break) > 0 }

// comesBack says how many points at the start of away are a slip that begins and ends with a jump; 0 when they aren't.
func comesBack(from Point, away Track) int {
	for n := 1; n < len(away) && n <= maxSpike; n++ {
		p := away[n]
		if !p.Is(HasPosition) {
			continue
		}
		if before := away[n-1]; speed(from, p) <= maxSpeed {
			if before.Is(HasPosition) && speed(before, p) > maxSpeed {
				return n
			}
			return 0
		}
	}
	return 0
}

// speed is in m/s; points of one time count as a millisecond apart.
func speed(a, b Point) float64 {
	return Metres(a, b) * 1000 / float64(max(1, b.TimeMS-a.TimeMS))
}

func (r *Recording) noteWhatIsMissing() {
	if r.Track.Count(HasPosition) == 0 {
		r.Note("activity_without_positions",
			"There are no positions in this file. It counts for distance and time, but can't be matched with segments.")
	}
}

func (r *Recording) noteDates(now time.Time) {
	start := r.Track.Start()
	if start.Before(earliestDate) || start.After(now.Add(24*time.Hour)) {
		r.Note("date_impossible", "By its own dates this was recorded on "+start.Format("2 January 2006")+
			". The device's clock was wrong, so it won't fall into any stage's time.")
	}
}

// checkOffset forgets a local clock that can't be right: one that is at odds with where the track lies, or UTC, which is
// what devices write that don't know better.
func (r *Recording) checkOffset() {
	if box := r.Track.Box(); r.Offset == 0 || r.Track.Count(HasPosition) > 0 && !clockFits(r.Offset, box[1]) {
		r.Offset, r.HasOffset = 0, false
	}
}

// guessType judges by the speed that half of the moving time exceeded: walking up to 2.2 m/s (8 km/h), running up to
// 5.5 m/s (20 km/h), riding above.
func (r *Recording) guessType() {
	r.TypeGuessed = true
	switch v := r.Track.medianSpeed(); {
	case v == 0:
		r.Type = sport.Workout
	case v < 2.2:
		r.Type = sport.Walk
	case v < 5.5:
		r.Type = sport.Run
	default:
		r.Type = sport.Ride
	}
	r.Note("type_guessed", "The file doesn't say what kind of activity this was. By its speed it was taken for a "+
		strings.ToLower(r.Type.Label())+"; you can change it.")
}
