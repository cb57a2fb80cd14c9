package simulate

import (
	"cmp"
	"math"
)

// Rider says how fast somebody goes; zero fields have the defaults named here.
type Rider struct {
	Flat  float64 // m/s on the level: 8.5 riding, 3 on foot
	Mass  float64 // kg with the bicycle: 80
	Foot  bool    // runs instead
	Heart float64 // beats a minute at that effort: 150
}

func (r Rider) withDefaults() Rider {
	flat := 8.5
	if r.Foot {
		flat = 3
	}
	r.Flat, r.Mass, r.Heart = cmp.Or(r.Flat, flat), cmp.Or(r.Mass, 80), cmp.Or(r.Heart, 150)
	return r
}

// Resistances of a rider on a road bicycle, from the usual model of cycling power (Martin et al., 1998).
const (
	gravity    = 9.81  // m/s²
	rolling    = 0.005 // of the weight
	drag       = 0.2   // ½ · air density · frontal area, kg/m
	topSpeed   = 19.0  // m/s: then the brakes are used
	leastSpeed = 1.2
)

// power is what the rider puts out on the level, in watts, and tries to hold.
func (r Rider) power() float64 {
	if r.Foot {
		return 0
	}
	return (r.Mass*gravity*rolling + drag*r.Flat*r.Flat) * r.Flat
}

// speed is in m/s on a slope (a fraction). Riders hold their power and put in a sixth more uphill; on foot Tobler's
// function says how slopes slow.
func (r Rider) speed(grade float64) float64 {
	if r.Foot {
		return max(0.8, r.Flat*math.Exp(-3.5*math.Abs(grade+0.05))/math.Exp(-3.5*0.05))
	}
	power := r.power()
	if grade > 0.02 {
		power *= 7.0 / 6
	}
	low, high := leastSpeed, topSpeed
	for range 30 { // bisection: power rises with speed wherever it matters
		mid := (low + high) / 2
		if (r.Mass*gravity*(rolling+grade)+drag*mid*mid)*mid < power {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}
