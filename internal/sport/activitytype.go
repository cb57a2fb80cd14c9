package sport

import (
	"slices"
	"strings"
)

// ActivityType is what somebody did, in the names that Strava uses for it: the field's standard.
type ActivityType string

// The types that the rules or the decoders name. ActivityTypes lists all that are taken.
const (
	Ride             ActivityType = "Ride"
	MountainBikeRide ActivityType = "MountainBikeRide"
	GravelRide       ActivityType = "GravelRide"
	EBikeRide        ActivityType = "EBikeRide"
	EMountainBike    ActivityType = "EMountainBikeRide"
	VirtualRide      ActivityType = "VirtualRide"
	Handcycle        ActivityType = "Handcycle"
	Velomobile       ActivityType = "Velomobile"
	Run              ActivityType = "Run"
	TrailRun         ActivityType = "TrailRun"
	VirtualRun       ActivityType = "VirtualRun"
	Walk             ActivityType = "Walk"
	Hike             ActivityType = "Hike"
	Snowshoe         ActivityType = "Snowshoe"
	Wheelchair       ActivityType = "Wheelchair"
	Swim             ActivityType = "Swim"
	Rowing           ActivityType = "Rowing"
	VirtualRow       ActivityType = "VirtualRow"
	Kayaking         ActivityType = "Kayaking"
	Canoeing         ActivityType = "Canoeing"
	StandUpPaddling  ActivityType = "StandUpPaddling"
	Surfing          ActivityType = "Surfing"
	Kitesurf         ActivityType = "Kitesurf"
	Windsurf         ActivityType = "Windsurf"
	Sail             ActivityType = "Sail"
	AlpineSki        ActivityType = "AlpineSki"
	BackcountrySki   ActivityType = "BackcountrySki"
	NordicSki        ActivityType = "NordicSki"
	RollerSki        ActivityType = "RollerSki"
	Snowboard        ActivityType = "Snowboard"
	IceSkate         ActivityType = "IceSkate"
	InlineSkate      ActivityType = "InlineSkate"
	Skateboard       ActivityType = "Skateboard"
	RockClimbing     ActivityType = "RockClimbing"
	Elliptical       ActivityType = "Elliptical"
	StairStepper     ActivityType = "StairStepper"
	WeightTraining   ActivityType = "WeightTraining"
	Yoga             ActivityType = "Yoga"
	Golf             ActivityType = "Golf"
	Soccer           ActivityType = "Soccer"
	Tennis           ActivityType = "Tennis"
	Workout          ActivityType = "Workout" // everything else
)

// Family groups types that are timed and compared in the same way.
type Family string

const (
	OnWheels Family = "ride"  // anything with pedals or cranks
	OnFeet   Family = "foot"  // running, walking and their like
	OnWater  Family = "water" // in it and on it
	OnSnow   Family = "snow"  // on snow, ice or rollers
	Indoors  Family = "other" // all that has no way of its own
)

// activityTypes says of each type its words for people and its family, in the order in which people are offered them.
var activityTypes = []struct {
	name   ActivityType
	label  string
	family Family
}{
	{Ride, "Ride", OnWheels},
	{MountainBikeRide, "Mountain bike ride", OnWheels},
	{GravelRide, "Gravel ride", OnWheels},
	{EBikeRide, "E-bike ride", OnWheels},
	{EMountainBike, "E-mountain bike ride", OnWheels},
	{VirtualRide, "Virtual ride", OnWheels},
	{Handcycle, "Handcycle", OnWheels},
	{Velomobile, "Velomobile", OnWheels},
	{Run, "Run", OnFeet},
	{TrailRun, "Trail run", OnFeet},
	{VirtualRun, "Virtual run", OnFeet},
	{Walk, "Walk", OnFeet},
	{Hike, "Hike", OnFeet},
	{Snowshoe, "Snowshoe", OnFeet},
	{Wheelchair, "Wheelchair", OnFeet},
	{Swim, "Swim", OnWater},
	{Rowing, "Rowing", OnWater},
	{VirtualRow, "Virtual row", OnWater},
	{Kayaking, "Kayaking", OnWater},
	{Canoeing, "Canoeing", OnWater},
	{StandUpPaddling, "Stand-up paddling", OnWater},
	{Surfing, "Surfing", OnWater},
	{Kitesurf, "Kitesurf", OnWater},
	{Windsurf, "Windsurf", OnWater},
	{Sail, "Sail", OnWater},
	{AlpineSki, "Alpine ski", OnSnow},
	{BackcountrySki, "Backcountry ski", OnSnow},
	{NordicSki, "Nordic ski", OnSnow},
	{RollerSki, "Roller ski", OnSnow},
	{Snowboard, "Snowboard", OnSnow},
	{IceSkate, "Ice skate", OnSnow},
	{InlineSkate, "Inline skate", OnSnow},
	{Skateboard, "Skateboard", OnSnow},
	{RockClimbing, "Rock climbing", Indoors},
	{Elliptical, "Elliptical", Indoors},
	{StairStepper, "Stair stepper", Indoors},
	{WeightTraining, "Weight training", Indoors},
	{Yoga, "Yoga", Indoors},
	{Golf, "Golf", Indoors},
	{Soccer, "Football", Indoors},
	{Tennis, "Tennis", Indoors},
	{Workout, "Workout", Indoors},
}

// ActivityTypes lists all types in the order in which people are offered them.
func ActivityTypes() []ActivityType {
	out := make([]ActivityType, len(activityTypes))
	for i, t := range activityTypes {
		out[i] = t.name
	}
	return out
}

// ParseActivityType reads a type by its name or its words, whatever their case: "TrailRun", "trail run".
func ParseActivityType(s string) (ActivityType, bool) {
	s = strings.TrimSpace(s)
	for _, t := range activityTypes {
		if strings.EqualFold(s, string(t.name)) || strings.EqualFold(s, t.label) {
			return t.name, true
		}
	}
	return "", false
}

// Valid says whether t is a known type.
func (t ActivityType) Valid() bool { return t.at() >= 0 }

// Label is the type in words, with a capital: "Trail run". An unknown type is its own label.
func (t ActivityType) Label() string {
	if i := t.at(); i >= 0 {
		return activityTypes[i].label
	}
	return string(t)
}

// Family is what t is timed and compared with.
func (t ActivityType) Family() Family {
	if i := t.at(); i >= 0 {
		return activityTypes[i].family
	}
	return Indoors
}

// OnFoot says whether t is running, walking or their like, which have paces instead of speeds.
func (t ActivityType) OnFoot() bool { return t.Family() == OnFeet }

// Virtual says whether t happens in a computer's world, whose roads aren't those of the map.
func (t ActivityType) Virtual() bool {
	return t == VirtualRide || t == VirtualRun || t == VirtualRow
}

func (t ActivityType) at() int {
	for i := range activityTypes {
		if activityTypes[i].name == t {
			return i
		}
	}
	return -1
}

// AnyType says whether the list of included types takes t; an empty list takes every type.
func AnyType(included []ActivityType, t ActivityType) bool {
	return len(included) == 0 || slices.Contains(included, t)
}
