package activities

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// How finely tracks are stored. Clean rounds to the same, so a stored track matches exactly as the fresh one did.
const (
	degreeSteps    = 1e7 // a degree: 1.1 cm on the ground
	elevationSteps = 100 // a metre
	odometerSteps  = 100 // a metre
)

// encodingHeader begins every encoded track: a mark, and the version of the layout.
const encodingHeader = "trk\x01"

// ErrTrackEncoding is returned for bytes that Encode did not write.
var ErrTrackEncoding = errors.New("activities: not an encoded track")

// Encode writes the track for storage: 1e-7 degrees, 1 ms, 1 cm. After a header and the number of points come columns
// (flags, times, latitudes, …), each as zigzag varints of the differences between neighbours, together deflated.
// Real rides take 3 to 7 bytes a point.
func (t Track) Encode() []byte {
	var out bytes.Buffer
	out.WriteString(encodingHeader)
	out.Write(binary.AppendUvarint(nil, uint64(len(t))))
	z, _ := flate.NewWriter(&out, flate.DefaultCompression) // errors only for an unknown level
	q := make(Track, len(t))
	flags := make([]byte, len(t))
	for i, p := range t {
		q[i] = rounded(p)
		flags[i] = byte(q[i].Has)
	}
	z.Write(flags) // a bytes.Buffer takes every write
	var column []byte
	for _, c := range columns {
		column = column[:0]
		var last, step int64
		for i := range q {
			if !q[i].Is(c.has) {
				continue
			}
			v := c.get(&q[i])
			delta := v - last
			if c.steady {
				delta, step = delta-step, delta
			}
			column, last = binary.AppendVarint(column, delta), v
		}
		z.Write(column)
	}
	z.Close()
	return out.Bytes()
}

// DecodeTrack reads what Encode wrote. Anything else, cut off or made up, is ErrTrackEncoding.
func DecodeTrack(data []byte) (Track, error) {
	rest, ok := bytes.CutPrefix(data, []byte(encodingHeader))
	if !ok {
		return nil, fmt.Errorf("%w: unknown header", ErrTrackEncoding)
	}
	n, size := binary.Uvarint(rest)
	if size <= 0 || n > MaxPoints {
		return nil, fmt.Errorf("%w: number of points", ErrTrackEncoding)
	}
	r := bufio.NewReader(flate.NewReader(bytes.NewReader(rest[size:])))
	flags := make([]byte, n)
	if _, err := io.ReadFull(r, flags); err != nil {
		return nil, fmt.Errorf("%w: flags: %w", ErrTrackEncoding, err)
	}
	t := make(Track, n)
	for i := range t {
		t[i].Has = Has(flags[i])
	}
	for _, c := range columns {
		if err := c.read(r, t); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrTrackEncoding, c.name, err)
		}
	}
	if _, err := r.ReadByte(); err != io.EOF {
		return nil, fmt.Errorf("%w: bytes after the end", ErrTrackEncoding)
	}
	return t, nil
}

// column is one field of all points that have it, as whole steps. A steady one is stored by how its steps change.
type column struct {
	name   string
	has    Has
	steady bool
	lo, hi int64
	get    func(*Point) int64
	set    func(*Point, int64)
}

var columns = []column{
	{"time", HasTime, true, -maxTimeMS, maxTimeMS, func(p *Point) int64 { return p.TimeMS }, func(p *Point, v int64) { p.TimeMS = v }},
	{"latitude", HasPosition, false, -90 * degreeSteps, 90 * degreeSteps,
		func(p *Point) int64 { return steps(p.Lat, degreeSteps) },
		func(p *Point, v int64) { p.Lat = float64(v) / degreeSteps }},
	{"longitude", HasPosition, false, -180 * degreeSteps, 180 * degreeSteps,
		func(p *Point) int64 { return steps(p.Lon, degreeSteps) },
		func(p *Point, v int64) { p.Lon = float64(v) / degreeSteps }},
	{"elevation", HasElevation, false, -maxElevation * elevationSteps, maxElevation * elevationSteps,
		func(p *Point) int64 { return steps(float64(p.Elevation), elevationSteps) },
		func(p *Point, v int64) { p.Elevation = float32(float64(v) / elevationSteps) }},
	{"odometer", HasOdometer, true, -maxOdometer * odometerSteps, maxOdometer * odometerSteps,
		func(p *Point) int64 { return steps(p.Odometer, odometerSteps) },
		func(p *Point, v int64) { p.Odometer = float64(v) / odometerSteps }},
	{"heart rate", HasHeartRate, false, 0, math.MaxUint8,
		func(p *Point) int64 { return int64(p.HeartRate) }, func(p *Point, v int64) { p.HeartRate = uint8(v) }},
	{"cadence", HasCadence, false, 0, math.MaxUint8,
		func(p *Point) int64 { return int64(p.Cadence) }, func(p *Point, v int64) { p.Cadence = uint8(v) }},
	{"power", HasPower, false, 0, math.MaxUint16,
		func(p *Point) int64 { return int64(p.Power) }, func(p *Point, v int64) { p.Power = uint16(v) }},
}

func (c column) read(r io.ByteReader, t Track) error {
	var last, step int64
	for i := range t {
		if !t[i].Is(c.has) {
			continue
		}
		delta, err := binary.ReadVarint(r)
		if err != nil {
			return err
		}
		if c.steady {
			delta += step
			step = delta
		}
		last += delta
		if last < c.lo || last > c.hi {
			return errors.New("out of range")
		}
		c.set(&t[i], last)
	}
	return nil
}

// Values beyond these are a device's slip, not a place or a time.
const (
	maxTimeMS    = 253_402_300_799_999 // the end of the year 9999
	maxElevation = 20_000              // metres
	maxOdometer  = 40_000_000          // metres: once around the earth
)

func steps(v, perUnit float64) int64 { return int64(math.Round(v * perUnit)) }

// rounded returns the point as it is stored: rounded, without fields whose values can't be, and with zeros in fields that
// it doesn't have.
func rounded(p Point) Point {
	within := func(v, limit float64) bool { return v >= -limit && v <= limit } // false for NaN
	if !within(p.Lat, 90) || !within(p.Lon, 180) {
		p.Has &^= HasPosition
	}
	if !within(float64(p.Elevation), maxElevation) {
		p.Has &^= HasElevation
	}
	if !within(p.Odometer, maxOdometer) {
		p.Has &^= HasOdometer
	}
	if p.TimeMS > maxTimeMS || p.TimeMS < -maxTimeMS {
		p.Has &^= HasTime
	}
	out := Point{Has: p.Has}
	for _, c := range columns {
		if p.Is(c.has) {
			c.set(&out, c.get(&p))
		}
	}
	return out
}
