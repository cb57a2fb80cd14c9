package sport

// Recurrence says how often a goal is to be reached.
type Recurrence string

const (
	Once    Recurrence = "none"
	Daily   Recurrence = "day"
	Weekly  Recurrence = "week"
	Monthly Recurrence = "month"
)

// GoalUnits are metres, kilometres, feet, miles, seconds, minutes, hours, days: in metres or seconds each.
var GoalUnits = map[string]float64{
	"metres": 1, "kilometres": 1000, "feet": 0.3048, "miles": 1609.344,
	"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400,
}

// Goal is what an athlete sets out to reach.
type Goal struct {
	Value      float64    `json:"value"`
	Units      string     `json:"units"`
	Recurrence Recurrence `json:"recurrence"`
}

// Base is the goal in metres or seconds.
func (g Goal) Base() float64 { return g.Value * GoalUnits[g.Units] }
