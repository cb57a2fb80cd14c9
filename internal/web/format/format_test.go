package format_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
)

type want struct{ got, want string }

// check compares with plain spaces: the no-break ones can't be told apart on a screen.
func check(t *testing.T, cases []want) {
	t.Helper()
	for _, c := range cases {
		if got := strings.ReplaceAll(c.got, "\u00a0", " "); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

const ms = time.Millisecond

func TestTimes(t *testing.T) {
	check(t, []want{
		{format.Time(0), "0:00"}, {format.Time(249 * time.Second), "4:09"}, {format.Time(249_900 * ms), "4:09"},
		{format.Time(3599 * time.Second), "59:59"}, {format.Time(3600 * time.Second), "1:00:00"},
		{format.Time(100*time.Hour + 61*time.Second), "100:01:01"}, {format.Time(-5 * time.Second), "0:00"},
		{format.TimeTenths(249_780 * ms), "4:09.7"}, {format.TimeTenths(3_600_000 * ms), "1:00:00.0"},
		{format.Gap(12 * time.Second), "+0:12"}, {format.Gap(0), ""}, {format.Gap(900 * ms), ""},
		{format.Gap(-72 * time.Second), "−1:12"}, {format.GapTenths(900 * ms), "+0:00.9"}, {format.GapTenths(90 * ms), ""},
	})
}

func TestSpansAndCountdowns(t *testing.T) {
	now := time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	check(t, []want{
		{format.Span(76 * time.Hour), "3 d 4 h"}, {format.Span(72*time.Hour + 20*time.Minute), "3 d"},
		{format.Span(125 * time.Minute), "2 h 5 min"}, {format.Span(4*time.Minute + 40*time.Second), "4 min"},
		{format.Span(40 * time.Second), "40 s"}, {format.Span(-time.Hour), "0 s"},
		{format.Countdown(now, in(time.Hour), in(2*time.Hour)), "starts in 1 h"},
		{format.Countdown(now, in(-time.Hour), in(76*time.Hour)), "ends in 3 d 4 h"},
		{format.Countdown(now, in(-72*time.Hour), in(-49*time.Hour)), "ended 2 d ago"},
		{format.Ago(now, in(-10*time.Second)), "just now"}, {format.Ago(now, in(-50*time.Second)), "1 min ago"},
		{format.Ago(now, in(-5*time.Minute)), "5 min ago"}, {format.Ago(now, in(-26*time.Hour)), "1 d ago"},
	})
}

func TestSportUnits(t *testing.T) {
	check(t, []want{
		{format.Distance(12_345, sport.Metric), "12.3 km"}, {format.Distance(850, sport.Metric), "850 m"},
		{format.Distance(999.7, sport.Metric), "1.0 km"}, {format.Distance(12_345, sport.Imperial), "7.7 mi"},
		{format.Distance(1_234_567, sport.Metric), "1,234.6 km"},
		{format.Elevation(1234.4, sport.Metric), "1,234 m"}, {format.Elevation(100, sport.Imperial), "328 ft"},
		{format.Elevation(-0.2, sport.Metric), "0 m"}, {format.Grade(6.24), "6.2 %"}, {format.Grade(-1.25), "−1.2 %"},
		{format.Percent(0.429), "42 %"}, {format.Percent(0.9999), "99 %"}, {format.Percent(1), "100 %"},
		{format.Percent(0.29), "29 %"},
		{format.Speed(1000, 2*time.Minute, sport.Metric), "30.0 km/h"}, {format.Speed(1000, 0, sport.Metric), ""},
		{format.Speed(metresPerMile, time.Hour, sport.Imperial), "1.0 mph"},
		{format.Pace(5000, 1500*time.Second, sport.Metric), "5:00 /km"}, {format.Pace(0, time.Minute, sport.Metric), ""},
		{format.Pace(metresPerMile, 8*time.Minute, sport.Imperial), "8:00 /mi"},
		{format.SpeedOrPace(sport.Ride, 1000, 2*time.Minute, sport.Metric), "30.0 km/h"},
		{format.SpeedOrPace(sport.TrailRun, 1000, 6*time.Minute, sport.Metric), "6:00 /km"},
		{format.SpeedOrPace(sport.Swim, 1000, 20*time.Minute, sport.Metric), "2:00 /100 m"},
		{format.SpeedOrPace(sport.Swim, 91.44, 2*time.Minute, sport.Imperial), "2:00 /100 yd"},
	})
}

const metresPerMile = 1609.344

func TestBoardValues(t *testing.T) {
	check(t, []want{
		{format.Value(249_780, sport.ElapsedTime, sport.Metric, false), "4:09"},
		{format.Value(249_780, sport.ElapsedTime, sport.Metric, true), "4:09.7"},
		{format.Value(12_345_678, sport.Distance, sport.Metric, false), "12.3 km"},
		{format.Value(1_234_400, sport.ElevationGain, sport.Imperial, false), "4,050 ft"},
		{format.ValueGap(261_100, 249_900, sport.ElapsedTime, sport.Metric, false), "+0:12"},
		{format.ValueGap(249_900, 249_000, sport.ElapsedTime, sport.Metric, false), ""},
		{format.ValueGap(10_000_000, 13_400_000, sport.Distance, sport.Metric, false), "−3.4 km"},
		{format.ValueGap(5, 5, sport.ElevationGain, sport.Metric, false), ""},
	})
}

func TestDates(t *testing.T) {
	brussels, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	late := at("2026-05-03T22:30:00Z") // the fourth in Brussels
	check(t, []want{
		{format.Date(late, brussels), "Mon 4 May 2026"}, {format.Date(late, time.UTC), "Sun 3 May 2026"},
		{format.DayMonth(late, brussels), "4 May"}, {format.DayTime(late, brussels), "Mon 4 May, 00:30"},
		{format.DateTime(late, brussels), "Mon 4 May 2026, 00:30"}, {format.Machine(late), "2026-05-03T22:30:00Z"},
		{format.Dates(late, at("2026-05-17T20:00:00Z"), brussels), "4–17 May 2026"},
		{format.Dates(late, at("2026-06-03T20:00:00Z"), brussels), "4 May – 3 Jun 2026"},
		{format.Dates(late, at("2027-01-02T20:00:00Z"), brussels), "4 May 2026 – 2 Jan 2027"},
		{format.Dates(late, late.Add(time.Hour), brussels), "4 May 2026"},
	})
}

func TestNumbers(t *testing.T) {
	check(t, []want{
		{format.Ordinal(1), "1st"}, {format.Ordinal(2), "2nd"}, {format.Ordinal(3), "3rd"}, {format.Ordinal(4), "4th"},
		{format.Ordinal(11), "11th"}, {format.Ordinal(12), "12th"}, {format.Ordinal(13), "13th"},
		{format.Ordinal(21), "21st"}, {format.Ordinal(111), "111th"}, {format.Ordinal(1022), "1,022nd"},
		{format.Number(0), "0"}, {format.Number(999), "999"}, {format.Number(-12345), "−12,345"},
		{format.Count(1, "stage", "stages"), "1 stage"}, {format.Count(0, "stage", "stages"), "0 stages"},
		{format.Points(12), "12"}, {format.Points(7.5), "7.5"}, {format.Points(7.25), "7.25"},
		{format.Bytes(640), "640 B"}, {format.Bytes(12_300), "12 kB"}, {format.Bytes(3_440_000), "3.4 MB"},
		{format.Moved(2), "up 2 places"}, {format.Moved(-1), "down 1 place"}, {format.Moved(0), "no change"},
	})
}

func TestTimeReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.Int64Range(0, 400*3600).Draw(t, "seconds")
		var total int64
		for part := range strings.SplitSeq(format.Time(time.Duration(seconds)*time.Second), ":") {
			var v int64
			for _, digit := range part {
				v = v*10 + int64(digit-'0')
			}
			total = total*60 + v
		}
		if total != seconds {
			t.Fatalf("%d s is written %s", seconds, format.Time(time.Duration(seconds)*time.Second))
		}
	})
}
