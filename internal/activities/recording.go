package activities

import (
	"time"

	"segmentchallenge/internal/sport"
)

// Recording is one activity of a file: first as the decoder found it, then as Clean left it.
type Recording struct {
	Name        string
	Type        sport.ActivityType // empty when the file doesn't say; Clean then judges by speed
	TypeGuessed bool
	Source      string // fit, gpx or tcx
	Device      string // maker and model, as far as the file names them
	Barometric  bool   // elevations come from a barometer
	Trainer     bool   // recorded indoors
	HasOffset   bool   // the file says how local clocks stood
	Offset      time.Duration
	Totals      Totals
	Track       Track
	Notes       []Note
}

// Totals are the device's own sums. Zero: it doesn't say.
type Totals struct {
	Distance float64       // metres
	Gain     float64       // metres
	HasGain  bool          // Gain counts even when it is 0
	Timer    time.Duration // the time during which the device wasn't paused
}

// Note is something about a file that its owner should know, though it was taken.
type Note struct {
	Code   string `json:"code"` // snake_case, stable
	Detail string `json:"detail"`
}

// Note adds a remark.
func (r *Recording) Note(code, detail string) {
	r.Notes = append(r.Notes, Note{Code: code, Detail: detail})
}
