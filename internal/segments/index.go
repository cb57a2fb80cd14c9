package segments

import "sort"

// Sample is one recorded position of a track. A track's samples are in order of time, and each is a place on Earth.
type Sample struct {
	Lat, Lon float64 // degrees, WGS 84
	Ms       int64   // milliseconds since 1970
	Break    bool    // recording had stopped before this sample: nothing is interpolated between it and the one before
}

// TrackIndex is a track made ready for matching against any number of segments. It is not changed after IndexTrack, so
// goroutines may share it.
type TrackIndex struct {
	Box Box // of the whole track

	samples []Sample
	ridden  []float64 // metres from the first sample to each, without the jitter of standing still; never falling
	chunks  []Box     // chunks[c] holds the legs from sample c·perChunk on; leg i goes from sample i to sample i+1
}

// perChunk is how many legs share a box: the fewer, the more boxes to test, the more, the larger they are.
const perChunk = 16

// IndexTrack measures a track and boxes its legs. It keeps samples, which must not be changed any more.
func IndexTrack(samples []Sample) *TrackIndex {
	t := &TrackIndex{samples: samples, ridden: make([]float64, len(samples))}
	if len(samples) == 0 {
		return t
	}
	t.Box = boxOf(samples)
	t.measure()
	for first := 0; first+1 < len(samples); first += perChunk {
		t.chunks = append(t.chunks, boxOf(samples[first:min(first+perChunk+1, len(samples))]))
	}
	return t
}

// stride is how far, in metres, a track must get before the way counts as covered. Summed from sample to sample, noise
// makes a walker's way twice as long, and one who stands at a light for ten minutes walks half a kilometre.
const stride = 15.0

func (t *TrackIndex) measure() {
	last := 0 // sample up to which the way is settled
	for i := 1; i < len(t.samples); i++ {
		off := Metres(t.samples[last].place(), t.samples[i].place())
		t.ridden[i] = max(t.ridden[i-1], t.ridden[last]+off)
		if off >= stride {
			last = i
		}
	}
}

func (s Sample) place() LatLon { return LatLon{s.Lat, s.Lon} }

func boxOf(samples []Sample) Box {
	b := Box{samples[0].Lat, samples[0].Lon, samples[0].Lat, samples[0].Lon}
	for _, s := range samples[1:] {
		b.include(s.Lat, s.Lon)
	}
	return b
}

// legs is how many legs the track has.
func (t *TrackIndex) legs() int { return max(0, len(t.samples)-1) }

// chunksIn is which chunks overlap the box.
func (t *TrackIndex) chunksIn(b Box) []int {
	var out []int
	if len(t.chunks) == 0 || !t.Box.Overlaps(b) {
		return nil
	}
	for c := range t.chunks {
		if t.chunks[c].Overlaps(b) {
			out = append(out, c)
		}
	}
	return out
}

// legsIn is, in order, the legs that may touch the box: all that do, and some neighbours.
func (t *TrackIndex) legsIn(b Box) []int {
	var out []int
	for _, c := range t.chunksIn(b) {
		for leg := c * perChunk; leg < min((c+1)*perChunk, t.legs()); leg++ {
			out = append(out, leg)
		}
	}
	return out
}

// legAt is the leg on which so many metres had been ridden.
func (t *TrackIndex) legAt(ridden float64) int {
	return max(0, sort.SearchFloat64s(t.ridden, ridden)-1)
}

// metres is the length of a leg.
func (t *TrackIndex) metres(leg int) float64 {
	return Metres(t.samples[leg].place(), t.samples[leg+1].place())
}

// ms is the time from the first sample to sample i; relative times keep every digit.
func (t *TrackIndex) ms(i int) float64 { return float64(t.samples[i].Ms - t.samples[0].Ms) }

// A leg so long in time or way says nothing about when a line on it was crossed.
const (
	gapMs     = 30_000.0
	gapMetres = 200.0
)

// isGap says whether the device didn't see what happened on a leg.
func (t *TrackIndex) isGap(leg int) bool { return Interrupted(t.samples[leg], t.samples[leg+1]) }

// Interrupted says whether the device didn't see what happened between two samples that follow on each other.
func Interrupted(a, b Sample) bool {
	return b.Break || float64(b.Ms-a.Ms) > gapMs || Metres(a.place(), b.place()) > gapMetres
}

// around is the samples between which leg lies with so many metres before and after it, as far as the track goes.
func (t *TrackIndex) around(leg int, metres float64) (from, to int) {
	from = t.legAt(t.ridden[leg] - metres)
	to = sort.SearchFloat64s(t.ridden, t.ridden[leg+1]+metres)
	return from, min(to, len(t.samples)-1)
}

// speed is how fast the track went around a leg, in metres a millisecond; never 0.
func (t *TrackIndex) speed(leg int) float64 {
	from, to := t.around(leg, 10)
	return max(t.ridden[to]-t.ridden[from], 1e-3) / max(t.ms(to)-t.ms(from), 1)
}
