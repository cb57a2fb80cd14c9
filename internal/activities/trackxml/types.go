package trackxml

import (
	"strings"

	"segmentchallenge/internal/sport"
)

// TypeOf reads an activity's type: a name of the field's standard, a word that devices and services use, or a number of
// Strava's older exports. Empty for anything else.
func TypeOf(s string) sport.ActivityType {
	if t, ok := sport.ParseActivityType(s); ok {
		return t
	}
	return words[strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToLower(s))]
}

var words = map[string]sport.ActivityType{
	"cycling": sport.Ride, "biking": sport.Ride, "bike": sport.Ride, "roadbiking": sport.Ride, "roadcycling": sport.Ride,
	"bicycle": sport.Ride, "cyclingsport": sport.Ride, "cyclingtransportation": sport.Ride, "cyclocross": sport.Ride,
	"mountainbiking": sport.MountainBikeRide, "mtb": sport.MountainBikeRide,
	"gravelcycling": sport.GravelRide, "gravel": sport.GravelRide,
	"ebiking": sport.EBikeRide, "ebike": sport.EBikeRide, "ebikefitness": sport.EBikeRide, "ebikemountain": sport.EMountainBike,
	"virtualcycling": sport.VirtualRide, "indoorcycling": sport.Ride,
	"running": sport.Run, "streetrunning": sport.Run, "trackrunning": sport.Run, "treadmillrunning": sport.Run, "jogging": sport.Run,
	"trailrunning": sport.TrailRun, "virtualrunning": sport.VirtualRun,
	"walking": sport.Walk, "hiking": sport.Hike, "mountaineering": sport.Hike, "snowshoeing": sport.Snowshoe,
	"swimming": sport.Swim, "openwaterswimming": sport.Swim, "lapswimming": sport.Swim,
	"rowing": sport.Rowing, "paddling": sport.Canoeing, "sailing": sport.Sail,
	"crosscountryskiing": sport.NordicSki, "skiing": sport.AlpineSki, "resortskiing": sport.AlpineSki,
	"backcountryskiing": sport.BackcountrySki, "snowboarding": sport.Snowboard,
	"inlineskating": sport.InlineSkate, "skating": sport.InlineSkate, "iceskating": sport.IceSkate,

	// Strava's numbers
	"1": sport.Ride, "2": sport.AlpineSki, "3": sport.BackcountrySki, "4": sport.Hike, "7": sport.NordicSki,
	"9": sport.Run, "10": sport.Walk, "16": sport.Swim, "17": sport.VirtualRide,
}
