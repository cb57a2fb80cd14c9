package sport_test

import (
	"testing"

	"segmentchallenge/internal/sport"
)

func TestHoursInWords(t *testing.T) {
	for want, hours := range map[string][]sport.Hours{
		"": nil,
		"Tuesday and Thursday 18:00–20:30; every day 06:00–08:05": {{Days: []string{"tue", "thu"}, From: 18 * 60, To: 20*60 + 30}, {From: 6 * 60, To: 8*60 + 5}},
		"Friday, Saturday and Sunday":                             {{Days: []string{"fri", "sat", "sun"}}},
		"Friday 22:00–02:00":                                      {{Days: []string{"fri"}, From: 22 * 60, To: 2 * 60}},
	} {
		if got := (sport.Admission{Hours: hours}).HoursWords(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
