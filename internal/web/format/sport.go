package format

import (
	"math"
	"time"

	"segmentchallenge/internal/sport"
)

const (
	metresPerMile = 1609.344
	metresPerFoot = 0.3048
	metresPerYard = 0.9144
)

// Distance writes metres with one decimal of a kilometre or mile; a metric distance under a kilometre in whole metres.
func Distance(metres float64, u sport.Units) string {
	if u == sport.Imperial {
		return fixed(metres/metresPerMile, 1) + nbsp + "mi"
	}
	if math.Abs(metres) < 999.5 {
		return fixed(metres, 0) + nbsp + "m"
	}
	return fixed(metres/1000, 1) + nbsp + "km"
}

// Elevation writes metres whole, in metres or feet: 1,234 m.
func Elevation(metres float64, u sport.Units) string {
	if u == sport.Imperial {
		return fixed(metres/metresPerFoot, 0) + nbsp + "ft"
	}
	return fixed(metres, 0) + nbsp + "m"
}

// Grade writes a steepness in percent with one decimal: 6.2 %.
func Grade(percent float64) string { return fixed(percent, 1) + nbsp + "%" }

// Percent writes progress whole: 0.424 → 42 %. It shows 100 % only when all of it is done.
func Percent(fraction float64) string { return fixed(math.Floor(fraction*100+1e-9), 0) + nbsp + "%" }

// Speed writes km/h or mph with one decimal; "" where there is no time.
func Speed(metres float64, d time.Duration, u sport.Units) string {
	if d <= 0 {
		return ""
	}
	perHour := metres / d.Hours()
	if u == sport.Imperial {
		return fixed(perHour/metresPerMile, 1) + nbsp + "mph"
	}
	return fixed(perHour/1000, 1) + nbsp + "km/h"
}

// Pace writes the time a kilometre or mile took: 4:32 /km; "" where there is no distance.
func Pace(metres float64, d time.Duration, u sport.Units) string {
	if u == sport.Imperial {
		return paceOver(metresPerMile, "/mi", metres, d)
	}
	return paceOver(1000, "/km", metres, d)
}

// SpeedOrPace writes what the sport is used to: pace on foot, time for 100 m in the water, speed for everything else.
func SpeedOrPace(t sport.ActivityType, metres float64, d time.Duration, u sport.Units) string {
	switch {
	case t == sport.Swim && u == sport.Imperial:
		return paceOver(100*metresPerYard, "/100"+nbsp+"yd", metres, d)
	case t == sport.Swim:
		return paceOver(100, "/100"+nbsp+"m", metres, d)
	case t.OnFoot():
		return Pace(metres, d, u)
	}
	return Speed(metres, d, u)
}

func paceOver(unit float64, name string, metres float64, d time.Duration) string {
	if metres <= 0 || d <= 0 {
		return ""
	}
	return Time(time.Duration(float64(d)*unit/metres).Round(time.Second)) + nbsp + name
}

// Value writes what a board ranks by: milliseconds of time or millimetres of distance, as package stageboard has them.
func Value(v int64, m sport.Measure, u sport.Units, tenths bool) string {
	switch m {
	case sport.ElapsedTime, sport.MovingTime:
		if tenths {
			return TimeTenths(time.Duration(v) * time.Millisecond)
		}
		return Time(time.Duration(v) * time.Millisecond)
	case sport.Distance:
		return Distance(float64(v)/1000, u)
	case sport.ElevationGain:
		return Elevation(float64(v)/1000, u)
	}
	return fixed(float64(v), 0)
}

// ValueGap writes by how much v is behind the better value best, in the direction of the measure: +0:12, −3.4 km; "" where
// nothing is between them. Both are cut to what is shown first, so that the gap is the difference of the two on the page.
func ValueGap(v, best int64, m sport.Measure, u sport.Units, tenths bool) string {
	switch m {
	case sport.ElapsedTime, sport.MovingTime:
		p := m.Precision(tenths)
		d := time.Duration(v/p*p-best/p*p) * time.Millisecond
		if tenths {
			return GapTenths(d)
		}
		return Gap(d)
	case sport.Distance, sport.ElevationGain:
		if v == best {
			return ""
		}
		return minus + Value(best-v, m, u, tenths)
	}
	return ""
}
