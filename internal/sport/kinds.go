package sport

import "slices"

// ChallengeType says what a challenge is ranked by.
type ChallengeType string

const (
	SegmentChallenge   ChallengeType = "segment"   // points from stage placings
	DistanceChallenge  ChallengeType = "distance"  // metres, most first
	DurationChallenge  ChallengeType = "duration"  // moving time, most first
	ElevationChallenge ChallengeType = "elevation" // metres climbed, most first
	RaceChallenge      ChallengeType = "race"      // elapsed time over a set distance, least first
)

// ChallengeTypes lists them in the order in which people are offered them.
var ChallengeTypes = []ChallengeType{SegmentChallenge, DistanceChallenge, DurationChallenge, ElevationChallenge, RaceChallenge}

// Valid says whether t is a known type.
func (t ChallengeType) Valid() bool { return slices.Contains(ChallengeTypes, t) }

// StageType says what a stage is; segment stages are mountain, rolling or flat, the others are named as their challenge.
type StageType string

const (
	Mountain       StageType = "mountain"
	Rolling        StageType = "rolling"
	Flat           StageType = "flat"
	DistanceStage  StageType = "distance"
	DurationStage  StageType = "duration"
	ElevationStage StageType = "elevation"
	RaceStage      StageType = "race"
)

// SegmentStageTypes are those that have a GPS segment.
var SegmentStageTypes = []StageType{Mountain, Rolling, Flat}

// OnSegment says whether stages of this type are ridden over a GPS segment.
func (t StageType) OnSegment() bool { return slices.Contains(SegmentStageTypes, t) }

// PointsAdjustment changes what a stage is worth.
type PointsAdjustment string

const (
	NoAdjustment PointsAdjustment = "none"
	Double       PointsAdjustment = "double"  // everything twice
	Queen        PointsAdjustment = "queen"   // mountain points twice, in the Mountains classification alone
	Preview      PointsAdjustment = "preview" // scores nothing
)

// PointsAdjustments lists them in the order in which people are offered them.
var PointsAdjustments = []PointsAdjustment{NoAdjustment, Double, Queen, Preview}

// Status is where a challenge or stage is in its life. See the packages challenges and stages for the drawings.
type Status string

const (
	Pending   Status = "pending"
	Upcoming  Status = "upcoming"
	Active    Status = "active"
	Past      Status = "past"
	Approved  Status = "approved" // results are final
	Cancelled Status = "cancelled"
	Deleted   Status = "deleted"
)

// Measure is what a board ranks by.
type Measure string

const (
	ElapsedTime   Measure = "elapsedTime"   // milliseconds, least first
	MovingTime    Measure = "movingTime"    // milliseconds, most first
	Distance      Measure = "distance"      // millimetres, most first
	ElevationGain Measure = "elevationGain" // millimetres, most first
	Efforts       Measure = "efforts"       // how many there are, in thousandths as the others; most first
)

// Ascending says whether less is better.
func (m Measure) Ascending() bool { return m == ElapsedTime }

// RankedBy is the measure that stages of this type rank by.
func (t StageType) RankedBy() Measure {
	switch t {
	case DistanceStage:
		return Distance
	case DurationStage:
		return MovingTime
	case ElevationStage:
		return ElevationGain
	case Mountain, Rolling, Flat, RaceStage:
		return ElapsedTime
	}
	return ElapsedTime
}

// Precision is the unit (in milliseconds or millimetres) in which values are compared: whole seconds and metres, or
// tenths of a second where the organiser asks for them.
func (m Measure) Precision(tenths bool) int64 {
	if m == ElapsedTime && tenths {
		return 100
	}
	return 1000
}
