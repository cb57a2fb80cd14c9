package fit

import (
	"bytes"
	"io"
	"math"
	"time"

	"github.com/muktihari/fit/encoder"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"
	"github.com/muktihari/fit/proto"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/sport"
)

// Write writes a recording as an activity of one session and lap, with the timer stopped before each break. FIT holds whole
// seconds, 0.2 m of elevation and positions to about a centimetre.
func Write(out io.Writer, r activities.Recording) error {
	start, end := r.Track.Start(), r.Track.End()
	distance := 0.0
	if along := r.Track.Distances(); len(along) > 0 {
		distance = along[len(along)-1]
	}
	elapsed := r.Track.Elapsed().Seconds()
	s, sub := sportOf(r.Type)
	timer := func(at time.Time, t typedef.EventType) proto.Message {
		return mesgdef.NewEvent(nil).SetTimestamp(at).SetEvent(typedef.EventTimer).SetEventType(t).ToMesg(nil)
	}

	m := []proto.Message{
		mesgdef.NewFileId(nil).SetType(typedef.FileActivity).SetManufacturer(typedef.ManufacturerDevelopment).
			SetProductName(r.Device).SetTimeCreated(start).ToMesg(nil),
		timer(start, typedef.EventTypeStart),
	}
	for i, p := range r.Track {
		if i > 0 && p.Is(activities.Break) {
			m = append(m, timer(r.Track[i-1].Time(), typedef.EventTypeStopAll), timer(p.Time(), typedef.EventTypeStart))
		}
		m = append(m, record(p))
	}
	m = append(m, timer(end, typedef.EventTypeStopAll),
		mesgdef.NewLap(nil).SetTimestamp(end).SetStartTime(start).SetTotalElapsedTimeScaled(elapsed).
			SetTotalTimerTimeScaled(elapsed).SetTotalDistanceScaled(distance).ToMesg(nil),
		session(r, s, sub, distance).SetTotalElapsedTimeScaled(elapsed).SetTotalTimerTimeScaled(elapsed).ToMesg(nil),
		mesgdef.NewActivity(nil).SetTimestamp(end).SetLocalTimestamp(end.Add(r.Offset)).SetNumSessions(1).
			SetType(typedef.ActivityManual).SetTotalTimerTimeScaled(elapsed).ToMesg(nil))
	var whole bytes.Buffer
	if err := encoder.New(&whole).Encode(&proto.FIT{Messages: m}); err != nil {
		return err
	}
	_, err := out.Write(whole.Bytes())
	return err
}

func session(r activities.Recording, s typedef.Sport, sub typedef.SubSport, distance float64) *mesgdef.Session {
	m := mesgdef.NewSession(nil).SetTimestamp(r.Track.End()).SetStartTime(r.Track.Start()).
		SetSport(s).SetSubSport(sub).SetTotalDistanceScaled(distance)
	if r.Totals.HasGain {
		m.SetTotalAscent(uint16(math.Round(r.Totals.Gain)))
	}
	return m
}

func record(p activities.Point) proto.Message {
	m := mesgdef.NewRecord(nil).SetTimestamp(p.Time())
	if p.Is(activities.HasPosition) {
		m.SetPositionLat(toSemicircles(p.Lat)).SetPositionLong(toSemicircles(p.Lon))
	}
	if p.Is(activities.HasElevation) {
		m.SetEnhancedAltitude(uint32(math.Round(max(0, float64(p.Elevation)+500) * 5)))
	}
	if p.Is(activities.HasOdometer) {
		m.SetDistance(uint32(math.Round(max(0, p.Odometer) * 100)))
	}
	if p.Is(activities.HasHeartRate) {
		m.SetHeartRate(p.HeartRate)
	}
	if p.Is(activities.HasCadence) {
		m.SetCadence(p.Cadence)
	}
	if p.Is(activities.HasPower) {
		m.SetPower(p.Power)
	}
	return m.ToMesg(nil)
}

// toSemicircles rounds, where the library cuts off; 2^31 semicircles are 180 degrees.
func toSemicircles(degrees float64) int32 {
	return int32(math.Round(min(degrees*(1<<31)/180, math.MaxInt32-1)))
}

// sportOf is the inverse of typeOf, as far as FIT has a word for the type.
func sportOf(t sport.ActivityType) (typedef.Sport, typedef.SubSport) {
	if k, ok := written[t]; ok {
		return k.sport, k.sub
	}
	for s := range typedef.SportCanoeing + 1 {
		if bySport[s] == t {
			return s, typedef.SubSportGeneric
		}
	}
	return typedef.SportGeneric, typedef.SubSportGeneric
}

// written are the types that need a sub-sport.
var written = map[sport.ActivityType]kind{
	sport.MountainBikeRide: {typedef.SportCycling, typedef.SubSportMountain},
	sport.GravelRide:       {typedef.SportCycling, typedef.SubSportGravelCycling},
	sport.Handcycle:        {typedef.SportCycling, typedef.SubSportHandCycling},
	sport.VirtualRide:      {typedef.SportCycling, typedef.SubSportVirtualActivity},
	sport.EMountainBike:    {typedef.SportEBiking, typedef.SubSportEBikeMountain},
	sport.TrailRun:         {typedef.SportRunning, typedef.SubSportTrail},
	sport.VirtualRun:       {typedef.SportRunning, typedef.SubSportVirtualActivity},
	sport.VirtualRow:       {typedef.SportRowing, typedef.SubSportVirtualActivity},
	sport.BackcountrySki:   {typedef.SportAlpineSkiing, typedef.SubSportBackcountry},
	sport.Elliptical:       {typedef.SportFitnessEquipment, typedef.SubSportElliptical},
	sport.StairStepper:     {typedef.SportFitnessEquipment, typedef.SubSportStairClimbing},
	sport.WeightTraining:   {typedef.SportTraining, typedef.SubSportStrengthTraining},
	sport.Yoga:             {typedef.SportTraining, typedef.SubSportYoga},
}
