package fit

import (
	"time"

	"github.com/muktihari/fit/kit/datetime"
	"github.com/muktihari/fit/kit/semicircles"
	"github.com/muktihari/fit/profile/basetype"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"
	"github.com/muktihari/fit/profile/untyped/fieldnum"
	"github.com/muktihari/fit/profile/untyped/mesgnum"
	"github.com/muktihari/fit/proto"

	"segmentchallenge/internal/activities"
)

// collector keeps what matters of the messages as they are decoded.
type collector struct {
	fileType   typedef.File
	device     string
	barometric bool
	hasOffset  bool
	offset     time.Duration
	track      activities.Track
	points     int  // also those beyond the limit
	stopped    bool // the timer, so that the next point begins a new stretch
	sessions   []*mesgdef.Session
}

func newCollector() *collector { return &collector{fileType: typedef.FileInvalid} }

// OnMesg takes one message. The decoder reuses its memory, so nothing of it is kept.
func (c *collector) OnMesg(m proto.Message) {
	switch m.Num {
	case mesgnum.FileId:
		id := mesgdef.NewFileId(&m)
		c.fileType, c.device = id.Type, deviceName(id.Manufacturer, id.Product, id.ProductName)
	case mesgnum.Record:
		if c.points++; c.points <= activities.MaxPoints {
			c.track = append(c.track, c.point(m))
		}
	case mesgnum.Event:
		e := mesgdef.NewEvent(&m)
		if e.Event == typedef.EventTimer {
			c.stopped = c.stopped || isStop(e.EventType)
		}
	case mesgnum.Session:
		if len(c.sessions) < maxSessions {
			c.sessions = append(c.sessions, mesgdef.NewSession(&m))
		}
	case mesgnum.Activity:
		c.localClock(mesgdef.NewActivity(&m))
	case mesgnum.DeviceInfo:
		d := mesgdef.NewDeviceInfo(&m)
		if d.SourceType == typedef.SourceTypeLocal && typedef.LocalDeviceType(d.DeviceType) == typedef.LocalDeviceTypeBarometer {
			c.barometric = true
		}
	}
}

func isStop(t typedef.EventType) bool {
	return t == typedef.EventTypeStop || t == typedef.EventTypeStopAll ||
		t == typedef.EventTypeStopDisable || t == typedef.EventTypeStopDisableAll
}

// point reads a record. Every type has a value of its own for "invalid".
func (c *collector) point(m proto.Message) activities.Point {
	var p activities.Point
	lat, lon := basetype.Sint32Invalid, basetype.Sint32Invalid
	for i := range m.Fields {
		v := m.Fields[i].Value
		switch m.Fields[i].Num {
		case fieldnum.RecordTimestamp:
			if s := v.Uint32(); s != basetype.Uint32Invalid {
				p.TimeMS, p.Has = datetime.ToTime(s).UnixMilli(), p.Has|activities.HasTime
			}
		case fieldnum.RecordPositionLat:
			lat = v.Int32()
		case fieldnum.RecordPositionLong:
			lon = v.Int32()
		case fieldnum.RecordAltitude:
			if a := v.Uint16(); a != basetype.Uint16Invalid && !p.Is(activities.HasElevation) {
				p.Elevation, p.Has = float32(a)/5-500, p.Has|activities.HasElevation
			}
		case fieldnum.RecordEnhancedAltitude:
			if a := v.Uint32(); a != basetype.Uint32Invalid {
				p.Elevation, p.Has = float32(float64(a)/5-500), p.Has|activities.HasElevation
			}
		case fieldnum.RecordDistance:
			if d := v.Uint32(); d != basetype.Uint32Invalid {
				p.Odometer, p.Has = float64(d)/100, p.Has|activities.HasOdometer
			}
		case fieldnum.RecordHeartRate:
			if h := v.Uint8(); h != basetype.Uint8Invalid && h != 0 {
				p.HeartRate, p.Has = h, p.Has|activities.HasHeartRate
			}
		case fieldnum.RecordCadence:
			if h := v.Uint8(); h != basetype.Uint8Invalid {
				p.Cadence, p.Has = h, p.Has|activities.HasCadence
			}
		case fieldnum.RecordPower:
			if w := v.Uint16(); w != basetype.Uint16Invalid {
				p.Power, p.Has = w, p.Has|activities.HasPower
			}
		}
	}
	if lat != basetype.Sint32Invalid && lon != basetype.Sint32Invalid {
		p.Lat, p.Lon, p.Has = semicircles.ToDegrees(lat), semicircles.ToDegrees(lon), p.Has|activities.HasPosition
	}
	if c.stopped {
		p.Has, c.stopped = p.Has|activities.Break, false
	}
	return p
}

// localClock learns how far the wall clock was ahead of UTC: a quarter of an hour's multiple, from −12 to +14 hours.
func (c *collector) localClock(a *mesgdef.Activity) {
	if a.Timestamp.IsZero() || a.LocalTimestamp.IsZero() {
		return
	}
	offset := a.LocalTimestamp.Sub(a.Timestamp).Round(15 * time.Minute)
	if offset >= -12*time.Hour && offset <= 14*time.Hour {
		c.offset, c.hasOffset = offset, true
	}
}
