// Package format writes values as people read them: times, gaps, speeds, distances, dates, ranks. All of it is pure.
//
// A short tour: time.go has times, gaps and countdowns; sport.go distance, elevation, speed and pace in the reader's
// units; date.go wall-clock dates in a zone; number.go ranks, counts and sizes. A space between a number and its unit is
// a no-break space, so that no line ends between them; a minus is U+2212, as wide as the plus.
package format

const (
	nbsp  = "\u00a0"
	minus = "\u2212"
)
