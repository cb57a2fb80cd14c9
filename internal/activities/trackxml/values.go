package trackxml

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"

	"segmentchallenge/internal/activities"
)

// Attr returns an attribute by its name without namespace.
func Attr(attrs []xml.Attr, name string) string {
	for _, a := range attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// Number reads a number, also with a decimal comma. ok is false for anything else, also NaN and infinity.
func Number(s string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil && strings.Count(s, ",") == 1 {
		v, err = strconv.ParseFloat(strings.TrimSpace(strings.Replace(s, ",", ".", 1)), 64)
	}
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05"}

// Time reads a time as devices and converters write it; without a zone it is UTC.
func Time(s string) (time.Time, bool) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// SetTime gives the point a time, to the nearest millisecond, and returns how far local clocks were ahead of UTC. Only a
// time that was written with an offset of its own says so; Z says nothing about where the athlete was.
func SetTime(p *activities.Point, s string) (offset time.Duration, known bool) {
	t, ok := Time(s)
	if !ok {
		return 0, false
	}
	p.TimeMS = t.Round(time.Millisecond).UnixMilli()
	p.Has |= activities.HasTime
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second, seconds != 0
}

// SetElevation, SetHeartRate, SetCadence and SetPower take a value that makes sense, and nothing else.
func SetElevation(p *activities.Point, s string) {
	if v, ok := Number(s); ok {
		p.Elevation = float32(v)
		p.Has |= activities.HasElevation
	}
}

func SetHeartRate(p *activities.Point, s string) {
	if v, ok := Number(s); ok && v >= 1 && v < 255 {
		p.HeartRate = uint8(math.Round(v))
		p.Has |= activities.HasHeartRate
	}
}

func SetCadence(p *activities.Point, s string) {
	if v, ok := Number(s); ok && v >= 0 && v < 255 {
		p.Cadence = uint8(math.Round(v))
		p.Has |= activities.HasCadence
	}
}

func SetPower(p *activities.Point, s string) {
	if v, ok := Number(s); ok && v >= 0 && v < math.MaxUint16 {
		p.Power = uint16(math.Round(v))
		p.Has |= activities.HasPower
	}
}

// SetPosition takes a latitude and longitude in degrees.
func SetPosition(p *activities.Point, lat, lon string) {
	la, ok1 := Number(lat)
	lo, ok2 := Number(lon)
	if ok1 && ok2 && math.Abs(la) <= 90 && math.Abs(lo) <= 180 {
		p.Lat, p.Lon = la, lo
		p.Has |= activities.HasPosition
	}
}
