package web_test

import (
	"testing"
	"time"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/stages"
)

func TestProfilesShowHonours(t *testing.T) {
	t.Parallel()
	s := startSeason(t)
	ana, bram := "/athletes/"+s.v.Ana.ID.String(), "/athletes/"+s.v.Bram.ID.String()
	reads(t, s.Visitor(), ana, "not Trophies", "not Starred", "not sees this page")
	reads(t, s.SignIn(s.v.Ana), ana, "An empty case", "Everyone sees this page.", "Bests", "Kattenberg")

	head := stages.Head{ID: s.v.Past.ID, By: s.v.Organiser.Actor, Now: time.Now()}
	s.Send(stages.Approve{Head: head})
	s.Send(athletes.StarSegment{Head: athletes.Head{ID: s.v.Ana.ID, By: s.v.Ana.Actor, Now: time.Now()}, SegmentID: s.v.Segments[1].ID})
	reads(t, s.Visitor(), ana, "Trophies", "2nd of 2 in Open", "1st of 1 in Women", "Heideheuvel", "Five Hills", "not Starred segments")
	reads(t, s.Visitor(), bram, "1st of 2 in Open", "Bests", "Kattenberg 2.3 km, 113 m up 5:20", "Streak")
	reads(t, s.SignIn(s.v.Ana), ana, "Starred segments", "seen by you alone", "Kattenberg")
	reads(t, s.SignIn(s.v.Ana), "/dashboard", "1st of 3")
}
