package activities

import (
	"slices"
	"time"

	"segmentchallenge/internal/sport"
)

// Summary is what is read off one activity.
type Summary struct {
	Name        string
	Type        sport.ActivityType
	TypeGuessed bool
	Device      string
	Start       time.Time // UTC
	HasOffset   bool      // the file says how local clocks stood
	Offset      time.Duration
	Elapsed     time.Duration // first point to last
	Moving      time.Duration
	Distance    float64 // metres
	Gain        float64 // metres climbed
	HeartRate   float64 // beats a minute, averaged over time; 0 when unknown
	Power       float64 // watts, averaged over time; 0 when unknown
	MaxSpeed    float64 // m/s, over at least 5 s
	Points      int
	HasTrack    bool       // there are positions: it can be matched with segments
	Box         [4]float64 // south, west, north, east in degrees
}

// StartLocal is the wall clock at the start: by the file where it knows, else in the athlete's own zone, unless the ride
// was in another part of the world; then by the sun.
func (s Summary) StartLocal(home *time.Location) sport.Local {
	if s.HasOffset {
		return sport.LocalOf(s.Start.Add(s.Offset))
	}
	at := s.Start.In(home)
	if _, seconds := at.Zone(); s.HasTrack && !clockFits(time.Duration(seconds)*time.Second, s.Box[1]) {
		return sport.LocalOf(s.Start.Add(sunOffset(s.Box[1]).Round(time.Hour)))
	}
	return sport.LocalOf(at)
}

// sunOffset is how far the sun is ahead of Greenwich at a longitude in degrees.
func sunOffset(lon float64) time.Duration { return time.Duration(lon / 15 * float64(time.Hour)) }

// clockFits says whether clocks at a longitude may be ahead of UTC by the offset. No zone strays more than 3½ hours from the
// sun (Kashgar by Beijing time), save for whole days at the date line.
func clockFits(offset time.Duration, lon float64) bool {
	const day = 24 * time.Hour
	off := ((offset-sunOffset(lon))%day + day) % day
	return min(off, day-off) <= 4*time.Hour
}

// Summarise reads the figures off a recording that Clean has passed. Distance comes from the track, from the device where
// the track says nothing; climbing from the device where it says, else from the elevations.
func Summarise(r Recording) Summary {
	t := r.Track
	s := Summary{
		Name: r.Name, Type: r.Type, TypeGuessed: r.TypeGuessed, Device: r.Device,
		Start: t.Start(), HasOffset: r.HasOffset, Offset: r.Offset, Elapsed: t.Elapsed(),
		Gain: r.Totals.Gain, Points: len(t), HasTrack: t.Count(HasPosition) > 1, Box: t.Box(),
		HeartRate: t.average(HasHeartRate, func(p Point) float64 { return float64(p.HeartRate) }),
		Power:     t.average(HasPower, func(p Point) float64 { return float64(p.Power) }),
	}
	along := t.Distances()
	if len(along) > 0 {
		s.Distance = along[len(along)-1]
	}
	gap := t.usualGap()
	s.Moving, s.MaxSpeed = t.moving(along, r.Type, gap), t.fastest(along, gap)
	if s.Distance == 0 {
		s.Distance = r.Totals.Distance
		s.Moving = s.Elapsed
		if r.Totals.Timer > 0 {
			s.Moving = min(r.Totals.Timer, s.Elapsed)
		}
	}
	if !r.Totals.HasGain {
		s.Gain = t.Gain(r.Barometric)
	}
	return s
}

// longGap is the longest leg that counts as moving, and as carrying a sensor's reading, on a device that records every
// second or so.
const longGap = 10 * time.Second

// usualGap is the longest leg in ms that counts as moving: three times the device's usual interval and at least 10 s, so
// that recording which is sparse throughout (in the water, or to spare the battery) isn't taken for standing still.
func (t Track) usualGap() int64 {
	if len(t) < 2 {
		return longGap.Milliseconds()
	}
	legs := make([]int64, len(t)-1)
	for i := range legs {
		legs[i] = t[i+1].TimeMS - t[i].TimeMS
	}
	slices.Sort(legs)
	return max(longGap.Milliseconds(), 3*legs[len(legs)/2])
}

// movingSpeed is the least speed in m/s that isn't standing still.
func movingSpeed(t sport.ActivityType) float64 {
	switch t.Family() {
	case sport.OnWheels:
		return 1.0
	case sport.OnWater:
		return 0.2 // breaststroke is that slow
	case sport.OnFeet, sport.OnSnow, sport.Indoors:
		return 0.5
	}
	return 0.5
}

// moving sums the legs that are no longer than gap (ms) and faster than standing still.
func (t Track) moving(along []float64, typ sport.ActivityType, gap int64) time.Duration {
	var sum int64
	least := movingSpeed(typ)
	for i := 1; i < len(t); i++ {
		ms := t[i].TimeMS - t[i-1].TimeMS
		if !t[i].Is(Break) && ms <= gap && (along[i]-along[i-1])*1000 > least*float64(ms) {
			sum += ms
		}
	}
	return time.Duration(sum) * time.Millisecond
}

// fastest is the highest speed in m/s over any stretch of at least 5 s without longer gaps (ms): shorter ones are mostly noise.
func (t Track) fastest(along []float64, gap int64) float64 {
	best, from := 0.0, 0
	for i := 1; i < len(t); i++ {
		if t[i].Is(Break) || t[i].TimeMS-t[i-1].TimeMS > gap {
			from = i
			continue
		}
		for from+1 < i && t[i].TimeMS-t[from+1].TimeMS >= 5000 {
			from++
		}
		if ms := t[i].TimeMS - t[from].TimeMS; ms >= 5000 {
			best = max(best, (along[i]-along[from])*1000/float64(ms))
		}
	}
	return best
}

// medianSpeed is the speed in m/s that half of the time above walking pace's noise exceeded; 0 without distances.
func (t Track) medianSpeed() float64 {
	along := t.Distances()
	var speeds []float64
	for i, from := 1, 0; i < len(t); i++ {
		if t[i].TimeMS-t[from].TimeMS < 10_000 {
			continue
		}
		if v := (along[i] - along[from]) * 1000 / float64(t[i].TimeMS-t[from].TimeMS); v > 0.5 {
			speeds = append(speeds, v)
		}
		from = i
	}
	if len(speeds) == 0 {
		return 0
	}
	slices.Sort(speeds)
	return speeds[len(speeds)/2]
}

// average weighs each reading with the time until the next, at most 10 s.
func (t Track) average(has Has, value func(Point) float64) float64 {
	var sum, weight float64
	for i := range t {
		if !t[i].Is(has) {
			continue
		}
		ms := int64(1000)
		if i+1 < len(t) {
			ms = min(t[i+1].TimeMS-t[i].TimeMS, longGap.Milliseconds())
		}
		sum += value(t[i]) * float64(ms)
		weight += float64(ms)
	}
	if weight == 0 {
		return 0
	}
	return sum / weight
}
