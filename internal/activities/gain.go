package activities

import "slices"

// Hysteresis of climbing in metres: a rise or fall smaller than this is noise of the sensor.
const (
	barometricNoise = 3.0
	satelliteNoise  = 10.0
)

// Gain is how many metres the track climbs. Elevations are smoothed by the median of five, then rises between turning
// points count in full if they exceed the noise of a barometer (3 m) or of GPS (10 m).
func (t Track) Gain(barometric bool) float64 {
	var heights []float64
	for i := range t {
		if t[i].Is(HasElevation) {
			heights = append(heights, float64(t[i].Elevation))
		}
	}
	noise := satelliteNoise
	if barometric {
		noise = barometricNoise
	}
	return Climb(medianOfFive(heights), noise)
}

// Climb sums the rises in heights (metres) between turning points; a turn counts once it exceeds noise.
func Climb(heights []float64, noise float64) float64 {
	if len(heights) == 0 {
		return 0
	}
	sum, climbing := 0.0, false
	low, high := heights[0], heights[0]
	for _, h := range heights {
		switch {
		case climbing && h > high:
			high = h
		case climbing && h <= high-noise:
			sum += high - low
			climbing, low = false, h
		case !climbing && h < low:
			low = h
		case !climbing && h >= low+noise:
			climbing, high = true, h
		}
	}
	if climbing {
		sum += high - low
	}
	return sum
}

// medianOfFive replaces each value by the median of itself and its two neighbours on both sides, as far as there are any.
func medianOfFive(v []float64) []float64 {
	out := make([]float64, len(v))
	var window [5]float64
	for i := range v {
		n := copy(window[:], v[max(0, i-2):min(len(v), i+3)])
		slices.Sort(window[:n])
		out[i] = window[n/2]
	}
	return out
}
