package fit

import (
	"slices"

	"github.com/muktihari/fit/profile/typedef"

	"segmentchallenge/internal/sport"
)

// typeOf names what the session's sport and sub-sport are; empty for "generic", which says nothing.
func typeOf(s typedef.Sport, sub typedef.SubSport) sport.ActivityType {
	if t, ok := bySubSport[kind{s, sub}]; ok {
		return t
	}
	return bySport[s]
}

type kind struct {
	sport typedef.Sport
	sub   typedef.SubSport
}

var bySubSport = map[kind]sport.ActivityType{
	{typedef.SportCycling, typedef.SubSportMountain}:               sport.MountainBikeRide,
	{typedef.SportCycling, typedef.SubSportDownhill}:               sport.MountainBikeRide,
	{typedef.SportCycling, typedef.SubSportEnduro}:                 sport.MountainBikeRide,
	{typedef.SportCycling, typedef.SubSportGravelCycling}:          sport.GravelRide,
	{typedef.SportCycling, typedef.SubSportMixedSurface}:           sport.GravelRide,
	{typedef.SportCycling, typedef.SubSportHandCycling}:            sport.Handcycle,
	{typedef.SportCycling, typedef.SubSportIndoorHandCycling}:      sport.Handcycle,
	{typedef.SportCycling, typedef.SubSportVirtualActivity}:        sport.VirtualRide,
	{typedef.SportCycling, typedef.SubSportEBikeFitness}:           sport.EBikeRide,
	{typedef.SportCycling, typedef.SubSportEBikeMountain}:          sport.EMountainBike,
	{typedef.SportEBiking, typedef.SubSportEBikeMountain}:          sport.EMountainBike,
	{typedef.SportEBiking, typedef.SubSportEBikeEnduro}:            sport.EMountainBike,
	{typedef.SportRunning, typedef.SubSportTrail}:                  sport.TrailRun,
	{typedef.SportRunning, typedef.SubSportUltra}:                  sport.TrailRun,
	{typedef.SportRunning, typedef.SubSportVirtualActivity}:        sport.VirtualRun,
	{typedef.SportRowing, typedef.SubSportVirtualActivity}:         sport.VirtualRow,
	{typedef.SportRowing, typedef.SubSportIndoorRowing}:            sport.Rowing,
	{typedef.SportAlpineSkiing, typedef.SubSportBackcountry}:       sport.BackcountrySki,
	{typedef.SportFitnessEquipment, typedef.SubSportTreadmill}:     sport.Run,
	{typedef.SportFitnessEquipment, typedef.SubSportIndoorCycling}: sport.Ride,
	{typedef.SportFitnessEquipment, typedef.SubSportIndoorRowing}:  sport.Rowing,
	{typedef.SportFitnessEquipment, typedef.SubSportElliptical}:    sport.Elliptical,
	{typedef.SportFitnessEquipment, typedef.SubSportStairClimbing}: sport.StairStepper,
	{typedef.SportTraining, typedef.SubSportStrengthTraining}:      sport.WeightTraining,
	{typedef.SportTraining, typedef.SubSportYoga}:                  sport.Yoga,
}

var bySport = map[typedef.Sport]sport.ActivityType{
	typedef.SportCycling: sport.Ride, typedef.SportEBiking: sport.EBikeRide,
	typedef.SportRunning: sport.Run, typedef.SportWalking: sport.Walk, typedef.SportHiking: sport.Hike,
	typedef.SportMountaineering: sport.Hike, typedef.SportSnowshoeing: sport.Snowshoe,
	typedef.SportWheelchairPushWalk: sport.Wheelchair, typedef.SportWheelchairPushRun: sport.Wheelchair,
	typedef.SportSwimming: sport.Swim, typedef.SportRowing: sport.Rowing, typedef.SportKayaking: sport.Kayaking,
	typedef.SportPaddling: sport.Canoeing, typedef.SportCanoeing: sport.Canoeing, typedef.SportSailing: sport.Sail,
	typedef.SportStandUpPaddleboarding: sport.StandUpPaddling, typedef.SportSurfing: sport.Surfing,
	typedef.SportWindsurfing: sport.Windsurf, typedef.SportKitesurfing: sport.Kitesurf,
	typedef.SportCrossCountrySkiing: sport.NordicSki, typedef.SportAlpineSkiing: sport.AlpineSki,
	typedef.SportSnowboarding: sport.Snowboard, typedef.SportIceSkating: sport.IceSkate, typedef.SportInlineSkating: sport.InlineSkate,
	typedef.SportRockClimbing: sport.RockClimbing, typedef.SportGolf: sport.Golf, typedef.SportSoccer: sport.Soccer,
	typedef.SportTennis: sport.Tennis, typedef.SportTraining: sport.Workout, typedef.SportFitnessEquipment: sport.Workout,
	typedef.SportDriving: sport.Workout, typedef.SportMotorcycling: sport.Workout, typedef.SportFlying: sport.Workout,
	typedef.SportBoating: sport.Workout, typedef.SportHorsebackRiding: sport.Workout, typedef.SportMotorSports: sport.Workout,
}

// indoors says whether the sub-sport is done on a machine or in a hall.
func indoors(s typedef.SubSport) bool {
	return slices.Contains([]typedef.SubSport{
		typedef.SubSportTreadmill, typedef.SubSportSpin, typedef.SubSportIndoorCycling, typedef.SubSportIndoorRowing,
		typedef.SubSportElliptical, typedef.SubSportStairClimbing, typedef.SubSportIndoorRunning, typedef.SubSportIndoorWalking,
		typedef.SubSportVirtualActivity, typedef.SubSportIndoorHandCycling,
	}, s)
}
